"""`python -m panel` as a shell sees it: output, one-line errors, exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import mido
import pytest
from PIL import Image

from panel.__main__ import main
from panel.engine.client import ask
from panel.gallery import PICTURES
from panel.library import KINDS
from panel.music.tempo import TICKS_PER_QUARTER
from tests.panel.broken import good

COMMANDS = (
    "play", "render", "import", "generate", "backup", "restore", "patterns", "songs", "sets", "check", "ports", "stop",
    "status", "screens",
)  # fmt: skip
NO_MIDI = not Path("/dev/snd/seq").exists()
PATIENCE_S = 20
ROOT = Path(__file__).parents[2]


class Shell:
    """Runs commands with a data and a runtime folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.data, self.runtime = folder / "data", folder / "runtime"
        self.environment = os.environ | {
            "DRUMASSIST_RUNTIME": str(self.runtime),
            "XDG_DATA_HOME": str(folder),
            "COLUMNS": "100",
        }

    def __call__(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        command = [sys.executable, "-m", "panel", *map(str, words)]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )

    def ok(self, *words: object) -> str:
        """Run, see that it worked and complained of nothing, return its output."""
        ran = self(*words)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    def fails(self, code: int, *words: object) -> str:
        """Run, see that it failed with one line and without a traceback, return that line."""
        ran = self(*words)
        assert ran.returncode == code, ran.stderr
        assert ran.stdout == ""
        assert "Traceback" not in ran.stderr
        assert ran.stderr.count("\n") == 1, ran.stderr
        return ran.stderr.strip()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell of its own."""
    return Shell(tmp_path)


@pytest.fixture
def engine(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """An engine that runs."""
    monkeypatch.setenv("DRUMASSIST_RUNTIME", str(shell.runtime))
    process = subprocess.Popen([sys.executable, "-m", "panel.engine"], env=shell.environment)
    deadline = time.monotonic() + PATIENCE_S
    while not (shell.runtime / "engine.sock").exists() and time.monotonic() < deadline:
        time.sleep(0.01)  # another process starts
    yield process
    if process.poll() is None:
        process.terminate()
    process.wait(PATIENCE_S)


def test_help_names_every_command_and_the_exit_codes(shell: Shell) -> None:
    text = shell.ok("--help")
    assert all(re.search(rf"^ +{command} ", text, re.MULTILINE) for command in COMMANDS)
    assert "0 done, 1 the input was wrong, 2 wrong usage, 3" in " ".join(text.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    text = shell.ok(command, "--help")
    assert text.startswith(f"usage: drumassist {command}")
    assert "traceback" in text
    options = re.findall(r"^  (--?\w\S*|[A-Z]\S*)(.*(?:\n {10,}.*)*)", text, re.MULTILINE)
    assert "-h, --help" in text
    assert [name for name, about in options if not re.search(r"[a-z]{3}", about)] == []
    assert len(options) >= 2


def test_the_version_is_told(shell: Shell) -> None:
    assert re.fullmatch(r"drumassist \S+\n", shell.ok("--version"))


@pytest.mark.parametrize(
    "words",
    [
        ("dance",),
        ("play",),
        ("render", "Samba"),
        ("play", "Samba", "--bpm", "29"),
        ("play", "Samba", "--bpm", "fast"),
        ("play", "Samba", "--bars", "0"),
        ("render", "Samba", "-o", "x.mid", "--bars", "-1"),
        ("--display", "paper"),
        ("check",),
        ("import",),
        ("backup",),
        ("restore", "--dry-run"),
        ("import", "x.mid", "--bars", "8-5"),
        ("import", "x.mid", "--bars", "a-b"),
        ("status", "--xml"),
    ],
)
def test_wrong_usage_is_2_without_a_traceback(shell: Shell, words: tuple[str, ...]) -> None:
    ran = shell(*words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("usage: drumassist")
    assert "Traceback" not in ran.stderr


class TestRender:
    """drumassist render"""

    def test_a_third_party_reads_the_chart(self, shell: Shell, tmp_path: Path) -> None:
        out = tmp_path / "x.mid"
        assert shell.ok("render", "prog rock 7/8", "-o", out, "--bpm", "132.5", "--bars", 2) == ""
        file = mido.MidiFile(str(out))
        now, tempo, signature, hits = 0, 0, "", list[tuple[int, int, int]]()
        for message in file.tracks[0]:
            now += message.time
            if message.type == "note_on":
                hits.append((now, message.note, message.velocity))
            elif message.type == "set_tempo":
                tempo = message.tempo
            elif message.type == "time_signature":
                signature = f"{message.numerator}/{message.denominator}"
        eighth, bar = TICKS_PER_QUARTER // 2, 7 * TICKS_PER_QUARTER // 2
        assert (tempo, signature, now) == (round(60_000_000 / 132.5), "7/8", 2 * bar)
        kick = [(tick, velocity) for tick, note, velocity in hits if note == 36]
        snare = [(tick, velocity) for tick, note, velocity in hits if note == 38]
        assert kick == [(start + at * eighth, loud) for start in (0, bar) for at, loud in ((0, 127), (4, 96))]
        assert snare == [(start + at * eighth, loud) for start in (0, bar) for at, loud in ((2, 127), (6, 127))]
        hat = [(tick, velocity) for tick, note, velocity in hits if note == 42]
        assert hat == [(at * eighth, 127 if at % 7 in (0, 2, 4) else 96) for at in range(14)]

    def test_a_file_and_another_profile(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "own.toml").write_bytes(good("Own"))
        shell.ok("render", tmp_path / "own.toml", "-o", tmp_path / "x.mid", "--profile", "samplepad pro")
        file = mido.MidiFile(str(tmp_path / "x.mid"))
        assert {m.note for m in file.tracks[0] if m.type == "note_on"} == {42, 46}

    def test_what_can_not_be_done_is_one_line(self, shell: Shell, tmp_path: Path) -> None:
        out = tmp_path / "x.mid"
        assert "did you mean Mambo bell 2-3, Samba?" in shell.fails(1, "render", "amb", "-o", out)
        assert "`drumassist patterns`, `drumassist songs`, `drumassist sets` lists them" in shell.fails(
            1, "render", "xyzzy", "-o", out
        )
        assert "General MIDI" in shell.fails(1, "render", "Samba", "-o", out, "--profile", "xyzzy")
        assert "can't be written" in shell.fails(1, "render", "Samba", "-o", tmp_path / "no" / "x.mid")
        assert "can't be read" in shell.fails(1, "render", tmp_path / "no.toml", "-o", out)
        assert not out.exists()

    def test_a_song_with_its_map_of_tempos_and_meters(self, shell: Shell, tmp_path: Path) -> None:
        shell.ok("render", "Spoons in the Drawer", "-o", tmp_path / "x.mid")
        track = mido.MidiFile(str(tmp_path / "x.mid")).tracks[0]
        meters = [f"{m.numerator}/{m.denominator}" for m in track if m.type == "time_signature"]
        assert meters == ["7/8", "2/4", "4/4", "7/8", "2/4", "4/4"]
        shell.ok("render", "Slow Train, Warm Engine", "-o", tmp_path / "y.mid")
        tempos = [m.tempo for m in mido.MidiFile(str(tmp_path / "y.mid")).tracks[0] if m.type == "set_tempo"]
        assert tempos[0] == round(60e6 / 84)
        assert len(tempos) > 40

    def test_a_set_is_a_folder_of_its_songs(self, shell: Shell, tmp_path: Path) -> None:
        told = shell.ok("render", "ten to try", "-o", tmp_path / "night").splitlines()
        assert told[0] == str(tmp_path / "night" / "01 seventeen-lanterns.mid")
        assert sorted(map(str, (tmp_path / "night").iterdir())) == told
        assert len(told) == 10
        assert "a song has its own tempos" in shell.fails(1, "render", "ten to try", "-o", tmp_path, "--bpm", "99")
        (tmp_path / "file").write_text("")
        assert "is to be a folder" in shell.fails(1, "render", "ten to try", "-o", tmp_path / "file")

    def test_a_set_of_ones_own_whose_song_is_missing(self, shell: Shell, tmp_path: Path) -> None:
        path = tmp_path / "own.toml"
        path.write_text('format = 1\nname = "Own"\nsongs = """\nNo such song\n"""\n')
        assert shell.fails(1, "render", path, "-o", tmp_path / "x").startswith(f"{path}:4:1: there is no song")

    def test_a_broken_file_is_told_with_its_place(self, shell: Shell, tmp_path: Path) -> None:
        path = tmp_path / "own.toml"
        path.write_bytes(good("Own").replace(b"X. x. x..", b"X. ?. x.."))
        line = shell.fails(1, "render", path, "-o", tmp_path / "x.mid")
        assert line == f"{path}:8:14: unknown step '?', a step is one of X x g ."


class TestImport:
    """drumassist import"""

    def test_what_was_rendered_becomes_a_pattern_of_ones_own(self, shell: Shell, tmp_path: Path) -> None:
        shell.ok("render", "Samba", "-o", tmp_path / "Samba.mid")
        path = shell.data.parent / "drumassist" / "patterns" / "samba-2.toml"
        lines = shell.ok("import", tmp_path / "Samba.mid").splitlines()
        assert lines[0].startswith(f"{path}: Samba 2, ")
        assert lines[1:] == ["note lengths are left out: the box holds every note as long as its settings say"]
        assert shell.ok("check", path) == ""
        assert "Samba 2 " in shell.ok("patterns")

    def test_nothing_is_written_over(self, shell: Shell, tmp_path: Path) -> None:
        shell.ok("render", "Samba", "-o", tmp_path / "x.mid")
        out = tmp_path / "own.toml"
        out.write_text("mine")
        assert shell.ok("import", tmp_path / "x.mid", "-o", out, "--name", "Mine").startswith(
            f"{tmp_path / 'own-2.toml'}:"
        )
        assert out.read_text() == "mine"
        assert 'name   = "Mine"' in (tmp_path / "own-2.toml").read_text()

    def test_what_can_not_be_done_is_one_line(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "x.mid").write_bytes(b"MThd")
        assert "spoilt or cut short" in shell.fails(1, "import", tmp_path / "x.mid")
        assert "can't be read" in shell.fails(1, "import", tmp_path / "no.mid")
        assert "there is a pattern 'Samba' already" in shell.fails(1, "import", tmp_path / "x.mid", "--name", "Samba")
        shell.ok("render", "Samba", "-o", tmp_path / "x.mid")
        assert "no hit in these bars" in shell.fails(1, "import", tmp_path / "x.mid", "--bars", "90-91")
        assert "can't be written" in shell.fails(3, "import", tmp_path / "x.mid", "-o", tmp_path / "x.mid" / "y.toml")


def test_patterns_as_text_and_as_json(shell: Shell) -> None:
    patterns = json.loads(shell.ok("patterns", "--json"))
    prog = next(pattern for pattern in patterns if pattern["name"] == "Prog Rock 7/8")
    assert (prog["meter"], prog["group"], prog["fill"], Path(prog["file"]).is_file()) == ("7/8", "2+2+3", True, True)
    lines = shell.ok("patterns").splitlines()
    assert len(lines) == len(patterns) >= 40
    assert all(pattern["name"] in line for pattern, line in zip(patterns, lines, strict=True))


def test_songs_and_sets_as_text_and_as_json(shell: Shell) -> None:
    songs = {song["name"]: song for song in json.loads(shell.ok("songs", "--json"))}
    end = songs["One More for the Stairs"]["parts"][-1]
    assert end == {
        "name": "End",
        "section": "end",
        "pattern": "Second line",
        "meter": "4/4",
        "bars": None,
        "bpm": 104.0,
        "ramp_to": None,
    }
    lines = shell.ok("songs").splitlines()
    assert [line.split("  ")[0] for line in lines] == list(songs)
    assert "104.0  26+ bars" in lines[list(songs).index("One More for the Stairs")]
    (ten,) = json.loads(shell.ok("sets", "--json"))
    assert [song["there"] for song in ten["songs"]] == [True] * 10
    head, *listed = shell.ok("sets").splitlines()
    assert head.startswith("Ten to try  ")
    assert " ".join(listed[5].split()) == "6 Three against the Door > 96.0 bells are three, feet are four"


def test_check_knows_songs_and_sets_by_their_folder_or_by_what_they_hold(shell: Shell, tmp_path: Path) -> None:
    """On a stick, say: a song's patterns and a set's songs lie beside them, in the user's folder, or ship."""
    stick, song = tmp_path / "stick", 'name = "Mine"\n[a]\npattern = "Own"\nbars = 4\n'
    for folder, name, text in (
        ("patterns", "own", good("Own").decode()),
        ("songs", "mine", song),
        ("sets", "friday", 'name = "F"\nsongs = "Mine"\n'),
        (".", "a-song", song.replace("Own", "Samba")),
        (".", "a-set", 'name = "F"\nsongs = "Borrowed Boots"\n'),
    ):
        (stick / folder).mkdir(parents=True, exist_ok=True)
        (stick / folder / f"{name}.toml").write_text(text)
    assert shell.ok("check", stick) == ""
    (stick / "patterns" / "own.toml").write_bytes(good("Another"))
    ran = shell("check", stick)
    assert ran.returncode == 1
    assert [line.removeprefix(f"{stick}/").split(": there is no")[0] for line in ran.stderr.splitlines()] == [
        "sets/friday.toml:2:10",
        "songs/mine.toml:3:12",
    ]
    (stick / "a-song.toml").write_text(song.replace("bars = 4", "bars = 0"))
    assert ":4:8: bars is a whole number" in shell("check", stick / "a-song.toml").stderr


