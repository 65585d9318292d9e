"""Practice: begin and end it, and what is practised.

It must never leave a mute unexplained: while a bar is silent by it, the title says so.
"""

from __future__ import annotations

from functools import partial

from panel.music.tempo import MICRO
from panel.screens.edit import Edited
from panel.screens.listing import Line, ListScreen
from panel.session import Session
from panel.settings import PRACTICE_MENU


class PracticeList(ListScreen):
    """Begin or end, then every setting of it."""

    title = "Practice"

    def __init__(self, session: Session, edited: Edited) -> None:
        super().__init__(session)
        self._edited = edited

    @property
    def corner(self) -> str:
        """What comes of it: a silent bar, else the tempo."""
        session = self.session
        silent = session.playing and session.state.is_silent(session.place(session.clock()).bar)
        return "silent" if silent else f"{session.micro_bpm / MICRO:.1f}"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        settings = self.session.settings
        rows = [Line(row.name, row.shown(settings[row.id]), "edit") for row in PRACTICE_MENU]
        return [self._switch, *rows]

    @property
    def _switch(self) -> Line:
        if not self.session.practising:
            return Line("Begin", "next bar" if self.session.playing else "with START")
        return Line("End", "on" if self.session.playing else "waits for START")

    def enter(self, before: str) -> None:
        """From the menu begin at the top."""
        if before == "menu":
            self.cursor = 0

    def chosen(self, line: Line) -> str | None:
        """Begin, end, or edit."""
        if not line.outcome:
            self.session.toggle_practice()
            return None
        row = PRACTICE_MENU[self.cursor - 1]
        read, change = partial(self.session.settings.__getitem__, row.id), partial(self.session.set, row.id)
        self._edited.begin(row, read, change)
        return line.outcome
