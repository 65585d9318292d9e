"""A MIDI file's drums become a chart: what a machine wrote comes back exactly, what can't be kept is said."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from random import Random

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.failure import Failure
from panel.library import load_library, load_pattern
from panel.midifile import Imported, import_midi, name_of
from panel.midiread import MAX_MIDI_BYTES
from panel.music.notation import parse_pattern
from panel.music.pattern import ACCENT, GHOST, HIT, Pattern, strength_of
from panel.music.tempo import DEFAULT_MICRO_BPM, TICKS_PER_QUARTER
from panel.render import render
from tests.fuzz.nearly import promptly
from tests.panel.midi import PPQ, meter, midi, notes, tempo, track

LIBRARY = load_library(None)
GM = LIBRARY.profiles["General MIDI"]
LENGTHS = "note lengths are left out: the box holds every note as long as its settings say"
KICK, SNARE, HAT = 36, 38, 42
BAR = 4 * PPQ

Strokes = list[tuple[int, str, str]]


def imported(raw: bytes, bars: tuple[int, int] | None = None, profile: str = "General MIDI") -> Imported:
    """What becomes of a file; its text is read as the same pattern, and the engine takes it."""
    found = import_midi(raw, "song.mid", "Song", LIBRARY.profiles[profile], bars)
    assert parse_pattern(found.text.encode(), "x.toml") == found.pattern
    return found


def lost(found: Imported) -> list[str]:
    """What is said, but for what is always said."""
    assert found.lost[-1] == LENGTHS
    return list(found.lost[:-1])


def rows(found: Imported) -> dict[str, str]:
    """The rows as they are written, without the spaces."""
    charts = re.findall(r'^(\w+) *= "(.*)"$', found.text.partition("[groove]")[2], re.MULTILINE)
    return {role: chart.replace(" ", "") for role, chart in charts}


def refused(raw: bytes, bars: tuple[int, int] | None = None) -> str:
    """The line that says why."""
    with pytest.raises(Failure) as failure:
        import_midi(raw, "song.mid", "Song", GM, bars)
    assert "\n" not in str(failure.value)
    return str(failure.value)


def beats(*hits: tuple[float, int, int], ppq: int = PPQ) -> list[tuple[int, int, int]]:
    """Hits whose times are quarters."""
    return [(round(at * ppq), note, velocity) for at, note, velocity in hits]


def strokes(pattern: Pattern, bars: int) -> Strokes:
    """All strokes of so many bars."""
    end, length = bars * pattern.meter.bar_ticks, pattern.length_ticks
    found = [
        (start + stroke.tick, stroke.role, stroke.strength)
        for start in range(0, end, length)
        for stroke in pattern.strokes()
    ]
    return sorted(stroke for stroke in found if stroke[0] < end)


@pytest.mark.parametrize("name", LIBRARY.patterns)
def test_what_was_rendered_comes_back_stroke_by_stroke(name: str) -> None:
    pattern = LIBRARY.patterns[name]
    for bars in (pattern.bars, 3 * pattern.bars):
        file, raw = render(pattern, pattern.micro_bpm or DEFAULT_MICRO_BPM, bars, GM.voices), io.BytesIO()
        file.save(file=raw)
        found = imported(raw.getvalue())
        assert strokes(found.pattern, bars) == strokes(pattern, bars)
        assert (found.pattern.bars, found.pattern.swing, found.pattern.beat_ticks) == (
            pattern.bars,
            pattern.swing,
            pattern.beat_ticks,
        )
        assert abs(found.pattern.micro_bpm - (pattern.micro_bpm or DEFAULT_MICRO_BPM)) <= 5_000
        assert [line for line in lost(found) if "grouped" not in line] == []


@pytest.mark.parametrize(
    ("hits", "step", "charts"),
    [
        ([(0, KICK, 127), (1, KICK, 96), (2, KICK, 96), (3, KICK, 48)], "1/4", {"kick": "Xxxg"}),
        ([(0, HAT, 96), (0.5, HAT, 96)], "1/8", {"hat": "xx......"}),
        ([(0, HAT, 96), (2 / 3, HAT, 96)], "1/12", {"hat": "x.x........."}),
        ([(0, HAT, 96), (0.75, HAT, 96)], "1/16", {"hat": "x..x............"}),
        ([(0, HAT, 96), (1 / 6, HAT, 96)], "1/24", {"hat": "xx......................"}),
        ([(0, HAT, 96), (1 / 8, HAT, 96)], "1/32", {"hat": "xx" + 30 * "."}),
        ([(0, HAT, 96), (1 / 12, HAT, 96)], "1/48", {"hat": "xx" + 46 * "."}),
        ([(0, HAT, 96), (0.2, HAT, 96)], "1/20", {"hat": "xx" + 18 * "."}),
        (
            [(0, HAT, 96), (0.5, HAT, 96), *((at * 4 / 5, 56, 96) for at in range(5))],
            "1/8",
            {"hat": "xx......", "cowbell": "5:xxxxx"},
        ),
        ([(0, HAT, 96), (0.5, HAT, 96), (4 * 3 / 11, 56, 96)], "1/8", {"hat": "xx......", "cowbell": "11:...x......."}),
    ],
)
def test_the_coarsest_grid(hits: list[tuple[float, int, int]], step: str, charts: dict[str, str]) -> None:
    found = imported(midi(track(*notes(beats(*hits, ppq=960))), ppq=960))
    assert f'step   = "{step}"' in found.text
    assert rows(found) == charts
    assert lost(found) == []


def test_the_loudness_becomes_the_nearest_strength() -> None:
    assert [strength_of(velocity) for velocity in (127, 96, 48)] == [ACCENT, HIT, GHOST]
    assert "".join(map(strength_of, (1, 71, 72, 111, 112, 127))) == "ggxxXX"
    found = imported(midi(track(*notes(beats((0, KICK, 120), (1, KICK, 100), (2, KICK, 96), (3, KICK, 100))))))
    assert rows(found) == {"kick": "Xxxx"}
    assert lost(found) == ["3 hits of 2 other velocities become X, x or g"]


def test_a_hand_is_put_on_the_grid_that_it_meant_and_told_how_far_off_it_was() -> None:
    random = Random(4)
    at_120_ms = PPQ / 500
    played = [(max(0, round(at * PPQ / 2 + random.uniform(-14, 14) * at_120_ms)), HAT, 96) for at in range(1, 16)] + [
        (8, KICK, 96),
        (BAR - 11, KICK, 96),
    ]  # the one of the second bar comes early
    found = imported(midi(track(*notes(played))))
    assert rows(found) == {"hat": ".xxxxxxx|xxxxxxxx", "kick": "x.......|x......."}
    [line] = lost(found)
    told = re.fullmatch(
        r"(\d+) of 17 hits were moved onto the grid of 1/8, (\d+) of them by more than 10 ms; "
        r"the furthest, (\w+) in bar (\d), by (\d+) ms",
        line,
    )
    assert told
    moves = [abs(tick - round(tick / PPQ * 2) * PPQ / 2) / at_120_ms for tick, _, _ in played]
    assert (int(told[2]), int(told[5])) == (sum(move > 10 for move in moves), round(max(moves)))


def test_a_hand_that_swings() -> None:
    random = Random(2)
    hat = [at + swing for at in range(8) for swing in (0, 0.6)]
    played = [(max(0, round((at + random.uniform(-0.01, 0.01)) * PPQ)), HAT, 96) for at in hat]
    found = imported(midi(track(tempo(0, 90), *notes(played))))
    assert set(rows(found).values()) == {"xxxxxxxx|xxxxxxxx"}
    assert 58 <= found.pattern.swing <= 62


def test_the_shortest_bars_that_repeat() -> None:
    two = beats((0, KICK, 96), (2, SNARE, 96), (4, KICK, 96), (5, KICK, 96), (6, SNARE, 96))
    song = [(tick + again * 2 * BAR, note, velocity) for again in range(30) for tick, note, velocity in two]
    found = imported(midi(track(*notes(song))))
    assert rows(found) == {"kick": "x...|xx..", "snare": "..x.|..x."}
    assert lost(found) == []


def test_what_does_not_repeat_is_as_long_as_a_chart_may_be() -> None:
    random = Random(1)
    song = [(at * PPQ // 4, HAT, random.choice((48, 96, 127))) for at in range(16 * 40)]
    found = imported(midi(track(*notes(song))))
    assert found.pattern.bars == 16
    assert lost(found) == ["bars 17 to 40 are left out: the chart has room for 16, take others with --bars"]
    found = imported(midi(track(*notes(song))), (33, 36))
    velocity = {"X": 127, "x": 96, "g": 48}
    assert [velocity[cell] for cell in found.pattern.groove[0].cells] == [
        loud for _, _, loud in song[16 * 32 : 16 * 36]
    ]
    assert lost(found) == []


def test_the_densest_music_is_cut_to_what_the_engine_takes(tmp_path: Path) -> None:
    random = Random(1)
    kit = [note for note in set(GM.notes.values())]
    song = [(at * PPQ // 12, note, random.choice((48, 96, 127))) for at in range(48 * 16) for note in kit]
    found = imported(midi(track(*notes(song))))
    path = tmp_path / "dense.toml"
    path.write_text(found.text)
    assert load_pattern(path) == found.pattern
    assert 1 < found.pattern.bars < 16
    assert len(found.pattern.groove) == len(kit)
    assert re.fullmatch(r"bars \d to 16 are left out.*", lost(found)[0])


class TestEveryLossIsNamed:
    """One line each."""

    def test_notes_without_a_role_and_notes_that_become_another(self) -> None:
        found = imported(midi(track(*notes(beats((0, 35, 96), (1, 40, 96), (2, 40, 96), (3, 28, 96), (3, 0, 96))))))
        assert rows(found) == {"kick": "x...", "snare": ".xx."}
        assert lost(found) == [
            "note 0 has no role: 1 hit left out",
            "note 28 has no role: 1 hit left out",
            "note 35 (acoustic bass drum) becomes kick: 1 hit",
            "note 40 (electric snare) becomes snare: 2 hits",
        ]

    def test_every_percussion_note_of_general_midi_has_a_role(self) -> None:
        for note in range(35, 82):
            found = imported(midi(track(*notes(beats((0, note, 96))))))
            assert len(found.pattern.groove) == 1
            assert all(f"note {note} (" in line for line in lost(found))

    def test_two_hits_in_one_cell(self) -> None:
        found = imported(midi(track(*notes([(0, SNARE, 48), (9, SNARE, 127), (2 * PPQ, SNARE, 96)]))))
        assert rows(found) == {"snare": "X.x."}
        assert lost(found)[1] == "snare: 1 hit fell into the cell of another, the louder one is kept"

    def test_tempo_changes(self) -> None:
        song = beats(*((at, KICK, 96) for at in range(8)), (7.5, KICK, 48))
        found = imported(midi(track(tempo(0, 90), tempo(BAR, 95), tempo(BAR + 9, 90), *notes(song))))
        assert found.pattern.micro_bpm == 90_000_000
        assert lost(found) == ["the tempo changes once, first to 95 BPM in bar 2: the chart has 90"]
        found = imported(midi(track(tempo(0, 500), *notes(song))))
        assert found.pattern.micro_bpm == 300_000_000
        assert lost(found) == ["the tempo of 500 BPM becomes 300"]

    def test_meter_changes_and_empty_bars(self) -> None:
        song = [(tick, KICK, 96) for tick in (BAR, 2 * BAR, 2 * BAR + PPQ, 3 * BAR)]
        found = imported(midi(track(meter(0, 4, 4), meter(3 * BAR, 3, 4), *notes(song))))
        assert rows(found) == {"kick": "x...|xx.."}
        assert lost(found) == [
            "bar 1 is empty: the chart begins with bar 2",
            "the meter changes in bar 4: the chart ends there",
        ]
        found = imported(midi(track(meter(0, 4, 4), meter(3 * BAR, 3, 4), *notes(song))), (4, 4))
        assert (str(found.pattern.meter), rows(found)) == ("3/4", {"kick": "x.."})

    def test_controllers_and_other_instruments(self) -> None:
        bass = track(*notes([(0, 40, 90), (480, 43, 90)], channel=2))
        bend = (5, mido.Message("pitchwheel", channel=9, pitch=100))
        pedal = [(at, mido.Message("control_change", channel=9, control=4, value=at)) for at in (1, 2)]
        found = imported(midi(bass, track(bend, *pedal, *notes([(0, KICK, 96)]))))
        assert lost(found) == [
            "2 notes of other instruments are left out",
            "controllers and the like are left out: control change 2, pitchwheel 1",
        ]

    def test_the_groups_of_an_odd_meter(self) -> None:
        found = imported(midi(track(meter(0, 7, 8), *notes([(0, KICK, 96)]))))
        assert lost(found) == ['how 7/8 is grouped is in no MIDI file: add a line such as group = "2+2+3"']
        assert found.pattern._replace(groove=()).meter.groups == (1,) * 7
        assert lost(imported(midi(track(meter(0, 6, 8, 36), *notes([(0, KICK, 96)]))))) == []


class TestTheDrums:
    """Which notes they are."""

    def test_the_only_track_with_notes(self) -> None:
        found = imported(midi(track(tempo(0, 100)), track(*notes(beats((0, KICK, 96)), channel=1))))
        assert (rows(found), found.pattern.micro_bpm) == ({"kick": "x..."}, 100_000_000)
        assert lost(found) == ["nothing is on channel 10: the only track that has notes is taken for the drums"]

    def test_a_profiles_notes(self) -> None:
        pad = LIBRARY.profiles["SamplePad Pro"]
        file = track(*notes([(0, pad.notes["kick"], 96), (PPQ, pad.notes["snare"], 96), (PPQ, 90, 96)]))
        found = imported(midi(file), profile="SamplePad Pro")
        assert rows(found) == {"kick": "x...", "snare": ".x.."}
        assert lost(found) == ["note 90 has no role: 1 hit left out"]

    def test_the_beat_that_the_files_metronome_counts(self) -> None:
        found = imported(midi(track(meter(0, 12, 8, 36), tempo(0, 120), *notes([(0, KICK, 96)]))))
        assert (found.pattern.beat_ticks, found.pattern.micro_bpm) == (TICKS_PER_QUARTER * 3 // 2, 80_000_000)


class TestRefusals:
    """One clear line."""

    def test_what_is_no_such_file(self) -> None:
        assert refused(b"") == refused(b"RIFF") == "song.mid: this is no MIDI file"
        assert "SMPTE" in refused(b"MThd" + struct.pack(">LHHh", 6, 0, 1, -25 * 256 + 40))
        good = midi(track(*notes([(0, KICK, 96)])))
        assert "type 2 can't be read" in refused(midi(track(*notes([(0, KICK, 96)])), type=2))
        for end in range(4, len(good)):
            assert "spoilt or cut short" in refused(good[:end])
        assert "more than 512 KB" in refused(b"MThd" + bytes(MAX_MIDI_BYTES))

    def test_what_has_no_drums(self) -> None:
        assert "no note in it" in refused(midi(track(tempo(0, 100))))
        two = [track(*notes([(0, 60, 90)], channel=channel)) for channel in (1, 2)]
        assert "nothing is on channel 10, and 2 tracks have notes" in refused(midi(*two))
        assert "none of its 1 drum notes is a sound of General MIDI" in refused(midi(track(*notes([(0, 3, 96)]))))
        assert "no hit in these bars" in refused(midi(track(*notes([(0, KICK, 96)]))), (5, 6))

    def test_a_meter_that_can_not_be_played(self) -> None:
        assert "its meter in bar 1 is 5/32: the lower number" in refused(
            midi(track(meter(0, 5, 32), *notes([(0, KICK, 96)])))
        )

    def test_a_number_without_an_end_and_a_time_without_an_end(self) -> None:
        head = b"MThd" + struct.pack(">LHHH", 6, 0, 1, 96)
        for body in (b"\xff" * 400_000, (b"\xff\xff\xff\xff\x7f\x99\x24\x60" * 40_000)):
            with promptly(len(body)):
                assert "spoilt" in refused(head + b"MTrk" + struct.pack(">L", len(body)) + body)


def test_the_longest_file_is_read_in_a_moment() -> None:
    song = [(at * 2**26, KICK + at % 7, 96) for at in range(1000)]
    with promptly(song):
        found = imported(midi(track(*notes(song)), ppq=1))
    assert found.pattern.bars <= 16


_EVERY = [(at * 113, 35 + at % 40, at % 128) for at in range(60)]
GOOD = midi(track(meter(0, 7, 8), tempo(0, 97), meter(3500, 4, 4), *notes(_EVERY)))
SIGNS = (
    b"\xff\x51\x03\x00\x00\x00",  # no tempo
    b"\xff\x58\x04\x00\xff\x00\x00",  # no meter
    b"\xff\x58\x04\x05\x02\x24\x08",
    b"\xff\x59\x02\x7f\x7f",  # no key
    b"\xf0\x7f",
    b"\xff\x03\x05\xe9\xff\x00\x1b\x41",
    b"\x00\x99\x24\x60",
    b"\xff\x7f\xff\x7f\x00",
    *(b"\x00", b"\xff", b"MTrk"),
)


def outcome(raw: bytes) -> str:
    """The line that says why not, "" for a pattern."""
    try:
        imported(raw)
    except Failure as failure:
        return str(failure)
    return ""


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A good file with some of its bytes gone, others in their place."""
    raw = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 6))] = draw(st.sampled_from(SIGNS) | st.binary(max_size=5))
    return bytes(raw)


@given(spoilt())
def test_spoilt_bytes_are_a_pattern_or_one_line(raw: bytes) -> None:
    with promptly(raw):
        told = outcome(raw)
    assert told.isprintable()
    assert told.startswith("song.mid: ") or not told


def test_a_name_for_a_file() -> None:
    assert name_of("My_groove") == "My groove"
    assert name_of("x" * 40) == "x" * 24
    assert name_of("\x1b\udc80") == "Imported"
