"""A list with settings among its rows: each shows its value, and a press opens the edit screen on it.

It must never change a setting itself.
"""

from __future__ import annotations

from functools import partial

from panel.screens.edit import Edited
from panel.screens.listing import Line, ListScreen
from panel.session import Session
from panel.settings import Setting


class SettingRows(ListScreen):
    """A ListScreen of rows of `settings`, whose names are all different, and maybe more. Their outcome is "edit"."""

    settings: tuple[Setting, ...] = ()

    def __init__(self, session: Session, edited: Edited) -> None:
        super().__init__(session)
        self._edited = edited

    @property
    def setting_lines(self) -> list[Line]:
        """The rows of the settings."""
        values = self.session.settings
        return [Line(row.name, row.shown(values[row.id]), "edit") for row in self.settings]

    def chosen(self, line: Line) -> str | None:
        """Have a setting edited; what else there is opens."""
        if line.outcome == "edit":
            row = next(row for row in self.settings if row.name == line.label)
            read, change = self.session.settings.__getitem__, self.session.set
            self._edited.begin(row, partial(read, row.id), partial(change, row.id))
        return line.outcome or None
