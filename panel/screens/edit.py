"""One value, large: its name, the value with its unit, a line on what it means; turn changes it, press confirms.

It must never know whose value it is: a row describes it, and two functions read and change it.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap

from panel.canvas import FONTS, Canvas, fitted
from panel.display import WIDTH
from panel.screens.screen import Screen, draw_title
from panel.session import Session
from panel.settings import MENU, Setting, Value

_LARGEST = WIDTH // FONTS["large"][0]  # characters


class Edited:
    """The value that is being edited: the row that describes it, and how it is read and changed.

    Whatever leads to the edit screen says so first; what is turned is in force at once, or where that would be too
    much for every detent, when the screen is left: `left` is called then.
    """

    def __init__(self) -> None:
        self.row = MENU[0]
        self.read: Callable[[], Value] = lambda: self.row.default
        self.change: Callable[[Value], None] = lambda value: None
        self.left: Callable[[], None] = lambda: None

    def begin(
        self,
        row: Setting,
        read: Callable[[], Value],
        change: Callable[[Value], None],
        left: Callable[[], None] = lambda: None,
    ) -> None:
        """Edit another value from now on."""
        self.row, self.read, self.change, self.left = row, read, change, left


class Edit(Screen):
    """The value that is being edited."""

    def __init__(self, session: Session, edited: Edited) -> None:
        super().__init__(session)
        self._edited = edited

    def leave(self) -> None:
        """Done, one way or another."""
        self._edited.left()

    def turn(self, steps: int) -> None:
        """Another value."""
        edited = self._edited
        edited.change(edited.row.turned(edited.read(), steps))

    def press(self) -> str | None:
        """Done."""
        return "done"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """Name, value, what it means."""
        row = self._edited.row
        draw_title(canvas, self.session, now_ns, row.name, "restart" if row.at_start else "")
        shown = row.shown(self._edited.read())
        large = len(shown) <= _LARGEST
        canvas.centre(WIDTH // 2, 16, shown, "large" if large else "medium", bold=large)
        for line, text in enumerate(wrap(row.about, WIDTH // FONTS["tiny"][0])[:2]):
            canvas.centre(WIDTH // 2, 47 + 9 * line, fitted(text, WIDTH, "tiny"), "tiny")
