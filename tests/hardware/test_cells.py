"""Dots as characters: each dot by itself, and whole pictures there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from panel.display import HEIGHT, WIDTH
from panel.hardware.cells import ASCII, HALF_BLOCKS, braille, halves

# The dots of a Braille character as Unicode numbers them, by column and row.
DOT_NUMBER = {(0, 0): 1, (0, 1): 2, (0, 2): 3, (1, 0): 4, (1, 1): 5, (1, 2): 6, (0, 3): 7, (1, 3): 8}

pictures = st.binary(min_size=WIDTH * HEIGHT // 8, max_size=WIDTH * HEIGHT // 8).map(
    lambda packed: Image.frombytes("1", (WIDTH, HEIGHT), packed)
)


def from_braille(rows: list[str]) -> Image.Image:
    """The picture that someone sees who reads the characters' dots."""
    image = Image.new("1", (WIDTH, HEIGHT))
    for row, line in enumerate(rows):
        for column, character in enumerate(line):
            for (x, y), number in DOT_NUMBER.items():
                if ord(character) - 0x2800 >> number - 1 & 1:
                    image.putpixel((column * 2 + x, row * 4 + y), 1)
    return image


@pytest.mark.parametrize("x", [0, 1, 2, 7, 8, 63, 126, 127])
@pytest.mark.parametrize("y", [0, 1, 2, 3, 4, 30, 62, 63])
def test_each_dot_is_in_its_place(x: int, y: int) -> None:
    image = Image.new("1", (WIDTH, HEIGHT))
    image.putpixel((x, y), 1)
    rows = braille(image)
    assert rows[y // 4][x // 2] == chr(0x2800 + (1 << DOT_NUMBER[x % 2, y % 4] - 1))
    assert sum(character != "\u2800" for row in rows for character in row) == 1
    assert halves(image)[y // 2][x] == HALF_BLOCKS[1 + y % 2]
    assert sum(character != " " for row in halves(image) for character in row) == 1


@given(pictures)
def test_braille_is_the_whole_picture(image: Image.Image) -> None:
    rows = braille(image)
    assert [len(row) for row in rows] == [64] * 16
    assert from_braille(rows).tobytes() == image.tobytes()


@given(pictures, st.sampled_from((HALF_BLOCKS, ASCII)))
def test_half_blocks_are_the_whole_picture(image: Image.Image, glyphs: str) -> None:
    rows = halves(image, glyphs)
    assert [len(row) for row in rows] == [128] * 32
    again = Image.new("1", (WIDTH, HEIGHT))
    for row, line in enumerate(rows):
        for x, character in enumerate(line):
            lit = glyphs.index(character)
            again.putpixel((x, row * 2), lit & 1)
            again.putpixel((x, row * 2 + 1), lit >> 1)
    assert again.tobytes() == image.tobytes()
