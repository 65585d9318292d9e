"""The set list by hand: songs are loaded, wait and are called off; sets, the menu's rows, practice, clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from panel.canvas import Canvas
from panel.gig import ALL_SONGS
from panel.music.song import Entry, SetList
from panel.music.tempo import MICRO
from panel.screens.clock import clock_text
from panel.screens.listing import COMING, HERE, ListScreen
from panel.screens.setlist import SetList as SetListScreen
from tests.panel.stage import MS, SECOND, Stage

SET = "Ten to try"


_STAGES: list[Stage] = []


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Every stage that was opened is closed."""
    yield
    while _STAGES:
        _STAGES.pop().app.close()


def set_up() -> Stage:
    """A stage that is closed behind the test."""
    _STAGES.append(Stage())
    return _STAGES[-1]


def opened(number: int = 1, name: str = SET) -> Stage:
    """A stage with a set and its song of that number loaded."""
    stage = set_up()
    stage.session.open_set(name, number)
    return stage.run(SECOND)


def rows(stage: Stage) -> ListScreen:
    """The list that is up."""
    screen = stage.machine.screen
    assert isinstance(screen, ListScreen)
    return screen


def label(stage: Stage) -> str:
    """The row under the cursor."""
    return rows(stage).lines[rows(stage).cursor].label


def value(stage: Stage, row: str) -> str:
    """The value of a row."""
    return next(line.value for line in rows(stage).lines if line.label == row)


def told(stage: Stage) -> str:
    """What the screen says."""
    notice = stage.session.notice(stage.now)
    return notice.text if notice else ""


def marks(stage: Stage) -> dict[str, str]:
    """The rows that are marked."""
    return {line.label: line.mark for line in rows(stage).lines if line.mark}


class TestSetList:
    def test_it_begins_at_the_song_that_is_loaded_with_the_next_one_below(self) -> None:
        stage = opened(4).down("Set list")
        assert (stage.state, label(stage)) == ("set list", "Eleven Miles of Gravel")
        assert marks(stage) == {"Eleven Miles of Gravel": HERE}
        after = rows(stage).lines[rows(stage).cursor + 1]
        assert (after.lead, after.label, after.value) == (" 5", "Slow Train, Warm Engine", "84")

    def test_stopped_a_press_loads_the_song(self) -> None:
        stage = opened(4).down("Set list", 1)
        assert (stage.state, stage.session.gig.number) == ("live", 5)
        assert stage.session.micro_bpm == 84 * MICRO

    def test_playing_it_waits_for_the_end_and_pressed_again_it_is_called_off(self) -> None:
        stage = opened(4).button("start").down("Set list", 2)
        assert (stage.state, stage.session.gig.number, stage.session.gig.cued) == ("live", 4, 6)
        stage.down("Set list")
        assert marks(stage) == {"Eleven Miles of Gravel": HERE, "Three against the Door": COMING}
        stage.turn(2).press()
        assert (stage.state, stage.session.gig.cued) == ("live", 0)
        stage.down("Set list", 3).button("start")
        assert (stage.session.playing, stage.session.gig.number) == (False, 7)

    def test_the_marks_follow_while_the_list_is_up(self) -> None:
        stage = opened(4).button("start").down("Set list", 1).down("Set list").button("start")
        assert stage.state == "set list"
        assert marks(stage) == {"Slow Train, Warm Engine": HERE}

    def test_the_song_that_sounds_is_not_lined_up_to_come_next(self) -> None:
        stage = opened(4).button("start").down("Set list", 0)
        assert (stage.state, stage.session.gig.cued) == ("live", 0)
        assert len(stage.sent("song")) == 1

    def test_a_song_without_a_file_can_not_be_loaded(self) -> None:
        stage = opened(4)
        del stage.session.library.songs["Slow Train, Warm Engine"]
        for playing in (False, True):
            stage.down("Set list", 1)
            assert (stage.state, told(stage)) == ("set list", "No file of that song")
            assert rows(stage).lines[4].value == "?"
            assert (stage.session.gig.number, stage.session.gig.cued, stage.session.playing) == (4, 0, playing)
            stage.button("start").button("encoder", 1650)

    def test_a_set_whose_file_is_gone_leads_on_to_the_others(self) -> None:
        stage = opened()
        del stage.session.library.sets[SET]
        stage.down("Set list")
        assert [line.label for line in rows(stage).lines] == ["Other sets"]
        assert stage.press().state == "sets"


