"""A set is edited: its songs change places, come and go, and it may have another name.

It must never delete a song's file: what is taken off a set can be put on it again.
"""

from __future__ import annotations

from panel.gig import Item
from panel.music.song import Entry
from panel.screens.listing import Line, ListScreen
from panel.screens.setlist import bpm_text, short_title, song_line
from panel.screens.wheel import Named
from panel.session import Session


class SongInHand:
    """The song of the open set that is being edited, wherever it stands, and which of its sections."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._number, self.song, self.table = 1, "", ""

    def take(self, number: int) -> None:
        """Take the song of that number into the hand."""
        self._number = number
        self.song = self.item.entry.song

    @property
    def number(self) -> int:
        """Where it stands, from 1."""
        return self.item.number

    @property
    def item(self) -> Item:
        """The song and its place: among all songs one that is edited comes to the front, where one's own stand.

        None of that name where a stick has brought a set without it.
        """
        gig, number = self._session.gig, self._number
        item = gig.item(number)
        if self.song and not (item and item.entry.song == self.song):
            item = gig.item(gig.nearest(self.song, number))
        return item or Item(number, Entry(""), None)


class SetEdit(ListScreen):
    """The songs of the set, and below them what can be done with the set itself."""

    def __init__(self, session: Session, hand: SongInHand, named: Named) -> None:
        super().__init__(session)
        self._hand, self._named = hand, named
        self._lines: list[Line] = []
        self._songs = 0

    @property
    def title(self) -> str:  # type: ignore[override]
        """The set."""
        return short_title(self.session.gig.set_name, self.corner)

    @property
    def corner(self) -> str:
        """What is being done."""
        return "edit"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return self._lines

    def enter(self, before: str) -> None:
        """Begin at the song that was in the hand, or has been added last. There may be hundreds of rows."""
        items, is_set = self.session.gig.items, self.session.pencil.has_set
        songs = [song_line(item, len(items), "song") for item in items]
        add, name = [Line("Add song", "", "add")] * is_set, [Line("Set's name", "", "name")] * is_set
        self._lines = [*songs, *add, Line("New song", "", "new"), *name]
        if before == "set list":
            self.cursor = max(0, self.session.gig.number - 1)
        elif before in ("set song", "song move", "song remove"):
            self.cursor = self._hand.number - 1
        elif before == "new set":
            self.cursor = 0
        elif before in ("song add", "new song") and len(songs) > self._songs:
            self.cursor = len(songs) - 1
        self._songs = len(songs)

    def chosen(self, line: Line) -> str | None:
        """Take a song into the hand, or begin with a name."""
        if line.outcome == "song":
            self._hand.take(self.cursor + 1)
        elif line.outcome == "new":
            self._named.begin("New song", "", self._new_song)
        elif line.outcome == "name":
            self._named.begin("Set", self.session.gig.set_name, self.session.pencil.name_set)
        return line.outcome

    def _new_song(self, name: str) -> str:
        """Of the pattern and the tempo that are chosen now."""
        session = self.session
        return session.pencil.new_song(name, session.chosen_name, session.micro_bpm)


class SongMove(ListScreen):
    """The song in the hand moves up and down as the knob is turned; press leaves it there."""

    title = "Move"

    def __init__(self, session: Session, hand: SongInHand) -> None:
        super().__init__(session)
        self._hand = hand
        self._others: list[Item] = []
        self._held: Item
        self._lines: list[Line] = []
        self._made_at = -1

    @property
    def lines(self) -> list[Line]:
        """The order as it would be, made anew only when the song has moved."""
        if self._made_at != self.cursor:
            self._made_at = self.cursor
            order = [*self._others[: self.cursor], self._held, *self._others[self.cursor :]]
            places = (item._replace(number=number) for number, item in enumerate(order, 1))
            self._lines = [song_line(item, len(order), "done") for item in places]
        return self._lines

    def enter(self, before: str) -> None:
        """Begin where it is."""
        self._held, self._made_at = self._hand.item, -1
        self._others = [item for item in self.session.gig.items if item.number != self._hand.number]
        self.cursor = self._hand.number - 1

    def chosen(self, line: Line) -> str | None:
        """It stays here."""
        if fault := self.session.pencil.move(self._hand.number, self.cursor + 1):
            self.session.answer(fault)
            return None
        self._hand.take(self.cursor + 1)
        return line.outcome


class SongRemove(ListScreen):
    """Asks before a song is taken off the set; No comes first."""

    corner = ""

    def __init__(self, session: Session, hand: SongInHand) -> None:
        super().__init__(session)
        self._hand = hand

    @property
    def title(self) -> str:  # type: ignore[override]
        """The question."""
        return short_title(f"Remove {self._hand.item.entry.song}", "") + "?"

    @property
    def lines(self) -> list[Line]:
        """The answers."""
        return [Line("No", "", "no"), Line("Yes", "off this set", "yes")]

    def enter(self, before: str) -> None:
        """No is what a press would say."""
        self.cursor = 0

    def chosen(self, line: Line) -> str | None:
        """Take it off, or leave it."""
        if line.outcome == "yes" and (fault := self.session.pencil.remove(self._hand.number)):
            self.session.answer(fault)
            return None
        return line.outcome


class SongAdd(ListScreen):
    """Every song there is, to be put behind the others."""

    title = "Add song"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._lines: list[Line] = []

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return self._lines

    def enter(self, before: str) -> None:
        """Begin at the top. There may be hundreds of rows."""
        songs = self.session.library.songs.items()
        self._lines = [Line(name, bpm_text(song), "chosen") for name, song in songs] or [Line("no songs yet")]
        self.cursor = 0

    def chosen(self, line: Line) -> str | None:
        """Put it there."""
        if line.outcome and (fault := self.session.pencil.add(line.label)):
            self.session.answer(fault)
            return None
        return line.outcome or None
