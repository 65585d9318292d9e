"""The settings, straight from their table.

It must never know a setting by name: a new row in the table is a new row here, and behind them the pads.
"""

from __future__ import annotations

from textwrap import wrap

from panel.canvas import FONTS, Canvas, fitted
from panel.display import WIDTH
from panel.screens.listing import Line, ListScreen
from panel.screens.screen import Screen, draw_title
from panel.session import Session
from panel.settings import MENU, Setting


class Edited:
    """Which setting is being edited."""

    def __init__(self) -> None:
        self.row: Setting = MENU[0]


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
            self._edited.row = MENU[self.cursor]
        return line.outcome


class SettingEdit(Screen):
    """One setting, large: turn changes it, press confirms."""

    def __init__(self, session: Session, edited: Edited) -> None:
        super().__init__(session)
        self._edited = edited

    def turn(self, steps: int) -> None:
        """Another value, in force at once."""
        row = self._edited.row
        self.session.set(row.id, row.turned(self.session.settings[row.id], steps))

    def press(self) -> str | None:
        """Done."""
        return "done"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """Name, value, what it means."""
        row = self._edited.row
        draw_title(canvas, self.session, now_ns, row.name, "restart" if row.at_start else "")
        shown = row.shown(self.session.settings[row.id])
        large = len(shown) <= 10
        canvas.centre(WIDTH // 2, 16, shown, "large" if large else "medium", bold=large)
        for line, text in enumerate(wrap(row.about, WIDTH // FONTS["tiny"][0])[:2]):
            canvas.centre(WIDTH // 2, 47 + 9 * line, fitted(text, WIDTH, "tiny"), "tiny")
