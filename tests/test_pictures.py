"""The pictures of README and docs are those that `make pictures` makes of the panel as it is now."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from PIL import Image

from panel.gallery import PICTURES, sheet

DOCS = Path(__file__).parent.parent / "docs"
MAKER = runpy.run_path(str(DOCS / "pictures.py"))


def test_the_wiring_is_drawn_from_the_pins_as_they_are() -> None:
    assert (DOCS / "img" / "wiring.svg").read_text() == MAKER["wiring"](), "run make pictures"


@pytest.mark.parametrize("name", MAKER["SHEETS"])
def test_the_pictures_are_the_panels_frames(name: str) -> None:
    wanted, columns, scale = MAKER["SHEETS"][name]
    scenes = {picture.name: picture.scene for picture in PICTURES}
    drawn = sheet([scenes[frame]().picture for frame in wanted], columns, scale)
    with Image.open(DOCS / "img" / f"{name}.png") as shown:
        assert shown.convert("L").tobytes() == drawn.tobytes(), "run make pictures"
