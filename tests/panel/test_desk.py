"""Songs and sets edited with knob and wheel: what the files hold afterwards, comments and all, and what plays on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.gallery import turns_to
from panel.gig import ALL_SONGS
from panel.library import load_library
from panel.music.tempo import MICRO
from panel.screens.listing import ListScreen
from panel.screens.songedit import parts_by_table
from panel.screens.wheel import DELETE, DONE, WHEEL
from tests.panel.stage import SECOND, Stage

SET = "Ten to try"
SHIPPED = load_library(None)
SET_TEXT = SHIPPED.sources["sets", SET].read_text()
KETTLE, MILES, TRAIN = "The Fifth Kettle", "Eleven Miles of Gravel", "Slow Train, Warm Engine"

NIGHT = """# for the small stage
format = 1
name   = "Night"
songs  = '''
One     | soft
Two
# break
Three >
'''
"""
ONE = """name  = "One" # the first
tempo = 100   # not faster

[a]
pattern = "Money beat" # no. 1
bars    = 4
"""
TWO = """name = "Two"
tempo = 90 # slow
form = "a b*2"
[a]
pattern = "Samba"
bars = 4
ramp_to = 120 # and no further
[b] # the rest
pattern = "Money beat"
bars = 2
tempo = 60.5
"""
THREE = ONE.replace("One", "Three").replace("100", "140")


class Desk(Stage):
    """A stage with the set Night of three songs, in files of the user's own, and its first song loaded."""

    def __init__(self, data: Path) -> None:
        for kind, name, text in (("sets", "night", NIGHT), ("songs", "one", ONE), ("songs", "two", TWO),
                                 ("songs", "three", THREE)):  # fmt: skip
            (data / kind).mkdir(exist_ok=True)
            (data / kind / f"{name}.toml").write_text(text)
        super().__init__(data=data)
        self.data = data
        self.session.library = load_library(data)
        self.session.open_set("Night")

    def text(self, path: str) -> str:
        """A file of the user's own, once it is written."""
        self.run(3 * SECOND)
        assert not self.session.changes
        assert load_library(self.data).faults == ()
        return (self.data / path).read_text()

    def files(self) -> list[str]:
        """The user's own songs and sets, once they are written."""
        self.run(3 * SECOND)
        return sorted(f"{path.parent.name}/{path.name}" for path in self.data.glob("*/*.toml"))

    def rows(self) -> dict[str, str]:
        """The list that is up: labels and values."""
        screen = self.machine.screen
        assert isinstance(screen, ListScreen)
        return {line.label: line.value for line in screen.lines}

    def under(self) -> str:
        """The row under the cursor."""
        screen = self.machine.screen
        assert isinstance(screen, ListScreen)
        return screen.lines[screen.cursor].label

    def enter(self, text: str, delete: int = 0) -> Desk:
        """Delete so many characters and enter a name on the wheel."""
        if delete:
            self.turn(WHEEL.index(DELETE)).press(delete).turn(-WHEEL.index(DELETE))
        for character in text.lower():
            self.turn(WHEEL.index(character)).press()
        self.turn(WHEEL.index(DONE)).press()
        return self

    def edit(self, *further: int | str) -> Desk:
        """From Live to the set's edits, to a song and in."""
        self.button("encoder", 1650).down("Set list", "Edit set", *further)
        return self

    @property
    def told(self) -> str:
        """What the screen says."""
        notice = self.session.notice(self.now)
        return notice.text if notice else ""

    @property
    def names(self) -> list[str]:
        """The songs of the set."""
        return [item.entry.song for item in self.session.gig.items]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path) as stage:
        assert isinstance(stage, Desk)
        yield stage


