"""Notes and their ends: voices, levels, gate, mute, panic, test hits, and never a stuck note."""

from __future__ import annotations

import pytest

from panel.engine.engine import Engine
from panel.engine.player import CONTROL_CHANGE
from panel.engine.recording import RecordingPort
from panel.engine.state import Voice
from panel.engine.wire import WireError, decode, encode
from panel.music.meter import Meter
from panel.music.pattern import ROLES, Pattern, Row, step_tick
from panel.music.tempo import MICRO
from tests.box import BASIC, MS, SECOND, VOICES, Box
from tests.engine.check import Q, ringing

FAST = Pattern("Fast", Meter.of(4, 4), (Row("hat", "x" * 16),))
LEVELS = Pattern("Levels", Meter.of(4, 4), (Row("hat", "x" * 16), Row("rim", "x" * 12, own_grid=True)))
BOTH = Pattern("Both", Meter.of(4, 4), (Row("rim", "g.x."), Row("snare", "X.g.")))


def playing(pattern: Pattern = BASIC, bpm: float = 120) -> Box:
    box = Box(pattern, bpm=bpm)
    box.do("start")
    return box


class TestGate:
    @pytest.mark.parametrize("gate_ms", [1, 60, 499])
    def test_a_note_is_held_so_long(self, gate_ms: int) -> None:
        box = Box()
        box.do("gate", gate_ms=gate_ms)
        box.do("start")
        box.run(500 * MS - 1)
        on, off = box.port.sent
        assert on.message == (0x99, 37, 127)
        assert off.message == (0x89, 37, 64)
        assert gate_ms * MS - 100_000 <= off.due_ns - on.due_ns <= gate_ms * MS  # to the tick

    def test_a_gate_longer_than_the_step_ends_at_the_next_stroke(self) -> None:
        box = Box(FAST)
        box.do("gate", gate_ms=1000)
        box.do("start")
        box.run(SECOND - MS)
        assert [m[0] for _, m in box.played] == [0x99] + [0x89, 0x99] * 7
        assert [tick for tick, m in box.played if m[0] == 0x89] == [i * Q // 4 for i in range(1, 8)]


class TestVoices:
    def test_a_role_without_a_voice_is_silent(self) -> None:
        box = playing()
        box.do("voices", voices=())
        box.run(10 * SECOND)
        assert [tick for tick, _, _ in box.notes] == [0]  # what was due when the voices went

    def test_note_and_channel(self) -> None:
        box = Box()
        box.do("voices", voices=(Voice("rim", 99, 1),))
        box.do("start")
        box.run(0)
        assert box.port.sent[0].message == (0x90, 99, 127)

    def test_another_voice_leaves_no_note_behind(self) -> None:
        box = playing()
        box.run(10 * MS)
        box.do("voices", voices=(Voice("rim", 99, 1),))
        box.run(600 * MS)
        assert [m for _, m in box.played] == [
            (0x99, 37, 127),
            (0x89, 37, 64),
            (0x90, 99, 96),
            (0x80, 99, 64),
        ]

    def test_level_0_is_silent_and_all_else_sounds(self) -> None:
        for level, velocities in [(0, []), (1, [1]), (50, [63]), (100, [127])]:
            box = Box()
            box.do("voices", voices=(Voice("rim", 37, 10, level),))
            box.do("start")
            box.run(0)
            assert [v for _, _, v in box.notes] == velocities

    def test_levels_of_the_beat(self) -> None:
        box = Box(LEVELS)
        box.do("levels", levels=(100, 0, 0, 50, 0))
        box.do("start")
        box.run(2 * SECOND - MS)
        triplets = [i * Q // 3 for i in range(12) if i % 3]

        assert [(t, v) for t, note, v in box.notes if note == 42] == [(0, 96)]
        assert [(t, v) for t, note, v in box.notes if note == 37] == [(0, 96), *((t, 48) for t in triplets)]

    def test_two_roles_on_one_note_are_one_stroke_the_louder(self) -> None:
        box = Box(BOTH)
        box.do("voices", voices=(Voice("rim", 40, 10), Voice("snare", 40, 10)))
        box.do("start")
        box.run(2 * SECOND - MS)
        assert box.notes == [(0, 40, 127), (2 * Q, 40, 96)]
        assert ringing(m for _, m in box.played) == set()

    def test_one_note_on_two_channels_is_two_strokes(self) -> None:
        box = Box(BOTH)
        box.do("voices", voices=(Voice("rim", 40, 10), Voice("snare", 40, 11)))
        box.do("start")
        box.run(100 * MS)
        assert sorted(m[0] for _, m in box.played) == [0x89, 0x8A, 0x99, 0x9A]


class TestMute:
    def test_silences_the_notes_not_the_time(self) -> None:
        box = playing()
        box.run(510 * MS)
        box.do("mute", on=True)
        box.run(2 * SECOND)
        box.do("mute", on=False)
        box.run(560 * MS)
        assert [tick for tick, _, _ in box.notes] == [0, Q, 6 * Q]
        assert ringing(m for _, m in box.played) == set()

    def test_what_rings_ends_in_its_time(self) -> None:
        box = playing()
        box.run(10 * MS)
        box.do("mute", on=True)
        assert ringing(m for _, m in box.played) == {(9, 37)}
        box.run(51 * MS)
        assert ringing(m for _, m in box.played) == set()


class TestPanic:
    def test_ends_all_on_every_channel_that_is_used(self) -> None:
        box = Box()
        box.do("voices", voices=(Voice("rim", 37, 10), Voice("snare", 38, 3)))
        box.do("start")
        box.run(10 * MS)
        box.forget()
        box.do("panic")
        assert [m for _, m in box.played] == [
            (0x89, 37, 64),
            *((CONTROL_CHANGE + channel, number, 0) for channel in (2, 9) for number in (120, 123)),
        ]

    def test_the_music_goes_on(self) -> None:
        box = playing()
        box.run(10 * MS)
        box.do("panic")
        box.run(SECOND)
        assert [tick for tick, _, _ in box.notes] == [0, Q, 2 * Q]
        assert ringing(m for _, m in box.played if m[0] & 0xF0 != CONTROL_CHANGE) == {(9, 37)}

    def test_without_voices_it_is_channel_10(self) -> None:
        box = Box()
        box.do("voices", voices=())
        box.do("panic")
        assert [m for _, m in box.played] == [(0xB9, 120, 0), (0xB9, 123, 0)]


class TestHit:
    def test_sounds_at_rest_and_ends(self) -> None:
        box = Box()
        box.do("hit", note=60, channel=2, velocity=90)
        assert [m for _, m in box.played] == [(0x91, 60, 90)]
        box.run(SECOND)
        assert [m for _, m in box.played] == [(0x91, 60, 90), (0x81, 60, 64)]
        assert 59 * MS < box.port.sent[1].due_ns - box.port.sent[0].due_ns <= 60 * MS

    def test_the_same_note_again_ends_the_first(self) -> None:
        box = Box()
        for _ in range(3):
            box.do("hit", note=60, channel=2)
            box.run(10 * MS)
        box.run(SECOND)
        assert [m[0] for _, m in box.played] == [0x91] + [0x81, 0x91] * 2 + [0x81]

    def test_on_a_note_that_the_pattern_plays(self) -> None:
        box = playing()
        box.run(490 * MS)
        box.do("hit", note=37, channel=10)
        box.run(520 * MS)
        box.do("hit", note=37, channel=10)
        box.run(100 * MS)
        assert ringing(m for _, m in box.played) == set()
        assert len(box.notes) == 5

    def test_a_run_that_starts_ends_it(self) -> None:
        box = Box()
        box.do("hit", note=60, channel=2)
        box.do("start")
        assert [m for _, m in box.played] == [(0x91, 60, 100), (0x81, 60, 64)]

    def test_its_end_is_not_forgotten_after_hours_at_rest(self) -> None:
        box = Box()
        box.run(36_000 * SECOND)
        box.do("hit", note=60, channel=2)
        box.stall(SECOND)
        box.run(0)
        assert ringing(m for _, m in box.played) == set()


CHANGES = [
    ("stop", {}),
    ("start", {}),
    ("start", {"count_in": 1}),
    ("tempo", {"micro_bpm": 300 * MICRO}),
    ("pattern", {"pattern": FAST, "when": "now"}),
    ("mute", {"on": True}),
    ("voices", {"voices": ()}),
    ("levels", {"levels": (0, 0, 0, 0, 0)}),
    ("gate", {"gate_ms": 1}),
    ("clock", {"on": True}),
    ("panic", {}),
    ("hit", {"note": 42, "channel": 10}),
    ("ports", {"trim_ms": 50}),
    ("ports", {"trim_ms": -50}),
]


@pytest.mark.parametrize(("name", "arguments"), CHANGES)
@pytest.mark.parametrize("after_ms", [0, 10, 59, 60, 61, 125])
def test_whatever_happens_to_a_note_that_rings_it_ends(name: str, arguments: dict[str, object], after_ms: int) -> None:
    module = RecordingPort("module")
    module.kind = "module"
    for port in (RecordingPort(), module):
        box = Box(FAST, (port,))
        box.do("start")
        box.run(after_ms * MS)
        box.do(name, **arguments)
        box.run(300 * MS)
        box.do("stop")
        assert ringing(m for _, m in box.played if m[0] < 0xF0 and m[0] & 0xF0 != CONTROL_CHANGE) == set()


@pytest.mark.parametrize("bars", [1, 16])
@pytest.mark.parametrize("swing", [50, 66])
def test_however_long_a_chart_is_little_of_it_is_read_between_two_writes(
    monkeypatch: pytest.MonkeyPatch, bars: int, swing: int
) -> None:
    """A legal command of 8 KB took 14 ms at once (half a second on a Zero)."""
    rows = tuple(Row(role, "x" * 1024, own_grid=swing == 50) for role in ROLES[:7])
    read: list[int] = []

    def step(index: int, count: int, length_ticks: int) -> int:
        read.append(index)
        return step_tick(index, count, length_ticks)

    monkeypatch.setattr("panel.music.pattern.step_tick", step)
    box = playing(bpm=300)
    most = 0
    box.do("pattern", pattern=Pattern("Long", Meter.of(4, 4), rows, bars=bars, swing=swing)._asdict(), when="now")
    while box.now < 12 * SECOND:
        most, box.now = max(most, len(read)), max(box.now, box.engine.due_ns)
        read.clear()
        box.engine.write(box.now)
    assert most <= (700 if bars == 1 and swing != 50 else 280)  # what swing may have moved here is read as well


def test_the_end_of_the_engine_ends_all() -> None:
    box = playing()
    box.do("clock", on=True)
    box.run(10 * MS)
    box.engine.stop(box.now)
    box.engine.close()
    assert ringing(m for _, m in box.played if m[0] < 0xF0) == set()
    assert box.port.sent[-1].message == (0xFC,)


class TestResume:
    def resumed(self, box: Box, after_ns: int, seen_after_ns: int = 0) -> Box:
        other = Box()
        other.forget()
        other.engine = Engine(other.engine.state._replace(voices=(), revision=0), other.patchbay, box.now)
        seen = box.now + seen_after_ns
        other.now = box.now + after_ns
        other.engine.do(decode(encode("resume", state=box.engine.state, seen_ns=seen)[:-1]), other.now)
        return other

    def test_goes_on_in_phase_after_the_ends_of_every_voice(self) -> None:
        box = playing()
        box.run(600 * MS)
        other = self.resumed(box, 300 * MS)
        assert [s.message for s in other.port.sent] == sorted((0x89, voice.note, 64) for voice in VOICES)
        other.port.sent.clear()
        other.run(700 * MS)
        assert [s.due_ns for s in other.port.sent if s.message[0] == 0x99] == [11 * SECOND, 11 * SECOND + 500 * MS]

    @pytest.mark.parametrize(("after_ms", "plays"), [(4999, True), (5000, True), (5001, False), (60_000, False)])
    def test_only_within_five_seconds(self, after_ms: int, plays: bool) -> None:
        box = playing()
        other = self.resumed(box, after_ms * MS)
        assert other.engine.state.playing == plays
        assert other.engine.state.chosen == BASIC

    def test_never_from_the_future(self) -> None:
        assert not self.resumed(playing(), 0, seen_after_ns=1).engine.state.playing

    def test_an_engine_that_plays_takes_nobodys_state(self) -> None:
        box = playing()
        with pytest.raises(WireError, match="playing already"):
            box.do("resume", state=Box().engine.state, seen_ns=box.now)
        assert box.engine.state.playing

    def test_the_revision_goes_up(self) -> None:
        box = playing()
        other = self.resumed(box, 0)
        assert other.engine.state.revision == box.engine.state.revision + 1

    def test_a_test_hit_is_ended_by_it(self) -> None:
        box = Box()
        box.do("hit", note=99, channel=1)
        box.do("resume", state=playing().engine.state, seen_ns=box.now)
        assert ringing((m for _, m in box.played), stray_offs=True) == set()


def test_the_view_counts_lateness_in_microseconds() -> None:
    box = playing()
    for late_us in (0, 100, 200, 300, 5000):
        box.now = box.engine.due_ns + late_us * 1000
        box.engine.write(box.now)
    assert box.engine.view().lateness_us == (200, 5000, 5000)
