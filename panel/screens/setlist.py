"""The set list, as on the paper beside the snare: which song is loaded, which comes next, and their tempos.

It must never stop what plays: a song that is chosen meanwhile waits for its end.
"""

from __future__ import annotations

from panel.canvas import Canvas, fitted, text_width
from panel.display import WIDTH
from panel.gig import Item
from panel.music.song import Song
from panel.music.tempo import MICRO
from panel.screens.listing import COMING, HERE, Line, ListScreen
from panel.screens.wheel import Named
from panel.session import Session

_NOTE_Y = 53
_ROWS, _ROWS_WITH_NOTES = 4, 3
NO_SET = "No set"


def bpm_text(song: Song | None) -> str:
    """The tempo at which a song begins; "?" where its file is missing."""
    return f"{round(song.micro_bpm / MICRO, 1):g}" if song else "?"


def song_line(item: Item, of: int, outcome: str, mark: str = "") -> Line:
    """A song of a set that has `of` of them."""
    lead = f"{item.number:{len(str(of))}d}"
    return Line(item.entry.song, bpm_text(item.song), outcome, lead=lead, mark=mark)


def short_title(name: str, corner: str) -> str:
    """As much of a name as leaves room for the corner of the title."""
    return fitted(name, WIDTH - text_width(corner) - 9)


class SetList(ListScreen):
    """The set that is open: press loads a song, or, while playing, lets it come next."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._items: list[Item] = []
        self._lines: list[Line] = []
        self._marks = (0, 0)

    @property
    def title(self) -> str:  # type: ignore[override]
        """The set."""
        return short_title(self.session.gig.set_name, self.corner)

    @property
    def corner(self) -> str:
        """Which song comes next where one was chosen; else how far down the set the cursor is."""
        if cued := self.session.gig.cued:
            return f"next {cued}"
        return f"{self.cursor + 1}/{len(self._items)}" if self.cursor < len(self._items) else ""

    @property
    def lines(self) -> list[Line]:
        """The rows: made anew only when another song is loaded or comes next, for there may be hundreds."""
        marks = self._marks_now
        if marks != self._marks:
            self._marks = marks
            self._lines = self._made()
        return self._lines

    @property
    def _marks_now(self) -> tuple[int, int]:
        """The numbers of the song that is loaded and of the one that waits."""
        here = self.session.gig.here
        return here.number if here else 0, self.session.gig.cued

    def _made(self) -> list[Line]:
        here, cued = self._marks
        marks = {cued: COMING, here: HERE}
        items = self._items
        songs = [song_line(item, len(items), "chosen", marks.get(item.number, "")) for item in items]
        edit = [Line("Edit set", "", "edit")] * self.session.pencil.can_edit
        return [*songs, *edit, Line("Other sets", "", "sets")]

    def enter(self, before: str) -> None:
        """Begin at the song that is loaded."""
        self._items, self._marks = self.session.gig.items, self._marks_now
        self._lines = self._made()
        self.rows_shown = _ROWS_WITH_NOTES if any(item.entry.note for item in self._items) else _ROWS
        self.cursor = max(0, self.session.gig.number - 1)

    def chosen(self, line: Line) -> str | None:
        """Load it, or let it come next; pressed again it does not."""
        if line.outcome != "chosen":
            return line.outcome
        item = self._items[self.cursor]
        if item.song is None:
            self.session.answer("No file of that song")
            return None
        if not (self.session.playing and item.number == self._marks_now[0]):  # what sounds need not come next
            self.session.choose_song(item.number)
        return "chosen"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The list, and below it the note to oneself of the song under the cursor."""
        super().draw(canvas, now_ns)
        if self.rows_shown == _ROWS_WITH_NOTES and self.cursor < len(self._items):
            canvas.text(1, _NOTE_Y, fitted(self._items[self.cursor].entry.note, WIDTH - 1, "tiny"), "tiny")


class Sets(ListScreen):
    """Every set: press opens one with its first song; or none, to play freely."""

    title = "Sets"

    def __init__(self, session: Session, named: Named) -> None:
        super().__init__(session)
        self._named = named

    @property
    def _names(self) -> list[str]:
        return [*self.session.gig.set_names, ""]

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        opened = self.session.gig.set_name
        rows = [Line(name or NO_SET, "*" * (name == opened), "chosen") for name in self._names]
        return [*rows, Line("New set", "", "new")]

    def enter(self, before: str) -> None:
        """Begin at the one that is open, else at the first."""
        opened, names = self.session.gig.set_name, self._names
        self.cursor = names.index(opened) if opened and opened in names else 0

    def chosen(self, line: Line) -> str | None:
        """Open it; the one that is open already stays where it is."""
        if line.outcome == "new":
            self._named.begin("New set", "", self._begin)
        elif (name := self._names[self.cursor]) != self.session.gig.set_name or not name:
            self._open(name)
        return line.outcome

    def _open(self, name: str) -> None:
        """Its first song is loaded, or, while something plays, waits for the end of that."""
        self.session.open_set(name)
        if self.session.playing and name and (first := self.session.gig.following):
            self.session.choose_song(first.number)

    def _begin(self, name: str) -> str:
        """A new set, which is open from now on."""
        fault = self.session.pencil.new_set(name)
        if not fault:
            self._open(name)
        return fault