class TestMove:
    def test_the_song_goes_where_it_is_turned_and_remarks_stay(self, desk: Desk) -> None:
        desk.edit("One", "Move").turn(2)
        assert list(desk.rows()) == ["Two", "Three", "One"]
        assert desk.names == ["One", "Two", "Three"]
        desk.press()
        assert (desk.state, desk.names, desk.under()) == ("set edit", ["Two", "Three", "One"], "One")
        assert desk.text("sets/night.toml") == NIGHT.replace("One     | soft\n", "").replace(
            "Three >\n", "Three >\nOne     | soft\n"
        )

    def test_back_leaves_it_where_it_was(self, desk: Desk) -> None:
        desk.edit("One", "Move").turn(2).button("encoder", 700)
        assert (desk.state, desk.names) == ("set song", ["One", "Two", "Three"])
        assert desk.text("sets/night.toml") == NIGHT

    @pytest.mark.parametrize(
        ("loaded", "cued", "moved", "steps"),
        [
            (1, 3, "One", 2),
            (1, 3, "Two", -1),
            (1, 3, "Three", -2),
            (2, 3, "One", 1),
            (2, 1, "Three", -1),
            (3, 1, "Two", 1),
        ],
    )
    def test_the_song_that_plays_and_the_one_that_waits_are_still_those(
        self, desk: Desk, loaded: int, cued: int, moved: str, steps: int
    ) -> None:
        desk.session.choose_song(loaded)
        before = desk.names[loaded - 1], desk.names[cued - 1]
        desk.button("start")
        desk.session.choose_song(cued)
        desk.edit(moved, "Move").turn(steps).press()
        gig = desk.session.gig
        assert gig.here
        assert gig.following
        assert (gig.here.entry.song, gig.following.entry.song) == before
        desk.button("start")
        assert gig.song
        assert gig.song.name == before[1]

    def test_a_set_that_ships_becomes_a_copy_of_ones_own(self, desk: Desk) -> None:
        desk.session.open_set(SET, 3)
        desk.edit(MILES, "Move").turn(-1).press()
        lines = SET_TEXT.splitlines(keepends=True)
        at = next(n for n, line in enumerate(lines) if line.startswith(MILES))
        lines[at - 1 : at + 1] = lines[at], lines[at - 1]
        assert desk.text("sets/ten-to-try.toml") == "".join(lines)
        assert desk.session.gig.number == 4


class TestRemove:
    def test_no_is_the_default(self, desk: Desk) -> None:
        desk.edit("Two", "Remove")
        assert desk.under() == "No"
        desk.press()
        assert (desk.state, desk.names) == ("set song", ["One", "Two", "Three"])
        assert desk.text("sets/night.toml") == NIGHT

    def test_yes_takes_it_off_the_set_and_its_file_stays(self, desk: Desk) -> None:
        desk.edit("Two", "Remove", "Yes")
        assert (desk.state, desk.names) == ("set edit", ["One", "Three"])
        assert desk.text("sets/night.toml") == NIGHT.replace("Two\n", "")
        assert desk.text("songs/two.toml") == TWO

    def test_the_song_that_plays_plays_on_and_the_one_behind_it_comes_next(self, desk: Desk) -> None:
        desk.session.choose_song(2)
        desk.button("start")
        desk.edit("Two", "Remove", "Yes")
        gig = desk.session.gig
        assert desk.session.playing
        assert gig.song
        assert gig.following
        assert (gig.song.name, gig.here, gig.following.entry.song) == ("Two", None, "Three")

    def test_down_to_none_and_up_again(self, desk: Desk) -> None:
        for name in ("One", "Two", "Three"):
            desk.edit(name, "Remove", "Yes")
        assert list(desk.rows()) == ["Add song", "New song", "Set's name"]
        assert desk.text("sets/night.toml") == NIGHT.replace("One     | soft\nTwo\n", "").replace("Three >\n", "")
        desk.edit("Add song", "Two")
        assert (desk.state, desk.names, desk.under()) == ("set edit", ["Two"], "Two")