class TestAHundredSongs:
    def stage(self, songs: int = 100, at: int = 57) -> Stage:
        stage = set_up()
        names = list(stage.session.library.songs)
        entries = tuple(Entry(names[n % len(names)], "with a note") for n in range(songs))
        stage.session.library.sets["All"] = SetList("All", entries)
        stage.session.open_set("All", at)
        return stage.run(SECOND)

    def test_the_cursor_gets_anywhere_and_loads_what_it_stands_on(self) -> None:
        stage = self.stage().down("Set list")
        assert rows(stage).cursor == 56
        stage.turn(43).press()
        assert stage.session.gig.number == 100
        stage.down("Set list")
        assert rows(stage).cursor == 99

    def test_no_row_is_made_for_a_frame(self, monkeypatch: pytest.MonkeyPatch) -> None:
        screen = self.stage(200).down("Set list").machine.screen
        assert isinstance(screen, SetListScreen)
        made: list[SetListScreen] = []
        monkeypatch.setattr(SetListScreen, "_made", made.append)
        for turn in range(30):
            screen.turn(turn % 5 - 2)
            screen.draw(Canvas(), 0)
        assert made == []


class TestSets:
    def test_without_a_set_the_row_leads_to_the_sets(self) -> None:
        with Stage() as stage:
            stage.down("Set list")
            assert (stage.state, label(stage)) == ("sets", "Ten to try")
            stage.turn(-2).press()
            assert (stage.state, stage.session.gig.set_name, stage.session.gig.number) == ("live", SET, 1)
            assert stage.session.micro_bpm == 112 * MICRO

    def test_all_songs(self) -> None:
        stage = opened().down("Set list", "Other sets", ALL_SONGS)
        assert stage.session.gig.number == 1
        assert len(stage.session.gig.items) == len(stage.session.library.songs)
        assert stage.session.gig.song
        assert stage.session.gig.song.name == next(iter(stage.session.library.songs))

    def test_a_set_that_is_opened_while_something_plays_waits_for_its_end(self) -> None:
        stage = opened(5).button("start").down("Set list", "Other sets", ALL_SONGS)
        gig, first = stage.session.gig, next(iter(stage.session.library.songs))
        assert (stage.session.playing, gig.song and gig.song.name, gig.cued) == (True, "Slow Train, Warm Engine", 1)
        stage.button("start")
        assert (gig.song and gig.song.name, gig.number) == (first, 1)

    def test_the_set_that_is_open_stays_where_it_is(self) -> None:
        stage = opened(6).down("Set list", "Other sets", SET)
        assert (stage.state, stage.session.gig.number) == ("live", 6)

    def test_no_set_is_free_play_with_pattern_and_tempo_from_before(self) -> None:
        stage = opened(5).down("Set list", "Other sets", "No set").run(SECOND)
        assert (stage.session.gig.is_open, stage.session.gig.song, stage.session.state.parts) == (False, None, ())
        assert (stage.session.pattern.name, stage.session.micro_bpm) == ("4/4 Basic", 120 * MICRO)

    def test_no_set_while_playing_lets_the_song_play_on_to_its_end(self) -> None:
        stage = opened(5).button("start").down("Set list", "Other sets", "No set")
        assert stage.session.state.parts[0].song == "Slow Train, Warm Engine"
        stage.button("start")
        assert (stage.session.state.parts, stage.session.pattern.name) == ((), "4/4 Basic")


class TestMenu:
    def test_the_rows_of_the_stage_come_first(self) -> None:
        labels = [line.label for line in rows(opened().press()).lines]
        assert labels == ["Mute", "Fill", "Next song", "Set list", "Patterns", "Beats", "Practice", "Levels", "Sound",
                          "Voices", "Ports", "Settings", "Time", "About", "Panic"]  # fmt: skip
        assert "Next song" not in [line.label for line in rows(set_up().press()).lines]

    def test_next_song_stopped_loads_it_and_the_last_one_is_the_last(self) -> None:
        stage = opened(9).press()
        assert value(stage, "Next song") == "One More for the Stairs"
        stage.turn(2).press()
        assert (stage.session.gig.number, value(stage, "Next song")) == (10, "none")
        stage.press()
        assert (stage.session.gig.number, told(stage)) == (10, "End of the set")

    def test_next_song_playing_waits_for_the_end_or_is_called_off(self) -> None:
        stage = opened(1).button("start").down("Next song")
        assert (stage.session.gig.cued, told(stage)) == (2, "> Spoons in the Drawer")
        stage.press()
        assert (stage.session.gig.cued, told(stage)) == (0, "Called off")

    def test_go_on_where_a_section_waits(self) -> None:
        stage = opened(7).button("start")
        while not stage.session.waits_for_next:
            stage.run(SECOND)
        part = stage.session.part_behind(stage.now)
        assert part
        stage.press()
        assert value(stage, "Go on") == part.name
        stage.turn(2).press()
        assert stage.sent("go on") == [{}]
        assert not any(line.label == "Go on" for line in rows(stage.run(5 * SECOND)).lines)

    def test_no_row_moves_under_the_hand(self) -> None:
        stage = opened(1).press().turn(3)
        assert label(stage) == "Set list"
        for _ in range(4):
            stage.button("tap").run(300 * MS)
        assert stage.session.nudged_micro_bpm
        assert label(stage) == "Set list"
        stage.press().button("encoder", 700)
        assert (stage.state, label(stage)) == ("menu", "Set list")
        assert [line.label for line in rows(stage).lines][3] == "Store tempo"


