"""Songs that go on into the next: called off, edited meanwhile, twice in a row, too large, taken over."""

from __future__ import annotations

from typing import Any

import pytest

from panel.engine.client import EngineClient
from panel.engine.wire import MAX_RESUME_BYTES, encode
from panel.music.meter import Meter
from panel.music.pattern import ROLES, Pattern, Row
from panel.music.practice import NOTHING, Practice
from panel.music.song import Entry, Part, SetList, Song
from panel.music.tempo import MICRO
from tests.box import BASIC
from tests.panel.stage import MS, SECOND, Stage

SET = "Joined"


def song(name: str, bpm: int = 120, bars: int = 1, parts: int = 1, **more: Any) -> Song:
    part = Part(BASIC, bars, bpm * MICRO, name="All", song=name)
    return Song(name, (part,) * parts, tables=("all",) * parts, count_in=0, **more)


def large(name: str) -> Song:
    """Nearly as large as a song may be: six patterns of 6 kB."""
    rows = tuple(Row(role, "X" * 1000) for role in ROLES[:6])
    patterns = [Pattern(f"{name} {n}", Meter.of(4, 4), rows) for n in range(6)]
    return Song(name, tuple(Part(pattern, 2, 120 * MICRO, song=name) for pattern in patterns), count_in=0)


def joined(*songs: Song, ends: int = -1) -> Stage:
    """A set in which each song goes on into the next, loaded; the first plays."""
    stage = Stage()
    stage.session.library.songs.update({each.name: each for each in songs})
    entries = tuple(Entry(each.name, goes_on=number != ends) for number, each in enumerate(songs, 1))
    stage.session.library.sets[SET] = SetList(SET, entries)
    stage.session.open_set(SET)
    stage.run(100 * MS)
    stage.session.start_stop()
    return stage.run(200 * MS)


def where(stage: Stage) -> tuple[int, str, str]:
    """The place in the set, its song, and the song that sounds."""
    session = stage.session
    return session.gig.number, session.gig.song.name if session.gig.song else "", sounding(stage)


def sounding(stage: Stage) -> str:
    return stage.session.section(stage.now).part.song


def finish(stage: Stage) -> None:
    """To the end of the run, where the engine stops by itself; this one is on paper and has to be told."""
    state = stage.session.state
    assert state.end_tick is not None
    stage.run(max(0, state.tempo_map.time_of(state.end_tick) - 1 - stage.now))
    EngineClient.send(stage.client, "stop")
    stage.run(100 * MS)


def loaded(stage: Stage) -> list[str]:
    return [part.song for part in stage.session.state.parts]


class TestCue:
    def test_what_is_cued_comes_next_though_another_was_to_follow(self) -> None:
        stage = joined(song("A"), song("B"), song("C"), ends=2)
        assert loaded(stage) == ["A", "B"]
        stage.session.choose_song(3)
        stage.run(100 * MS)
        assert loaded(stage) == ["A"]
        finish(stage)
        assert where(stage) == (3, "C", "C")

    def test_called_off_it_goes_on_as_the_set_says(self) -> None:
        stage = joined(song("A"), song("B"), song("C"), ends=2)
        for _ in range(2):
            stage.session.choose_song(3)
            stage.run(100 * MS)
        assert loaded(stage) == ["A", "B"]
        stage.run(2 * SECOND)
        assert where(stage) == (2, "B", "B")

    def test_one_whose_song_has_gone_is_forgotten(self) -> None:
        stage = joined(song("A"), song("B"), song("C"), ends=1)
        stage.session.choose_song(3)
        del stage.session.library.songs["C"]
        finish(stage)
        assert stage.session.gig.cued == 0
        stage.session.next()
        assert where(stage)[:2] == (2, "B")


class TestEdits:
    def test_another_song_behind_this_one(self) -> None:
        stage = joined(song("A"), song("B"), song("C"))
        a, b, c = stage.session.library.sets[SET].entries
        stage.session.library.sets[SET] = SetList(SET, (a, c, b))
        stage.run(2 * SECOND)
        assert where(stage) == (2, "C", "C")

    def test_no_more_going_on(self) -> None:
        stage = joined(song("A"), song("B"))
        a, b = stage.session.library.sets[SET].entries
        stage.session.library.sets[SET] = SetList(SET, (a._replace(goes_on=False), b))
        stage.run(100 * MS)
        assert loaded(stage) == ["A"]
        finish(stage)
        assert where(stage) == (1, "A", "A")

    def test_the_song_that_follows(self) -> None:
        stage = joined(song("A"), song("B"))
        stage.session.library.songs["B"] = song("B", 90, parts=2)
        stage.run(2 * SECOND)
        assert where(stage) == (2, "B", "B")
        assert stage.session.micro_bpm == 90 * MICRO
        assert loaded(stage)[-2:] == ["B", "B"]


