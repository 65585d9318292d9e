"""Practice: gaps, mutes at random, ramps, repeats; and a stop ends it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from panel.engine.plan import micro_bpm_at
from panel.engine.recording import RecordingPort
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.practice import NOTHING, Practice
from panel.music.song import Part
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from tests.box import BASIC, MS, SECOND, SEVEN, Box

Q = TICKS_PER_QUARTER
BAR = 4 * Q
TWO_BARS = Pattern("Two", Meter.of(4, 4), (Row("rim", "XxxxXxxx"),), bars=2)


def practised(practice: Practice, seconds: float, pattern: Pattern = BASIC, count_in: int = 0) -> Box:
    box = Box(pattern)
    box.forget()
    box.do("start", practice=practice, count_in=count_in)
    box.run(round(seconds * SECOND) - MS)
    return box


def bars(box: Box) -> list[int]:
    return sorted({tick // BAR for tick, _, _ in box.notes})


def gaps(box: Box) -> list[int]:
    ons = [sent.due_ns for sent in box.port.sent if sent.message[0] & 0xF0 == 0x90]
    return [later - earlier for earlier, later in pairwise(ons)]


class TestGaps:
    def test_bars_on_and_bars_off(self) -> None:
        assert bars(practised(Practice(gap_on=3, gap_off=2), 20)) == [0, 1, 2, 5, 6, 7]

    def test_the_count_in_is_heard(self) -> None:
        assert bars(practised(Practice(gap_on=1, gap_off=1), 8, count_in=1)) == [-1, 0, 2]

    @pytest.mark.parametrize("practice", [Practice(gap_on=4), Practice(gap_off=4)])
    def test_half_a_gap_is_none(self, practice: Practice) -> None:
        assert bars(practised(practice, 16)) == list(range(8))

    def test_the_time_goes_on_underneath(self) -> None:
        assert set(gaps(practised(Practice(gap_on=1, gap_off=1), 20))) == {500 * MS, 2500 * MS}


class TestMutes:
    def test_as_many_as_are_asked_for(self) -> None:
        silent = sum(Practice(mutes=30, seed=5).silences(bar) for bar in range(10_000))
        assert 2850 < silent < 3150  # within three standard deviations of a fair die

    def test_the_share_rises(self) -> None:
        practice = Practice(mutes=80, mutes_over=1000)
        starts = (0, 250, 500, 750, 1000)
        shares = [sum(practice.silences(bar) for bar in range(start, start + 250)) for start in starts]
        assert shares == sorted(shares)
        assert [practice.mutes_at(bar) for bar in (0, 500, 5000)] == [0, 40, 80]

    def test_the_same_seed_mutes_the_same_bars_and_another_others(self) -> None:
        def muted(seed: int) -> list[int]:
            return [bar for bar in range(100) if Practice(mutes=50, seed=seed).silences(bar)]

        assert muted(1) == muted(1) != muted(2)

    def test_all_or_nothing(self) -> None:
        assert bars(practised(Practice(mutes=100), 10)) == []
        assert bars(practised(Practice(mutes=0, seed=9), 10)) == [0, 1, 2, 3, 4]

    def test_are_those_that_the_practice_says(self) -> None:
        practice = Practice(mutes=50, seed=3)
        assert bars(practised(practice, 40)) == [bar for bar in range(20) if not practice.silences(bar)]


class TestRamps:
    def tempo(self, box: Box, bar: int) -> float:
        return round(micro_bpm_at(box.engine.state, bar * BAR) / MICRO, 3)

    def test_by_bars(self) -> None:
        box = practised(Practice(ramp_to=160 * MICRO, ramp_bars=8), 1)
        assert [self.tempo(box, bar) for bar in range(11)] == [120, 125, 130, 135, 140, 145, 150, 155, 160, 160, 160]

    def test_and_back(self) -> None:
        box = practised(Practice(ramp_to=160 * MICRO, ramp_bars=4, ramp_back=True), 1)
        assert [self.tempo(box, bar) for bar in range(10)] == [120, 130, 140, 150, 160, 150, 140, 130, 120, 120]

    def test_downwards_is_a_ramp_too(self) -> None:
        box = practised(Practice(ramp_to=80 * MICRO, ramp_bars=4), 1)
        assert [self.tempo(box, bar) for bar in range(5)] == [120, 110, 100, 90, 80]

    def test_by_minutes(self) -> None:
        box = practised(Practice(ramp_to=160 * MICRO, ramp_minutes=2), 110)
        lines = box.engine.state.tempo_map.timelines
        reached = next(line.origin_ns for line in lines if line.tempo == 160 * MICRO)
        assert (reached - box.port.sent[0].due_ns) / SECOND == pytest.approx(120, abs=2)

    def test_each_bar_plays_at_its_tempo(self) -> None:
        box = practised(Practice(ramp_to=160 * MICRO, ramp_bars=4), 9)
        wanted = [60e9 / bpm for bpm in (120, 130, 140, 150, 160) for _ in range(4)]
        assert gaps(box)[:20] == pytest.approx(wanted, abs=2)

    def test_a_nudge_stretches_it(self) -> None:
        box = practised(Practice(ramp_to=160 * MICRO, ramp_bars=4), 1)
        box.do("tempo", micro_bpm=132 * MICRO)
        assert self.tempo(box, 4) == 176

    @pytest.mark.parametrize("begun", ["with the start", "while playing"])
    def test_in_a_song_that_was_nudged_it_begins_there_and_arrives(self, begun: str) -> None:
        practice, box = Practice(ramp_to=160 * MICRO, ramp_bars=4), Box()
        box.do("song", part=Part(BASIC, 0, 100 * MICRO, song="One"))
        box.do("tempo", micro_bpm=120 * MICRO)
        box.do("start", practice=practice if begun == "with the start" else NOTHING)
        box.run(SECOND)
        if begun == "while playing":
            box.do("practise", practice=practice)
        first = box.engine.state.practice_bar - 1
        assert [self.tempo(box, first + bar) for bar in range(6)] == [120, 130, 140, 150, 160, 160]

    def test_a_pattern_chosen_meanwhile_does_not_move_it(self) -> None:
        box = Box()
        box.do("song", part=Part(BASIC, 0, 100 * MICRO, song="One"))
        box.do("tempo", micro_bpm=120 * MICRO)
        box.do("start", practice=Practice(ramp_to=160 * MICRO, ramp_bars=4))
        box.run(SECOND)
        box.do("pattern", pattern=TWO_BARS)
        assert [self.tempo(box, bar) for bar in range(6)] == [120, 130, 140, 150, 160, 160]

    def test_begins_where_it_began_however_many_sections_later(self) -> None:
        box = Box()
        box.do("song", part=Part(BASIC, 4, 100 * MICRO, song="One"))
        for _ in range(4):
            box.do("part", part=Part(SEVEN, 4, 100 * MICRO, song="One"))
        box.do("start", practice=Practice(ramp_to=160 * MICRO, ramp_bars=12))
        box.run(20 * SECOND)
        before = box.engine.state.tempo_map
        ahead = range(before.tick_at(box.now), 12 * BAR, Q)
        for _ in range(2):
            box.do("tempo", micro_bpm=micro_bpm_at(box.engine.state, ahead[0]))
        assert box.engine.state.sections[1].bar > 5, "some are forgotten"
        assert [box.engine.state.tempo_map.tempo_at(tick) for tick in ahead] == pytest.approx(
            [before.tempo_at(tick) for tick in ahead], abs=2
        )

    def test_a_stop_gives_the_old_tempo_back(self) -> None:
        box = practised(Practice(ramp_to=160 * MICRO, ramp_bars=2), 20)
        box.do("stop")
        assert box.engine.state.practice == NOTHING
        assert self.tempo(box, 0) == 120
        box.forget()
        box.do("start")
        box.run(20 * SECOND)
        assert set(gaps(box)) == {500 * MS}


def test_begun_while_playing_it_waits_for_the_bar_line_and_ended_it_leaves_the_tempo() -> None:
    box = Box()
    box.forget()
    box.do("start")
    box.run(3 * SECOND)
    box.do("practise", practice=Practice(gap_on=1, gap_off=1, ramp_to=180 * MICRO, ramp_bars=1))
    box.run(SECOND)
    assert micro_bpm_at(box.engine.state, 3 * BAR) == 180 * MICRO
    box.run(5 * SECOND)
    assert bars(box) == [0, 1, 2, 4]
    box.do("practise", practice=NOTHING)
    box.forget()
    box.run(10 * SECOND)
    assert {round(gap, -3) for gap in gaps(box)} == {333_333_000}
    assert box.engine.state.beat_micro_bpm == 180 * MICRO


def test_repeats_of_a_pattern() -> None:
    box = Box(TWO_BARS)
    box.forget()
    box.do("start", repeats=3)
    box.run(60 * SECOND)
    assert not box.engine.state.playing
    assert [tick for tick, _, _ in box.notes] == [n * Q for n in range(24)]


def test_in_a_song_the_song_is_played_on() -> None:
    box = Box()
    box.do("song", part=Part(BASIC, 2, 120 * MICRO, song="One"))
    box.do("part", part=Part(TWO_BARS, 2, 100 * MICRO, song="One"))
    box.forget()
    box.do("start", practice=Practice(gap_on=1, gap_off=1), repeats=2)
    box.run(60 * SECOND)
    assert bars(box) == [0, 2, 4, 6]
    assert not box.engine.state.playing


def test_a_program_change_goes_to_the_module_alone_behind_its_bank() -> None:
    module, virtual = RecordingPort(), RecordingPort()
    module.kind, virtual.kind = "module", "virtual"
    box = Box(ports=(module, virtual))
    box.do("program", number=11, channel=10, bank_msb=1, bank_lsb=2)
    box.do("program", number=0, channel=1)
    assert [each.message for each in module.sent] == [(0xB9, 0, 1), (0xB9, 32, 2), (0xC9, 11), (0xC0, 0)]
    assert virtual.sent == []
