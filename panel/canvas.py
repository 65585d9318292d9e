"""A 1-bit picture of 128x64 and what the screens draw on it: text in bitmap fonts, bars, marks.

It must never know what it shows; a screen says where and what, the canvas only paints.
"""

from __future__ import annotations

import re
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from panel.datafiles import data_folder
from panel.display import HEIGHT, WIDTH

# Name of a font: its cell's width and height. All are monospaced, so widths are products.
FONTS = {"tiny": (5, 8), "small": (6, 12), "medium": (8, 16), "large": (12, 24), "huge": (16, 32)}

_RUNS = re.compile("#+")


@cache
def _font(name: str) -> ImageFont.ImageFont:
    width, height = FONTS[name]
    return ImageFont.load(str(data_folder("fonts") / f"spleen-{width}x{height}.pil"))


def text_width(text: str, font: str = "small") -> int:
    """The width of a text in pixels."""
    return len(text) * FONTS[font][0]


def fitted(text: str, width: int, font: str = "small", end: int = 0) -> str:
    """As much of the text as fits into `width` pixels, a dot where something is missing; `end` characters stay last."""
    most = max(0, width // FONTS[font][0])
    if len(text) <= most:
        return text
    end = end if end < most - 1 else 0
    return text[: most - 1 - end].rstrip() + "." + text[len(text) - end :] if most else ""


class Canvas:
    """What is drawn; `image` is a PIL image of mode "1", lit pixels are 1. Coordinates are pixels from the top left."""

    def __init__(self) -> None:
        self.image = Image.new("1", (WIDTH, HEIGHT))
        self._draw = ImageDraw.Draw(self.image)

    def clear(self) -> None:
        """All dark."""
        self._draw.rectangle((0, 0, WIDTH, HEIGHT), fill=0)

    def text(self, x: int, y: int, text: str, font: str = "small", *, bold: bool = False, lit: bool = True) -> None:
        """Text with its top left corner at (x, y), dark on what is lit where `lit` is False; bold is a pixel wider."""
        latin = text.encode("latin-1", "replace").decode("latin-1")
        for offset in (0, 1) if bold else (0,):
            self._draw.text((x + offset, y), latin, font=_font(font), fill=int(lit))

    def right(self, x: int, y: int, text: str, font: str = "small", *, bold: bool = False, lit: bool = True) -> None:
        """Text that ends at x."""
        self.text(x - text_width(text, font), y, text, font, bold=bold, lit=lit)

    def centre(self, x: int, y: int, text: str, font: str = "small", *, bold: bool = False, lit: bool = True) -> None:
        """Text around x."""
        self.text(x - text_width(text, font) // 2, y, text, font, bold=bold, lit=lit)

    def box(self, x: int, y: int, width: int, height: int, *, lit: bool = True) -> None:
        """A filled box; nothing where it has no size."""
        if width > 0 and height > 0:
            self._draw.rectangle((x, y, x + width - 1, y + height - 1), fill=int(lit))

    def frame(self, x: int, y: int, width: int, height: int, *, lit: bool = True) -> None:
        """The outline of a box."""
        self._draw.rectangle((x, y, x + width - 1, y + height - 1), outline=int(lit))

    def invert(self, x: int, y: int, width: int, height: int) -> None:
        """What is lit in a box is dark, and the other way round."""
        where = (x, y, x + width, y + height)
        lit = self.image.crop(where)
        self.image.paste(1, where)
        self.image.paste(0, where, lit)

    def copy(self, other: Canvas, y: int, height: int) -> None:
        """So many rows of another canvas, in their place."""
        where = (0, y, WIDTH, y + height)
        self.image.paste(other.image.crop(where), where)

    def art(self, x: int, y: int, rows: tuple[str, ...], scale: int = 1, *, lit: bool = True) -> None:
        """A small picture drawn in characters, "#" a dot of `scale` pixels, with its top left corner at (x, y)."""
        for down, row in enumerate(rows):
            for run in _RUNS.finditer(row):
                width = (run.end() - run.start()) * scale
                self.box(x + run.start() * scale, y + down * scale, width, scale, lit=lit)

    def label(self, x: int, y: int, width: int, text: str, font: str = "small") -> None:
        """Dark text centred on a lit box: something is wrong, or wants to be seen."""
        self.box(x, y, width, FONTS[font][1])
        self.centre(x + width // 2, y, text, font, lit=False)
