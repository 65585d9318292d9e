"""Where the click lies against the bar: slipped, told which press was the one, pulled to the taps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.song import Part
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from tests.box import BASIC, MS, SECOND, SEVEN, Box

Q = TICKS_PER_QUARTER
E = Q // 2
BAR = 4 * Q
SIXTEENTHS = Pattern("Five sixteenths", Meter.of(5, 16, (3, 2)), (Row("rim", "Xxxxx"),))


def playing(pattern: Pattern = BASIC, ns: int = 0, bpm: float = 120) -> Box:
    box = Box(pattern, bpm=bpm)
    box.forget()
    box.do("start")
    box.run(ns)
    return box


def onsets(box: Box) -> list[int]:
    return [sent.due_ns for sent in box.port.sent if sent.message[0] & 0xF0 == 0x90]


def accents(box: Box) -> list[int]:
    return [tick for tick, _, velocity in box.notes if velocity == 127]


class TestSlip:
    @pytest.mark.parametrize(("units", "one"), [(1, E), (-1, -E), (3, 3 * E), (8, 0), (-9, -E)])
    def test_moves_the_one_by_eighths(self, units: int, one: int) -> None:
        box = playing(ns=4 * SECOND + 100 * MS)  # in the third bar, behind its one
        box.forget()
        box.do("slip", units=units)
        box.run(4 * SECOND)
        assert {tick % BAR for tick in accents(box)} == {one % BAR}

    def test_by_what_the_meter_counts_where_that_is_shorter(self) -> None:
        box = playing(SIXTEENTHS, 100 * MS)
        box.do("slip", units=1)
        box.forget()
        box.run(3 * SECOND)
        assert {tick % (5 * Q // 4) for tick in accents(box)} == {Q // 4}

    def test_in_seven(self) -> None:
        box = playing(SEVEN, 100 * MS)
        box.do("slip", units=-2)
        box.forget()
        box.run(4 * SECOND)
        assert {tick % (7 * E) for tick in accents(box)} == {5 * E}

    def test_bars_are_counted_on(self) -> None:
        box = playing(ns=4 * SECOND + 100 * MS)
        for units, bar, tick in ((1, 2, 3 * Q + E + Q // 5), (1, 2, 3 * Q + Q // 5), (-3, 3, E + Q // 5)):
            box.do("slip", units=units)
            place = box.engine.state.place_at(box.now)
            assert (place.bar, place.tick) == (bar, tick)

    def test_a_song_is_as_much_longer(self) -> None:
        box = Box()
        box.do("song", part=Part(BASIC, 2, 120 * MICRO, song="One"))
        box.do("part", part=Part(BASIC, 2, 120 * MICRO, song="One"))
        for at_ms in (10, 4100):  # in the first eighth of the first part, and of the second
            box.forget()
            box.do("start")
            box.run(at_ms * MS)
            box.do("slip", units=1)
            box.run(8250 * MS - at_ms * MS - 10 * MS)
            assert box.engine.state.playing
            box.run(20 * MS)
            assert not box.engine.state.playing

    def test_in_the_count_in_all_that_follows_moves(self) -> None:
        box = Box()
        box.forget()
        box.do("start", count_in=1)
        box.run(100 * MS)
        box.do("slip", units=1)
        box.run(4 * SECOND)
        assert [tick for tick, note, velocity in box.notes if velocity == 127 and note == 37] == [E]
        assert box.engine.state.playing

    def test_stopped_it_means_nothing(self) -> None:
        box = Box()
        before = box.engine.state
        box.do("slip", units=1)
        assert box.engine.state._replace(revision=before.revision) == before

    @given(st.lists(st.tuples(st.integers(0, 700), st.integers(-9, 9)), max_size=12))
    def test_no_beat_comes_twice_and_none_is_missing(self, turns: list[tuple[int, int]]) -> None:
        box = playing(Pattern("Eighths", Meter.of(4, 4), (Row("hat", "Xxxxxxxx"),)))
        for ms, units in turns:
            box.run(ms * MS)
            box.do("slip", units=units)
        box.run(SECOND)
        assert {later - earlier for earlier, later in pairwise(onsets(box))} == {250 * MS}


class TestOne:
    @pytest.mark.parametrize("ahead_ms", [-100, -30, 0, 30, 100])
    @pytest.mark.parametrize("eighth", [1, 3, 4, 7])
    def test_the_bar_begins_where_it_was_pressed(self, eighth: int, ahead_ms: int) -> None:
        box = playing(ns=4 * SECOND)
        pressed = box.now + eighth * 250 * MS + ahead_ms * MS
        box.run(pressed - box.now + 600 * MS)
        box.do("one", at_ns=pressed)
        box.forget()
        box.run(4 * SECOND)
        assert {tick % BAR for tick in accents(box)} == {eighth * E}

    def test_the_time_does_not_move(self) -> None:
        box = playing(ns=4 * SECOND + 100 * MS)
        box.do("one", at_ns=box.now)
        box.run(5 * SECOND)
        assert {later - earlier for earlier, later in pairwise(onsets(box))} == {500 * MS}


class TestPull:
    @pytest.mark.parametrize("ns", [-40 * MS, -1 * MS, 1 * MS, 40 * MS])
    def test_moves_the_grid_within_two_beats_and_no_further(self, ns: int) -> None:
        box = playing(ns=SECOND - MS)
        before = box.engine.state.tempo_map
        box.do("pull", ns=ns)
        after = box.engine.state.tempo_map
        assert after.time_of(4 * Q) - before.time_of(4 * Q) == pytest.approx(ns, abs=100)
        assert after.time_of(40 * Q) - before.time_of(40 * Q) == pytest.approx(ns, abs=100)
        box.run(4 * SECOND)
        gaps = [later - earlier for earlier, later in pairwise(onsets(box))]
        assert gaps[2:4] == pytest.approx([500 * MS + ns / 2] * 2, abs=abs(ns) / 200 + 100)
        assert gaps[4:] == [pytest.approx(500 * MS, abs=100)] * len(gaps[4:])

    def test_by_an_eighth_of_the_time_at_most(self) -> None:
        box = playing(ns=SECOND)
        before = box.engine.state.tempo_map.time_of(40 * Q)
        box.do("pull", ns=SECOND)
        assert box.engine.state.tempo_map.time_of(40 * Q) - before == pytest.approx(125 * MS, abs=100)

    def test_the_tempo_that_is_meant_stays(self) -> None:
        box = playing(ns=SECOND)
        box.do("pull", ns=40 * MS)
        assert box.engine.state.beat_micro_bpm == 120 * MICRO

    @given(st.lists(st.tuples(st.integers(0, 700), st.integers(-SECOND, SECOND)), max_size=12))
    def test_no_beat_comes_twice_and_none_is_missing(self, taps: list[tuple[int, int]]) -> None:
        box = playing()
        for ms, ns in taps:
            box.run(ms * MS)
            box.do("pull", ns=ns)
        box.run(SECOND)
        ticks = [tick for tick, _, _ in box.notes]
        assert ticks == [n * Q for n in range(len(ticks))]
        assert all(430 * MS < b - a < 580 * MS for a, b in pairwise(onsets(box)))
