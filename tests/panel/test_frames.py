"""Every state of the panel as its golden frame."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from panel.canvas import Canvas
from panel.gallery import PICTURES, Picture, Scene, save_gallery
from panel.screens.table import STATES
from tests.conftest import FRAMES, CheckFrame, difference_of

ALL = pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)


@ALL
def test_golden_frame(picture: Picture, check_frame: CheckFrame) -> None:
    scene = picture.scene()
    assert scene.machine.state == picture.state
    image = scene.picture
    assert (image.mode, image.size) == ("1", (128, 64))
    check_frame(picture.name, image)


def test_every_state_has_a_picture_and_no_golden_frame_is_left_over() -> None:
    assert {picture.state for picture in PICTURES} == set(STATES)
    assert {path.stem for path in FRAMES.glob("*.png")} == {picture.name for picture in PICTURES}


def test_no_two_names_are_the_same_and_no_two_pictures_but_where_nothing_can_be_seen() -> None:
    names = [picture.name for picture in PICTURES]
    assert len(set(names)) == len(names)
    pixels = {picture.name: picture.scene().picture.tobytes() for picture in PICTURES}
    assert len(set(pixels.values())) == len(pixels)


def test_the_gallery_is_saved_as_png(tmp_path: Path) -> None:
    assert save_gallery(tmp_path / "new") == len(PICTURES)
    with Image.open(tmp_path / "new" / "live-stopped.png") as image:
        assert difference_of(image.convert("1"), Scene().picture) is None


class _Inks(Canvas):
    """A canvas that tells where two texts, or a text and the edge, come into each other's way."""

    def __init__(self) -> None:
        super().__init__()
        self.inked = Image.new("1", self.image.size)
        self.collisions: list[str] = []

    def clear(self) -> None:
        super().clear()
        self.inked = Image.new("1", self.image.size)

    def text(self, x: int, y: int, text: str, font: str = "small", *, bold: bool = False, lit: bool = True) -> None:
        alone = Canvas()
        Canvas.text(alone, x, y, text, font, bold=bold)
        wide = Canvas()
        Canvas.text(wide, 1, 1, text.replace(" ", ""), font, bold=bold)
        if ImageChops.logical_and(alone.image, self.inked).getbbox():
            self.collisions.append(text)
        if _count(alone.image) < _count(wide.image) and len(text) < 16:
            self.collisions.append(f"{text} (over the edge)")
        self.inked = ImageChops.logical_or(self.inked, alone.image)
        super().text(x, y, text, font, bold=bold, lit=lit)

    def box(self, x: int, y: int, width: int, height: int, *, lit: bool = True) -> None:
        alone = Canvas()
        Canvas.box(alone, x, y, width, height)
        if ImageChops.logical_and(alone.image, self.inked).getbbox():
            self.collisions.append(f"a box at {x}, {y}")
        super().box(x, y, width, height, lit=lit)


def _count(image: Image.Image) -> int:
    return image.histogram()[255]


@ALL
def test_nothing_that_is_drawn_covers_a_text(picture: Picture) -> None:
    scene, canvas = picture.scene(), _Inks()
    scene.machine.draw(canvas, scene.now)
    assert canvas.collisions == []