def test_a_broken_pattern_of_the_users_is_told_beside_the_good_ones(shell: Shell) -> None:
    folder = shell.data.parent / "drumassist" / "patterns"
    folder.mkdir(parents=True)
    (folder / "own.toml").write_bytes(good("Own"))
    (folder / "bad.toml").write_bytes(b"x")
    ran = shell("patterns")
    assert ran.returncode == 1
    assert "Own " in ran.stdout
    assert ran.stderr.startswith(f"{folder / 'bad.toml'}:1:")


def test_check_tells_every_fault_of_files_and_folders(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "files" / "patterns"
    folder.mkdir(parents=True)
    (folder / "good.toml").write_bytes(good("Good"))
    (folder / "settings.toml").write_text("[click]\ngate_ms = 60\n")
    (folder / "session.toml").write_text("bpm = 120\n")
    (folder / "module.toml").write_text('name = "M"\n[notes]\nrim = 37\n')
    assert shell.ok("check", tmp_path / "files", folder / "good.toml") == ""
    (folder / "bad.toml").write_bytes(good("Bad").replace(b"X. x.", b"X. ?.").replace(b"7/8", b"7/9"))
    (folder / "settings.toml").write_text("[click]\ngate_ms = 0\n")
    (folder / "session.toml").write_text("bpm = 0.5\n")
    (folder / "module.toml").write_text('name = "M"\n[notes]\nrim = 137\n')
    (folder / "latin.toml").write_bytes(b'name = "\xe9"\n')
    ran = shell("check", tmp_path / "files", tmp_path / "nowhere.toml")
    assert (ran.returncode, ran.stdout) == (1, "")
    found = [line.removeprefix(str(folder) + "/").split(": ")[0] for line in ran.stderr.splitlines()]
    assert {"bad.toml:3:11", "bad.toml:8:14", "settings.toml:2:11", "session.toml:1:7", "module.toml:3:7"} <= set(found)
    assert "latin.toml:1:9" in found
    assert found[-1] == f"{tmp_path / 'nowhere.toml'}:1:1"


def test_all_that_ships_passes_the_check(shell: Shell) -> None:
    assert shell.ok("check", *(ROOT / kind for kind in (*KINDS, "kits", "patches"))) == ""


def test_check_tells_what_is_wrong_with_kits(shell: Shell, tmp_path: Path) -> None:
    for kit in ("kits/Mine", "Loose"):
        (tmp_path / kit / "kick").mkdir(parents=True)
        (tmp_path / kit / "kick" / "1.wav").write_bytes(b"RIFF")
    (tmp_path / "Loose" / "kit.toml").write_text("[kick]\ngain = 20\n")
    ran = shell("check", tmp_path)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 2)
    assert f"{tmp_path}/Loose/kit.toml:2:8: gain is a number from -60 to 12, in dB\n" in ran.stderr
    assert f"{tmp_path}/kits/Mine/kick/1.wav:1:1: is neither WAV nor FLAC, whatever it is called\n" in ran.stderr
    assert "kick/1.wav" in shell("check", tmp_path / "kits" / "Mine").stderr


