"""Packing and comparing pictures, against a slow way that anyone can check."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from panel.display import HEIGHT, WIDTH
from panel.hardware.pages import BLANK, PAGES, WHOLE, Window, joined, pack, runs

frames = st.binary(min_size=WIDTH * PAGES, max_size=WIDTH * PAGES)
pictures = st.binary(min_size=WIDTH * HEIGHT // 8, max_size=WIDTH * HEIGHT // 8).map(
    lambda packed: Image.frombytes("1", (WIDTH, HEIGHT), packed)
)


@st.composite
def edits(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A frame, and the same with a few rectangles of it changed."""
    before = bytearray(draw(frames))
    after = bytearray(before)
    for _ in range(draw(st.integers(0, 6))):
        left, top = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, PAGES - 1))
        width, height = draw(st.integers(1, 40)), draw(st.integers(1, 4))
        for page in range(top, min(PAGES, top + height)):
            for column in range(left, min(WIDTH, left + width)):
                after[page * WIDTH + column] ^= 0x5A
    return bytes(before), bytes(after)


def written(windows: list[Window], before: bytes, after: bytes) -> bytes:
    """What is in the memory once the windows were sent."""
    memory = bytearray(before)
    for window in windows:
        data = window.cut(after)
        width = window.right - window.left
        for index, page in enumerate(range(window.top, window.bottom)):
            start = page * WIDTH + window.left
            memory[start : start + width] = data[index * width : (index + 1) * width]
    return bytes(memory)


@given(pictures)
def test_a_byte_is_eight_dots_of_a_column_the_lowest_bit_on_top(image: Image.Image) -> None:
    packed, dots = pack(image), image.load()
    assert dots is not None
    for index in range(0, WIDTH * PAGES, 37):
        page, column = divmod(index, WIDTH)
        assert packed[index] == sum(bool(dots[column, page * 8 + bit]) << bit for bit in range(8))


@given(pictures)
def test_rotation_2_is_the_picture_upside_down(image: Image.Image) -> None:
    assert pack(image, 2) == pack(image.rotate(180))


@pytest.mark.parametrize("image", [Image.new("L", (WIDTH, HEIGHT)), Image.new("1", (HEIGHT, WIDTH))])
def test_another_kind_of_picture_is_refused(image: Image.Image) -> None:
    with pytest.raises(ValueError, match="not of 128x64 and mode '1'"):
        pack(image)


@given(edits(), st.integers(1, 20))
def test_the_runs_make_the_one_frame_of_the_other(pair: tuple[bytes, bytes], overhead: int) -> None:
    found = runs(*pair, overhead)
    assert written(found, *pair) == pair[1]
    for one, other in pairwise(found):
        assert one.top != other.top or other.left - one.right > overhead, "the gap is cheaper to send"
    for run in found:
        right_already = bytes(old == new for old, new in zip(run.cut(pair[0]), run.cut(pair[1]), strict=True))
        assert b"\1" * (overhead + 1) not in right_already, "the gap is cheaper to leave out"


@given(frames, frames, st.integers(1, 20))
def test_so_they_do_for_frames_with_nothing_in_common(before: bytes, after: bytes, overhead: int) -> None:
    assert written(runs(before, after, overhead), before, after) == after


@given(edits(), st.integers(1, 20))
def test_joined_windows_do_the_same_and_are_never_dearer(pair: tuple[bytes, bytes], overhead: int) -> None:
    separate = runs(*pair, overhead)
    together = joined(separate, overhead)
    assert written(together, *pair) == pair[1]
    assert cost(together, overhead) <= cost(separate, overhead)


def cost(windows: list[Window], overhead: int) -> int:
    return sum(overhead + window.size for window in windows)


def test_a_rectangle_over_pages_is_one_window() -> None:
    after = bytearray(BLANK)
    for page in (2, 3, 4, 5):
        after[page * WIDTH + 40 : page * WIDTH + 56] = b"\xff" * 16
    assert joined(runs(BLANK, bytes(after), 10), 10) == [Window(40, 56, 2, 6)]


@pytest.mark.parametrize(("shift", "windows"), [(5, 1), (6, 2)])
def test_a_rectangle_takes_in_what_is_no_dearer_than_a_window_more(shift: int, windows: int) -> None:
    """Ten columns, and below them ten others, `shift` further: alone they cost 10 and 10 to address."""
    after = bytearray(BLANK)
    after[0:10] = after[WIDTH + shift : WIDTH + shift + 10] = b"\xff" * 10
    assert len(joined(runs(BLANK, bytes(after), 10), 10)) == windows


def test_changes_far_apart_stay_apart() -> None:
    after = bytearray(BLANK)
    after[0:4] = after[7 * WIDTH + 100 : 7 * WIDTH + 104] = b"\xff" * 4
    assert joined(runs(BLANK, bytes(after), 10), 10) == [Window(0, 4, 0, 1), Window(100, 104, 7, 8)]


def test_nothing_changed_is_nothing_to_send() -> None:
    assert runs(BLANK, BLANK, 10) == []


def test_the_whole_is_the_frame() -> None:
    frame = bytes(range(256)) * 4
    assert WHOLE.cut(frame) == frame
    assert WHOLE.size == len(frame)
