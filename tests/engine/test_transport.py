"""Start, stop, tempo, patterns, fills and count-in, on a fake clock: what sounds on which tick."""

from __future__ import annotations

import pytest

from panel.engine.engine import START_AHEAD_NS, Engine
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO
from tests.box import BASIC, MS, SECOND, SEVEN, Box
from tests.engine.check import BAR, Q, ringing

RIM, SNARE, HAT, COUNT = 37, 38, 42, 75
HATS = Pattern("Hats", Meter.of(4, 4), (Row("hat", "xxxxxxxx"),))
TWO_BARS = Pattern("Two bars", Meter.of(4, 4), (Row("hat", "X...x..."),), bars=2)
SIX = Pattern("Six", Meter.of(6, 8), (Row("rim", "X..x.."),), beat_ticks=Q * 3 // 2)


def ticks(box: Box, *notes: int) -> list[int]:
    """Where the notes sound."""
    return [tick for tick, note, _ in box.notes if not notes or note in notes]


class TestStart:
    def test_the_first_beat_sounds_at_once(self) -> None:
        box = Box()
        box.do("start")
        box.run(0)
        assert box.notes == [(0, RIM, 127)]
        assert box.port.sent[0].due_ns == box.now

    def test_a_process_makes_the_first_beat_before_it_is_due(self) -> None:
        box = Box()
        box.engine = Engine(box.engine.state, box.patchbay, box.now, start_ahead_ns=START_AHEAD_NS)
        box.do("start")
        assert box.engine.due_ns == box.now + START_AHEAD_NS
        box.do("stop")
        box.do("start", count_in=1)
        assert box.engine.state.tempo_map.timelines[0].origin_ns == box.now + START_AHEAD_NS

    def test_notes_lie_on_the_chart(self) -> None:
        box = Box()
        box.do("start")
        box.run(4 * SECOND - MS)
        assert box.notes == [(beat * Q, RIM, 127 if beat % 4 == 0 else 96) for beat in range(8)]
        assert [s.due_ns - 10 * SECOND for s in box.port.sent if s.message[0] == 0x99] == [
            beat * 500 * MS for beat in range(8)
        ]

    def test_once_more_while_playing_begins_anew(self) -> None:
        box = Box()
        box.do("start")
        box.run(700 * MS)
        box.do("start")
        box.run(600 * MS)
        assert [(tick, v) for tick, _, v in box.notes] == [(0, 127), (Q, 96), (0, 127), (Q, 96)]
        assert box.engine.state.run == 2

    def test_the_second_run_begins_with_bar_1(self) -> None:
        box = Box()
        box.do("start")
        box.run(3 * SECOND)
        box.do("stop")
        box.run(SECOND)
        box.forget()
        box.do("start")
        box.run(100 * MS)
        assert box.notes == [(0, RIM, 127)]
        assert box.engine.state.place_at(box.now).bar == 1


class TestCountIn:
    def test_counts_before_bar_1(self) -> None:
        box = Box()
        box.do("start", count_in=2)
        box.run(4 * SECOND)
        assert ticks(box, COUNT) == [beat * Q for beat in range(-8, 0)]
        assert ticks(box, RIM) == [0]
        assert [v for _, note, v in box.notes if note == COUNT] == [127, 96, 96, 96] * 2

    def test_an_odd_meter_is_counted_in_its_groups(self) -> None:
        box = Box(SEVEN)
        box.do("start", count_in=1)
        box.run(7 * 250 * MS - MS)
        assert [v for _, _, v in box.notes] == [127, 48, 96, 48, 96, 48, 48]

    def test_the_place_is_before_bar_1(self) -> None:
        box = Box()
        box.do("start", count_in=2)
        assert box.engine.state.place_at(box.now).bar == -1
        box.run(2 * SECOND)
        assert box.engine.state.place_at(box.now).bar == 0

    def test_a_pattern_chosen_meanwhile_is_what_was_counted_for(self) -> None:
        box = Box()
        box.do("start", count_in=1)
        box.run(SECOND)
        box.do("pattern", pattern=HATS)
        box.run(1500 * MS)
        assert ticks(box, COUNT) == [-BAR, -3 * Q, -2 * Q, -Q]
        assert ticks(box, HAT) == [0, Q // 2, Q]
        assert ticks(box, RIM) == []

    def test_stopping_while_counting_is_silence(self) -> None:
        box = Box()
        box.do("start", count_in=1)
        box.run(600 * MS)
        box.do("stop")
        box.run(5 * SECOND)
        assert ticks(box) == [-BAR, -3 * Q]
        assert not box.engine.state.playing


class TestEnd:
    @pytest.mark.parametrize("bars", [1, 2, 5])
    def test_the_run_ends_after_so_many_bars(self, bars: int) -> None:
        box = Box()
        box.do("start", bars=bars)
        box.run(20 * SECOND)
        assert ticks(box) == [beat * Q for beat in range(4 * bars)]
        assert not box.engine.state.playing
        assert ringing(m for _, m in box.played) == set()

    def test_a_count_in_does_not_count(self) -> None:
        box = Box()
        box.do("start", count_in=1, bars=1)
        box.run(20 * SECOND)
        assert ticks(box, RIM) == [0, Q, 2 * Q, 3 * Q]

    def test_it_ends_on_the_bar_line_to_the_nanosecond(self) -> None:
        box = Box()
        box.do("start", bars=2)
        box.run(4 * SECOND - 1)
        assert box.engine.state.playing
        box.run(1)
        assert not box.engine.state.playing

    def test_another_meter_in_the_middle_keeps_the_number_of_bars(self) -> None:
        box = Box()
        box.do("start", bars=3)
        box.run(SECOND)
        box.do("pattern", pattern=SEVEN)
        box.run(20 * SECOND)
        assert max(ticks(box)) == BAR + 7 * Q // 2 + 2 * Q
        assert ticks(box)[:4] == [0, Q, 2 * Q, 3 * Q]

    def test_a_pattern_chosen_in_the_last_bar_changes_nothing_of_it(self) -> None:
        box = Box()
        box.do("start", bars=1)
        box.run(SECOND)
        box.do("pattern", pattern=SEVEN)
        box.run(20 * SECOND)
        assert ticks(box) == [0, Q, 2 * Q, 3 * Q]
        assert box.engine.state.chosen.name == "Seven"


class TestTempo:
    def test_the_beat_that_sounds_does_not_move(self) -> None:
        box = Box()
        box.do("start")
        box.run(750 * MS)
        before = box.engine.state.tempo_map.tick_at(box.now)
        box.do("tempo", micro_bpm=60 * MICRO)
        assert box.engine.state.tempo_map.tick_at(box.now) == before == 3 * Q // 2
        box.run(SECOND)
        assert ticks(box) == [0, Q, 2 * Q]
        assert box.port.sent[-2].due_ns == 10 * SECOND + 750 * MS + 500 * MS

    def test_a_storm_of_changes_loses_no_time(self) -> None:
        box = Box()
        box.do("start")
        for turn in range(200):  # 120, 121, 120, ...: 5 ms each
            box.do("tempo", micro_bpm=(120 + turn % 2) * MICRO)
            box.run(5 * MS)
        assert abs(box.engine.state.tempo_map.tick_at(box.now) - round(2 * Q * 120.5 / 120)) <= 2
        assert len(box.engine.state.tempo_map.timelines) <= 100

    def test_it_counts_the_beats_of_the_pattern(self) -> None:
        box = Box(SIX, bpm=60)
        box.do("start")
        box.run(1999 * MS)
        assert [s.due_ns - 10 * SECOND for s in box.port.sent if s.message[0] == 0x99] == [0, SECOND]

    def test_stopped_it_is_what_the_next_start_plays(self) -> None:
        box = Box()
        box.do("tempo", micro_bpm=240 * MICRO)
        box.do("start")
        box.run(251 * MS)
        assert ticks(box) == [0, Q]

    def test_before_the_first_beat_it_takes_the_whole_run(self) -> None:
        box = Box()
        box.do("start", count_in=1)
        box.do("tempo", micro_bpm=60 * MICRO)
        box.run(4 * SECOND)
        assert ticks(box, RIM) == [0]

    def test_between_two_ticks_it_puts_none_into_the_past(self) -> None:
        box = Box()
        box.do("start")
        box.run(499_999_999)
        box.do("tempo", micro_bpm=300 * MICRO)
        box.run(SECOND)
        assert box.engine.view().lateness_us == (0, 0, 0)


class TestPattern:
    def test_waits_for_the_bar_line(self) -> None:
        box = Box()
        box.do("start")
        box.run(600 * MS)
        box.do("pattern", pattern=HATS)
        box.run(2 * SECOND)
        assert ticks(box, RIM) == [0, Q, 2 * Q, 3 * Q]
        assert ticks(box, HAT) == [BAR, BAR + Q // 2, BAR + Q]

    def test_now_in_the_same_meter_keeps_the_bar(self) -> None:
        box = Box()
        box.do("start")
        box.run(600 * MS)
        box.do("pattern", pattern=HATS, when="now")
        box.run(SECOND)
        assert ticks(box, RIM) == [0, Q]
        assert ticks(box, HAT) == [3 * Q // 2, 2 * Q, 5 * Q // 2, 3 * Q]
        assert box.engine.state.place_at(box.now).bar == 1

    def test_now_in_another_meter_begins_a_bar_on_the_next_beat(self) -> None:
        box = Box()
        box.do("start")
        box.run(600 * MS)
        box.do("pattern", pattern=SEVEN, when="now")
        box.run(SECOND)
        assert ticks(box) == [0, Q, 2 * Q, 3 * Q]  # 2+2+3 eighths: a quarter, a quarter
        assert [v for _, _, v in box.notes] == [127, 96, 127, 96]
        assert box.engine.state.place_at(box.now) == (2, round(1.2 * Q), SEVEN.meter)

    def test_the_last_one_chosen_wins(self) -> None:
        box = Box()
        box.do("start")
        for pattern in (SEVEN, HATS, SEVEN, HATS):
            box.run(100 * MS)
            box.do("pattern", pattern=pattern)
        box.run(2 * SECOND)
        assert len(box.engine.state.sections) == 2
        assert ticks(box, HAT)[0] == BAR

    def test_its_first_bar_comes_first(self) -> None:
        box = Box()
        box.do("start")
        box.run(600 * MS)
        box.do("pattern", pattern=TWO_BARS)
        box.run(4 * SECOND)
        assert [(t, v) for t, note, v in box.notes if note == HAT] == [(BAR, 127), (2 * BAR, 96)]

    def test_a_tempo_may_come_with_it(self) -> None:
        box = Box()
        box.do("pattern", pattern=HATS, micro_bpm=60 * MICRO)
        box.do("start")
        box.run(501 * MS)
        assert ticks(box) == [0, Q // 2]

    def test_a_tempo_that_counts_other_beats_waits_for_the_bar_line_too(self) -> None:
        box = Box()
        box.do("start")
        box.run(600 * MS)
        box.do("pattern", pattern=SIX)  # dotted quarters at 120: quarters at 180
        box.run(1400 * MS)
        assert box.engine.state.tempo_map.tick_at(box.now) == BAR
        box.run(500 * MS)
        assert ticks(box) == [0, Q, 2 * Q, 3 * Q, BAR, BAR + 3 * Q // 2]

    def test_stopped_it_is_simply_chosen(self) -> None:
        box = Box()
        box.do("pattern", pattern=SEVEN)
        box.run(SECOND)
        assert box.port.sent == []
        assert box.engine.state.chosen == SEVEN

    def test_a_fill_that_was_asked_for_is_played_before_the_next_pattern(self) -> None:
        box = Box()
        box.do("start")
        box.run(SECOND)
        box.do("fill", bars=2)
        box.do("pattern", pattern=HATS._asdict())
        box.run(8 * SECOND)
        assert [tick for tick in ticks(box, SNARE) if tick % BAR == 0] == [BAR, 2 * BAR]
        assert ticks(box, HAT)[0] == 3 * BAR

    def test_the_pattern_that_sounds_chosen_again_calls_the_waiting_one_off(self) -> None:
        box = Box(TWO_BARS)
        box.do("start")
        box.run(SECOND)
        box.do("pattern", pattern=SEVEN._asdict())
        box.do("pattern", pattern=TWO_BARS._asdict())
        box.run(5 * SECOND)
        assert ticks(box) == ticks(straight(TWO_BARS, 6 * SECOND))


def straight(pattern: Pattern, ns: int) -> Box:
    """A box that played a pattern and was left alone."""
    box = Box(pattern)
    box.do("start")
    box.run(ns)
    return box


class TestMute:
    def test_stop_lets_go_of_it(self) -> None:
        box = Box()
        box.do("start")
        box.do("mute", on=True)
        box.do("stop")
        assert not box.engine.state.muted
        box.do("mute", on=True)
        box.do("start")
        box.run(SECOND)
        assert box.engine.state.muted, "muted on purpose before the start, it stays"


class TestFill:
    @pytest.mark.parametrize("bars", [1, 2, 3])
    def test_for_so_many_bars_from_the_next(self, bars: int) -> None:
        box = Box()
        box.do("start")
        box.run(600 * MS)
        box.do("fill", bars=bars)
        box.run(2 * SECOND * (bars + 2))
        assert ticks(box, SNARE) == [BAR + i * Q // 2 for i in range(8 * bars)]
        assert set(ticks(box, RIM)) & set(range(BAR, BAR * (1 + bars))) == set()
        assert BAR * (1 + bars) in ticks(box, RIM)

    def test_asked_twice_it_is_two_bars(self) -> None:
        box = Box()
        box.do("start")
        box.run(600 * MS)
        box.do("fill")
        box.do("fill")
        box.run(8 * SECOND)
        assert ticks(box, SNARE) == [BAR + i * Q // 2 for i in range(16)]

    def test_asked_again_while_it_plays_it_goes_on(self) -> None:
        box = Box()
        box.do("start")
        box.do("fill")
        box.run(3 * SECOND)
        box.do("fill")
        box.run(8 * SECOND)
        assert ticks(box, SNARE) == [BAR + i * Q // 2 for i in range(16)]

    def test_zero_takes_back_what_has_not_begun(self) -> None:
        box = Box()
        box.do("start")
        box.do("fill", bars=4)
        box.run(3 * SECOND)
        box.do("fill", bars=0)
        box.run(8 * SECOND)
        assert ticks(box, SNARE) == [BAR + i * Q // 2 for i in range(8)]

    def test_taken_back_and_asked_again(self) -> None:
        box = Box()
        box.do("start")
        for bars in (1, 0, 2):
            box.do("fill", bars=bars)
        box.run(10 * SECOND)
        assert ticks(box, SNARE) == [BAR + i * Q // 2 for i in range(16)]

    def test_during_the_count_in_it_is_bar_1(self) -> None:
        box = Box()
        box.do("start", count_in=1)
        box.do("fill")
        box.run(5 * SECOND)
        assert ticks(box, SNARE) == [i * Q // 2 for i in range(8)]

    def test_stopped_it_is_nothing(self) -> None:
        box = Box()
        box.do("fill")
        box.do("start")
        box.run(5 * SECOND)
        assert ticks(box, SNARE) == []

    def test_a_pattern_without_a_fill_plays_on(self) -> None:
        box = Box(HATS)
        box.do("start")
        box.do("fill")
        box.run(4 * SECOND - MS)
        assert ticks(box) == [i * Q // 2 for i in range(16)]

    def test_nobody_can_ask_for_more_than_sixteen(self) -> None:
        box = Box()
        box.do("start")
        for _ in range(50):
            box.do("fill", bars=16)
        assert box.engine.state.fill_last == 17


def test_stop_is_silence_at_once() -> None:
    box = Box()
    box.do("start")
    box.run(510 * MS)
    box.do("stop")
    assert ringing(m for _, m in box.played) == set()
    box.run(10 * SECOND)
    assert ticks(box) == [0, Q]
    assert box.engine.state.chosen == BASIC


def test_nothing_is_due_at_rest() -> None:
    box = Box()
    box.do("start")
    box.run(SECOND)
    box.do("stop")
    assert box.engine.due_ns > 100 * 365 * 86400 * SECOND
