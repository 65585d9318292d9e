"""MIDI clock: what a receiver that follows the box is told."""

from __future__ import annotations

import pytest

from panel.engine.player import CLOCK, SONG_POSITION
from panel.engine.recording import RecordingPort
from panel.music.tempo import MICRO
from tests.box import MS, SECOND, SEVEN, Box
from tests.engine.check import BAR, Q, ringing, transport

STEP = Q // 24
SIXTEENTH = Q // 4


def clocked(playing: bool = True) -> Box:
    box = Box()
    box.do("clock", on=True)
    if playing:
        box.do("start")
    return box


def clocks(box: Box) -> list[int]:
    return [tick for tick, m in box.played if m[0] == CLOCK]


def positions(box: Box) -> list[int]:
    return [m[1] + (m[2] << 7) for _, m in box.played if m[0] == SONG_POSITION]


def test_24_to_the_quarter() -> None:
    box = clocked()
    box.run(2 * SECOND - 1)
    assert clocks(box) == [i * STEP for i in range(96)]


def test_start_comes_right_before_the_first_clock_and_clock_before_notes() -> None:
    box = clocked()
    box.run(0)
    assert [m[0] for _, m in box.played] == [0xFA, 0xF8, 0x99]
    box.run(500 * MS)
    assert [m[0] for tick, m in box.played if tick == Q] == [0xF8, 0x99]


def test_off_by_default() -> None:
    box = Box()
    box.do("start")
    box.run(SECOND)
    assert transport(box.played, clocks=True) == []


def test_the_count_in_is_clocked_but_not_started() -> None:
    box = clocked(playing=False)
    box.do("start", count_in=1)
    box.run(2 * SECOND)
    assert transport(box.played) == [(0, "start")]
    assert clocks(box) == [i * STEP for i in range(-96, 1)]
    assert [m[0] for tick, m in box.played if tick == 0] == [0xFA, 0xF8, 0x99]


def test_stop_stops_and_the_clock_goes_on_without_a_gap() -> None:
    box = clocked()
    box.run(510 * MS)
    box.do("stop")
    box.run(490 * MS)
    assert transport(box.played)[1:] == [(box.played[0][0] + 2 * Q * 51 // 100, "stop")]
    assert clocks(box) == [i * STEP for i in range(49)]


def test_stop_comes_after_the_ends_of_notes() -> None:
    box = clocked()
    box.run(510 * MS)
    box.forget()
    box.do("stop")
    assert [m[0] for _, m in box.played] == [0x89, 0xFC]


def test_a_run_that_ends_stops_before_the_clock_of_the_bar_line() -> None:
    box = clocked(playing=False)
    box.do("start", bars=1)
    box.run(2 * SECOND)
    assert transport(box.played) == [(0, "start"), (BAR - 1, "stop")]
    assert [m[0] for tick, m in box.played if tick >= BAR - 1] == [0xFC, 0xF8]
    assert clocks(box) == [i * STEP for i in range(97)]


def test_a_restart_stops_first() -> None:
    box = clocked()
    box.run(300 * MS)
    box.do("start", count_in=1)
    box.run(2 * SECOND)
    assert [word for _, word in transport(box.played)] == ["start", "stop", "start"]


def test_while_stopped_it_follows_the_tempo() -> None:
    box = clocked(playing=False)
    box.run(SECOND)
    box.do("tempo", micro_bpm=240 * MICRO)
    before = len(clocks(box))
    box.run(SECOND)
    assert before in (48, 49)
    assert len(clocks(box)) - before in (96, 97)


def test_switched_on_in_the_middle_a_receiver_is_told_where_we_are() -> None:
    box = Box()
    box.do("start")
    box.run(2100 * MS)
    box.do("clock", on=True)
    box.run(500 * MS)
    first = -(-BAR * 21 // 20 // STEP) * STEP
    join = BAR + SIXTEENTH
    assert transport(box.played) == [(first, "stop"), (first, "position"), (join, "continue")]
    assert positions(box) == [17]
    assert [m[0] for tick, m in box.played if tick == join] == [0xFB, 0xF8]
    assert clocks(box)[0] == first


def test_switched_off_in_the_middle_it_stops() -> None:
    box = clocked()
    box.run(SECOND)
    box.do("clock", on=False)
    box.run(SECOND)
    assert [word for _, word in transport(box.played)] == ["start", "stop"]
    assert max(clocks(box)) == 2 * Q


@pytest.mark.parametrize("command", [("stop", {}), ("start", {"count_in": 1}), ("clock", {"on": False})])
def test_the_continue_that_was_to_come_does_not_come_after(command: tuple[str, dict[str, object]]) -> None:
    box = Box()
    box.do("start")
    box.run(10 * MS)
    box.do("clock", on=True)
    box.run(50 * MS)
    assert [word for _, word in transport(box.played)] == ["stop", "position"]
    box.do(command[0], **command[1])
    box.run(SECOND)
    assert [word for _, word in transport(box.played)] == ["stop", "position", "stop"]


def test_song_position_begins_anew_after_14_bits() -> None:
    box = Box(bpm=300)
    box.do("start")
    box.now = box.engine.state.tempo_map.time_of((1 << 14) * SIXTEENTH + 10)
    box.do("clock", on=True)
    box.run(SECOND)
    assert positions(box) == [1]


def test_a_port_that_joins_in_the_middle_is_told_too() -> None:
    ports = [RecordingPort("first")]
    box = Box(SEVEN, tuple(ports))
    late = RecordingPort("second")
    box.do("clock", on=True)
    box.do("start")
    box.run(SECOND)
    box.patchbay._extra = (*ports, late)
    box.engine.look(box.now)
    box.run(SECOND)
    words = [s.message[0] for s in late.sent if s.message[0] > 0xF0 and s.message[0] != CLOCK]
    assert words == [0xFC, 0xF2, 0xFB]
    assert ringing(s.message for s in late.sent if s.message[0] < 0xF0) <= {(9, 37)}


def test_a_nudge_of_the_tempo_tells_nothing() -> None:
    box = clocked()
    for bpm in range(100, 160):
        box.do("tempo", micro_bpm=bpm * MICRO)
        box.run(37 * MS)
    assert transport(box.played) == [(0, "start")]
    assert clocks(box) == [i * STEP for i in range(len(clocks(box)))]


@pytest.mark.parametrize("called_off", [False, True])
def test_a_port_that_comes_while_a_start_is_still_to_come(called_off: bool) -> None:
    """Behind a count-off the first beat lies a beat ahead, and the map begins there."""
    one = clocked(playing=False)
    one.do("start", at_ns=one.now + 2 * SECOND)
    one.run(SECOND)
    if called_off:
        one.do("stop")
    box = Box.of_state(one.engine.state, one.now)
    box.run(3 * SECOND)
    found = clocks(box)
    assert found == list(range(found[0], 2 * 2 * Q + 1, STEP))
    assert found[0] <= 0
