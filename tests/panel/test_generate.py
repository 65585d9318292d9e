"""`drumassist generate`: the same words make the same file, and what is wrong with them is one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil
from pathlib import Path

import mido
import pytest

from panel.__main__ import main
from panel.dialling import values_of
from panel.generate import joined_in_swing
from panel.library import load_library, load_pattern
from panel.music.generators.beat import Bar, Grid, Strike
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.learn import LEARN, bars_of_pattern
from panel.music.meter import Meter
from panel.music.pattern import STRAIGHT, Pattern
from panel.music.tempo import TICKS_PER_SIXTEENTH
from tests.music.hands import misfits, played
from tests.panel.test_heard import file_of

LIBRARY = load_library(None)
GM = LIBRARY.profiles["General MIDI"]
FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
HEARD = played(7, FOUR.steps, 32)

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that works, and returns what it prints."""

    def do(*words: object) -> str:
        assert main(["--data", str(tmp_path / "data"), *map(str, words)]) == 0
        told = capsys.readouterr()
        assert told.err == ""
        return told.out

    return do


@pytest.fixture
def fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that can't be done, and returns the line that says why."""

    def do(*words: object) -> str:
        assert main(["--data", str(tmp_path / "data"), *map(str, words)]) == 1
        told = capsys.readouterr()
        assert (told.out, told.err.count("\n")) == ("", 1)
        return told.err.strip()

    return do


def words_for(name: str) -> list[str]:
    """The generator, and what it needs to begin with."""
    return [name, "Money beat"] if name == "learn" else [name]


def ons(path: Path) -> list[tuple[int, str, int]]:
    """Tick, role and velocity of every note-on, and a last one at the end of the track."""
    roles = {note: role for role, note in reversed(GM.notes.items())}
    found, now = [], 0
    (track,) = mido.MidiFile(str(path)).tracks
    for message in track:
        now += message.time
        if message.type == "note_on":
            found.append((now, roles[message.note], message.velocity))
    return [*found, (now, "", 0)]


def length(path: Path) -> int:
    """In ticks."""
    return ons(path)[-1][0]


