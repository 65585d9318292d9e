"""The faders and the knob: what is held moves, is heard with the next frame, and is there again after a restart."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from panel.controls import Gesture, Turn
from panel.engine.client import News
from panel.gallery import Scene
from panel.screens.levels import FADERS
from panel.screens.menu import Menu
from panel.settings import SETTINGS_FILE, Settings
from tests.panel.stage import SECOND, Stage

FULL = (100, 100, 100, 100, 100)


def _sent(scene: Scene) -> list[tuple[int, ...]]:
    return [arguments["levels"] for name, arguments in scene.client.sent if name == "levels"]


def test_a_fader_moves_only_while_it_is_held() -> None:
    scene = Scene().down("Levels").turned(1)
    assert _sent(scene) == []
    scene.pressed(Gesture.PRESS).turned(-5)
    assert _sent(scene) == [(100, 80, 100, 100, 100)]
    scene.pressed(Gesture.PRESS).turned(-1).pressed(Gesture.PRESS).turned(-25).turned(-1).turned(1)
    assert scene.session.state.levels == (4, 80, 100, 100, 100)


@pytest.mark.parametrize(
    ("place", "heard"),
    [
        (0, (60, 100, 100, 100, 100)),
        (1, (100, 60, 100, 100, 100)),
        (2, (100, 100, 60, 100, 100)),
        (3, (100, 100, 100, 100, 60)),  # the sixteenths stand before the triplets, as on a DB-90
        (4, (100, 100, 100, 60, 100)),
        (5, (100, 100, 80, 0, 0)),
    ],
)
def test_each_fader_is_the_level_that_its_label_says(place: int, heard: tuple[int, ...]) -> None:
    scene = Scene().down("Levels").turned(place).pressed(Gesture.PRESS).turned(-10)
    assert scene.session.state.levels == heard


def test_the_hand_stops_at_the_last_fader_and_comes_back_to_the_one_it_left() -> None:
    scene = Scene().down("Levels").turned(30).pressed(Gesture.PRESS, Gesture.BACK)
    assert scene.machine.state == "levels"
    scene.pressed(Gesture.BACK, Gesture.PRESS, Gesture.PRESS).turned(-1)
    assert _sent(scene) == [(100, 100, 100, 88, 88)]
    scene.pressed(Gesture.PRESS).turned(-30).pressed(Gesture.PRESS).turned(-1)
    assert scene.session.state.levels == (96, 100, 100, 88, 88)


def test_however_fast_it_is_turned_a_frame_sends_one_command() -> None:
    with Stage() as stage:
        stage.down("Levels", 2)
        stage.hand(*(Turn(-1, stage.now) for _ in range(7))).run(SECOND)
        assert stage.sent("levels") == [{"levels": (100, 100, 72, 100, 100)}]


def test_the_click_plays_on(tmp_path: Path) -> None:
    scene = Scene(data=tmp_path).pressed(Gesture.START).later(3 * SECOND).down("Levels", 5).turned(-25)
    assert scene.session.playing
    assert scene.session.state.levels == (100, 0, 0, 0, 0)


def test_what_was_set_is_in_the_file_and_is_told_to_the_next_engine(tmp_path: Path) -> None:
    scene = Scene(data=tmp_path).down("Levels", 3).turned(-4).pressed(Gesture.PRESS).turned(2).pressed(Gesture.PRESS)
    scene.turned(-10).later(2 * SECOND)
    text = (tmp_path / SETTINGS_FILE).read_text()
    assert tomllib.loads(text)["levels"] == {
        "one": 100, "beat": 100, "eighth": 100, "sixteenth": 84, "triplet": 100, "density": 60,
    }  # fmt: skip
    again = Scene()
    again.session.settings = Settings(text)
    again.client.tend = lambda: News.FRESH  # type: ignore[method-assign]
    again.session.tend()
    assert _sent(again) == [(100, 100, 80, 0, 0)]


def test_an_engine_that_runs_is_told_where_its_levels_are_not_what_the_faders_show() -> None:
    scene = Scene()
    scene.client.tend = lambda: News.RUNNING  # type: ignore[method-assign]
    scene.session.tend()
    assert _sent(scene.later(0)) == []
    scene.client.send("levels", levels=(1, 2, 3, 4, 5))
    scene.client.sent.clear()
    scene.session.tend()
    scene.session.flush()
    assert _sent(scene) == [FULL]


def test_every_step_of_every_fader_is_another_picture() -> None:
    for place in range(len(FADERS)):
        scene = Scene().down("Levels", place)
        pictures = {scene.turned(-1).picture.tobytes() for _ in range(25)}
        assert len(pictures) == 25


def test_the_menu_says_what_is_not_heard_as_it_is_written() -> None:
    def row(scene: Scene) -> str:
        menu = scene.down().machine.screen
        assert isinstance(menu, Menu)
        return next(line.value for line in menu.lines if line.label == "Levels")

    assert row(Scene()) == ""
    assert row(Scene(levels__beat=96)) == "turned down"
    assert row(Scene(levels__beat=96, levels__density=52)) == "density 52%"
