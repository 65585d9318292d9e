"""The box as a drummer has it: fingers on its lines, a pad on its cable, a picture on its glass.

On virtual time. It must never start a process in a timed part: while the guest reads the host's files, its clock leaps.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from panel.canvas import Canvas
from panel.engine.client import ask
from panel.engine.state import PlayerState
from panel.engine.wire import View
from panel.gallery import Scene
from panel.screens.live import _BPM_X, _BPM_Y
from tests.kernel import glass as oled
from tests.kernel.client import Box, wait_for
from tests.kernel.glass import SSD1306, Tap
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.lines import Lines
from tests.kernel.pad import Pad
from tests.kernel.sends import Send, Sends

ENCODER_A, ENCODER_B, ENCODER, TAP, START, NEXT, BEAT_LED, STATUS_LED = 5, 6, 13, 17, 27, 22, 18, 23
START_S = 600  # of a clock that leaps while programs are loaded
LATE_US = 1000  # what a note may be late on this core, which is about a Pi Zero's


class Rig:
    """A running box and everything around it."""

    def __init__(self, box: Box, pad: Pad, lines: Lines, sends: Sends) -> None:
        self.box, self.pad, self.lines, self.sends = box, pad, lines, sends
        self.tap, self.glass = Tap(), SSD1306()

    @property
    def view(self) -> View:
        """What the engine says, asked without starting a process."""
        view = engine_view()
        assert view
        return view

    @property
    def state(self) -> PlayerState:
        return self.view.state

    @property
    def picture(self) -> Image.Image:
        """What is on the glass."""
        self.tap.feed(self.glass)
        return self.glass.image()

    def press_start(self) -> None:
        self.lines.tap(START)

    def play(self) -> PlayerState:
        """START, and the state of the run."""
        self.press_start()
        wait_for(lambda: self.state.playing, 5)
        self.sends.read()
        return self.state

    def stop(self) -> None:
        if self.state.playing:
            self.press_start()
            wait_for(lambda: not self.state.playing, 5)

    def go_home(self) -> None:
        """The encoder held."""
        self.lines.press(ENCODER)
        time.sleep(1.7)
        self.lines.release(ENCODER)

    def hear(self, notes: int, timeout_s: float = 10) -> list[Send]:
        """The next notes that are handed to the kernel."""
        found: list[Send] = []

        def enough() -> bool:
            found.extend(self.sends.read())
            return len(found) >= notes

        wait_for(enough, timeout_s)
        return found

    def shows(self, expected: Callable[[], Image.Image], timeout_s: float = 5) -> None:
        """Wait until the glass shows exactly that picture."""
        try:
            wait_for(lambda: self.picture.tobytes() == expected().tobytes(), timeout_s)
        except AssertionError:
            pytest.fail("the glass shows\n" + self.glass.text())
        assert self.glass.faults() == []


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A box that was switched on, has found its pad, and has played: what is slow only once is over."""
    folder = tmp_path_factory.mktemp("box")
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    with Box(folder) as box, Pad() as pad, Sends() as sends:
        rig = Rig(box, pad, Lines(), sends)
        rig.glass.power_cut()
        panel = box.start()
        wait_for(lambda: panel.poll() is not None or has_pad(), START_S, 0.2)
        assert panel.poll() is None, box.log()
        rig.shows(lambda: Scene().picture, 30)
        rig.play()
        rig.hear(4, 20)
        yield rig
        print(box.log())


@pytest.fixture
def rig(switched_on: Rig) -> Rig:
    """The box stopped, on Live, at 120 BPM."""
    switched_on.stop()
    switched_on.go_home()
    ask("tempo", micro_bpm=120_000_000)
    wait_for(lambda: bpm_on_glass(switched_on, "120"), 5)
    switched_on.pad.forget()
    return switched_on


def late_us(send: Send, state: PlayerState) -> float:
    """How much later than its tick a note was handed over; its tick is the nearest quarter."""
    tick = state.tempo_map.tick_at(send.us * 1000 + 100_000)
    return send.us - state.tempo_map.time_of(tick - tick % 5040) / 1000


def told(name: str, late: list[float]) -> None:
    print(f"\n{name}: {len(late)} notes, {min(late):.0f} to {max(late):.0f} us after they were due", end="")


def on_time(name: str, sends: list[Send], state: PlayerState) -> None:
    late = [late_us(send, state) for send in sends]
    told(name, late)
    assert min(late) >= 0
    assert max(late) < LATE_US


def bpm_on_glass(rig: Rig, text: str) -> bool:
    """Whether the place of the tempo shows `text`."""
    canvas = Canvas()
    canvas.text(_BPM_X, _BPM_Y, text, "huge", bold=True)
    place = (_BPM_X, _BPM_Y, _BPM_X + 48, _BPM_Y + 30)
    return rig.picture.crop(place).tobytes() == canvas.image.crop(place).tobytes()


def test_four_taps_and_start(rig: Rig) -> None:
    rig.lines.tap_steadily(TAP, 4, 480)
    wait_for(lambda: rig.state.beat_micro_bpm == 125_000_000, 5)
    time.sleep(3)  # the next series: a pause ends the last one
    rig.lines.tap_steadily(TAP, 4, 500)
    wait_for(lambda: rig.state.beat_micro_bpm == 120_000_000, 5)
    wait_for(lambda: bpm_on_glass(rig, "120"), 5)
    state = rig.play()
    sends = rig.hear(12)
    on_time("played", sends, state)
    rig.pad.wait_for(lambda arrivals: len([a for a in arrivals if a.is_note_on]) >= 12, 5)
    arrived = [arrival.ns / 1e9 for arrival in rig.pad.note_ons]
    assert 60 / ((arrived[-1] - arrived[0]) / (len(arrived) - 1)) == pytest.approx(120.0, abs=0.05)
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
    on_time("turned while playing", rig.hear(6), rig.state)
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
    on_time("plugged in again", sends, state)  # on the grid of the run that had begun before
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
    on_time("while the bus failed", failing, state)
    on_time("while it healed", healed, state)
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
    turn(3)
    press()  # Voices
    turn(1)
    press()  # the first role
    turn(3)
    press()  # Learn
    rig.shows(lambda: Scene().down(3, 1, 3).picture)
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
