"""A picture as characters: Braille, eight dots to a character, or half blocks, two dots to one.

Pure: it must never know a terminal, and never loop over dots.
"""

from __future__ import annotations

import codecs

from PIL import Image

from panel.display import HEIGHT, WIDTH

_ROW_BYTES = WIDTH // 8

# A Braille character is two dots wide and four high; Unicode numbers the eighth row last:
#
#     01 08
#     02 10      U+2800 plus the sum of the dots
#     04 20
#     40 80
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = "".join(chr(0x2800 + dots) for dots in range(256))

HALF_BLOCKS = " ▀▄█"  # neither, upper, lower, both
ASCII = " '.:"


def _pairs(left: int, right: int) -> list[bytes]:
    """For each byte of a row, eight dots: the four bytes that its four pairs of dots come to."""
    return [
        bytes((byte >> shift + 1 & 1) * left | (byte >> shift & 1) * right for shift in (6, 4, 2, 0))
        for byte in range(256)
    ]


_BRAILLE_ROWS = tuple(_pairs(left, right) for left, right in _DOTS)
_UPPER = [bytes(byte >> shift & 1 for shift in range(7, -1, -1)) for byte in range(256)]
_HALF_ROWS = (_UPPER, [dots.replace(b"\1", b"\2") for dots in _UPPER])


def braille(image: Image.Image) -> list[str]:
    """A 128x64 picture of mode "1" as 16 rows of 64 Braille characters, lit dots raised."""
    return _characters(image, _BRAILLE_ROWS, _BRAILLE, WIDTH // 2)


def halves(image: Image.Image, glyphs: str = HALF_BLOCKS) -> list[str]:
    """The same as 32 rows of 128 characters; `glyphs` are for neither, the upper, the lower dot, and both."""
    return _characters(image, _HALF_ROWS, glyphs, WIDTH)


def _characters(
    image: Image.Image, rows_of_a_character: tuple[list[bytes], ...], glyphs: str, columns: int
) -> list[str]:
    """Spread each row of dots by its table, lay those of a character over one another, look the sums up."""
    packed, high = image.tobytes(), len(rows_of_a_character)
    total = 0
    for first, table in enumerate(rows_of_a_character):
        rows = (packed[row * _ROW_BYTES : (row + 1) * _ROW_BYTES] for row in range(first, HEIGHT, high))
        total |= int.from_bytes(b"".join(map(table.__getitem__, b"".join(rows))), "big")
    sums = total.to_bytes(columns * HEIGHT // high, "big")
    text, _ = codecs.charmap_decode(sums, "strict", glyphs)
    return [text[start : start + columns] for start in range(0, len(text), columns)]
