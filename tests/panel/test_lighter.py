"""Bars that are too long for one message to the engine: they are played all the same, with less said of them."""

from __future__ import annotations

import pytest

from panel.controls import Gesture
from panel.engine.wire import Heard, encode
from panel.gallery import Scene
from panel.lighter import lighter
from panel.music.generators.catalogue import GENERATORS
from panel.music.meter import Meter
from panel.music.pattern import ROLES, Pattern, Row

LONGEST = Meter.of(32, 2)
CLICK = Pattern("Long", LONGEST, (Row("rim", "X" + "x" * 31),))
STEPS = 256


TOLD = (100,) * STEPS
EVEN = Row("rim", "x" * STEPS)


def dense(rows: int, row: Row = EVEN) -> Pattern:
    """Everything on every step."""
    return CLICK._replace(groove=tuple(row._replace(role=role) for role in ROLES[:rows]))


def test_what_fits_stays_as_it_is() -> None:
    pattern = dense(3)._replace(fill=CLICK.groove)
    assert lighter(pattern) is pattern


@pytest.mark.parametrize("rows", [4, 8, 21])
def test_the_fill_goes_first_then_what_is_said_of_strokes_then_the_last_rows(rows: int) -> None:
    told = EVEN._replace(velocities=TOLD, late=TOLD, notes=TOLD)
    assert lighter(dense(rows)._replace(fill=dense(21, told).groove)) == dense(rows)
    light = lighter(dense(rows, told))
    assert light == dense(len(light.groove), EVEN._replace(notes=TOLD))
    assert len(light.groove) >= 4


@pytest.mark.parametrize("generator", GENERATORS)
def test_with_everything_dense_in_the_longest_meter_bar_follows_bar_and_nothing_is_refused(generator: str) -> None:
    scene = Scene(CLICK, None, beats__generator=generator, beats__melody="hat")
    beats, dialled = scene.session.beats, scene.session.beats.dialled
    for dial in beats.composer.generator.dials:
        for key in dial.keys if dial.name not in ("fade", "darkness", "feel", "trade", "x", "y") else ():
            dialled.set(generator, key, dial.high)
    scene.session.switch_beats(True)
    scene.later(0).pressed(Gesture.START)
    step_ns = scene.session.state.tempo_map.time_of(LONGEST.bar_ticks // STEPS) - scene.now
    pads = scene.session.profile.notes.values()
    for _ in range(3 * STEPS):
        scene.client.heard += [Heard(note, 10, 1 + note, scene.now) for note in pads]
        scene.later(step_ns - note_late(scene.now))
    told = scene.session.notice(scene.now)
    assert told is None or "bytes" not in told.text
    last = scene.session.state.sections[-1]
    assert last.bar == scene.session.place(scene.now).bar + 1
    assert len([row for row in last.pattern.groove if row.strokes]) >= 3
    assert len(encode("resume", state=scene.session.state, seen_ns=0)) < 32 * 1024


def note_late(now_ns: int) -> int:
    """A hand is late now and then."""
    return now_ns % 7 * 1_000_000