def test_a_folder_in_a_kit_is_no_kit_of_its_own(shell: Shell, tmp_path: Path) -> None:
    kit = tmp_path / "kits" / "Mine"
    (kit / "crash").mkdir(parents=True)
    for name in ("kick", "crash/one"):
        (kit / f"{name}.flac").write_bytes(next((ROOT / "kits").glob("*/*.flac")).read_bytes())
    for path in (kit, kit.parent, tmp_path):
        assert shell.ok("check", path) == ""


def test_check_tries_patches_and_tells_the_line(shell: Shell, tmp_path: Path) -> None:
    good = (ROOT / "patches" / "square.py").read_text()
    patches = tmp_path / "patches"
    patches.mkdir()
    (patches / "good.py").write_text(good)
    (patches / "_parts.py").write_text("no patch")
    (tmp_path / "elsewhere.py").write_text("no patch")
    assert shell.ok("check", tmp_path) == ""
    line = good[: good.index("note.velocity")].count("\n") + 1
    (patches / "bad.py").write_text(good.replace("note.velocity", "note.velocty"))
    (patches / "latin.py").write_bytes(b'"""\n\xe9"""\n')
    (patches / "loop.py").write_text("while True:\n    print('on and on')\n")
    (patches / "ends.py").write_text("import os\nos._exit(0)\n")
    ran = shell("check", patches, patches / "none.py")
    assert (ran.returncode, ran.stdout) == (1, f"{patches}/loop.py prints: on and on\n")
    told = [line.removeprefix(f"{patches}/") for line in ran.stderr.splitlines()]
    assert told[0].startswith(f"bad.py:{line}: AttributeError: ")
    assert told[1] == "ends.py:1: it ends the whole process"
    assert told[2] == "latin.py:2: byte 0xe9 is not UTF-8 text: save the file as UTF-8"
    assert told[3].startswith(("loop.py:1: not done after", "loop.py:2: not done after"))
    assert told[4:] == ["none.py:1: can't be read: No such file or directory"]


