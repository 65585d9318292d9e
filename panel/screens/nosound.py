"""What is wrong with the own sound: why there is none, in place of rows that would do nothing, and faults of files.

It must never leave out where a fault is: what is too long comes in turns.
"""

from __future__ import annotations

from textwrap import wrap

from panel.canvas import FONTS, Canvas
from panel.display import WIDTH
from panel.screens.listing import ListScreen
from panel.screens.screen import draw_title, told_in_parts

PAGE_NS = 3_000_000_000
_HEADING = "No own sound"
_Y, _FONTS, _FOOT_Y = 15, ("small", "tiny"), 53  # the largest font in which the reason has room
_TOLD_Y, _TOLD_LINES = 40, 3


def draw_silence(canvas: Canvas, why: str) -> None:
    """The reason, in a few lines below the title."""
    canvas.centre(WIDTH // 2, _Y, _HEADING)
    top_y = _Y + FONTS["small"][1] + 1
    for font in _FONTS:
        width, height = FONTS[font]
        lines = wrap(why, WIDTH // width, break_on_hyphens=False)
        if top_y + height * len(lines) <= _FOOT_Y:
            break
    for line, text in enumerate(lines[: (_FOOT_Y - top_y) // height]):
        canvas.centre(WIDTH // 2, top_y + height * line, text, font)


def draw_told(canvas: Canvas, fault: str, now_ns: int) -> None:
    """What is wrong, with file and line, below a list of two rows: three lines, and what is longer in turns."""
    parts = told_in_parts(fault)
    pages = [parts[first : first + _TOLD_LINES] for first in range(0, len(parts), _TOLD_LINES)]
    canvas.box(0, _TOLD_Y - 2, WIDTH, 1)
    for line, text in enumerate(pages[now_ns // PAGE_NS % len(pages)]):
        canvas.text(0, _TOLD_Y + FONTS["tiny"][1] * line, text, "tiny")


class OfSound(ListScreen):
    """A list of what is there of the sound; while there is none nothing can be turned to or pressed."""

    def turn(self, steps: int) -> None:
        """Move the cursor, where there is something."""
        if not self.session.sound.silence:
            super().turn(steps)

    def press(self) -> str | None:
        """Choose, where there is something."""
        return None if self.session.sound.silence else super().press()

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The list with what is below it, or why there is none."""
        if silence := self.session.sound.silence:
            draw_title(canvas, self.session, now_ns, self.title)
            draw_silence(canvas, silence)
            return
        super().draw(canvas, now_ns)
        self.draw_below(canvas, now_ns)

    def draw_below(self, canvas: Canvas, now_ns: int) -> None:
        """What stands below the rows."""
