"""The pictures of README and docs are those that `make pictures` makes of the panel as it is now."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from PIL import Image

DOCS = Path(__file__).parent.parent / "docs"
MAKER = runpy.run_path(str(DOCS / "pictures.py"))


def test_the_wiring_is_drawn_from_the_pins_as_they_are() -> None:
    assert (DOCS / "img" / "wiring.svg").read_text() == MAKER["wiring"](), "run make pictures"


@pytest.mark.parametrize("name", [*MAKER["SHEETS"], *MAKER["NUMBERED"]])
def test_the_pictures_are_the_panels_frames(name: str) -> None:
    with Image.open(DOCS / "img" / f"{name}.png") as shown:
        assert shown.convert("RGB").tobytes() == MAKER["drawn"](name).convert("RGB").tobytes(), "run make pictures"


def test_no_picture_is_left_over() -> None:
    pages = [*DOCS.glob("*.md"), DOCS.parent / "README.md", DOCS.parent / "benchmarks" / "README.md"]
    named = {link for page in pages for link in re.findall(r"img/([\w-]+\.\w+)", page.read_text())}
    assert {path.name for path in (DOCS / "img").iterdir()} == named