class TestSong:
    def test_the_tempo_is_written_once_the_hand_is_through(self, desk: Desk) -> None:
        desk.edit("One", "Tempo").turn(-10).turn(25)
        assert desk.session.library.songs["One"].micro_bpm == 100 * MICRO
        desk.press().run(SECOND)
        assert (desk.state, desk.session.micro_bpm) == ("set song", 101_500_000)
        assert desk.rows()["Tempo"] == "101.5"
        assert desk.text("songs/one.toml") == ONE.replace("100", "101.5")

    def test_back_and_home_keep_a_tempo_too_and_none_that_was_not_turned(self, desk: Desk) -> None:
        desk.edit("One", "Tempo").turn(1).button("encoder", 1650)
        desk.edit("Two", "Tempo").button("encoder", 700)
        assert desk.text("songs/one.toml") == ONE.replace("100", "100.1")
        assert desk.text("songs/two.toml") == TWO

    def test_what_plays_goes_on_as_it_is_until_the_stop(self, desk: Desk) -> None:
        desk.button("start")
        desk.edit("One", "Tempo").turn(100)
        desk.press().run(SECOND)
        assert (desk.session.micro_bpm, len(desk.sent("song"))) == (100 * MICRO, 1)
        desk.button("start")
        assert (desk.session.micro_bpm, len(desk.sent("song"))) == (110 * MICRO, 2)

    def test_one_section_straight_on_to_the_patterns(self, desk: Desk) -> None:
        desk.edit("One", "Pattern")
        assert (desk.state, desk.under()) == ("song pattern", "Money beat")
        desk.turn(1)
        chosen = desk.under()
        desk.press().run(SECOND)
        assert (desk.state, desk.rows()["Pattern"], desk.session.pattern.name) == ("set song", chosen, chosen)
        assert desk.sent("pattern") == []
        assert desk.text("songs/one.toml") == ONE.replace("Money beat", chosen)

    def test_one_of_two_sections(self, desk: Desk) -> None:
        desk.edit("Two", "Patterns")
        assert desk.rows() == {"A": "Samba", "B": "Money beat"}
        desk.turn(1).press().turn(-1)
        chosen = desk.under()
        desk.press()
        assert desk.text("songs/two.toml") == TWO.replace("Money beat", chosen)

    def test_a_pattern_that_does_not_fit_is_told_in_words_and_the_song_stays(self, desk: Desk) -> None:
        desk.session.open_set(SET, 4)
        desk.edit(MILES, "Patterns", 0)
        names = list(desk.session.library.patterns)
        without = next(name for name in names if not desk.session.library.patterns[name].fill)
        desk.turn(names.index(without) - names.index(desk.under())).press()
        assert desk.state == "song pattern"
        assert desk.told == f"'{without}' has no fill: choose another, or take fill_last out"
        assert desk.session.library.songs[MILES] == SHIPPED.songs[MILES]
        assert not list((desk.data / "songs").glob("eleven*"))

    def test_goes_on(self, desk: Desk) -> None:
        desk.edit("One", "Goes on")
        assert desk.rows()["Goes on"] == "on"
        assert desk.text("sets/night.toml") == NIGHT.replace("One     |", "One >   |")
        desk.press()
        assert desk.text("sets/night.toml") == NIGHT
        desk.button("start").press()
        assert [part.song for part in desk.session.state.parts] == ["One", *["Two"] * 3]
        desk.press()
        assert desk.rows()["Goes on"] == "off"
        desk.run(SECOND)
        assert [part.song for part in desk.session.state.parts] == ["One"]

    def test_a_song_without_a_file_has_only_its_place(self, desk: Desk) -> None:
        del desk.session.library.songs["Two"]
        desk.edit("Two")
        assert list(desk.rows()) == ["Move", "Goes on", "Remove"]

    def test_songs_are_edited_without_a_set_too(self, desk: Desk) -> None:
        desk.session.open_set(ALL_SONGS)
        desk.edit("One")
        assert list(desk.rows()) == ["Tempo", "Pattern", "Name"]
        desk.button("encoder", 700)
        assert list(desk.rows())[-1] == "New song"

    def test_among_all_songs_the_one_in_the_hand_stays_in_it_though_it_becomes_ones_own(self, desk: Desk) -> None:
        desk.session.open_set(ALL_SONGS, len(desk.session.library.songs))
        last = desk.names[-1]
        desk.edit(last, "Tempo")
        desk.turn(1).press().run(3 * SECOND)  # a copy is written
        desk.edit(last, "Name")
        desk.enter("x")
        assert desk.state == "set song"
        desk.turn(turns_to("Patterns", desk.machine.screen)).press()
        assert list(desk.rows()) == [part.name for part in parts_by_table(SHIPPED.songs[last]).values()]
        assert {last} <= set(SHIPPED.songs)
        here = desk.session.gig.here
        assert here
        assert here.entry.song == f"{last}x"


