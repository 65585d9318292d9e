"""A song is edited: its tempo, its patterns, its name, and how it stands in the set.

It must never edit a song's every detent: what is turned is written when the hand is through with it.
"""

from __future__ import annotations

from panel.music.pattern import Pattern
from panel.music.song import Part, Song
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM
from panel.screens.edit import Edited
from panel.screens.listing import Line, ListScreen
from panel.screens.patterns import Patterns
from panel.screens.setedit import SongInHand
from panel.screens.setlist import bpm_text, short_title
from panel.screens.wheel import Named
from panel.session import Session
from panel.settings import Setting, Value

_TENTH = MICRO // 10
_TEMPO = Setting("song", "tempo", 1200, "Tempo", MIN_BPM * 10, MAX_BPM * 10, 1, "BPM", tenths=True,
                 about="at which the song begins")  # fmt: skip


def parts_by_table(song: Song) -> dict[str, Part]:
    """A part of each section, in order; not the bars that are counted before it."""
    return dict(zip(song.tables, song.parts, strict=True))


class SetSong(ListScreen):
    """A song of the set and what can be done with it."""

    begins_after = ("set edit",)  # another song

    def __init__(self, session: Session, hand: SongInHand, edited: Edited, named: Named) -> None:
        super().__init__(session)
        self._hand, self._edited, self._named = hand, edited, named
        self._tenths = 0

    @property
    def title(self) -> str:  # type: ignore[override]
        """The song."""
        return short_title(self._hand.item.entry.song, self.corner)

    @property
    def lines(self) -> list[Line]:
        """The rows; without its file a song has only a place in the set."""
        item = self._hand.item
        in_set = self.session.pencil.has_set
        move, goes_on, remove = Line("Move", "", "move"), Line("Goes on", "", ""), Line("Remove", "", "remove")
        goes_on = goes_on._replace(value="on" if item.entry.goes_on else "off")
        return [*[move] * in_set, *self._of_song(item.song), *[goes_on, remove] * in_set] or [Line("No file")]

    def _of_song(self, song: Song | None) -> list[Line]:
        if song is None:
            return []
        parts = list(parts_by_table(song).values())
        one = len(parts) == 1
        pattern = Line("Pattern", parts[0].pattern.name, "pattern") if one else Line("Patterns", "", "sections")
        return [Line("Tempo", bpm_text(song), "tempo"), pattern, Line("Name", "", "name")]

    def chosen(self, line: Line) -> str | None:
        """Say what is edited."""
        item = self._hand.item
        if line.outcome == "tempo" and item.song:
            self._edit_tempo(item.song)
        elif line.outcome == "pattern" and item.song:
            self._hand.table = item.song.tables[0]
        elif line.outcome == "name":
            self._named.begin("Song", item.entry.song, self._rename)
        elif line.label == "Goes on":
            self._toggle_going_on(not item.entry.goes_on)
        return line.outcome or None

    def _rename(self, new: str) -> str:
        fault = self.session.pencil.name_song(self._hand.item.entry.song, new)
        if not fault:
            self._hand.song = new
        return fault

    def _edit_tempo(self, song: Song) -> None:
        self._tenths = before = round(song.micro_bpm / _TENTH)

        def change(tenths: Value) -> None:
            self._tenths = int(tenths)

        def left() -> None:
            if self._tenths != before and (fault := self.session.pencil.set_tempo(song, self._tenths * _TENTH)):
                self.session.answer(fault)

        self._edited.begin(_TEMPO, lambda: self._tenths, change, left)

    def _toggle_going_on(self, on: bool) -> None:
        if fault := self.session.pencil.go_on(self._hand.number, on):
            self.session.answer(fault)


class SongSections(ListScreen):
    """The sections of a song with their patterns."""

    def __init__(self, session: Session, hand: SongInHand) -> None:
        super().__init__(session)
        self._hand = hand

    @property
    def title(self) -> str:  # type: ignore[override]
        """The song."""
        return short_title(self._hand.item.entry.song, self.corner)

    @property
    def _parts(self) -> dict[str, Part]:
        song = self._hand.item.song
        return parts_by_table(song) if song else {}

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return [Line(part.name, part.pattern.name, "pattern") for part in self._parts.values()] or [Line("No file")]

    def enter(self, before: str) -> None:
        """Begin at the first."""
        self.cursor = 0

    def chosen(self, line: Line) -> str | None:
        """Take the section into the hand."""
        if line.outcome:
            self._hand.table = list(self._parts)[self.cursor]
        return line.outcome or None


class SongPattern(Patterns):
    """Every pattern, for a section of a song; what plays goes on."""

    def __init__(self, session: Session, hand: SongInHand) -> None:
        super().__init__(session)
        self._hand = hand

    @property
    def _now(self) -> str:
        song = self._hand.item.song
        return parts_by_table(song)[self._hand.table].pattern.name if song else ""

    def _take(self, pattern: Pattern) -> str:
        """The section has it from now on."""
        song = self._hand.item.song
        return (
            self.session.pencil.set_pattern(song, self._hand.table, pattern.name) if song else "There is no such song"
        )
