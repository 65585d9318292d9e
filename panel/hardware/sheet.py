"""What stands where in a terminal's window, and what to write when it changes.

Pure: it must never know a terminal's state other than by what it is given.

    ╭────────────────────────────────────────────────────────────────╮
    │ the picture: 64x16 characters                                  │
    ╰────────────────────────────────────────────────────────────────╯
      ↑↓ turn│Enter press│Bksp back│T tap│Space start│N next│Q quit
      H home│M mute│F fill│1 the one│, . slip

The frame is left out where the window is too small for it; 64x18 will do.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from panel.display import HEIGHT, WIDTH
from panel.hardware.cells import ASCII, braille, halves

_KEYS = ("Enter press", "Bksp back", "T tap", "Space start", "N next", "Q quit")
_MORE_KEYS = ("H home", "M mute", "F fill", "1 the one", ", . slip")
_KEY_LINES = 2


class Frame(NamedTuple):
    """The characters of a frame."""

    top_left: str
    across: str
    top_right: str
    down: str
    bottom_left: str
    bottom_right: str

    def around(self, rows: list[str]) -> list[str]:
        """The rows, all of one length, with the frame around them."""
        line = self.across * len(rows[0])
        top, bottom = self.top_left + line + self.top_right, self.bottom_left + line + self.bottom_right
        return [top, *(self.down + row + self.down for row in rows), bottom]


class Style(NamedTuple):
    """How a picture becomes characters."""

    draw: Callable[[Image.Image], list[str]]
    columns: int  # of the picture
    rows: int
    up_down: str
    frame: Frame
    remark: tuple[str, ...] = ()  # why it isn't Braille

    @property
    def least(self) -> tuple[int, int]:
        """The columns and lines that a window must have."""
        return self.columns, self.rows + _KEY_LINES

    def keys(self) -> list[str]:
        """The lines below the picture, none longer than it is wide."""
        between = self.frame.down
        return [between.join((self.up_down, *_KEYS)), between.join((*_MORE_KEYS, *self.remark))]


BRAILLE = Style(braille, WIDTH // 2, HEIGHT // 4, "↑↓ turn", Frame(*"╭─╮│╰╯"))
BLOCKS = Style(halves, WIDTH, HEIGHT // 2, "↑↓ turn", Frame(*"┌─┐│└┘"), ("no Braille on this console",))
HASHES = Style(
    functools.partial(halves, glyphs=ASCII),
    WIDTH,
    HEIGHT // 2,
    "Up/Down turn",
    Frame(*"+-+|++"),
    ("no UTF-8 here: with LANG=C.UTF-8 the picture is half as large",),
)


def style_for(encoding: str, term: str) -> Style:
    """Braille; half blocks on the Linux console, whose font has no Braille; ASCII where there is no UTF-8."""
    if encoding.lower().replace("-", "") != "utf8":
        return HASHES
    return BLOCKS if term == "linux" else BRAILLE


def arrange(style: Style, picture: list[str], columns: int, lines: int) -> list[str]:
    """The lines of a window from its top: the picture in the middle, the keys below it, or what is wrong."""
    least_columns, least_lines = style.least
    if columns < least_columns or lines < least_lines:
        small = f"This window is {columns}x{lines}; DrumAssist needs {least_columns}x{least_lines}"
        return [small[:columns]]
    sheet, keys = picture, style.keys()
    if columns >= least_columns + 2 and lines >= least_lines + 2:
        sheet, keys = style.frame.around(picture), [" " + line for line in keys]
    left = " " * ((columns - len(sheet[0])) // 2)
    above = [""] * ((lines - len(sheet) - len(keys)) // 2)
    return above + [left + row for row in sheet + keys]


def news(before: list[str], after: list[str]) -> str:
    """What to write to a window that shows `before` so that it shows `after`: of each line, what differs."""
    before = before + [""] * (len(after) - len(before))
    rows = enumerate(zip(before, after, strict=False), 1)
    return "".join(_rewrite(row, old, new) for row, (old, new) in rows if old != new)


def _rewrite(row: int, old: str, new: str) -> str:
    first = _shared(old, new)
    if len(old) != len(new):
        return f"\x1b[{row};{first + 1}H{new[first:]}\x1b[K"
    same = _shared(old[:first:-1], new[:first:-1])
    return f"\x1b[{row};{first + 1}H{new[first : len(new) - same]}"


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    differs = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differs, min(len(one), len(other)))
