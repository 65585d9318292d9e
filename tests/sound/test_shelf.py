"""The kits there are: what ships, the user's own over it, and what is wrong with the rest."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from panel.sound import shelf as shelf_module
from panel.sound.kit import Kit, load_kit
from panel.sound.shelf import KEPT_KITS, Adjustment, Shelf
from tests.engine.stage import TIMEOUT_S

RATE = 48_000


def make_kit(folder: Path, name: str, *sounds: str) -> None:
    (folder / name).mkdir(parents=True)
    for sound in sounds:
        soundfile.write(folder / name / f"{sound}.wav", np.exp(-np.arange(500) / 50), RATE)


class Scene:
    """A shelf on two folders, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.shipped, self.own = folder / "shipped", folder / "own"
        make_kit(self.shipped, "Click", "rim", "hat")
        make_kit(self.shipped, "Room", "snare")
        self._woken = threading.Semaphore(0)
        self.shelf = Shelf((self.shipped, self.own), self._woken.release)

    def loaded(self, name: str) -> bool:
        """Ask for a kit, wait until it is there; whether it is."""
        if self.shelf.kit(name, RATE) is None:
            assert self._woken.acquire(timeout=TIMEOUT_S)
            assert self.shelf.take_loaded()
        return self.shelf.kit(name, RATE) is not None


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_kit_is_loaded_behind_ones_back_and_stays(scene: Scene) -> None:
    assert list(scene.shelf.paths) == ["Click", "Room"]
    assert scene.shelf.kit("Click", RATE) is None
    assert scene.loaded("Click")
    kit = scene.shelf.kit("Click", RATE)
    assert kit is scene.shelf.kit("Click", RATE)
    assert scene.shelf.kit("Click", 44_100) is None  # another rate is another kit


def test_ones_own_replaces_what_ships(scene: Scene) -> None:
    make_kit(scene.own, "Click", "cowbell")
    scene.shelf.look()
    assert scene.shelf.paths["Click"] == scene.own / "Click"
    assert scene.loaded("Click")
    kit = scene.shelf.kit("Click", RATE)
    assert kit
    assert [sound.name for sound in kit.sounds] == ["cowbell"]


def test_a_kit_is_found_by_its_name_capitals_or_not(scene: Scene) -> None:
    make_kit(scene.own, "ROOM", "kick")
    scene.shelf.look()
    assert [scene.shelf.named(name) for name in ("Room", "ROOM", "click", "roo")] == ["Room", "ROOM", "Click", ""]


def test_a_broken_kit_hides_no_good_one(scene: Scene) -> None:
    make_kit(scene.own, "Empty")
    make_kit(scene.own, "Torn", "kick")
    (scene.own / "Torn" / "kick.wav").write_bytes(b"RIFF")
    make_kit(scene.own, "Wrong", "kick")
    (scene.own / "Wrong" / "kit.toml").write_text("name = 1\n")
    scene.shelf.look()
    assert not scene.loaded("Torn")
    assert "Torn" not in scene.shelf.paths
    assert len(scene.shelf.faults) == 3
    assert "kit.toml:1:" in "".join(scene.shelf.faults)
    assert scene.loaded("Click")


def test_one_that_has_come_changed_or_gone_is_seen_when_nothing_changes_any_more(scene: Scene) -> None:
    assert not scene.shelf.look_again()
    assert scene.loaded("Click")
    make_kit(scene.own, "New", "kick")
    assert not scene.shelf.look_again()  # it may still be copied
    assert scene.shelf.look_again()
    assert not scene.shelf.look_again()
    assert scene.loaded("New")
    before = scene.shelf.kit("New", RATE), scene.shelf.kit("Click", RATE)
    (scene.own / "New" / "kit.toml").write_text('name = "New"\n[kick]\ngain = -3.0\n')
    assert [scene.shelf.look_again() for _ in range(2)] == [False, True]
    assert scene.loaded("New")
    assert scene.shelf.kit("New", RATE) is not before[0]
    assert scene.shelf.kit("Click", RATE) is before[1]
    shutil.rmtree(scene.own / "New")
    assert [scene.shelf.look_again() for _ in range(2)] == [False, True]
    assert list(scene.shelf.paths) == ["Click", "Room"]


def test_ones_own_that_cannot_be_loaded_gives_way_to_what_ships(scene: Scene) -> None:
    """The click's fallback kit above all: a click there is."""
    make_kit(scene.own, "Click", "rim")
    (scene.own / "Click" / "rim.wav").write_bytes(b"RIFF")
    scene.shelf.look()
    assert not scene.loaded("Click")
    assert scene.shelf.paths["Click"] == scene.shipped / "Click"
    assert scene.loaded("Click")
    assert str(scene.own / "Click") in "".join(scene.shelf.faults)


def test_whatever_a_kit_does_the_next_one_is_loaded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, rate: int) -> Kit:
        if folder.name == "Room":
            raise RuntimeError("libsndfile has gone")
        return load_kit(folder, rate)

    monkeypatch.setattr(shelf_module, "load_kit", fail)
    assert not scene.loaded("Room")
    assert scene.shelf.faults == (f"{scene.shipped / 'Room'}: RuntimeError: libsndfile has gone",)
    assert scene.loaded("Click")


def test_a_kit_whose_files_have_changed_is_loaded_anew(scene: Scene) -> None:
    make_kit(scene.own, "Mine", "kick")
    scene.shelf.look()
    assert scene.loaded("Mine")
    assert scene.loaded("Click")
    before, click = scene.shelf.kit("Mine", RATE), scene.shelf.kit("Click", RATE)
    scene.shelf.look()
    assert scene.shelf.kit("Mine", RATE) is before
    (scene.own / "Mine" / "kit.toml").write_text("[kick]\ngain = -20\n")
    scene.shelf.look()
    assert scene.shelf.kit("Mine", RATE) is None
    assert scene.loaded("Mine")
    after = scene.shelf.kit("Mine", RATE)
    assert after
    assert [sound.gain_db for sound in after.sounds] == [-20]
    assert scene.shelf.kit("Click", RATE) is click
    soundfile.write(scene.own / "Mine" / "kick.wav", np.exp(-np.arange(900) / 50), RATE)
    scene.shelf.look()
    assert scene.shelf.kit("Mine", RATE) is None


def test_only_the_last_few_are_kept(scene: Scene) -> None:
    for number in range(KEPT_KITS):
        make_kit(scene.own, f"Own {number}", "kick")
    scene.shelf.look()
    first = scene.loaded("Click") and scene.shelf.kit("Click", RATE)
    for number in range(KEPT_KITS):
        assert scene.loaded(f"Own {number}")
    assert scene.loaded("Click")
    assert scene.shelf.kit("Click", RATE) is not first


def test_an_adjustment_changes_a_kit_and_not_the_one_on_the_shelf(scene: Scene) -> None:
    assert scene.loaded("Click")
    kit = scene.shelf.kit("Click", RATE)
    assert kit
    turned = Adjustment({"rim": 50}, {"hat": "all"}).of(kit)
    assert [(s.name, s.percent, s.choke) for s in turned.sounds] == [("hat", 100, "all"), ("rim", 50, "")]
    assert [sound.percent for sound in kit.sounds] == [100, 100]
