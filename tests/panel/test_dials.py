"""The dials' screen while its play head moves: the same picture as drawn from nothing, for less work."""

from __future__ import annotations

import pytest

from panel.canvas import Canvas
from panel.controls import Gesture
from panel.gallery import Scene
from panel.music.generators.catalogue import GENERATORS
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.screens.dials import Dials

SIXTEENTH_NS = 125_000_000  # of a quarter note at 120 BPM
LONG = Pattern("Long", Meter.of(16, 4), (Row("rim", "X" + "x" * 15),))


def begun(pattern: str | Pattern, generator: str) -> tuple[Scene, Dials]:
    """The dials of a beat that plays."""
    scene = Scene(pattern, None, beats__generator=generator)
    scene.session.switch_beats(True)
    return scene.later(0).pressed(Gesture.START), Dials(scene.session)


def drawn(dials: Dials, scene: Scene) -> bytes:
    canvas = Canvas()
    dials.draw(canvas, scene.now)
    return canvas.image.tobytes()


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("pattern", ["4/4 Basic", "7/8 2+2+3", LONG])
def test_each_picture_is_as_drawn_from_nothing(pattern: str | Pattern, generator: str) -> None:
    scene, dials = begun(pattern, generator)
    for step in range(70):
        if step % 13 == 0:
            dials.turn(2)
        scene.later(SIXTEENTH_NS)
        assert drawn(dials, scene) == drawn(Dials(scene.session), scene)


@pytest.mark.parametrize("generator", GENERATORS)
def test_from_dial_to_dial_each_picture_is_as_drawn_from_nothing(generator: str) -> None:
    scene, dials = begun("4/4 Basic", generator)
    for presses in range(len(scene.session.beats.knobs)):
        anew = Dials(scene.session)
        for _ in range(presses):
            anew.press()
        assert drawn(dials, scene) == drawn(anew, scene)
        dials.press()


def test_while_only_the_head_moves_the_rows_are_not_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, dials = begun("4/4 Basic", "map")
    scene.later(SIXTEENTH_NS // 2)
    before = drawn(dials, scene)
    monkeypatch.delattr(Pattern, "strokes")
    for _ in range(14):
        scene.later(SIXTEENTH_NS)
        before, after = drawn(dials, scene), before
        assert after != before
