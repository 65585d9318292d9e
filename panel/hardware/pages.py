"""A picture as the pages of an OLED's memory, and the windows of it that changed.

Pure: it must never know a bus or a chip's commands, and never loop over pixels.

    column 0                      127        A byte is eight pixels of one column, the
    page 0  | | | | ... | | | | |            lowest bit on top. A frame is page 0 from
    page 1  | | | | ... | | | | |            column 0 to 127, then page 1, ... page 7.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from PIL import Image

from panel.display import HEIGHT, WIDTH

PAGES = HEIGHT // 8
BLANK = bytes(WIDTH * PAGES)

# A quarter turn makes each column a row of eight bytes, so that a page is every eighth byte of the turned
# picture. Turned the one way the picture stands upright, turned the other way it stands on its head.
_QUARTER_TURNS = {0: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_90}
ROTATIONS = tuple(_QUARTER_TURNS)


def pack(image: Image.Image, rotation: int = 0) -> bytes:
    """The 1024 bytes of a 128x64 picture of mode "1"; rotation 2 stands it on its head.

    ValueError for a picture of another mode or size.
    """
    if image.mode != "1" or image.size != (WIDTH, HEIGHT):
        size = "x".join(map(str, image.size))
        raise ValueError(f"a picture of {size} and mode {image.mode!r}, not of {WIDTH}x{HEIGHT} and mode '1'")
    turned = image.transpose(_QUARTER_TURNS[rotation]).tobytes()
    return b"".join(turned[page::PAGES] for page in range(PAGES - 1, -1, -1))


class Window(NamedTuple):
    """A rectangle of whole bytes: columns `left` to before `right`, pages `top` to before `bottom`."""

    left: int
    right: int
    top: int
    bottom: int

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return (self.right - self.left) * (self.bottom - self.top)

    def around(self, other: Window) -> Window:
        """The smallest window that holds both."""
        return Window(
            min(self.left, other.left),
            max(self.right, other.right),
            min(self.top, other.top),
            max(self.bottom, other.bottom),
        )

    def cut(self, frame: bytes) -> bytes:
        """Its bytes out of a frame, page by page from the top."""
        rows = range(self.top * WIDTH, self.bottom * WIDTH, WIDTH)
        return b"".join(frame[row + self.left : row + self.right] for row in rows)


WHOLE = Window(0, WIDTH, 0, PAGES)


def runs(old: bytes, new: bytes, overhead: int) -> list[Window]:
    """The stretches of each page that differ, from the top left; two are one where that is no dearer.

    `overhead` is what it costs to address a window, in bytes: to send a gap of so many bytes that are right
    already costs the same.
    """
    differs = (int.from_bytes(old, "big") ^ int.from_bytes(new, "big")).to_bytes(len(BLANK), "big")
    found = []
    for page in range(PAGES):
        start = page * WIDTH
        for run in _stretches(overhead).finditer(differs, start, start + WIDTH):
            found.append(Window(run.start() - start, run.end() - start, page, page + 1))
    return found


@cache
def _stretches(gap: int) -> re.Pattern[bytes]:
    return re.compile(rb"[^\0]+(?:\0{1,%d}[^\0]+)*" % gap)


def joined(windows: list[Window], overhead: int) -> list[Window]:
    """The runs of neighbouring pages made into rectangles, wherever that costs no more bytes."""
    result: list[Window] = []
    for run in windows:
        best = _best_partner(result, run, overhead)
        if best is None:
            result.append(run)
        else:
            result[best] = result[best].around(run)
    return result


def _best_partner(windows: list[Window], run: Window, overhead: int) -> int | None:
    """The window that grows least by taking the run in, if that is no dearer than sending it by itself."""
    best, least = None, overhead + run.size
    for index, window in enumerate(windows):
        if window.bottom < run.top:  # a page of its own lies between
            continue
        growth = window.around(run).size - window.size
        if growth <= least:
            best, least = index, growth
    return best
