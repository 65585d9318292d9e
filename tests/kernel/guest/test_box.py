"""The box as a drummer has it: fingers on its lines, a pad on its cable, a picture on its glass.

On virtual time. It must never start a process in a timed part: while the guest reads the host's files, its clock leaps.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PIL import Image

from panel.gallery import Scene, turns_to
from tests.kernel import glass as oled
from tests.kernel.client import wait_for
from tests.kernel.guest.rig import (
    ENCODER,
    ENCODER_A,
    ENCODER_B,
    NEXT,
    STATUS_LED,
    TAP,
    Rig,
    at_rest,
    bpm_on_glass,
    on_time,
    switched_on_box,
)


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A box that has played."""
    with switched_on_box(tmp_path_factory.mktemp("box")) as rig:
        rig.stop()
        rig.shows(lambda: Scene().picture, 30)
        yield rig


@pytest.fixture
def rig(switched_on: Rig) -> Rig:
    """The box stopped, on Live, at 120 BPM."""
    return at_rest(switched_on)


def test_four_taps_and_start(rig: Rig) -> None:
    rig.lines.tap_steadily(TAP, 4, 480)
    wait_for(lambda: rig.state.beat_micro_bpm == 125_000_000, 5)
    time.sleep(3)  # the next series: a pause ends the last one
    rig.lines.tap_steadily(TAP, 4, 500)
    wait_for(lambda: rig.state.beat_micro_bpm == 120_000_000, 5)
    wait_for(lambda: bpm_on_glass(rig, "120"), 5)
    state = rig.play()
    sends = rig.hear(12)
    on_time("played", sends, state.tempo_map)
    assert 60e6 / ((sends[-1].us - sends[0].us) / (len(sends) - 1)) == pytest.approx(120.0, abs=0.05)
    # When they arrive is also up to the kernel's USB worker, which is no real-time thread.
    rig.pad.wait_for(lambda arrivals: len([a for a in arrivals if a.is_note_on]) >= 12, 5)
    assert [a.message[1] for a in rig.pad.note_ons][:4] == [42] * 4  # the profile's rim
    assert rig.pad.note_ons[0].message[2] > rig.pad.note_ons[1].message[2]  # the one is louder
    assert bpm_on_glass(rig, "120")
    assert rig.lines.level(STATUS_LED) == 1
    rig.stop()
    assert rig.box.status()["bpm"] == 120.0


def test_the_encoder_turns_the_tempo(rig: Rig) -> None:
    rig.lines.turn(ENCODER_A, ENCODER_B, 3, edge_ms=30)
    wait_for(lambda: rig.state.beat_micro_bpm == 123_000_000, 5)
    wait_for(lambda: bpm_on_glass(rig, "123"), 5)
    state = rig.play()
    rig.lines.turn(ENCODER_A, ENCODER_B, -3, edge_ms=30)
    wait_for(lambda: rig.state.beat_micro_bpm == 120_000_000, 5)
    on_time("turned while playing", rig.hear(6), rig.state.tempo_map)
    assert state.run == rig.state.run
    status = rig.box.status()
    assert (status["bpm"], status["playing"], status["pattern"]) == (120.0, True, "4/4 Basic")


def test_the_pad_is_pulled_out_and_plugged_in(rig: Rig) -> None:
    state = rig.play()
    rig.hear(3)
    rig.pad.unplug()
    wait_for(lambda: not rig.view.ports[0].connected, 1)
    wait_for(lambda: _region(rig.picture) == _region(_no_pad()), 5)
    time.sleep(1.3)
    assert rig.state.playing
    rig.sends.read()
    plugged_ns = rig.pad.plug()
    sends = rig.hear(6)
    print(f"\nsounding {(sends[0].us - plugged_ns / 1000) / 1e6:.2f} s after it was plugged in", end="")
    assert sends[0].us * 1000 - plugged_ns < 2_000_000_000
    on_time("plugged in again", sends, state.tempo_map)  # on the grid of the run that had begun before
    assert rig.state.tempo_map == state.tempo_map
    assert rig.view.replugs == 1
    assert _region(rig.picture) != _region(_no_pad())


def _no_pad() -> Image.Image:
    scene = Scene()
    scene.client.ports = tuple(port._replace(connected=False) for port in scene.client.ports)
    return scene.later(0).picture


def _region(image: Image.Image) -> bytes:
    """The place of the marks, above the strip."""
    return image.crop((104, 14, 128, 38)).tobytes()


def test_the_oled_fails_for_five_seconds(rig: Rig) -> None:
    state = rig.play()
    oled.fail(True)
    failing = rig.hear(12, 14)
    assert failing[-1].us - failing[0].us >= 5_000_000
    rig.tap.feed(rig.glass)
    rig.glass.power_cut()  # whatever was on the glass is gone, and so is how it was set up
    oled.fail(False)
    healed = rig.hear(4)
    on_time("while the bus failed", failing, state.tempo_map)
    on_time("while it healed", healed, state.tempo_map)
    rig.stop()
    rig.shows(lambda: Scene().picture)


def test_a_note_is_learned_from_the_pad(rig: Rig) -> None:
    def press() -> None:
        rig.lines.tap(ENCODER)
        time.sleep(0.2)

    def turn(detents: int) -> None:
        rig.lines.turn(ENCODER_A, ENCODER_B, detents, edge_ms=30)
        time.sleep(0.2)

    press()
    turn(turns_to("Voices", Scene().down().machine.screen))
    press()
    turn(1)
    press()  # the first role
    turn(3)
    press()  # Learn
    rig.shows(lambda: Scene().down("Voices", "rim", "Learn").picture)
    rig.pad.hit(45)
    wait_for(lambda: next(v.note for v in rig.state.voices if v.role == "rim") == 45, 5)
    rig.go_home()
    rig.play()
    assert {send.note for send in rig.hear(4)} == {45}


def test_next_asks_for_a_fill_and_mute_is_the_first_row(rig: Rig) -> None:
    rig.play()
    rig.lines.tap(NEXT)
    wait_for(lambda: rig.state.fill_last >= rig.state.fill_first > 0, 5)
    rig.lines.tap(ENCODER)
    rig.lines.tap(ENCODER)
    wait_for(lambda: rig.state.muted, 5)
    rig.sends.read()
    time.sleep(2)
    assert rig.sends.read() == []
    rig.lines.tap(ENCODER)
    assert rig.hear(2)
