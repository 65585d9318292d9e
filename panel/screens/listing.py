"""A list with a cursor: the title inverted, the rows below, values at the right, a scroll mark.

It must never show a row without the cursor's being in sight. A list in which nothing can be chosen has no cursor.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.canvas import Canvas, fitted, text_width
from panel.display import HEIGHT, WIDTH
from panel.screens.screen import Screen, draw_title
from panel.session import Session

_ROW = 12
_TITLE = 13
_SCROLL = 3
_GAP = 6
HERE, COMING = "here", "coming"  # the marks of a row: dark on a lit box, and in a frame
_KEPT = text_width("12345678")  # of a value that is longer only what the label leaves is shown


class Line(NamedTuple):
    """One row: what it is, its value, and the outcome of a press on it ("" for none).

    A label that is too long keeps its last `end` characters. A `fault` is inverted, where there is no cursor. Before
    the label stands a number, or what else `lead` says, with a `mark` on it: HERE or COMING.
    """

    label: str
    value: str = ""
    outcome: str = ""
    end: int = 0
    fault: bool = False
    lead: str = ""
    mark: str = ""


class ListScreen(Screen):
    """A Screen of rows. Subclasses give `title`, `corner` and `lines`, and say what `chosen` does.

    Coming from one of the states `begins_after` the cursor is at the top; from others, where it was.
    """

    is_list = True
    title = ""
    begins_after: tuple[str, ...] = ()
    rows_shown = 4
    picks = True  # a row can be chosen; else turning scrolls, and `cursor` is the first row that is shown

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.cursor = 0

    def enter(self, before: str) -> None:
        """Begin at the top, or go on where the cursor was."""
        if before in self.begins_after:
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
        last = len(self.lines) - (1 if self.picks else self.rows_shown)
        self.cursor = max(0, min(last, self.cursor + steps))

    def press(self) -> str | None:
        """Choose."""
        self.turn(0)  # the list may have become shorter
        return self.chosen(self.lines[self.cursor])

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """Title, rows, scroll mark."""
        self.turn(0)
        draw_title(canvas, self.session, now_ns, self.title, self.corner)
        lines, shown = self.lines, self.rows_shown
        above = (shown - 1) // 2 if self.picks else 0
        first = max(0, min(self.cursor - above, len(lines) - shown))
        width = WIDTH - _SCROLL if len(lines) > shown else WIDTH
        for place, line in enumerate(lines[first : first + shown]):
            inverted = first + place == self.cursor if self.picks else line.fault
            self._draw_line(canvas, _TITLE + place * _ROW, width, line, inverted)
        if width < WIDTH:
            height = shown * _ROW
            size = max(4, height * shown // len(lines))
            canvas.box(WIDTH - 2, _TITLE + (height - size) * first // (len(lines) - shown), 2, size)

    def _draw_line(self, canvas: Canvas, y: int, width: int, line: Line, inverted: bool) -> None:
        if inverted:
            canvas.box(0, y, width, min(_ROW, HEIGHT - y))
        x = self._draw_lead(canvas, y, line, inverted) if line.lead else 1
        value = fitted(line.value, max(_KEPT, width - x - text_width(line.label) - _GAP))
        gap = _GAP if len(value) > 1 and not line.lead else 2
        label = fitted(line.label, width - x + 1 - text_width(value) - gap, end=line.end)
        canvas.text(x, y, label, lit=not inverted)
        canvas.right(width - 1, y, value, lit=not inverted)

    def _draw_lead(self, canvas: Canvas, y: int, line: Line, inverted: bool) -> int:
        """The number with its mark; where the label begins."""
        width = text_width(line.lead) + 3
        if line.mark == HERE:
            canvas.box(1, y + 1, width, _ROW - 2, lit=not inverted)
        elif line.mark == COMING:
            canvas.frame(1, y, width, _ROW, lit=not inverted)
        canvas.text(3, y, line.lead, lit=inverted if line.mark == HERE else not inverted)
        return width + 4
