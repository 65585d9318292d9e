"""What sounds: the kits that were chosen, put on when they are there, and kept when their folders go."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from panel.sound.rig import Chosen, Rig
from panel.sound.wire import KIT
from tests.engine.stage import until
from tests.sound.test_shelf import RATE, make_kit
from tests.sound.test_shelf import Scene as Stock


class Scene(Stock):
    """A shelf, and a rig that takes its kits from there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.chosen, nothing = Chosen(), _Nothing()
        self.chosen.kits[KIT] = "Room"
        self.rig = Rig(RATE, self.chosen, self.shelf, nothing)  # type: ignore[arg-type]
        self.put_on("Click", "Room")

    def put_on(self, *names: str) -> list[str]:
        """Let kits be loaded; the sounds that the kit's bus has then."""
        for name in names:
            until(lambda name=name: [self.shelf.take_loaded()] and self.shelf.kit(name, RATE))  # type: ignore[misc]
        self.rig.tend()
        return [sound.name for sound in self.rig.sounds[KIT]]

    def look(self) -> None:
        """Twice, so that what has changed is seen."""
        assert [self.shelf.look_again() for _ in range(2)] == [False, True]


class _Nothing:
    """A synthesizer that is never asked."""

    active = False

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_kit_whose_folder_goes_sounds_on(scene: Scene) -> None:
    shutil.rmtree(scene.shipped / "Room")
    scene.look()
    assert scene.put_on() == ["snare"]


def test_one_that_was_never_there_gives_way_to_the_click(scene: Scene) -> None:
    scene.chosen.kits[KIT] = "Nowhere"
    assert scene.put_on() == ["hat", "rim"]


def test_one_that_comes_later_is_put_on(scene: Scene) -> None:
    scene.chosen.kits[KIT] = "Late"
    scene.put_on()
    make_kit(scene.own, "Late", "kick")
    scene.look()
    assert scene.put_on("Late") == ["kick"]


def test_one_that_changes_is_put_on_anew(scene: Scene) -> None:
    make_kit(scene.own, "Room", "clap", "kick")
    scene.look()
    assert scene.put_on("Room") == ["clap", "kick"]