def bars_in(path: Path, grid: Grid) -> list[Bar]:
    """The bars of a file, each hit on the nearest step: a reading of the test's own."""
    *hits, (end, _, _) = ons(path)
    found: list[dict[str, tuple[Strike, ...]]] = [{} for _ in range(end // grid.meter.bar_ticks)]
    for tick, role, velocity in hits:
        at = (tick + grid.step_ticks // 2) // grid.step_ticks
        bar, step = divmod(at, grid.steps)
        strike = Strike(step, velocity, tick - at * grid.step_ticks)
        found[bar][role] = (*found[bar].get(role, ()), strike)
    return [Bar(bar) for bar in found]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A file that HEARD plays."""
    path = tmp_path / "song.mid"
    path.write_bytes(file_of(HEARD, FOUR))
    return path


def test_ten_thousand_bars_of_what_was_learned_from_a_file_are_of_the_hand_that_played_it(
    run: Run, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that the command does but joining and writing so many: see the next test."""
    made: list[Bar] = []

    def taken(bars: list[Bar], frame: Pattern, grid: Grid, *_: object) -> tuple[Pattern, int]:
        made.extend(bars)
        return frame, grid.step_ticks

    monkeypatch.setattr("panel.generate.joined_in_swing", taken)
    run("generate", "learn", song, "--bars", 10_000, "-o", song.with_name("out.mid"))
    assert len(made) == 10_000
    assert misfits(HEARD, made) == []


def test_and_so_are_those_that_are_written(run: Run, song: Path) -> None:
    out = song.with_name("out.mid")
    assert run("generate", "learn", song, "--bars", 600, "-o", out).splitlines() == [
        f"{out}: Learn 1, 600 bars of 4/4, 96 BPM",
        "bar 1 is empty: learning begins with bar 2",
    ]
    made = bars_in(out, FOUR)
    assert len(made) == 600
    assert misfits(HEARD, made[1:]) == []  # nothing is before the first one's one: it can't be early


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("ending", ["mid", "toml"])
def test_the_same_words_make_the_same_file_and_none_is_written_over(
    run: Run, tmp_path: Path, name: str, ending: str
) -> None:
    words = ("generate", *words_for(name), "--seed", 7, "-o", tmp_path / f"x.{ending}")
    assert run(*words).startswith(f"{tmp_path / f'x.{ending}'}: {name.capitalize()} 7, 4 bars of 4/4, ")
    assert run(*words).startswith(f"{tmp_path / f'x-2.{ending}'}: ")
    assert (tmp_path / f"x.{ending}").read_bytes() == (tmp_path / f"x-2.{ending}").read_bytes()


def test_another_seed_is_another_beat(run: Run, tmp_path: Path) -> None:
    for seed in (1, 2):
        run("generate", "learn", "Samba", "--set", "vary=50", "--seed", seed, "-o", tmp_path / f"{seed}.mid")
    assert ons(tmp_path / "1.mid") != ons(tmp_path / "2.mid")


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("pattern", ["4/4 Basic", "Prog Rock 7/8", "Half-time shuffle", "7 over 4", "5/4 2+3"])
def test_a_file_is_as_long_as_its_bars_and_a_pattern_passes_the_check(
    run: Run, tmp_path: Path, name: str, pattern: str
) -> None:
    frame = LIBRARY.patterns[pattern]
    words = ("generate", *words_for(name), "--pattern", pattern, "--bars", 5, "--keep-click")
    run(*words, "-o", tmp_path / "x.mid")
    run(*words, "-o", tmp_path / "x.toml")
    assert length(tmp_path / "x.mid") == 5 * frame.meter.bar_ticks
    assert run("check", tmp_path / "x.toml") == ""
    found = load_pattern(tmp_path / "x.toml")
    assert (found.meter, found.bars, found.beat_ticks) == (frame.meter, 5, frame.beat_ticks)
    assert (found.family, found.about) == ("own", f"{name.capitalize()}, seed 1")
    places = sorted({(tick, role) for tick, role, _ in ons(tmp_path / "x.mid")[:-1]})
    assert len(places) == len({(stroke.tick, GM.notes[stroke.role]) for stroke in found.strokes()})


@pytest.mark.parametrize("pattern", ["4/4 Basic", "Samba", "7 over 4", "Half-time shuffle", "Quintuplets"])
def test_the_rows_that_stay_sound_as_they_are(run: Run, tmp_path: Path, pattern: str) -> None:
    frame = LIBRARY.patterns[pattern]
    run("generate", "euclid", "--pattern", pattern, "--keep-click", "--bars", 6, "-o", tmp_path / "x.toml")
    rounds = ceil(6 / frame.bars)
    every = [(n * frame.length_ticks + s.tick, s.role, s.strength) for n in range(rounds) for s in frame.strokes()]
    kept = sorted(stroke for stroke in every if stroke[0] < 6 * frame.meter.bar_ticks)
    roles = {row.role for row in frame.groove}
    found = load_pattern(tmp_path / "x.toml")
    assert [s[:3] for s in found.strokes() if s.role in roles] == kept
    assert set(found.roles) == roles | {"kick", "snare", "hat"}


def test_a_style_is_learned_from_a_pattern_of_ones_own_and_from_a_file_by_its_path(run: Run, tmp_path: Path) -> None:
    run("generate", "learn", "samba", "--name", "Mine", "-o", tmp_path / "data" / "patterns" / "mine.toml")
    for source in ("Mine", tmp_path / "data" / "patterns" / "mine.toml"):
        run("generate", "learn", source, "-o", tmp_path / "x.mid")
    first, second = ons(tmp_path / "x.mid"), ons(tmp_path / "x-2.mid")
    assert first == second
    assert length(tmp_path / "x.mid") == 4 * LIBRARY.patterns["Samba"].meter.bar_ticks


def test_a_meter_a_tempo_and_a_modules_notes(run: Run, tmp_path: Path) -> None:
    words = ("generate", "euclid", "--meter", "7/8", "--group", "2+2+3", "--bpm", 99, "--profile", "SamplePad Pro")
    run(*words, "-o", tmp_path / "x.toml")
    found = load_pattern(tmp_path / "x.toml")
    assert (found.meter, found.micro_bpm) == (Meter.of(7, 8, (2, 2, 3)), 99_000_000)
    run(*words, "-o", tmp_path / "x.mid")
    file = mido.MidiFile(str(tmp_path / "x.mid"))
    notes = {message.note for message in file if message.type == "note_on"}
    assert notes == {LIBRARY.profiles["SamplePad Pro"].notes[role] for role in ("kick", "snare", "hat")}
    assert [message.tempo for message in file if message.type == "set_tempo"] == [round(60_000_000 / 99)]


def test_dials_are_set_by_number_by_word_and_with_their_unit(run: Run, tmp_path: Path) -> None:
    words = ("--set", "hits kick=3", "--set", "Hits  Snare = 0", "--set", "steps hat=bar", "--bars", 1)
    run("generate", "euclid", *words, "-o", tmp_path / "x.mid")
    roles = [role for _, role, _ in ons(tmp_path / "x.mid")[:-1]]
    assert {role: roles.count(role) for role in roles} == {"kick": 3, "hat": 8}
    run("generate", "learn", "Money beat", "--set", "feel=50%", "--set", "trade=2 bars", "-o", tmp_path / "y.mid")


def test_a_number_is_so_many_of_what_the_word_says_and_not_its_place() -> None:
    assert [values_of(LEARN, [f"trade={bars}"])["trade"] for bars in (1, 2, 4, 8)] == [1, 2, 3, 4]
    assert values_of(LEARN, ["trade=4 bars"]) == values_of(LEARN, ["trade=4"])


@pytest.mark.parametrize("name", GENERATORS)
def test_help_tells_every_dial(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["generate", name, "--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    for dial in GENERATORS[name].dials:
        line = re.search(rf"^  {dial.name}( VOICE)? .*$", told, re.MULTILINE)
        assert line
        assert dial.about in line[0]
        assert dial.shown(dial.low) in line[0]
        assert dial.shown(dial.high) in line[0]
    assert "exit codes: 0 done" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("learn Samba --set bla=3", "learn has no dial 'bla': it has vary 0% to 100%; density"),
        ("learn Samba --set varry=3", "did you mean 'vary'? it has vary 0% to 100%"),
        ("euclid --set hits=3", "VOICE is kick, snare, hat or cowbell"),
        ("learn Samba --set vary=101", "vary is 0% to 100%, not '101'"),
        ("learn Samba --set vary=-1", "vary is 0% to 100%, not '-1'"),
        ("learn Samba --set vary", "--set needs a value: vary=N, where N is 0% to 100%"),
        ("learn Samba --set trade=soon", "trade is goes on, 1 bar, 2 bars, 4 bars, 8 bars, not 'soon'"),
        ("learn Samba --set trade=3", "8 bars, not '3'"),
        ("learn Samba --set trade=goes", "8 bars, not 'goes'"),
        ("learn Samba -o x.wav", "x.wav is to end in .mid, for a MIDI file, or in .toml, for a pattern"),
        ("learn Samba -o x", "x is to end in .mid"),
        ("learn Samba --bars 17 -o x.toml", "a pattern has at most 16 bars, not 17: write fewer --bars, or a .mid"),
        ("learn Samba --set density=0 -o x.toml", "there is no stroke in these bars"),
        ("learn Sambo", "there is no pattern, song or set 'Sambo'"),
        ("learn nowhere.mid", "nowhere.mid: the file can't be read: No such file or directory"),
        ("learn Samba --pattern Simba", "there is no pattern, song or set 'Simba'"),
        ("euclid --pattern Ten", "there is no pattern, song or set 'Ten'; did you mean"),
        ("learn One?More?for?the?Stairs", "'One More for the Stairs' is no pattern, but a song or a set"),
        ("euclid --meter 7/9", "--meter: the lower number of a meter is 2, 4, 8 or 16"),
        ("euclid --meter 7/8 --group 2+2", "--meter: the groups add up to 4, the meter has 7"),
        ("euclid --group 2+2", "--group says how a --meter is grouped: there is none"),
        ("euclid --meter 7/8 --pattern Samba", "a pattern has its own meter: leave --meter or --pattern out"),
        ("euclid --meter 7/8 --keep-click", "--keep-click lets a pattern's rows sound: a --meter has none"),
        ("euclid --profile Nobody", "there is no profile 'Nobody'"),
        ("euclid --name Samba -o x.toml", "there is a pattern 'Samba' already: choose another --name"),
        ("euclid --meter 32/2 --bars 16 -o x.toml", "cells, at most 1024 are read: write fewer --bars, or a .mid"),
    ],
)
def test_what_is_wrong_is_one_line(
    fails: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    each = [word.replace("?", " ") for word in words.split()]
    told = fails("generate", *each, *([] if "-o" in each else ["-o", "x.mid"]))
    assert told.startswith(("drumassist: ", "nowhere.mid: "))
    assert said in told
    assert not list(tmp_path.glob("x*"))


def test_a_spoilt_file_and_one_without_a_pattern_to_keep(fails: Run, tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(b"MThd")
    assert "spoilt or cut short" in fails("generate", "learn", tmp_path / "x.mid", "-o", tmp_path / "y.mid")
    told = fails("generate", "learn", tmp_path / "x.mid", "--keep-click", "-o", tmp_path / "y.mid")
    assert "--keep-click lets a --pattern's rows sound: say which" in told


@pytest.mark.parametrize(
    "words",
    [
        "generate",
        "generate nobody -o x.mid",
        "generate euclid",
        "generate learn -o x.mid",
        "generate euclid --seed 10000 -o x.mid",
        "generate euclid --seed -1 -o x.mid",
        "generate euclid --seed 0 -o x.mid",
        "generate euclid --bars 0 -o x.mid",
        "generate euclid --bpm 1000 -o x.mid",
    ],
)
def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 2
    assert "usage: drumassist generate" in capsys.readouterr().err


def test_where_nothing_can_be_written_it_is_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    for ending in ("mid", "toml"):
        assert main(["generate", "euclid", "-o", str(tmp_path / "file" / f"x.{ending}")]) == 3
        assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize("swings", [(66, 66), (66, 54), (STRAIGHT, 62)])
@pytest.mark.parametrize("of_the_frame", [STRAIGHT, 54])
def test_bars_keep_a_swing_of_their_own(swings: tuple[int, int], of_the_frame: int) -> None:
    frame = Pattern("Frame", FOUR.meter, (), swing=of_the_frame, swing_ticks=2 * FOUR.step_ticks)
    hats = {"hat": tuple(Strike(step, 96) for step in range(16))}
    whole, step_ticks = joined_in_swing([Bar(hats, swing) for swing in swings], frame, FOUR, "Whole")
    assert step_ticks == FOUR.step_ticks
    own = [frame._replace(swing=swing, swing_ticks=FOUR.step_ticks) if swing != STRAIGHT else frame for swing in swings]
    assert [stroke.tick for stroke in whole.strokes()] == [
        number * FOUR.meter.bar_ticks + bar.swung(step * FOUR.step_ticks)
        for number, bar in enumerate(own)
        for step in range(16)
    ]


class TestStyle:
    """drumassist import --style: how a file's drums are played, kept for the beat that learns."""

    def test_the_last_bars_are_a_pattern_of_that_family_with_every_velocity_and_lateness(
        self, run: Run, tmp_path: Path
    ) -> None:
        (tmp_path / "hand.mid").write_bytes(file_of(HEARD, FOUR))
        told = run("import", tmp_path / "hand.mid", "--style")
        assert f"{len(HEARD) - 16} before them are left out" in told
        (path,) = (tmp_path / "data" / "patterns").glob("*.toml")
        style = load_pattern(path)
        assert (style.family, style.bars) == ("style", 16)
        assert bars_of_pattern(style, FOUR) == tuple(HEARD[-16:])

    def test_it_can_be_learned_from(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "hand.mid").write_bytes(file_of(HEARD, FOUR))
        run("import", tmp_path / "hand.mid", "--style", "--name", "My hand")
        run("generate", "learn", "My hand", "-o", tmp_path / "x.mid")
        assert ons(tmp_path / "x.mid")

    def test_bars_are_for_a_chart(self, fails: Run, tmp_path: Path) -> None:
        (tmp_path / "hand.mid").write_bytes(file_of(HEARD, FOUR))
        assert "--bars is for a chart" in fails("import", tmp_path / "hand.mid", "--style", "--bars", "1-2")
