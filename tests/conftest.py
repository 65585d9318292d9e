"""Golden frames: pictures of the panel that are compared with the ones in tests/frames.

`pytest --update-frames` rewrites those; a difference is put beside them, enlarged, into a folder the failure names.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from PIL import Image, ImageChops

from panel.gallery import sheet

settings.register_profile("drumassist", deadline=None)  # the machines are shared: slow is no fault
settings.register_profile(
    "fuzz",
    deadline=None,
    max_examples=int(os.environ.get("FUZZ", "20000")),
    print_blob=True,
    suppress_health_check=HealthCheck,
)
settings.load_profile("drumassist")

FRAMES = Path(__file__).parent / "frames"
CheckFrame = Callable[[str, Image.Image], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-frames", action="store_true", help="rewrite the golden frames in tests/frames")


@pytest.fixture(scope="session")
def differences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of differences are put."""
    return tmp_path_factory.mktemp("frames")


@pytest.fixture
def check_frame(request: pytest.FixtureRequest, differences: Path) -> CheckFrame:
    """Compares a picture with the golden frame of that name, or makes it the golden one."""

    def check(name: str, actual: Image.Image) -> None:
        path = FRAMES / f"{name}.png"
        if request.config.getoption("--update-frames"):
            if not path.exists() or difference_of(actual, golden(path)) is not None:
                actual.save(path)
            return
        if not path.exists():
            pytest.fail(f"there is no golden frame {name}: look at the picture, then run pytest --update-frames")
        expected = golden(path)
        difference = difference_of(actual, expected)
        if difference is not None:
            shown = differences / f"{name}.png"
            sheet([actual, expected, difference], 3).save(shown)
            pytest.fail(f"{name} is not its golden frame; actual, expected, difference: {shown}")

    return check


def golden(path: Path) -> Image.Image:
    """A golden frame as it was saved."""
    with Image.open(path) as image:
        return image.convert("1")


def difference_of(actual: Image.Image, expected: Image.Image) -> Image.Image | None:
    """The pixels that differ; None where none do."""
    if actual.size != expected.size:
        return actual
    difference = ImageChops.logical_xor(actual, expected)
    return difference if difference.getbbox() else None