def test_where_numpy_is_missing_all_but_the_patches_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.toml").write_text("x")
    (tmp_path / "mine.py").write_text("")
    monkeypatch.setattr("panel.sound.tryout.find_spec", lambda name: None)
    assert main(["check", str(tmp_path / "mine.py"), str(tmp_path / "bad.toml")]) == 3
    one, other = capsys.readouterr().err.splitlines()
    assert one.startswith(f"{tmp_path}/bad.toml:1:2: ")
    assert other == "drumassist: patches can't be tried without numpy: pip install 'drumassist[sound]'"


def test_a_kit_that_is_not_there_is_told(shell: Shell) -> None:
    pytest.importorskip("sounddevice")
    told = shell.fails(1, "--data", shell.data, "sound", "--kit", "Acustic")
    assert told == "drumassist: there is no kit 'Acustic', did you mean 'Acoustic'?"
    (shell.data / "kits" / "Mine").mkdir(parents=True)
    (shell.data / "kits" / "Mine" / "boing.wav").write_bytes(b"")
    told = shell.fails(1, "--data", shell.data, "sound", "--kit", "Mine")
    assert told.startswith(f"drumassist: {shell.data}/kits/Mine/boing.wav:1:1: is no sound by its name")


def test_screens_draws_every_state(shell: Shell, tmp_path: Path) -> None:
    assert shell.ok("screens", tmp_path / "out") == f"{len(PICTURES)} pictures in {tmp_path / 'out'}\n"
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {picture.name for picture in PICTURES}
    with Image.open(tmp_path / "out" / "live-playing.png") as image:
        assert image.size == (128, 64)
    (tmp_path / "file").touch()
    assert "file" in shell.fails(3, "screens", tmp_path / "file")