class TestNames:
    def test_a_song_is_renamed_in_its_sets_and_loaded_anew(self, desk: Desk) -> None:
        desk.edit("One", "Name")
        desk.enter("ce", delete=3)
        assert (desk.state, desk.names[0]) == ("set song", "Ce")
        assert desk.text("songs/one.toml") == ONE.replace('"One"', '"Ce"')
        assert desk.text("sets/night.toml") == NIGHT.replace("One  ", "Ce   ")
        gig = desk.session.gig
        assert gig.here
        assert (gig.here.number, desk.session.state.parts[0].song, desk.session.kept.song) == (1, "Ce", "Ce")

    def test_a_shipped_song_becomes_ones_own_by_its_new_name(self, desk: Desk) -> None:
        desk.session.open_set(SET, 3)
        desk.edit(KETTLE, "Name")
        desk.enter("x")
        name = f"{KETTLE}x"
        assert desk.text("songs/the-fifth-kettlex.toml") == SHIPPED.sources["songs", KETTLE].read_text().replace(
            f'"{KETTLE}"', f'"{name}"'
        )
        assert desk.text("sets/ten-to-try.toml") == SET_TEXT.replace(f"{KETTLE}        |", f"{name}       |")
        assert {KETTLE, name} < set(desk.session.library.songs)
        assert desk.session.gig.song
        assert desk.session.gig.song.name == name

    def test_a_name_that_is_taken_is_told_and_the_wheel_stays(self, desk: Desk) -> None:
        desk.edit("One", "Name")
        desk.enter("two", delete=3)
        assert (desk.state, desk.told) == ("song name", "That name is taken")
        assert desk.text("songs/one.toml") == ONE

    def test_a_name_that_a_set_could_not_say(self, desk: Desk) -> None:
        desk.edit("One", "Name")
        desk.enter("#2", delete=3)
        assert (desk.state, desk.told) == ("song name", "No # first, no > last")

    def test_not_while_playing(self, desk: Desk) -> None:
        desk.button("start")
        desk.edit("Two", "Name")
        desk.enter("x")
        assert (desk.state, desk.told, desk.names[1]) == ("song name", "Names: only while stopped", "Two")

    def test_the_same_name_is_no_edit(self, desk: Desk) -> None:
        desk.edit("One", "Name")
        desk.enter("")
        assert (desk.state, bool(desk.session.changes)) == ("set song", False)

    def test_a_set_is_renamed_and_stays_open(self, desk: Desk) -> None:
        desk.edit("Set's name")
        desk.enter("s")
        assert (desk.state, desk.session.gig.set_name, desk.session.kept.set_name) == ("set edit", "Nights", "Nights")
        assert desk.text("sets/night.toml") == NIGHT.replace('"Night"', '"Nights"')
        assert list(desk.session.library.sets) == ["Nights", SET]

    @pytest.mark.parametrize("taken", [SET, ALL_SONGS])
    def test_a_sets_name_that_is_taken(self, desk: Desk, taken: str) -> None:
        assert desk.session.pencil.name_set(taken) == "That name is taken"
        assert desk.session.pencil.new_set(taken) == "That name is taken"
        assert desk.session.gig.set_name == "Night"