class TestRows:
    def test_three_in_a_row_and_back_to_the_first(self) -> None:
        stage = joined(song("A"), song("B"), song("C"), song("A"), ends=4)
        places = []
        for _ in range(4):
            places.append(where(stage))
            stage.run(2 * SECOND)
        assert places == [(1, "A", "A"), (2, "B", "B"), (3, "C", "C"), (4, "A", "A")]

    def test_a_stop_in_the_middle_one_leaves_that_alone(self) -> None:
        stage = joined(song("A"), song("B"), song("C"))
        stage.run(2 * SECOND)
        stage.session.start_stop()
        stage.run(100 * MS)
        assert (where(stage), loaded(stage)) == ((2, "B", "B"), ["B"])

    def test_the_same_song_again_waits_for_start_and_says_so_once(self) -> None:
        stage = joined(song("A"), song("A"))
        stage.run(SECOND)
        assert loaded(stage) == ["A"]
        notice = stage.session.notice(stage.now)
        assert notice
        assert notice.text == "A again: NEXT, then START"

    def test_what_would_not_fit_waits_for_start_and_the_state_can_be_handed_over(self) -> None:
        stage = joined(large("A"), large("B"))
        stage.run(SECOND)
        assert set(loaded(stage)) == {"A"}
        assert len(encode("resume", state=stage.session.state, seen_ns=0)) <= MAX_RESUME_BYTES
        notice = stage.session.notice(stage.now)
        assert notice
        assert notice.text == "B too large: NEXT, then START"
        finish(stage)
        stage.session.next()
        assert where(stage)[:2] == (2, "B")


class TestTakenOver:
    def _other(self, stage: Stage, number: int) -> Stage:
        """Another panel, at the engine of the first, with what that one had written down."""
        other = Stage()
        other.scene.now = stage.now
        session = other.session
        session.library.songs.update(stage.session.library.songs)
        session.library.sets.update(stage.session.library.sets)
        other.client.state = stage.client.state
        session.kept = session.kept._replace(set_name=SET, number=number)
        session._adopt()
        return other.run(100 * MS)

    @pytest.mark.parametrize("kept", [5, 6])
    def test_in_the_song_that_sounds_though_an_earlier_one_is_still_known(self, kept: int) -> None:
        stage = joined(song("A"), song("C"), song("D"), song("E"), song("A"), song("B"), song("C"), ends=1)
        stage.session.start_stop()
        stage.session.choose_song(5)
        stage.session.start_stop()
        stage.run(2200 * MS)
        assert where(stage) == (6, "B", "B")
        other = self._other(stage, kept)
        assert where(other) == (6, "B", "B")
        following = other.session.gig.following
        assert following
        assert following.entry.song == "C"

    def test_the_clock_of_the_set_goes_on_from_the_start_of_what_plays(self) -> None:
        stage = joined(song("A", bars=9), ends=1)
        stage.run(3 * SECOND)
        other = self._other(stage, 1)
        assert other.session.set_elapsed_ns(other.now) == other.session.elapsed_ns(other.now) > 3 * SECOND

    def test_what_is_practised_is_known(self) -> None:
        for practice, practising in ((NOTHING, False), (Practice(gap_on=2, gap_off=2), True)):
            stage = joined(song("A", bars=9), ends=1)
            stage.client.send("practise", practice=practice)
            assert self._other(stage, 1).session.practising is practising

    def test_what_the_song_says_itself_is_not_the_drummers(self) -> None:
        stage = joined(song("A", bars=9, practice=Practice(mutes=30)), ends=1)
        assert not self._other(stage, 1).session.practising


def test_every_start_of_a_song_mutes_other_bars() -> None:
    stage = joined(song("A", bars=99, practice=Practice(mutes=50)), ends=1)
    seeds = set()
    for _ in range(3):
        seeds.add(stage.session.state.practice.seed)
        stage.button("start").button("start")
    assert len(seeds) == 3


class TestNext:
    def _song(self, first: Pattern, then: Pattern) -> Song:
        parts = (Part(first, 2, 120 * MICRO, song="A"), Part(then, 0, 120 * MICRO, song="A"))
        return Song("A", (*parts, Part(first, 9, 120 * MICRO, song="A")), count_in=0)

    def test_twice_is_once(self) -> None:
        stage = joined(self._song(BASIC, BASIC), ends=1)
        stage.run(5 * SECOND)
        stage.session.next()
        stage.session.next()
        assert (stage.session.state.fill_first, stage.session.state.fill_last) == (0, -1)
        assert [section.bars for section in stage.session.state.sections][-2:] == [1, 9]

    def test_a_fill_is_of_the_section_that_plays_it(self) -> None:
        stage = joined(self._song(BASIC._replace(name="Plain", fill=()), BASIC), ends=1)
        stage.session.fill()
        assert stage.session.state.fill_last == -1, "there is none in the next bar"
        stage.run(2 * SECOND)
        stage.session.fill()
        assert (stage.session.state.fill_first, stage.session.state.fill_last) == (3, 3)


def test_a_nudge_was_for_the_song_before() -> None:
    stage = joined(song("One"), song("Two", bpm=140))
    stage.turn(6)
    assert stage.session.nudged_micro_bpm == 6 * MICRO
    stage.run(3 * SECOND)
    assert where(stage) == (2, "Two", "Two")
    assert (stage.session.micro_bpm, stage.session.nudged_micro_bpm) == (140 * MICRO, 0)
