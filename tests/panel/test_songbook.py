"""Songs and sets edited on the box: what was not edited stays as it was written, and the disk has it in the end."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.changes import RETRY_NS, SETTLE_NS, Changes
from panel.library import Loaded, load_library
from panel.music.setlist import parse_set
from panel.music.songsheet import parse_song
from panel.music.tempo import MICRO
from panel.songbook import (
    new_set,
    new_song,
    with_going_on,
    with_name,
    with_pattern,
    with_song,
    with_song_moved,
    with_song_renamed,
    with_tempo,
    with_tempos_stretched,
    without_song,
)
from panel.tomltext import TextError

SHIPPED = load_library(None)
SONG = SHIPPED.sources["songs", "Nobody Moved the Van"].read_text()
SET = SHIPPED.sources["sets", "Ten to try"].read_text()


def songs_of(text: str) -> list[str]:
    return [entry.song for entry in parse_set(text.encode(), "x").entries]


class TestASong:
    @pytest.mark.parametrize(
        ("edit", "old", "new"),
        [
            (lambda text: with_tempo(text, 190 * MICRO), "tempo    = 184\n", "tempo    = 190\n"),
            (lambda text: with_tempo(text, 190_449_999, "riff"), "tempo    = 184\n", "tempo    = 190.4\n"),
            (lambda text: with_tempo(text, 155 * MICRO, "stop"), "= 160      ", "= 155      "),
            (lambda text: with_pattern(text, "shout", "Ska"), '"D-beat"', '"Ska"'),
            (lambda text: with_name(text, 'Van "2"'), '"Nobody Moved the Van"', '"Van \\"2\\""'),
        ],
    )
    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    def test_an_edit_changes_a_value_and_nothing_else(
        self, edit: Callable[[str], str], old: str, new: str, line_end: str
    ) -> None:
        assert SONG.count(old) == 1
        after = edit(SONG.replace("\n", line_end))
        assert after == SONG.replace(old, new).replace("\n", line_end)
        parse_song(after.encode(), "x", SHIPPED.patterns)

    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    def test_all_tempos_stretched(self, line_end: str) -> None:
        text = (
            "tempo = 120 # the band's\n[practice]\nramp_to = 140\nramp_bars = 8\n[a]\ntempo = 60.5 # half\n"
            "[b] # no tempo\n[c]\nramp_to = 299\n[d]\nramp_to=30\n"
        ).replace("\n", line_end)
        expected = text.replace("120", "121.2").replace("60.5", "61.1").replace("299", "300").replace("=30", "=30.3")
        assert with_tempos_stretched(text, Fraction(101, 100), "a", 1) == expected
        assert with_tempos_stretched(text, Fraction(1), "a", 1) == text

    def test_a_stretched_tempo_that_only_the_pattern_or_nothing_says(self) -> None:
        said = "[a]\npattern = 'P'\n[b]\ntempo = 100\n"
        after = with_tempos_stretched("name = 'S'\n" + said, Fraction(11, 10), "a", 132 * MICRO)
        assert after == "name = 'S'\ntempo = 132\n" + said.replace("100", "110")
        assert with_tempos_stretched(said, Fraction(11, 10), "b", 110 * MICRO) == said.replace("100", "110")

    def test_a_tempo_that_the_song_did_not_say(self) -> None:
        text = 'name = "S" # mine\n\n[a]\npattern = "Samba"\nbars = 4\n'
        assert with_tempo(text, 99 * MICRO, "a") == text.replace("# mine\n", "# mine\ntempo = 99\n")

    def test_a_new_one(self) -> None:
        song = parse_song(new_song('A "1"', "Samba", 117_300_000).encode(), "x", SHIPPED.patterns)
        assert (song.name, song.micro_bpm, song.tables) == ('A "1"', 117_300_000, ("groove",))
        assert (song.parts[0].pattern, song.parts[0].bars) == (SHIPPED.patterns["Samba"], 0)


class TestASet:
    def test_a_line_is_moved_with_its_note_and_remarks_stay(self) -> None:
        lines = SET.split("\n")
        van = next(number for number, line in enumerate(lines) if line.startswith("Nobody"))
        after = with_song_moved(SET, 7, 6, "Nobody Moved the Van").split("\n")
        assert after == [*lines[: van - 3], lines[van], *lines[van - 3 : van], *lines[van + 1 :]]
        assert with_song_moved("\n".join(after), 6, 7, "Nobody Moved the Van").split("\n")[van - 2] == lines[van]

    def test_a_line_more_and_a_line_less(self) -> None:
        more = with_song(SET, 10, "Encore")
        assert more == SET.replace("empty\n", "empty\nEncore\n")
        assert without_song(more, 10, "Encore") == SET
        assert with_song(SET, 0, "Encore") == SET.replace("Seventeen", "Encore\nSeventeen")
        assert with_song(SET, 7, "Encore") == SET.replace("until NEXT\n", "until NEXT\nEncore\n")

    def test_a_song_has_another_name_and_its_note_stays_in_its_column(self) -> None:
        old, new = "Spoons in the Drawer    |", "Spoons                  |"
        assert with_song_renamed(SET, "Spoons in the Drawer", "Spoons") == SET.replace(old, new)
        longer = "Spoons in all of the Drawers |"
        assert with_song_renamed(SET, "Spoons in the Drawer", longer[:-2]) == SET.replace(old, longer)
        assert with_song_renamed('songs = "A > | A"', "A", "B") == 'songs = """\nB > | A\n"""'
        assert with_song_renamed(SET, "Spoons", "Forks") == SET

    def test_a_song_goes_on_into_the_next_or_not_and_its_note_stays_in_its_column(self) -> None:
        on = SET.replace("Spoons in the Drawer    |", "Spoons in the Drawer >  |")
        assert with_going_on(SET, 1, "Spoons in the Drawer", True) == on
        assert with_going_on(on, 1, "Spoons in the Drawer", True) == on
        assert with_going_on(on, 1, "Spoons in the Drawer", False) == SET
        off = SET.replace("Three against the Door > |", "Three against the Door   |")
        assert with_going_on(SET, 5, "Three against the Door", False) == off
        assert with_going_on(off, 5, "Three against the Door", True) == SET
        assert with_going_on(SET, 0, "Seventeen Lanterns", True) == SET.replace("Lanterns\n", "Lanterns >\n")
        assert with_going_on(SET, 0, "Nobody's", True) == SET

    def test_by_hand_the_file_has_changed_meanwhile(self) -> None:
        """The song is what is meant; where it is gone nothing is taken out in its place."""
        shorter = without_song(SET, 0, "Seventeen Lanterns")
        assert "Kettle" not in without_song(shorter, 2, "The Fifth Kettle")
        assert songs_of(with_song_moved(shorter, 2, 0, "The Fifth Kettle"))[0] == "The Fifth Kettle"
        assert without_song(shorter, 0, "Seventeen Lanterns") == shorter
        assert with_song_moved(shorter, 0, 3, "Seventeen Lanterns") == shorter
        twice = new_set("S", ["A", "B", "A"])
        assert songs_of(without_song(twice, 2, "A")) == ["A", "B"]
        assert songs_of(without_song(twice, 0, "A")) == ["B", "A"]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ('songs = ""', 'songs = """\nX\n"""'),
            ("songs = 'A' # mine", 'songs = """\nA\nX\n""" # mine'),
            ('songs = """A"""', 'songs = """A\nX"""'),
            ('songs = """\nA"""', 'songs = """\nA\nX"""'),
            ("songs = '''\n  A | \\o/\n'''\n", "songs = '''\n  A | \\o/\n  X\n'''\n"),
            ('songs = """\n  A | \\\\o\n"""', 'songs = """\n  A | \\\\o\n  X\n"""'),
            ('songs = """\r\nA\r\n"""\r\n', 'songs = """\r\nA\r\nX\r\n"""\r\n'),
            ('songs = """\n# none yet\n"""', 'songs = """\n# none yet\nX\n"""'),
            ('songs = """\nA \\\n | note\n"""', 'songs = """\nA | note\nX\n"""'),
            ('\ufeffsongs = "A"', '\ufeffsongs = """\nA\nX\n"""'),
        ],
    )
    def test_however_the_songs_are_written(self, before: str, after: str) -> None:
        assert with_song(before, 5, "X") == after

    @pytest.mark.parametrize("name", ['"', '"""', '""""""', "'''", "\\", "\\u0000", "é→😀", 'a\\"'])
    @pytest.mark.parametrize("text", [new_set("S"), "name = 'S'\nsongs = '''\nA'''\n", 'name = "S"\nsongs = """A"""\n'])
    def test_whatever_a_song_is_called(self, text: str, name: str) -> None:
        assert songs_of(with_song(text, 9, name)) == [*songs_of(text), name]
        assert songs_of(with_song(text, 0, name)) == [name, *songs_of(text)]

    def test_what_is_no_list_of_songs_is_refused(self) -> None:
        for text in ("songs = 3", "", "songs = ['A']", "songs ="):
            with pytest.raises(ValueError):  # noqa: PT011 - of either kind
                with_song(text, 0, "X")


