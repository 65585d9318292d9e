"""The rules for what comes late: dropped and counted, or sent all the same, and never a burst."""

from __future__ import annotations

import time

import pytest

from panel.engine.player import CLOCK, NOTE_ON
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from tests.box import MS, SECOND, Box
from tests.engine.check import BAR, Q, ringing, transport

FAST = Pattern("Fast", Meter.of(4, 4), (Row("hat", "x" * 16), Row("rim", "x" * 16)))
US = 1000


def playing(clock: bool = False, pattern: Pattern = FAST) -> Box:
    box = Box(pattern)
    box.do("clock", on=clock)
    box.do("start")
    box.run(0)
    return box


@pytest.mark.parametrize(("late_us", "dropped"), [(0, 0), (19_999, 0), (20_000, 0), (20_101, 2), (60_000, 2)])
def test_a_note_is_dropped_past_20_ms_and_counted(late_us: int, dropped: int) -> None:
    box = playing()
    box.run(100 * MS)
    box.forget()
    box.stall(25 * MS + late_us * US)  # the next sixteenth is due after 25 ms
    box.run(0)
    assert box.engine.view().dropped == dropped
    assert len(box.notes) == 2 - dropped
    box.run(60 * MS)
    assert ringing(m for _, m in box.played) == set()


def test_its_note_off_is_dropped_with_it() -> None:
    box = playing()
    box.run(100 * MS)
    box.forget()
    box.stall(80 * MS)
    box.run(65 * MS)
    assert box.played == []
    assert box.engine.view().dropped == 2


def test_the_ends_of_other_notes_go_out_however_late() -> None:
    box = playing()
    box.forget()
    box.stall(110 * MS)  # the first strokes were to end 50 ms ago
    box.run(0)
    assert sorted(m for _, m in box.played) == [(0x89, 37, 64), (0x89, 42, 64)]
    assert box.engine.view().dropped == 0


@pytest.mark.parametrize("stall_ns", [SECOND, 3600 * SECOND])
def test_no_burst_after_a_stall(stall_ns: int) -> None:
    box = playing(clock=True)
    box.run(10 * MS)
    box.forget()
    box.stall(stall_ns)
    box.run(0)
    sent = [m[0] & 0xF0 if m[0] < 0xF0 else m[0] for _, m in box.played]
    assert sent.count(NOTE_ON) <= 2
    assert sent.count(CLOCK) <= 1
    missed = stall_ns // (125 * MS)  # 10 ms behind the grid, and so at the end
    assert missed * 2 - 2 <= box.engine.view().dropped <= missed * 2
    box.run(SECOND)
    assert ringing((m for _, m in box.played if m[0] < 0xF0), stray_offs=True) <= {(9, 37), (9, 42)}


def test_the_grid_is_where_it_was() -> None:
    box = playing()
    box.stall(12_345 * MS)
    box.forget()
    box.run(SECOND)
    assert {tick % (Q // 4) for tick, _, _ in box.notes} == {0}
    assert {(s.due_ns - 10 * SECOND) % (125 * MS) for s in box.port.sent if s.message[0] == 0x99} == {0}


def test_an_hours_stall_does_not_take_long() -> None:
    box = playing(clock=True)
    box.stall(3600 * SECOND)
    began = time.process_time()
    box.run(0)
    assert time.process_time() - began < 5  # it is 0.3 s; it was 11 s


def test_missed_clocks_are_put_right() -> None:
    box = playing(clock=True)
    box.run(10 * MS)
    box.forget()
    box.stall(SECOND)
    box.run(200 * MS)
    words = transport(box.played)
    assert [word for _, word in words] == ["stop", "position", "continue"]
    position = next(m[1] + (m[2] << 7) for _, m in box.played if m[0] == 0xF2)
    assert words[-1][0] == position * Q // 4
    assert [tick for tick, m in box.played if m[0] == CLOCK] == [
        tick for tick in range(2 * Q, 3 * Q, Q // 24) if words[0][0] <= tick <= 2 * Q * 121 // 100
    ]


def test_one_late_clock_is_no_reason() -> None:
    box = playing(clock=True)
    box.stall(19 * MS)
    box.run(300 * MS)
    assert transport(box.played) == [(0, "start")]


def test_a_start_that_is_late_still_goes_out_and_the_place_with_it() -> None:
    box = Box(FAST)
    box.do("clock", on=True)
    box.do("start")
    box.stall(300 * MS)
    box.run(300 * MS)
    assert [word for _, word in transport(box.played)] == ["start", "stop", "position", "continue"]


def test_a_stall_while_stopped_tells_nothing() -> None:
    box = Box(FAST)
    box.do("clock", on=True)
    box.stall(10 * SECOND)
    box.run(100 * MS)
    assert transport(box.played) == []
    assert 3 <= len(box.played) <= 7


def test_the_end_of_a_run_comes_after_a_stall_too() -> None:
    box = Box(FAST)
    box.do("clock", on=True)
    box.do("start", bars=1)
    box.run(10 * MS)
    box.stall(60 * SECOND)
    box.run(SECOND)
    assert not box.engine.state.playing
    assert transport(box.played) == [(0, "start"), (BAR - 1, "stop")]
    assert ringing(m for _, m in box.played if m[0] < 0xF0) == set()


def test_a_command_just_after_a_due_time_does_not_swallow_the_note() -> None:
    box = playing()
    box.run(100 * MS)
    box.forget()
    box.stall(27 * MS)  # two milliseconds after a sixteenth
    box.do("tempo", micro_bpm=121_000_000)
    assert [tick for tick, _, _ in box.notes] == [Q // 4, Q // 4]


def test_pure_lateness_is_told_not_hidden() -> None:
    box = playing()
    box.run(100 * MS)
    box.stall(30 * MS)
    box.run(0)
    assert box.engine.view().lateness_us[2] == 5000


def test_a_tempo_that_is_turned_within_a_beat_leaves_the_next_one_ready() -> None:
    box = playing(pattern=Pattern("Quarters", Meter.of(4, 4), (Row("hat", "xxxx"),)))
    box.run(300 * MS)
    box.do("tempo", micro_bpm=121_000_000)
    beat_ns = box.engine.state.tempo_map.time_of(Q)
    while box.engine.due_ns < beat_ns:
        box.now = box.engine.due_ns
        box.engine.write(box.now)
    box.forget()
    box.now = beat_ns
    box.engine.write(beat_ns)  # the first write at the beat has its note: none is made only then
    assert [message[0] for _, message in box.played] == [NOTE_ON + 9]