class TestNew:
    def test_a_song_of_the_pattern_and_tempo_that_are_chosen(self, desk: Desk) -> None:
        desk.session.choose(desk.session.library.patterns["Samba"])
        desk.session.nudge(3)
        desk.edit("New song")
        desk.enter("four")
        assert (desk.state, desk.under(), desk.names[-1]) == ("set edit", "Four", "Four")
        assert desk.text("songs/four.toml") == (
            'format  = 1\nname    = "Four"\ntempo   = 103\n\n[groove]\npattern = "Samba"\nbars    = "until told"\n'
        )
        assert desk.text("sets/night.toml") == NIGHT.replace("Three >\n", "Three >\nFour\n")

    def test_a_song_without_a_set(self, desk: Desk) -> None:
        desk.session.open_set(ALL_SONGS)
        desk.edit("New song")
        desk.enter("four")
        assert (desk.state, "Four" in desk.names) == ("set edit", True)
        assert "songs/four.toml" in desk.files()

    def test_a_set_is_open_at_once_and_filled(self, desk: Desk) -> None:
        desk.down("Set list", "Other sets", "New set")
        desk.enter("sunday")
        assert (desk.state, desk.session.gig.set_name, desk.names) == ("set edit", "Sunday", [])
        desk.turn(-9).press()
        assert desk.state == "song add"
        desk.turn(list(desk.rows()).index("Two")).press()
        assert desk.text("sets/sunday.toml") == 'format = 1\nname   = "Sunday"\nsongs  = """\nTwo\n"""\n'
        desk.button("encoder", 1650).down("Set list", "Two")
        assert desk.session.gig.song
        assert desk.session.gig.song.name == "Two"

    def test_a_set_has_two_hundred_songs_at_most(self, desk: Desk) -> None:
        for _ in range(197):
            assert desk.session.pencil.add("One") == ""
        desk.edit("Add song", "One")
        assert (desk.state, desk.told, len(desk.names)) == ("song add", "A set has 200 songs at most", 200)


class TestStoreTempo:
    def test_stopped_all_tempos_are_scaled_and_comments_kept(self, desk: Desk) -> None:
        desk.session.choose_song(2)
        desk.run(SECOND).turn(9).down("Store tempo")
        assert desk.told == "Stored 99.0"
        assert desk.text("songs/two.toml") == TWO.replace("= 90 ", "= 99 ").replace("120", "132").replace(
            "60.5", "66.5"
        )
        assert (desk.session.micro_bpm, desk.session.nudged_micro_bpm) == (99 * MICRO, 0)
        desk.press()
        assert desk.told == "Tempo is as stored"

    def test_playing_it_is_stored_once_and_plays_on_as_it_does(self, desk: Desk) -> None:
        desk.button("start").turn(2).down("Store tempo")
        assert (desk.told, desk.session.nudged_micro_bpm, desk.rows()["Store tempo"]) == ("Stored 102.0", 0, "stored")
        desk.press()
        assert desk.text("songs/one.toml") == ONE.replace("100", "102")
        assert (desk.session.micro_bpm, len(desk.sent("song"))) == (102 * MICRO, 1)
        desk.button("encoder", 1650).turn(3)
        assert desk.session.nudged_micro_bpm == 3 * MICRO
        desk.down("Store tempo")
        assert desk.text("songs/one.toml") == ONE.replace("100", "105")
        desk.button("start").run(SECOND)
        assert (desk.session.micro_bpm, desk.session.nudged_micro_bpm) == (105 * MICRO, 0)
        assert len(desk.sent("song")) == 2

    def test_no_row_where_there_is_nothing_to_store(self, desk: Desk) -> None:
        desk.press()
        assert "Store tempo" not in desk.rows()

    def test_a_song_that_ships_becomes_a_copy_of_ones_own(self, desk: Desk) -> None:
        desk.session.open_set(SET, 5)
        desk.run(SECOND).turn(21).down("Store tempo")
        text = SHIPPED.sources["songs", TRAIN].read_text()
        changes = (("tempo    = 84", "tempo    = 105"), ("ramp_to = 132", "ramp_to = 165"), ("66.5", "83.1"))
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        assert desk.text("songs/slow-train-warm-engine.toml") == text