LINES = st.lists(
    st.sampled_from(["A", "B  | b", " C >", "", "# D", "  ", "É | \\ ' \" '''", 'Q "x" | """']), max_size=8
)
WRITTEN = ('"""\n{}\n"""', '"""{}"""', "'''\n{}'''")


@st.composite
def sets(draw: st.DrawFn) -> str:
    """Sets as people write them."""
    lines = draw(LINES)
    quotes = draw(st.sampled_from(WRITTEN))
    if quotes[0] == '"':
        lines = [line.replace("\\", "\\\\").replace('"""', '\\"""') for line in lines]
    elif "'''" in "".join(lines):
        quotes = WRITTEN[0]
        lines = [line.replace("\\", "\\\\").replace('"""', '\\"""') for line in lines]
    text = f"name = 'S' # s\nsongs = {quotes.format(chr(10).join(lines))} # x\nabout = ''\n"
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@given(sets(), st.data())
def test_any_edits_are_those_of_a_list(text: str, data: st.DataObject) -> None:
    entries = list(parse_set(text.encode(), "x").entries)
    for _ in range(3):
        at = data.draw(st.integers(0, len(entries)))
        if at == len(entries) or data.draw(st.booleans()):
            text = with_song(text, at, "New")
            entries.insert(at, parse_set(new_set("x", ["New"]).encode(), "x").entries[0])
        elif data.draw(st.booleans()):
            text = without_song(text, at, entries.pop(at).song)
        else:
            to = data.draw(st.integers(0, len(entries) - 1))
            entry = entries.pop(at)
            text = with_song_moved(text, at, to, entry.song)
            entries.insert(to, entry)
        assert list(parse_set(text.encode(), "x").entries) == entries
        assert text.startswith("name = 'S' # s")
        assert text.rstrip().endswith("about = ''")


