"""The settings, straight from their table.

It must never know a setting by name: a new row in the table is a new row here, and behind them the pads.
"""

from __future__ import annotations

from functools import partial

from panel.screens.edit import Edited
from panel.screens.listing import Line, ListScreen
from panel.session import Session
from panel.settings import MENU


class SettingsList(ListScreen):
    """Every setting with its value; last, behind what buttons and feet do, what pads and pedals do."""

    title = "Settings"

    def __init__(self, session: Session, edited: Edited) -> None:
        super().__init__(session)
        self._edited = edited

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        rows = [Line(row.name, row.shown(self.session.settings[row.id]), "edit") for row in MENU]
        return [*rows, Line("Pads and pedals", "", "pads")]

    def chosen(self, line: Line) -> str | None:
        """Edit it, or open the pads."""
        if line.outcome == "edit":
            row, settings = MENU[self.cursor], self.session.settings
            self._edited.begin(row, partial(settings.__getitem__, row.id), partial(self.session.set, row.id))
        return line.outcome
