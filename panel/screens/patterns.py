"""The patterns: turn to look, press to play from the next bar line.

It must never change the tempo that the drummer has set.
"""

from __future__ import annotations

from panel.canvas import Canvas
from panel.music.pattern import Pattern
from panel.screens.listing import Line, ListScreen
from panel.screens.strip import draw_strip


class Patterns(ListScreen):
    """Every pattern, in families, with the strip of the one under the cursor."""

    rows_shown = 3

    @property
    def _patterns(self) -> list[Pattern]:
        return list(self.session.library.patterns.values())

    @property
    def title(self) -> str:  # type: ignore[override]
        """The family."""
        return self._patterns[self.cursor].family.capitalize()

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return [Line(p.name, str(p.meter), "chosen") for p in self._patterns]

    def enter(self, before: str) -> None:
        """Begin at the pattern that is chosen."""
        names = list(self.session.library.patterns)
        self.cursor = names.index(self.session.pattern.name) if self.session.pattern.name in names else 0

    def chosen(self, line: Line) -> str | None:
        """Play it."""
        self.session.choose(self._patterns[self.cursor])
        return line.outcome

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The list and the strip."""
        super().draw(canvas, now_ns)
        draw_strip(canvas, 62, 12, self._patterns[self.cursor])
