"""Songs: parts one after another, on the bar line and at their tempo, whatever the drummer does meanwhile."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.engine.plan import micro_bpm_at, stored_micro_bpm_at
from panel.engine.recording import RecordingPort
from panel.engine.state import AS_STORED
from panel.engine.transport import MAX_KEPT_PARTS, MAX_PLANNED
from panel.engine.wire import WireError, decode, encode
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.song import MAX_PARTS, Part
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from tests.box import BASIC, MS, SECOND, SEVEN, Box

Q = TICKS_PER_QUARTER
BAR = 4 * Q
BAR_7 = SEVEN.meter.bar_ticks
WALTZ = Pattern("Waltz", Meter.of(3, 4), (Row("hat", "Xxx"),))
VERSE = Part(BASIC, 2, 120 * MICRO, name="Verse", song="One")
BRIDGE = Part(SEVEN, 3, 120 * MICRO, name="Bridge", song="One")
VAMP = Part(WALTZ, 0, 90 * MICRO, name="Vamp", song="One")
END = Part(BASIC, 1, 150 * MICRO, name="End", song="One")


def loaded(*parts: Part, **arguments: Any) -> Box:
    box = Box(**arguments)
    box.do("song", part=parts[0])
    for part in parts[1:]:
        box.do("part", part=part)
    box.forget()
    return box


def began(box: Box, *parts: Part, **arguments: Any) -> Box:
    box.do("start", **arguments)
    return box


def accents(box: Box) -> list[int]:
    """Where a bar began, as it was heard."""
    return [tick for tick, _, velocity in box.notes if velocity == 127]


def sounding(box: Box) -> tuple[str, str, int, int]:
    """Song, section, bar of the song, tick in the bar."""
    state = box.engine.state
    tick = state.tempo_map.tick_at(box.now)
    section = state.section_at(tick)
    place = section.place_of(tick)
    return section.part.song, section.part.name, place.bar - section.song_bar + 1, place.tick


class TestParts:
    def test_follow_each_other_and_the_song_ends(self) -> None:
        box = began(loaded(VERSE, BRIDGE, END))
        box.run(60 * SECOND)
        assert not box.engine.state.playing
        lines = [0, BAR, 2 * BAR, *(2 * BAR + n * BAR_7 for n in (1, 2)), 2 * BAR + 3 * BAR_7]
        assert accents(box) == lines
        assert box.notes[-1][0] == lines[-1] + 3 * Q

    def test_each_plays_at_its_own_tempo(self) -> None:
        box = loaded(VERSE, VAMP)
        begin = box.now
        box.do("start")
        box.run(4 * SECOND + 4 * SECOND)
        ons = [s.due_ns - begin for s in box.port.sent if s.message[0] & 0xF0 == 0x90]
        assert ons[:8] == [n * 500 * MS for n in range(8)]
        assert ons[8:11] == [4 * SECOND + n * 60 * SECOND // 90 for n in range(3)]

    def test_one_that_is_to_be_told_goes_round_until_it_is(self) -> None:
        box = began(loaded(VERSE, VAMP, END))
        box.run(4 * SECOND + 30 * SECOND)  # 15 bars of three at 90
        assert sounding(box) == ("One", "Vamp", 18, 0)
        box.do("go on")
        box.do("go on")  # twice is once
        box.run(2 * SECOND - MS)
        assert sounding(box)[1] == "Vamp"
        box.run(2 * MS)
        assert sounding(box)[1:3] == ("End", 19)
        box.run(5 * SECOND)
        assert not box.engine.state.playing
        assert sounding(box)[1] == "Verse"

    def test_one_that_is_to_be_told_and_is_the_last_ends_the_song(self) -> None:
        box = began(loaded(VERSE, VAMP))
        box.run(5 * SECOND)
        box.do("go on")
        box.run(SECOND - MS)
        assert box.engine.state.playing
        box.run(2 * MS)
        assert not box.engine.state.playing
        assert accents(box) == [0, BAR, 2 * BAR]

    def test_one_that_counts_its_bars_can_be_left_early(self) -> None:
        box = began(loaded(Part(BASIC, 8, 120 * MICRO, name="Long", song="One"), BRIDGE))
        box.run(3 * SECOND)
        box.do("go on")
        box.run(10 * SECOND)
        assert accents(box) == [0, BAR, *(2 * BAR + n * BAR_7 for n in range(3))]

    def test_going_on_means_nothing_in_free_play_or_while_counting_in(self) -> None:
        free = Box()
        free.do("start")
        free.do("go on")
        free.run(60 * SECOND)
        assert free.engine.state.playing
        box = loaded(VERSE, BRIDGE)
        box.do("start", count_in=1)
        box.run(SECOND)
        box.do("go on")
        box.run(4 * SECOND)
        assert sounding(box)[1] == "Verse"

    @pytest.mark.parametrize("trim_ms", [-50, 0, 50])
    @pytest.mark.parametrize("lead_ms", [0, 40])
    def test_going_on_in_the_last_moment_of_a_section_leaves_the_next_one_whole(
        self, lead_ms: int, trim_ms: int
    ) -> None:
        for early_ns in (1, MS, 39 * MS, 49 * MS, SECOND):
            box = self._in_a_module(lead_ms, trim_ms)
            box.run(box.engine.state.tempo_map.time_of(2 * BAR) - early_ns - box.now)
            box.do("go on")
            assert [(s.part.name, s.bars) for s in box.engine.state.sections] == [("Verse", 2), ("Bridge", 3)]

    @pytest.mark.parametrize("lead_ms", [0, 40])
    def test_going_on_in_the_last_moment_of_a_song_lets_it_end_there(self, lead_ms: int) -> None:
        for early_ns in (1, MS, 39 * MS, 49 * MS, SECOND):
            box = self._in_a_module(lead_ms, -50)
            end_tick = box.engine.state.end_tick
            assert end_tick
            box.run(box.engine.state.tempo_map.time_of(end_tick) - early_ns - box.now)
            box.do("go on")
            assert box.engine.state.end_tick == end_tick

    def _in_a_module(self, lead_ms: int, trim_ms: int) -> Box:
        port = RecordingPort("module", lead_ms * MS)
        port.kind = "module"
        box = loaded(VERSE, BRIDGE, ports=(port,))
        box.do("ports", trim_ms=trim_ms)
        return began(box)

    def test_going_on_before_the_first_beat_means_nothing(self) -> None:
        box = loaded(VAMP, END)
        box.do("start", at_ns=box.now + SECOND)
        box.do("go on")
        assert [(s.part.name, s.bars) for s in box.engine.state.sections] == [("Vamp", 0)]

    def test_a_pattern_chosen_in_a_count_in_that_slipped_waits_for_its_end(self) -> None:
        box = loaded(VERSE)
        box.do("start", count_in=1)
        box.run(SECOND)
        box.do("slip", units=2)
        box.do("pattern", pattern=WALTZ)
        assert [(s.origin_tick, s.bar) for s in box.engine.state.sections] == [(Q - BAR, 0), (Q, 1)]

    def test_bars_are_the_songs_own_and_go_on_through_it(self) -> None:
        box = began(loaded(VERSE, BRIDGE, END))
        box.run(4 * SECOND + 1750 * MS)
        assert sounding(box) == ("One", "Bridge", 4, 0)

    def test_levels_of_a_part_are_its_own(self) -> None:
        quiet = VERSE._replace(bars=1, levels=(100, 50, 0, 0, 0))
        box = began(loaded(quiet, END._replace(micro_bpm=120 * MICRO)))
        box.run(3 * SECOND - MS)
        assert [velocity for _, _, velocity in box.notes] == [127, 48, 48, 48, 127, 96]

    def test_a_fill_before_the_change_and_every_so_many_bars(self) -> None:
        part = Part(BASIC, 5, 120 * MICRO, fill_every=2, fill_last=True, song="One")
        box = began(loaded(part))
        box.run(20 * SECOND)
        fills = sorted({tick // BAR for tick, note, _ in box.notes if note == 38})
        assert fills == [1, 3, 4]

    def test_a_fill_leads_out_of_a_part_that_was_to_be_told(self) -> None:
        box = began(loaded(Part(BASIC, 0, 120 * MICRO, fill_last=True, song="One"), END))
        box.run(2 * SECOND + 1200 * MS)
        box.do("go on")
        box.run(SECOND)
        fills = [tick for tick, note, _ in box.notes if note == 38]
        assert fills == [BAR + 2 * Q + Q // 2, BAR + 3 * Q, BAR + 3 * Q + Q // 2]

    def test_repeats(self) -> None:
        box = loaded(VERSE, END)
        box.do("start", repeats=3)
        box.run(60 * SECOND)
        assert accents(box) == [n * BAR for n in range(9)]

    def test_a_long_song_is_repeated_as_often_as_can_be_planned(self) -> None:
        box = loaded(*[END] * 64)
        box.do("start", repeats=99)
        assert len(box.engine.state.sections) == MAX_PLANNED
        assert len(encode("resume", state=box.engine.state, seen_ns=0)) < 64 * 1024

    def test_the_songs_of_before_do_not_count(self) -> None:
        one, two, three = ([Part(BASIC, 1, 120 * MICRO, song=song)] * MAX_PARTS for song in ("One", "Two", "Three"))
        box = began(loaded(*one))
        for part in two:
            box.do("part", part=part)
        box.run(MAX_PARTS * 2 * SECOND + SECOND)
        for part in three:
            box.do("part", part=part)
        assert [part.song for part in box.engine.state.parts] == ["Two"] * MAX_PARTS + ["Three"] * MAX_PARTS

    def test_too_many_are_refused_in_one_sentence(self) -> None:
        box = loaded(*[END] * MAX_KEPT_PARTS)
        with pytest.raises(WireError, match="at most 128 parts"):
            box.do("part", part=END)


class TestGoingOn:
    """A song that follows without a stop."""

    NEXT = Part(WALTZ, 2, 120 * MICRO, name="Waltz", song="Two")

    def test_begins_at_the_bar_line_with_bars_of_its_own(self) -> None:
        box = began(loaded(VERSE))
        box.run(SECOND)
        box.do("part", part=self.NEXT)
        box.run(3 * SECOND + 10 * MS)
        assert sounding(box)[:3] == ("Two", "Waltz", 1)
        box.run(10 * SECOND)
        assert not box.engine.state.playing
        assert accents(box) == [0, BAR, 2 * BAR, 2 * BAR + 3 * Q]

    def test_a_stop_goes_back_to_the_song_that_sounds(self) -> None:
        for seconds, song in ((2, "One"), (5, "Two")):
            box = began(loaded(VERSE))
            box.do("part", part=self.NEXT)
            box.run(seconds * SECOND)
            box.do("stop")
            assert box.engine.state.first_part.song == song
            box.forget()
            box.do("start")
            box.run(20 * SECOND)
            assert accents(box) == ([0, BAR] if song == "One" else [0, 3 * Q])


class TestTempo:
    RAMP = Part(BASIC, 4, 100 * MICRO, 140 * MICRO, name="Up", song="One")
    AFTER = Part(BASIC, 2, 140 * MICRO, name="There", song="One")

    def test_a_ramp_changes_on_each_beat_and_arrives_at_its_end(self) -> None:
        box = loaded(self.RAMP, self.AFTER)
        begin = box.now
        box.do("start")
        box.run(30 * SECOND)
        ons = [s.due_ns - begin for s in box.port.sent if s.message[0] & 0xF0 == 0x90]
        gaps = [later - earlier for earlier, later in pairwise(ons)]
        assert gaps[:16] == pytest.approx([60e9 / (100 + 40 * beat / 16) for beat in range(16)], abs=2)
        assert gaps[16:] == pytest.approx([60e9 / 140] * 7, abs=2)

    def test_a_nudge_in_a_ramp_stretches_what_is_to_come(self) -> None:
        box = began(loaded(self.RAMP, self.AFTER))
        box.run(2 * SECOND)
        tick = box.engine.state.tempo_map.tick_at(box.now)
        stored = stored_micro_bpm_at(box.engine.state, tick)
        box.do("tempo", micro_bpm=stored * 11 // 10)
        assert micro_bpm_at(box.engine.state, tick) == stored * 11 // 10
        assert micro_bpm_at(box.engine.state, 5 * BAR) == pytest.approx(154 * MICRO, abs=1)
        assert stored_micro_bpm_at(box.engine.state, 5 * BAR) == 140 * MICRO

    def test_a_nudge_holds_to_the_bar_line_at_which_the_song_is_left_for_a_pattern(self) -> None:
        box = began(loaded(VAMP))
        box.run(SECOND)
        box.do("tempo", micro_bpm=100 * MICRO)
        box.do("pattern", pattern=BASIC)
        tempos = [line.tempo for line in box.engine.state.tempo_map.timelines]
        assert tempos[-1] == 100 * MICRO
        box.run(SECOND // 10)
        assert micro_bpm_at(box.engine.state, box.engine.state.tempo_map.tick_at(box.now)) == 100 * MICRO
        box.do("tempo", micro_bpm=110 * MICRO)
        box.run(10 * SECOND)
        assert box.engine.state.tempo_map.timelines[-1].tempo == 110 * MICRO
        box.do("stop")
        assert box.engine.state.stretch == AS_STORED

    def test_a_nudge_goes_when_the_song_is_loaded_again_and_not_before(self) -> None:
        box = loaded(VERSE, BRIDGE)
        box.do("tempo", micro_bpm=126 * MICRO)
        box.do("start")
        box.run(SECOND)
        box.do("stop")
        assert micro_bpm_at(box.engine.state, 0) == 126 * MICRO
        box.do("song", part=VERSE)
        assert micro_bpm_at(box.engine.state, 0) == 120 * MICRO
        assert box.engine.state.tempo_map.timelines[-1].tempo == 120 * MICRO

    def test_a_pattern_chosen_freely_keeps_the_songs_tempo(self) -> None:
        box = began(loaded(VERSE, BRIDGE))
        box.do("tempo", micro_bpm=126 * MICRO)
        box.run(SECOND)
        box.do("pattern", pattern=WALTZ)
        box.run(5 * SECOND)
        state = box.engine.state
        assert (state.parts, state.chosen, state.beat_micro_bpm) == ((), WALTZ, 126 * MICRO)
        assert sounding(box)[:2] == ("", "")

    def test_in_dotted_beats(self) -> None:
        dotted = Pattern("12/8", Meter.of(12, 8), (Row("rim", "X..x..x..x.."),), beat_ticks=3 * Q // 2)
        box = loaded(Part(dotted, 1, 80 * MICRO, song="One"))
        begin = box.now
        box.do("start")
        box.run(2900 * MS)
        ons = [s.due_ns - begin for s in box.port.sent if s.message[0] & 0xF0 == 0x90]
        assert ons == [n * 750 * MS for n in range(4)]

    @pytest.mark.parametrize("repeats", [1, 99])
    def test_the_map_of_a_song_full_of_tempos_stays_small_and_whole(self, repeats: int) -> None:
        parts = [self.RAMP._replace(bars=2), self.AFTER._replace(bars=1)] * 32
        box = loaded(*parts)
        begin = box.now
        box.do("start", repeats=repeats)
        for _ in range(40):
            box.run(3 * SECOND)
            assert len(box.engine.state.tempo_map.timelines) <= 100
            assert len(encode("resume", state=box.engine.state, seen_ns=0)) < 64 * 1024
        ons = [s.due_ns - begin for s in box.port.sent if s.message[0] & 0xF0 == 0x90]
        wanted = [*(60e9 / (100 + 40 * beat / 8) for beat in range(8)), *[60e9 / 140] * 4]
        assert [later - earlier for earlier, later in pairwise(ons)] == pytest.approx(
            (wanted * 32)[: len(ons) - 1], abs=2
        )

    def test_what_is_shown_is_what_is_played_in_a_song_of_many_ramps(self) -> None:
        box = began(loaded(*[self.RAMP] * 10))
        box.run(3 * SECOND)
        box.do("tempo", micro_bpm=120 * MICRO)
        state = box.engine.state
        for tick in range(state.tempo_map.tick_at(box.now) + 1, 6 * BAR, Q // 3):
            assert micro_bpm_at(state, tick) == state.tempo_map.tempo_at(tick)


class TestCountIn:
    def test_is_played_by_the_role_that_is_asked_for(self) -> None:
        box = loaded(VERSE)
        box.do("start", count_in=1, count_role="hat")
        box.run(2 * SECOND - MS)
        assert [(tick, note) for tick, note, _ in box.notes] == [(n * Q - BAR, 42) for n in range(4)]

    def test_is_silent_where_no_role_is(self) -> None:
        box = loaded(VERSE)
        box.do("start", count_in=2, count_role="")
        box.run(4 * SECOND + MS)
        assert [tick for tick, _, _ in box.notes] == [0]

    def test_is_in_the_tempo_of_the_song(self) -> None:
        box = loaded(VERSE._replace(micro_bpm=60 * MICRO))
        begin = box.now
        box.do("start", count_in=1)
        box.run(5 * SECOND)
        ons = [s.due_ns - begin for s in box.port.sent if s.message[0] & 0xF0 == 0x90]
        assert ons == [n * SECOND for n in range(6)]

    def test_a_start_that_is_to_come(self) -> None:
        box = loaded(VERSE)
        begin = box.now
        box.do("start", at_ns=begin + 437 * MS)
        box.run(2 * SECOND)
        assert box.port.sent[0].due_ns == begin + 437 * MS
        assert box.engine.state.began_ns == begin + 437 * MS

    @pytest.mark.parametrize("off_ns", [-1, -SECOND, 11 * SECOND])
    def test_a_start_that_cannot_be_then_is_now(self, off_ns: int) -> None:
        box = loaded(VERSE)
        begin = box.now
        box.do("start", at_ns=begin + off_ns)
        box.run(MS)
        assert box.port.sent[0].due_ns == begin


def test_a_song_handed_over_goes_on_as_it_was() -> None:
    one = began(loaded(VERSE, BRIDGE, VAMP, END))
    one.run(3 * SECOND + 100 * MS)
    other = Box.of_state(one.engine.state, one.now)
    for box in (one, other):
        box.forget()
        box.run(8 * SECOND)
        box.do("go on")
        box.run(20 * SECOND)
    assert one.notes == other.notes
    assert (one.notes[0][0], one.notes[-1][2], one.engine.state.playing) == (7 * Q, 96, False)


def test_a_pattern_that_a_song_plays_often_is_told_once() -> None:
    box = loaded(*[VERSE, BRIDGE] * 20)
    box.do("start")
    assert encode("resume", state=box.engine.state, seen_ns=0).count(b'"Basic"') == 1
    again = decode(encode("resume", state=box.engine.state, seen_ns=0)[:-1]).arguments["state"]
    assert again == box.engine.state
    assert again.parts[0] is again.parts[2] is again.sections[4].part


HANDS = st.sampled_from(("go on", "fill", "slip", "pull", "tempo", "one"))


@given(st.lists(st.tuples(st.integers(1, 900), HANDS), max_size=8))
def test_whatever_is_done_in_a_song_it_ends_and_no_note_comes_twice(hands: list[tuple[int, str]]) -> None:
    given_with: dict[str, dict[str, Any]] = {
        "slip": {"units": 1},
        "pull": {"ns": 15 * MS},
        "tempo": {"micro_bpm": 127 * MICRO},
    }
    box = began(loaded(VERSE, BRIDGE, VERSE, END))
    for ms, name in hands:
        box.run(ms * MS)
        box.do(name, **given_with.get(name, {"at_ns": box.now - 600 * MS} if name == "one" else {}))
    box.run(60 * SECOND)
    assert not box.engine.state.playing
    ons = [(sent.due_ns, sent.message[1]) for sent in box.port.sent if sent.message[0] & 0xF0 == 0x90]
    assert ons == sorted(set(ons))
