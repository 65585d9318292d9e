"""The gig at the panel: songs loaded, cued and gone on into, preview, count-off, pull, nudge, practice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from panel.belongings import Belongings
from panel.box import open_session
from panel.controls import Gesture, Meant, Turn
from panel.engine.client import EngineClient
from panel.gallery import SET, Scene
from panel.gig import ALL_SONGS
from panel.kept import KEPT_FILE
from panel.music.practice import NOTHING
from panel.music.song import Entry, SetList
from panel.music.tempo import MICRO
from panel.session import PULL_SHARE, Session
from panel.settings import Settings
from tests.panel.stage import MS, SECOND, Stage

SPOONS, KETTLE, DOOR, BOSSA, VAN, BOOTS, STAIRS = 2, 3, 6, 7, 8, 9, 10


def gig(number: int = 1, **settings: bool | int | str) -> Stage:
    stage = Stage("4/4 Basic", None, **settings)
    stage.session.open_set(SET, number)
    stage.run(SECOND)
    stage.client.sent.clear()
    return stage


def sounding(session: Session) -> str:
    return session.section(session.clock()).part.song


def ends(stage: Stage) -> None:
    """The engine stops by itself, as at the end of a song."""
    EngineClient.send(stage.client, "stop")
    stage.run(SECOND)


class TestPreview:
    def test_the_led_and_the_square_flash_in_the_songs_tempo_without_a_sound(self) -> None:
        stage = gig(5)  # 84 BPM
        stage.lights.changes.clear()
        stage.run(10 * SECOND)
        lit = [at for at, beat, _ in stage.lights.changes if beat]
        gaps = {round((later - earlier) / MS) for earlier, later in pairwise(lit)}
        assert gaps <= {714, 715}
        assert len(lit) == 14
        assert not any(playing for _, _, playing in stage.lights.changes)
        frames = {picture.tobytes() for at, picture in stage.glass.frames if at > stage.now - 5 * SECOND}
        assert len(frames) >= 2
        assert stage.client.sent == []

    def test_in_free_play_nothing_flashes(self) -> None:
        with Stage() as stage:
            stage.lights.changes.clear()
            stage.run(5 * SECOND)
            assert stage.lights.changes == []


class TestNext:
    def test_stopped_it_loads_the_next_song_and_says_where_the_set_ends(self) -> None:
        stage = gig(9)
        stage.button("next")
        assert stage.session.gig.number == STAIRS
        assert stage.session.micro_bpm == 104 * MICRO
        stage.button("next")
        assert stage.session.gig.number == STAIRS
        notice = stage.session.notice(stage.now)
        assert notice
        assert notice.text == "End of the set"

    def test_a_nudge_of_the_same_moment_is_the_song_befores(self) -> None:
        stage = gig(9)
        stage.hand(Turn(3, stage.now), Meant(Gesture.NEXT, stage.now)).run(SECOND)
        assert (stage.session.gig.number, stage.session.micro_bpm) == (STAIRS, 104 * MICRO)

    def test_a_song_whose_file_is_missing_is_passed_over(self) -> None:
        stage = gig(1)
        del stage.session.library.songs["Spoons in the Drawer"]
        stage.button("next")
        assert stage.session.gig.number == KETTLE

    def test_without_a_set_it_is_the_next_pattern(self) -> None:
        with Stage() as stage:
            before = stage.session.pattern
            stage.button("next")
            assert stage.session.pattern != before

    def test_playing_it_is_a_fill_until_a_section_waits_to_be_told(self) -> None:
        stage = gig(STAIRS)
        stage.button("start")
        stage.button("next")
        assert [name for name, _ in stage.client.sent][-1] == "fill"
        stage.run(100 * SECOND)
        assert stage.session.waits_for_next
        stage.button("next")
        assert [name for name, _ in stage.client.sent][-1] == "go on"


class TestSongs:
    def test_a_song_that_is_cued_waits_for_the_end_and_is_called_off_by_choosing_it_again(self) -> None:
        stage = gig(1)
        stage.button("start")
        stage.session.choose_song(VAN)
        assert (stage.session.gig.cued, stage.session.gig.number) == (VAN, 1)
        assert sounding(stage.session) == "Seventeen Lanterns"
        ends(stage)
        assert (stage.session.gig.cued, stage.session.gig.number) == (0, VAN)
        assert not stage.session.playing
        stage.button("start")
        stage.session.choose_song(1)
        stage.session.choose_song(1)
        ends(stage)
        assert stage.session.gig.number == VAN

    def test_one_that_goes_on_is_followed_by_the_next_and_its_place_in_the_set(self) -> None:
        stage = gig(DOOR)
        stage.button("start")
        stage.run(SECOND)
        state = stage.session.state
        assert {part.song for part in state.parts} == {"Three against the Door", "Tin Harbour Bossa"}
        bossa = next(section for section in state.sections if section.part.song == "Tin Harbour Bossa")
        stage.run(state.tempo_map.time_of(bossa.origin_tick) - stage.now + SECOND)
        assert (stage.session.gig.number, sounding(stage.session)) == (BOSSA, "Tin Harbour Bossa")
        assert {part.song for part in stage.session.state.parts} == {"Three against the Door", "Tin Harbour Bossa"}
        stage.button("start")
        assert stage.session.state.first_part.song == "Tin Harbour Bossa"

    def test_its_program_goes_out_when_it_is_loaded_and_before_it_starts(self) -> None:
        stage = gig(BOSSA)
        stage.button("next")
        assert stage.sent("program") == [{"number": 2, "channel": 10, "bank_msb": -1, "bank_lsb": -1}]
        stage.client.sent.clear()
        stage.button("start")
        assert [name for name, _ in stage.client.sent][:2] == ["program", "start"]

    def test_its_count_in_is_its_own(self) -> None:
        stage = gig(BOSSA, click__count_in=1)
        stage.button("start")
        assert [(sent["count_in"], sent["count_role"]) for sent in stage.sent("start")] == [(2, "")]
        stage.button("start")
        stage.session.choose_song(BOOTS)
        stage.button("start")
        assert [(sent["count_in"], sent["count_role"]) for sent in stage.sent("start")][1:] == [(1, "count")]

    def test_all_songs_are_a_set_too(self) -> None:
        with Stage() as stage:
            stage.session.open_set(ALL_SONGS)
            assert [item.entry.song for item in stage.session.gig.items] == list(stage.session.library.songs)
            stage.session.open_set("")
            assert not stage.session.gig.is_open
            assert stage.session.gig.song is None

    def test_a_pattern_that_is_chosen_leaves_the_song_and_keeps_its_tempo(self) -> None:
        stage = gig(5)
        stage.session.choose(stage.session.library.patterns["Samba"])
        stage.run(SECOND)
        assert stage.session.gig.song is None
        assert stage.session.micro_bpm == stage.session.kept.micro_bpm == 84 * MICRO
        stage.button("next")  # and the set goes on behind it
        assert stage.session.gig.number == DOOR


class TestNudge:
    def test_it_is_shown_and_not_kept_and_gone_when_the_song_is_loaded_again(self) -> None:
        stage = gig(1)
        kept = stage.session.kept.micro_bpm
        stage.turn(3)
        assert (stage.session.micro_bpm, stage.session.nudged_micro_bpm) == (115 * MICRO, 3 * MICRO)
        stage.button("start")
        stage.run(SECOND)
        stage.button("start")
        assert stage.session.nudged_micro_bpm == 3 * MICRO
        assert stage.session.kept.micro_bpm == kept
        stage.session.choose_song(1)
        assert stage.session.nudged_micro_bpm == 0

    def test_in_free_play_there_is_none(self) -> None:
        with Stage() as stage:
            stage.turn(3)
            assert stage.session.nudged_micro_bpm == 0


class TestTaps:
    def test_four_start_a_song_that_says_so_and_no_other(self) -> None:
        for number, starts in ((SPOONS, True), (KETTLE, False)):
            stage = gig(number)
            for _ in range(4):
                stage.button("tap")
                stage.run(350 * MS)
            assert stage.session.playing is starts
            if starts:
                (sent,) = stage.sent("start")
                assert sent["at_ns"] > 0
                assert "count_in" not in sent

    def test_start_starts_it_too(self) -> None:
        stage = gig(SPOONS)
        stage.button("tap")
        assert stage.session.counted == 1
        stage.button("start")
        assert stage.session.playing

    @pytest.mark.parametrize("late_ms", [-40, -10, 10, 40])
    def test_while_playing_the_grid_gives_way_to_a_tap_by_a_third(self, late_ms: int) -> None:
        with Stage() as stage:
            stage.button("start")
            began = stage.session.state.began_ns
            for beat in range(4, 8):
                stage.run(began + beat * 500 * MS + late_ms * MS - stage.now)
                stage.mean(Gesture.TAP)
            first = stage.sent("pull")[0]["ns"]
            assert first == pytest.approx(late_ms * MS / PULL_SHARE, abs=MS)
            pulled = stage.session.state.tempo_map.time_of(40 * 5040) - (began + 40 * 500 * MS)
            assert pulled * late_ms > 0
            assert abs(pulled) < abs(late_ms) * MS

    def test_a_tap_on_the_beat_moves_nothing(self) -> None:
        with Stage() as stage:
            stage.button("start")
            began = stage.session.state.began_ns
            for beat in range(4, 8):
                stage.run(began + beat * 500 * MS - stage.now)
                stage.session.tap(stage.now)
            assert stage.sent("pull") == []


class TestPractice:
    def test_a_stop_ends_it(self) -> None:
        with Stage(practice__gap_on=1, practice__gap_off=1) as stage:
            stage.session.toggle_practice()
            stage.button("start")
            first = stage.session.state.practice
            assert (first.gap_on, first.gap_off) == (1, 1)
            stage.button("start")
            assert not stage.session.practising
            stage.button("start")
            assert stage.session.state.practice == NOTHING

    @pytest.mark.parametrize(("repeats", "bars"), [(0, 0), (1, 2), (3, 6)])
    def test_repeats_of_a_pattern_end_it_once_too(self, repeats: int, bars: int) -> None:
        with Stage("Son clave 3-2", practice__repeats=repeats) as stage:
            assert stage.session.pattern.bars == 2
            stage.session.toggle_practice()
            stage.button("start")
            assert stage.session.state.end_bar == (bars + 1 if bars else 0)

    def test_other_bars_are_mute_every_time(self) -> None:
        with Stage(practice__mutes=50) as stage:
            seeds = set()
            for _ in range(3):
                stage.session.toggle_practice()
                stage.button("start")
                seeds.add(stage.session.state.practice.seed)
                stage.button("start")
            assert len(seeds) == 3

    def test_while_playing_it_begins_and_ends(self) -> None:
        with Stage(practice__ramp_to=180, practice__ramp_bars=4) as stage:
            stage.button("start")
            stage.session.toggle_practice()
            assert stage.session.state.practice.ramp_to == 180 * MICRO
            stage.session.toggle_practice()
            assert stage.session.state.practice == NOTHING
            assert stage.session.playing


class TestKept:
    def test_the_set_and_the_song_come_back_stopped(self, tmp_path: Path) -> None:
        stage = Stage(data=tmp_path)
        stage.session.open_set(SET, BOSSA)
        stage.run(3 * SECOND)
        assert 'song = "Tin Harbour Bossa"' in (tmp_path / KEPT_FILE).read_text()
        again = open_session(tmp_path, Settings(), [], no_engine=True)
        assert (again.gig.set_name, again.gig.number) == (SET, BOSSA)
        assert again.state.first_part.song == "Tin Harbour Bossa"
        assert not again.playing

    @pytest.mark.parametrize(
        ("song", "number", "loaded"),
        [("Tin Harbour Bossa", 3, 7), ("", 4, 0), ("No such song", 4, 0), ("Seventeen Lanterns", 9999, 1)],
    )
    def test_the_song_is_found_where_the_set_was_edited_meanwhile(
        self, tmp_path: Path, song: str, number: int, loaded: int
    ) -> None:
        (tmp_path / KEPT_FILE).write_text(f'set = "{SET}"\nsong = "{song}"\nnumber = {number}\n')
        again = open_session(tmp_path, Settings(), [], no_engine=True)
        assert again.gig.set_name == SET
        assert again.gig.number == (loaded or number)
        assert (again.gig.song is not None) is bool(loaded)

    def test_one_whose_file_has_gone_is_free_play(self, tmp_path: Path) -> None:
        (tmp_path / KEPT_FILE).write_text('set = "No such set"\nsong = "No such song"\nnumber = 3\n')
        again = open_session(tmp_path, Settings(), [], no_engine=True)
        assert again.gig.song is None
        assert again.notice(again.clock())

    def test_another_set_that_was_opened_while_a_song_played_comes_back_and_breaks_no_file(
        self, tmp_path: Path
    ) -> None:
        stage = Stage(data=tmp_path)
        stage.session.open_set(SET, KETTLE)
        stage.button("start")
        stage.session.open_set(ALL_SONGS)
        stage.run(3 * SECOND)
        for _ in range(2):
            told: list[str] = []
            again = open_session(tmp_path, Settings(), told, no_engine=True)
            again.tend()
            again.save()
            assert told == []
            assert (again.gig.set_name, again.kept.song, again.gig.number) == (ALL_SONGS, "The Fifth Kettle", 0)
            assert again.gig.following
            assert again.gig.following.number == 1

    def test_a_set_without_songs_comes_back(self, tmp_path: Path) -> None:
        stage = Stage(data=tmp_path)
        stage.session.pencil.new_set("Empty")
        stage.session.open_set("Empty")
        stage.run(3 * SECOND)
        again = open_session(tmp_path, Settings(), [], no_engine=True)
        assert (again.gig.set_name, again.gig.song) == ("Empty", None)

    def test_a_song_that_was_broken_meanwhile_is_told_and_the_set_goes_on_behind_it(self, tmp_path: Path) -> None:
        text = f'set = "{SET}"\nsong = "The Fifth Kettel"\nnumber = 3\n'
        (tmp_path / KEPT_FILE).write_text(text)
        told: list[str] = []
        again = open_session(tmp_path, Settings(), told, no_engine=True)
        assert told == ["No song 'The Fifth Kettel'"]
        assert (again.gig.set_name, again.gig.song) == (SET, None)
        again.next()
        assert again.gig.number == 4

    def test_a_song_that_was_moved_meanwhile_is_found_where_it_is(self, tmp_path: Path) -> None:
        (tmp_path / KEPT_FILE).write_text(f'set = "{SET}"\nsong = "Borrowed Boots"\nnumber = 3\n')
        again = open_session(tmp_path, Settings(), [], no_engine=True)
        assert again.gig.song
        assert (again.gig.song.name, again.gig.number) == ("Borrowed Boots", BOOTS)

    def test_an_engine_that_plays_a_song_is_taken_over_in_its_place(self) -> None:
        scene = Scene()
        scene.session.open_set(SET, STAIRS)
        scene.later(0).pressed(Gesture.START).later(10 * SECOND)
        old = scene.session
        other = Session(scene.client, old.library, Belongings(old.settings, old.kept), None, lambda: scene.now)
        other._adopt()
        other.tend()
        assert (other.gig.set_name, other.gig.number) == (SET, STAIRS)
        assert sounding(other) == "One More for the Stairs"

    def test_a_nudge_that_was_stored_is_not_stored_again_and_the_edited_song_is_loaded_at_the_stop(self) -> None:
        scene = Scene()
        scene.session.open_set(SET)
        scene.pressed(Gesture.START).later(10 * SECOND).turned(-4)
        scene.session.store_tempo()
        old = scene.session
        other = Session(scene.client, old.library, Belongings(old.settings, old.kept), None, lambda: scene.now)
        other._adopt()
        assert other.nudged_micro_bpm == 0
        other.store_tempo()
        assert other.library.songs["Seventeen Lanterns"].micro_bpm == 108 * MICRO
        scene.client.sent.clear()
        other.start_stop()
        other.tend()
        assert [arguments["part"].micro_bpm for name, arguments in scene.client.sent if name == "song"] == [108 * MICRO]


def test_a_set_of_one_song_twice_counts_its_places() -> None:
    stage = gig(1)
    twice = SetList("Twice", (Entry("The Fifth Kettle"), Entry("Borrowed Boots"), Entry("The Fifth Kettle")))
    stage.session.library.sets["Twice"] = twice
    stage.session.open_set("Twice")
    for number in (2, 3):
        stage.button("next")
        assert stage.session.gig.number == number
    stage.run(SECOND)
    assert stage.session.kept.number == 3


class TestAllSongs:
    def test_a_new_song_that_comes_before_it_leaves_the_one_that_plays_and_the_one_that_waits_as_they_are(self) -> None:
        stage = gig(1)
        stage.session.open_set(ALL_SONGS, 3)
        stage.button("start")
        stage.session.choose_song(5)
        waits = stage.session.gig.cued_song
        assert stage.session.pencil.new_song("A", "Money beat", 120 * MICRO) == ""
        assert stage.session.gig.here
        assert (stage.session.gig.number, stage.session.gig.cued, stage.session.gig.cued_song) == (4, 6, waits)

    def test_one_that_was_renamed_is_loaded_where_it_stands_now(self) -> None:
        stage = gig(1)
        stage.session.open_set(ALL_SONGS, 3)
        assert stage.session.gig.song
        assert stage.session.pencil.name_song(stage.session.gig.song.name, "Zzz") == ""
        here = stage.session.gig.here
        assert here
        assert (here.number, here.entry.song) == (1, "Zzz"), "one's own come first"