@pytest.mark.parametrize("command", ["status", "stop"])
def test_without_an_engine_it_is_3(shell: Shell, command: str) -> None:
    assert shell.fails(3, command) == "drumassist: no engine is running: start the box with `drumassist`"


def test_v_shows_the_traceback_before_or_behind_the_command(shell: Shell) -> None:
    for words in (("-v", "status"), ("status", "-v")):
        ran = shell(*words)
        assert ran.returncode == 3
        assert "Traceback" in ran.stderr
        assert ran.stderr.endswith("drumassist: no engine is running: start the box with `drumassist`\n")


def test_status_and_stop_with_a_running_engine(shell: Shell, engine: subprocess.Popen[bytes]) -> None:
    facts = json.loads(shell.ok("status", "--json"))
    assert {"playing", "bpm", "pattern", "bar", "beat", "ports", "lateness_us", "fifo"} <= set(facts)
    assert (facts["playing"], facts["bpm"], facts["bar"], facts["beat"]) == (False, 120.0, 0, 0)
    assert set(facts["lateness_us"]) == {"p50", "p99", "max"}
    assert (facts["missed"], facts["dropped"], facts["replugs"], facts["restarts"]) == (0, 0, 0, 0)
    assert set(facts["board"]) == {"celsius", "weak_power"}
    assert facts["pid"] == engine.pid
    told = shell.ok("status").splitlines()
    assert "late: nothing played yet" in told
    assert "missed: 0, dropped: 0, replugs: 0, restarts: 0" in told
    assert any(line.startswith("FIFO: ") for line in told)
    ask("tempo", micro_bpm=300_000_000)
    ask("start")
    deadline = time.monotonic() + PATIENCE_S
    while facts["bar"] < 2 and time.monotonic() < deadline:
        facts = json.loads(shell.ok("status", "--json"))
    assert (facts["playing"], facts["bpm"]) == (True, 300.0)
    assert facts["beat"] in (1, 2, 3, 4)
    assert re.search(r"at 300\.0 BPM, bar \d+, beat [1-4]\n", shell.ok("status"))
    assert "running already" in shell.fails(3, "play", "Samba")
    assert shell.ok("stop") == ""
    assert engine.wait(PATIENCE_S) == 0