class TestClocks:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0, "0:00"), (59.999, "0:59"), (60, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (36061, "10:01:01")],
    )
    def test_the_text(self, seconds: float, text: str) -> None:
        assert clock_text(round(seconds * SECOND)) == text

    def test_the_song_counts_from_bar_one_and_the_set_from_the_first_start(self) -> None:
        stage = opened(4)  # counts in
        session = stage.session
        stage.run(10 * SECOND)
        assert (session.elapsed_ns(stage.now), session.set_elapsed_ns(stage.now)) == (0, 0)
        started = stage.now
        stage.button("start").run(SECOND)
        assert session.set_elapsed_ns(stage.now) == stage.now - started
        assert session.elapsed_ns(session.state.began_ns - 1) == 0
        assert session.elapsed_ns(session.state.began_ns + 7 * SECOND) == 7 * SECOND
        stage.button("start").run(60 * SECOND)
        assert session.elapsed_ns(stage.now) == 0
        stage.button("next").button("start").run(3 * SECOND)
        assert session.set_elapsed_ns(stage.now) == stage.now - started
        session.open_set(ALL_SONGS)
        assert session.set_elapsed_ns(stage.now) == 0

    def test_a_song_that_was_gone_on_into_counts_from_its_own_beginning(self) -> None:
        stage = opened(6).button("start")
        session = stage.session
        while session.gig.number == 6:
            stage.run(SECOND)
        section = session.section(stage.now)
        assert section.part.song == "Tin Harbour Bossa"
        began_ns = session.state.tempo_map.time_of(section.tick_of(section.song_bar))
        assert session.elapsed_ns(stage.now) == stage.now - began_ns < 2 * SECOND
        stage.button("start")
        assert session.gig.went_on_ns == 0

    def test_the_screen_is_drawn_anew_when_a_second_is_over(self) -> None:
        stage = opened(4).button("start").run(5 * SECOND).button("start").down("Time")
        assert stage.state == "time"
        began_ns = stage.session.gig.began_ns
        frames = len(stage.glass.frames)
        stage.run(10 * SECOND)
        times = [at - began_ns for at, _ in stage.glass.frames[frames:]]
        assert len(times) == 10
        assert all(ns % SECOND < 5 * MS for ns in times)


class TestPractice:
    def test_it_begins_with_start_and_ends_with_stop(self) -> None:
        with Stage(practice__gap_on=2, practice__gap_off=1) as stage:
            stage.down("Practice")
            assert value(stage, "Begin") == "with START"
            stage.press()
            assert (value(stage, "End"), stage.session.practising) == ("waits for START", True)
            stage.button("start")
            assert value(stage, "End") == "on"
            corners: list[str] = []
            for _ in range(6):
                stage.run(SECOND)
                corners += [rows(stage).corner, ""]
                stage.run(SECOND)
            assert [corner for corner in corners if corner] == ["120.0", "120.0", "silent"] * 2
            stage.button("start")
            assert value(stage, "Begin") == "with START"

    def test_while_playing_it_begins_and_ends_at_the_bar_line(self) -> None:
        with Stage(practice__mutes=30) as stage:
            stage.button("start").down("Practice")
            assert value(stage, "Begin") == "next bar"
            stage.press().press()
            assert [sent["practice"].mutes for sent in stage.sent("practise")] == [30, 0]

    def test_a_row_is_edited_and_heard_at_once_while_practising(self) -> None:
        with Stage() as stage:
            stage.down("Practice", "Random mutes").turn(6).press()
            assert (stage.state, stage.session.settings["practice.mutes"]) == ("practice", 30)
            assert value(stage, "Random mutes") == "30 %"
            assert stage.sent("practise") == []
            stage.turn(-9).press().button("start").turn(3).press().turn(4).turn(1)
            assert [sent["practice"].mutes for sent in stage.sent("practise")] == [50, 55]
            stage.press().turn(-9).press().run(SECOND)
            assert [sent["practice"].mutes for sent in stage.sent("practise")] == [50, 55, 0]


@pytest.mark.parametrize("act", [lambda stage: stage.turn(1), lambda stage: stage.press()])
def test_no_file_is_needed_for_any_of_it(act: Callable[[Stage], object]) -> None:
    """A box whose library is empty has lists without songs, and nothing breaks."""
    stage = opened()
    stage.session.library.songs.clear()
    for row in ("Set list", "Practice", "Time"):
        stage.down(row)
        act(stage)
        stage.run(SECOND).button("encoder", 1650)
        assert stage.state == "live"
        assert not told(stage).startswith("Screen")