class Desk:
    """Changes with a library, whose writing happens when it is told to."""

    def __init__(self, data: Path | None) -> None:
        self.data, self.library = data, load_library(data)
        self.changes, self.now = Changes(data), 0
        self.changes.behind = lambda work: work

    def edit(self, kind: str, name: str, edit: Callable[[str], str]) -> str:
        return self.changes.edit_text(kind, name, edit, self.library, self.now)

    def save(self) -> list[str]:
        return self.changes.write({}, self.library, self.now)

    def again(self) -> Loaded:
        """What the next start finds, which is what the library has."""
        loaded = load_library(self.data)
        assert loaded.faults == ()
        assert (loaded.songs, loaded.sets) == (self.library.songs, self.library.sets)
        return loaded


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


VAN = "Nobody Moved the Van"


class TestWritten:
    def test_a_shipped_song_is_edited_as_a_copy(self, desk: Desk) -> None:
        desk.edit("songs", VAN, lambda text: with_tempo(text, 190 * MICRO))
        assert desk.library.songs[VAN].micro_bpm == 190 * MICRO
        assert not desk.changes.have_settled(SETTLE_NS - 1)
        assert desk.changes.have_settled(SETTLE_NS)
        desk.edit("songs", VAN, lambda text: with_pattern(text, "riff", "Ska"))
        assert desk.save() == []
        assert not desk.changes
        own = desk.data / "songs" / "nobody-moved-the-van.toml" if desk.data else Path()
        assert own.read_text() == SONG.replace("= 184", "= 190").replace("Punk two-beat", "Ska")
        assert desk.library.sources["songs", VAN] == own
        assert desk.again().songs[VAN].parts[0].pattern.name == "Ska"
        desk.edit("songs", VAN, lambda text: with_tempo(text, 150 * MICRO))
        desk.save()
        assert "= 150" in own.read_text()
        assert [path.name for path in own.parent.iterdir() if path.suffix == ".toml"] == [own.name]

    def test_what_was_edited_by_hand_meanwhile_is_kept(self, desk: Desk) -> None:
        desk.edit("sets", "Ten to try", lambda text: without_song(text, 0, "Seventeen Lanterns"))
        desk.save()
        path = desk.library.sources["sets", "Ten to try"]
        desk.edit("sets", "Ten to try", lambda text: without_song(text, 1, "The Fifth Kettle"))
        path.write_text(path.read_text().replace("kit 3", "kit 4"))
        desk.save()
        (path_again,) = {path, desk.library.sources["sets", "Ten to try"]}
        assert path_again.read_text() == SET.replace("kit 3", "kit 4").replace("Seventeen Lanterns\n", "").replace(
            "The Fifth Kettle        | twice through\n", ""
        )
        path.write_text(path.read_text().replace("kit 4", "kit 5"))
        desk.edit("sets", "Ten to try", lambda text: without_song(text, 0, "Spoons in the Drawer"))
        assert "kit 5" in {entry.note for entry in desk.library.sets["Ten to try"].entries}
        desk.save()
        assert desk.again().sets["Ten to try"].entries[0].song == "Eleven Miles of Gravel"

    def test_a_new_song_and_a_new_set(self, desk: Desk) -> None:
        changes, library = desk.changes, desk.library
        assert changes.add_text("songs", new_song("Mine", "Samba", 100 * MICRO), library, 0) == "Mine"
        assert changes.add_text("sets", new_set("Friday", ["Mine"]), library, 0) == "Friday"
        desk.edit("songs", "Mine", lambda text: with_tempo(text, 101 * MICRO))
        assert next(iter(library.songs)) == "Mine"
        assert desk.save() == []
        assert desk.again().songs["Mine"].micro_bpm == 101 * MICRO
        with pytest.raises(ValueError, match="there is a song 'Mine' already"):
            changes.add_text("songs", new_song("Mine", "Samba", 100 * MICRO), library, 0)
        with pytest.raises(TextError, match="sets use them"):
            changes.add_text("songs", new_song("Mine >", "Samba", 100 * MICRO), library, 0)
        assert not changes

    def test_a_name_of_ones_own(self, desk: Desk) -> None:
        desk.changes.add_text("songs", new_song("Mine", "Samba", 100 * MICRO), desk.library, 0)
        desk.save()
        path = desk.library.sources["songs", "Mine"]
        assert desk.edit("songs", "Mine", lambda text: with_name(text, "Yours")) == "Yours"
        desk.edit("songs", "Yours", lambda text: with_tempo(text, 99 * MICRO))
        desk.save()
        assert "Mine" not in desk.library.songs
        assert desk.library.sources["songs", "Yours"] == path
        assert desk.again().songs["Yours"].micro_bpm == 99 * MICRO
        with pytest.raises(ValueError, match="already"):
            desk.edit("songs", "Yours", lambda text: with_name(text, VAN))
        assert desk.again()

    def test_what_ships_stays_beside_its_copy_of_another_name(self, desk: Desk) -> None:
        desk.edit("songs", VAN, lambda text: with_tempo(text, 99 * MICRO))
        desk.edit("songs", VAN, lambda text: with_name(text, "Our Van"))
        desk.save()
        loaded = desk.again()
        assert loaded.songs[VAN] == SHIPPED.songs[VAN]
        assert loaded.songs["Our Van"].micro_bpm == 99 * MICRO

    def test_a_copy_that_has_two_names_before_it_is_written_has_the_second(self, desk: Desk) -> None:
        for old, new in ((VAN, "Our Van"), ("Our Van", "Your Van")):
            desk.edit("songs", old, lambda text, new=new: with_name(text, new))  # type: ignore[misc]
        assert set(desk.library.songs) - set(SHIPPED.songs) == {"Your Van"}
        desk.save()
        assert desk.again().songs[VAN] == SHIPPED.songs[VAN]

    def test_what_could_not_be_read_again_is_refused_and_nothing_has_changed(self, desk: Desk) -> None:
        with pytest.raises(TextError, match="has no fill"):
            desk.edit("songs", VAN, lambda text: with_pattern(text, "riff", "Eighths"))
        with pytest.raises(TextError, match="a name has"):
            desk.edit("sets", "Ten to try", lambda text: with_name(text, " "))
        assert not desk.changes
        assert desk.again().songs == SHIPPED.songs

    def test_an_edit_while_the_one_before_is_being_written_is_written_next(self, desk: Desk) -> None:
        desk.edit("songs", VAN, lambda text: with_tempo(text, 190 * MICRO))
        desk.changes.write_behind({}, desk.library)
        desk.edit("songs", VAN, lambda text: with_pattern(text, "riff", "Ska"))
        desk.edit("songs", VAN, lambda text: with_name(text, "Our Van"))
        assert desk.save() == []
        assert not desk.changes
        song = desk.again().songs["Our Van"]
        assert (song.micro_bpm, song.parts[0].pattern.name) == (190 * MICRO, "Ska")

    def test_a_disk_that_does_not_take_it(self, tmp_path: Path) -> None:
        (tmp_path / "card").write_text("no folder")
        desk = Desk(tmp_path / "card" / "data")
        desk.edit("songs", VAN, lambda text: with_tempo(text, 190 * MICRO))
        desk.now = SETTLE_NS
        assert desk.save() == ["Not saved: no folder"]
        desk.edit("songs", VAN, lambda text: with_pattern(text, "riff", "Ska"))
        (tmp_path / "card").unlink()
        desk.now += RETRY_NS
        assert desk.save() == ["Saved"]
        assert desk.again().songs[VAN].micro_bpm == 190 * MICRO

    def test_a_file_that_a_hand_broke_is_left_as_it_is_and_told(self, desk: Desk) -> None:
        desk.edit("songs", VAN, lambda text: with_tempo(text, 190 * MICRO))
        desk.save()
        path = desk.library.sources["songs", VAN]
        desk.edit("songs", VAN, lambda text: with_tempo(text, 191 * MICRO))
        path.write_text("oops\n")
        (told,) = desk.save()
        assert told.startswith("Not saved: a line is key = value")
        assert path.read_text() == "oops\n"
        path.unlink()
        assert desk.save() == ["Saved"]
        assert desk.again().songs[VAN].micro_bpm == 191 * MICRO

    def test_without_a_folder_it_is_so_until_the_end(self) -> None:
        desk = Desk(None)
        desk.edit("songs", VAN, lambda text: with_tempo(text, 190 * MICRO))
        assert desk.save() == []
        assert not desk.changes
        desk.edit("songs", VAN, lambda text: with_pattern(text, "riff", "Ska"))
        song = desk.library.songs[VAN]
        assert (song.micro_bpm, song.parts[0].pattern.name) == (190 * MICRO, "Ska")