@pytest.mark.skipif(not NO_MIDI, reason="there is MIDI here")
def test_without_midi_play_and_ports_are_3_and_no_engine_is_left(shell: Shell) -> None:
    assert "no MIDI" in shell.fails(3, "ports")
    assert "no MIDI" in shell.fails(3, "play", "Samba", "--bars", 1)
    assert "no engine is running" in shell.fails(3, "status")
    assert "did you mean" in shell.fails(1, "play", "amba")


def test_output_into_a_pipe_that_closes_is_no_error(shell: Shell) -> None:
    command = f"{sys.executable} -m panel patterns --json | head -1"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=shell.environment, capture_output=True, text=True
    )
    assert (ran.stdout, ran.stderr) == ("[\n", "")


def test_a_panel_without_a_terminal_says_what_to_do(shell: Shell) -> None:
    assert "--display none" in shell.fails(3, "--display", "terminal", "--no-engine")


def test_a_panel_that_is_interrupted_ends_its_engine(shell: Shell) -> None:
    command = [sys.executable, "-m", "panel", "--display", "none", "--no-sound"]
    panel = subprocess.Popen(command, env=shell.environment, stderr=subprocess.PIPE)
    deadline = time.monotonic() + PATIENCE_S
    while shell("status").returncode and time.monotonic() < deadline:
        pass
    facts = json.loads(shell.ok("status", "--json"))
    panel.send_signal(signal.SIGINT)
    _, errors = panel.communicate(timeout=PATIENCE_S)
    assert (panel.returncode, errors) == (0, b"")
    while Path(f"/proc/{facts['pid']}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)  # another process ends
    assert shell("status").returncode == 3
    assert (shell.data.parent / "drumassist" / "settings.toml").exists()
