"""The patterns: turn to look, press to play from the next bar line.

It must never change the tempo that the drummer has set.
"""

from __future__ import annotations

from panel.canvas import Canvas
from panel.music.pattern import Pattern
from panel.screens.listing import Line, ListScreen
from panel.screens.strip import draw_strip
from panel.session import Session


class Patterns(ListScreen):
    """Every pattern, in families, with the strip of the one under the cursor."""

    rows_shown = 3

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._patterns: list[Pattern] = []
        self._lines: list[Line] = []

    @property
    def title(self) -> str:  # type: ignore[override]
        """The family."""
        return self._patterns[self.cursor].family.capitalize()

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return self._lines

    def enter(self, before: str) -> None:
        """Begin at the pattern that is chosen. The rows are made here, for there may be hundreds of them."""
        self._patterns = list(self.session.library.patterns.values())
        self._lines = [Line(pattern.name, str(pattern.meter), "chosen") for pattern in self._patterns]
        names = [line.label for line in self._lines]
        self.cursor = names.index(self._now) if self._now in names else 0

    @property
    def _now(self) -> str:
        """The name of the pattern that is chosen."""
        return self.session.chosen_name

    def chosen(self, line: Line) -> str | None:
        """Take it, or say why not."""
        fault = self._take(self._patterns[self.cursor])
        if fault:
            self.session.answer(fault)
            return None
        return line.outcome

    def _take(self, pattern: Pattern) -> str:
        """Play it."""
        self.session.choose(pattern)
        return ""

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The list and the strip."""
        super().draw(canvas, now_ns)
        draw_strip(canvas, 62, 12, self._patterns[self.cursor])
