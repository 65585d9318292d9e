"""A list with a cursor: the title inverted, the rows below, values at the right, a scroll mark.

It must never show a row without the cursor's being in sight.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.canvas import Canvas, fitted, text_width
from panel.display import HEIGHT, WIDTH
from panel.screens.screen import Screen

_ROW = 12
_TITLE = 13
_SCROLL = 3


class Line(NamedTuple):
    """One row: what it is, its value, and the outcome of a press on it ("" for none)."""

    label: str
    value: str = ""
    outcome: str = ""


class ListScreen(Screen):
    """A Screen of rows. Subclasses give `title`, `corner` and `lines`, and say what `chosen` does."""

    is_list = True
    title = ""
    rows_shown = 4

    def __init__(self, session) -> None:  # type: ignore[no-untyped-def]
        super().__init__(session)
        self.cursor = 0

    @property
    def corner(self) -> str:
        """What stands at the right of the title."""
        return f"{self.cursor + 1}/{len(self.lines)}"

    @property
    def lines(self) -> list[Line]:
        """The rows, at least one."""
        raise NotImplementedError

    def chosen(self, line: Line) -> str | None:
        """The row under the cursor was pressed."""
        return line.outcome or None

    def turn(self, steps: int) -> None:
        """Move the cursor; it stops at the ends."""
        self.cursor = max(0, min(len(self.lines) - 1, self.cursor + steps))

    def press(self) -> str | None:
        """Choose."""
        self.turn(0)  # the list may have become shorter
        return self.chosen(self.lines[self.cursor])

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """Title, rows, scroll mark."""
        self.turn(0)
        canvas.box(0, 0, WIDTH, _TITLE - 1)
        canvas.text(1, 0, self.title, lit=False)
        canvas.right(WIDTH - 1, 0, fitted(self.corner, WIDTH - text_width(self.title) - 10), lit=False)
        lines, shown = self.lines, self.rows_shown
        first = max(0, min(self.cursor - (shown - 1) // 2, len(lines) - shown))
        for place, line in enumerate(lines[first : first + shown]):
            self._draw_line(canvas, _TITLE + place * _ROW, line, first + place == self.cursor)
        if len(lines) > shown:
            height = shown * _ROW
            size = max(4, height * shown // len(lines))
            canvas.box(WIDTH - 2, _TITLE + (height - size) * first // (len(lines) - shown), 2, size)

    def _draw_line(self, canvas: Canvas, y: int, line: Line, under_cursor: bool) -> None:
        width = WIDTH - _SCROLL
        if under_cursor:
            canvas.box(0, y, width, min(_ROW, HEIGHT - y))
        value = fitted(line.value, width - text_width(line.label) - 4)
        canvas.text(1, y, fitted(line.label, width - text_width(value) - 4), lit=not under_cursor)
        canvas.right(width - 1, y, value, lit=not under_cursor)
