"""The pins by gpiozero's mock factory: what the hands do comes out stamped, and nothing is left behind."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gpiozero.pins.mock
import pytest
from gpiozero import Device, PinError
from gpiozero.pins.mock import MockFactory, MockPin

from panel.controls import Button, Turn
from panel.hardware.errors import DeviceMissing
from panel.hardware.gpio import GpioControls, Leds, Pins, open_gpio, open_leds
from panel.hardware.quadrature import Acceleration
from tests.hardware.fakes import Clock

PINS = Pins(5, 6, 13, tap=17, start=27, next=22, beat_led=18, status_led=23)
OFF = Acceleration(1)
HOUR_NS = 3600 * 1_000_000_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Also what the mock pins stamp their edges by, as the kernel does with real ones."""
    clock = Clock(time.monotonic_ns() + HOUR_NS)  # so that no alarm that is set by it rings by itself
    monkeypatch.setattr(gpiozero.pins.mock, "monotonic", clock.seconds)
    return clock


@pytest.fixture
def factory(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[MockFactory]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    factory = MockFactory()
    monkeypatch.setattr(Device, "pin_factory", factory)
    yield factory
    factory.reset()


@pytest.fixture
def controls(factory: MockFactory, clock: Clock) -> Iterator[GpioControls]:
    controls = open_gpio(PINS, acceleration=OFF, clock=clock)
    assert controls.read() == []
    yield controls
    controls.close()


class Hand:
    """Closes and opens contacts, `ms` after the last."""

    def __init__(self, factory: MockFactory, clock: Clock) -> None:
        self._factory, self._clock = factory, clock

    def push(self, pin: int | None, ms: float = 100) -> int:
        """Close it; the stamp."""
        self._clock.pass_ms(ms)
        self._factory.pin(pin).drive_low()
        return self._clock.now_ns

    def let_go(self, pin: int | None, ms: float = 100) -> int:
        """Open it; the stamp."""
        self._clock.pass_ms(ms)
        self._factory.pin(pin).drive_high()
        return self._clock.now_ns

    def turn(self, detents: int, ms: float = 100) -> int:
        """Full-step detents, clockwise positive; the stamp of the last edge."""
        first, second = (PINS.encoder_a, PINS.encoder_b)[:: 1 if detents > 0 else -1]
        stamp_ns = 0
        for _ in range(abs(detents)):
            self.push(first, ms)
            self.push(second, 0.1)
            self.let_go(first, 0.1)
            stamp_ns = self.let_go(second, 0.1)
        return stamp_ns


@pytest.fixture
def hand(factory: MockFactory, clock: Clock) -> Hand:
    return Hand(factory, clock)


def waits(controls: GpioControls) -> bool:
    return bool(select.select([controls], [], [], 0)[0])


def test_a_detent_is_a_turn_with_the_stamp_of_its_last_edge(controls: GpioControls, hand: Hand) -> None:
    stamp_ns = hand.turn(1)
    assert controls.read() == [Turn(1, stamp_ns)]
    stamp_ns = hand.turn(-1)
    assert controls.read() == [Turn(-1, stamp_ns)]


def test_no_detent_is_lost_between_two_reads(controls: GpioControls, hand: Hand) -> None:
    hand.turn(40)
    hand.turn(-15)
    assert [turn.steps for turn in controls.read() if isinstance(turn, Turn)] == [1] * 40 + [-1] * 15


def test_a_bouncing_encoder_is_one_detent(controls: GpioControls, hand: Hand) -> None:
    for push_or_let_go, pin in (
        (hand.push, PINS.encoder_a),
        (hand.push, PINS.encoder_b),
        (hand.let_go, PINS.encoder_a),
        (hand.let_go, PINS.encoder_b),
    ):
        other = hand.let_go if push_or_let_go == hand.push else hand.push
        for moved in (push_or_let_go, other, push_or_let_go, other, push_or_let_go):
            moved(pin, 0.05)
    assert [turn.steps for turn in controls.read() if isinstance(turn, Turn)] == [1]


def test_edges_that_come_out_of_order_are_read_by_their_stamps(
    controls: GpioControls, factory: MockFactory, clock: Clock
) -> None:
    now = clock.seconds()
    a, b = (factory.pin(pin).when_changed for pin in (PINS.encoder_a, PINS.encoder_b))
    for line, after_ms, state in ((b, 2, 0), (b, 4, 1), (a, 1, 0), (a, 3, 1)):
        line(now + after_ms / 1000, state)
    assert [turn.steps for turn in controls.read() if isinstance(turn, Turn)] == [1]


@pytest.mark.parametrize(("edges", "detents"), [(4, 1), (2, 2), (1, 4)])
def test_full_half_and_quarter_step(factory: MockFactory, clock: Clock, edges: int, detents: int) -> None:
    controls = open_gpio(PINS, edges_per_detent=edges, acceleration=OFF, clock=clock)
    Hand(factory, clock).turn(1)
    assert len(controls.read()) == detents
    controls.close()


def test_a_fast_turn_is_accelerated(factory: MockFactory, clock: Clock) -> None:
    controls = open_gpio(PINS, clock=clock)
    Hand(factory, clock).turn(4, ms=10)
    steps = [turn.steps for turn in controls.read() if isinstance(turn, Turn)]
    assert steps[:2] == [1, 1]
    assert steps[3] >= 9
    controls.close()


def test_a_press_is_read_at_its_first_touch_and_a_release_at_its(controls: GpioControls, hand: Hand) -> None:
    down_ns = hand.push(PINS.tap)
    for _ in range(3):
        hand.let_go(PINS.tap, 1)
        hand.push(PINS.tap, 1)
    assert controls.read() == [Button("tap", True, down_ns)]
    up_ns = hand.let_go(PINS.tap, 80)
    hand.push(PINS.tap, 0.5)
    hand.let_go(PINS.tap, 0.5)
    assert controls.read() == [Button("tap", False, up_ns)]


@pytest.mark.parametrize("name", ["encoder", "tap", "start", "next"])
def test_every_button_has_its_name(controls: GpioControls, hand: Hand, name: str) -> None:
    stamp_ns = hand.push(PINS.lines()[name])
    assert controls.read() == [Button(name, True, stamp_ns)]


def test_a_press_shorter_than_the_lock_out_is_released(controls: GpioControls, hand: Hand, clock: Clock) -> None:
    down_ns = hand.push(PINS.tap)
    up_ns = hand.let_go(PINS.tap, 9)
    assert controls.read() == [Button("tap", True, down_ns)]
    clock.pass_ms(20)
    assert controls.read() == [Button("tap", False, up_ns)]


def test_a_release_whose_edge_was_lost_is_seen_on_the_contact(
    controls: GpioControls, hand: Hand, factory: MockFactory, clock: Clock
) -> None:
    hand.push(PINS.start)
    controls.read()
    factory.pin(PINS.start).edges = "falling"
    hand.let_go(PINS.start, 300)
    assert controls.read() == [Button("start", False, clock.now_ns)]


def test_what_is_held_at_the_start_is_a_press(factory: MockFactory, clock: Clock) -> None:
    controls = open_gpio(PINS, clock=clock)
    factory.pin(PINS.tap).edges = "none"  # setting the pull-up let the mock pin go: press it unheard
    factory.pin(PINS.tap).drive_low()
    assert waits(controls)
    assert controls.read() == [Button("tap", True, clock.now_ns)]
    controls.close()


def test_inputs_come_in_the_order_of_their_stamps(controls: GpioControls, hand: Hand, clock: Clock) -> None:
    hand.push(PINS.tap)
    hand.let_go(PINS.tap, 9)
    hand.turn(1, ms=1)
    clock.pass_ms(30)
    found = controls.read()
    assert [type(event) for event in found] == [Button, Button, Turn]
    assert [event.stamp_ns for event in found] == sorted(event.stamp_ns for event in found)


def test_an_edge_wakes_and_reading_calms(controls: GpioControls, hand: Hand) -> None:
    assert not waits(controls)
    hand.turn(1)
    assert waits(controls)
    controls.read()
    assert not waits(controls)


def test_the_end_of_a_lock_out_wakes(controls: GpioControls, hand: Hand, clock: Clock) -> None:
    """The alarm is the kernel's: a lock-out of the fake clock ends in an hour, or ended soon after boot."""
    hand.push(PINS.tap)
    controls.read()
    assert not waits(controls)
    clock.now_ns = 0
    hand.push(PINS.start)
    controls.read()
    assert waits(controls)


def test_stamps_of_another_clock_are_replaced(controls: GpioControls, factory: MockFactory, clock: Clock) -> None:
    factory.pin(PINS.tap).when_changed(1_700_000_000.0, 0)
    assert controls.read() == [Button("tap", True, clock.now_ns)]


def test_a_storm_neither_raises_in_the_callback_nor_hides_the_last_edge(controls: GpioControls, hand: Hand) -> None:
    for _ in range(40_000):  # more than the pipe holds
        hand.push(PINS.tap, 0.001)
        hand.let_go(PINS.tap, 0.001)
    down_ns = hand.push(PINS.tap, 100)
    assert controls.read()[-1] == Button("tap", True, down_ns)
    assert not waits(controls)


def test_the_callback_of_closed_controls_is_silent(controls: GpioControls, factory: MockFactory) -> None:
    changed = factory.pin(PINS.tap).when_changed
    controls.close()
    changed(1.0, 0)


def test_footswitches_are_buttons(factory: MockFactory, clock: Clock, hand: Hand) -> None:
    controls = open_gpio(Pins(foot_1=24, foot_2=25), clock=clock)
    assert controls.read() == []
    first_ns, second_ns = hand.push(24), hand.push(25)
    assert controls.read() == [Button("foot 1", True, first_ns), Button("foot 2", True, second_ns)]
    controls.close()


def test_pins_that_are_not_there_are_left_alone(factory: MockFactory, clock: Clock) -> None:
    controls = open_gpio(Pins(tap=17, start=27), clock=clock)
    assert {pin.info.name for pin in factory.pins.values()} == {"GPIO17", "GPIO27"}
    assert controls.read() == []
    controls.close()


def test_close_gives_back_pins_and_descriptors(factory: MockFactory, clock: Clock) -> None:
    before = os.listdir("/proc/self/fd")
    controls = open_gpio(PINS, clock=clock)
    controls.close()
    controls.close()
    assert os.listdir("/proc/self/fd") == before
    assert all(pin.when_changed is None for pin in factory.pins.values())
    open_gpio(PINS, clock=clock).close()


def test_a_pin_that_is_taken_is_one_clear_line_and_leaves_nothing(factory: MockFactory, clock: Clock) -> None:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(DeviceMissing) as caught:
        open_gpio(Pins(tap=17, start=17), clock=clock)
    assert "GPIO17" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert os.listdir("/proc/self/fd") == before
    open_gpio(PINS, clock=clock).close()


def test_an_odd_encoder_is_a_value_error(factory: MockFactory) -> None:
    with pytest.raises(ValueError, match="3 edges to a detent"):
        open_gpio(PINS, edges_per_detent=3)


def test_no_gpio_is_one_clear_line_without_a_warning_or_a_file(tmp_path: Path) -> None:
    """In a process of its own, as the real factories keep what they began; here is no GPIO for them."""
    code = "from panel.hardware.gpio import *\ntry: open_gpio(Pins())\nexcept DeviceMissing as fault: print(fault)\n"
    environment = {name: value for name, value in os.environ.items() if name != "GPIOZERO_PIN_FACTORY"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("no GPIO pins (")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_leds(factory: MockFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    leds = open_leds(PINS)
    written, set_state = [], MockPin._set_state

    def recorded(pin: MockPin, state: bool) -> None:
        written.append(pin)
        set_state(pin, state)

    monkeypatch.setattr(MockPin, "_set_state", recorded)
    beat, status = factory.pin(PINS.beat_led), factory.pin(PINS.status_led)
    leds.set(True, False)
    assert (beat.state, status.state) == (True, False)
    leds.set(True, True)
    assert (beat.state, status.state) == (True, True)
    assert written == [beat, status], "nothing is written that was so already"
    leds.close()
    leds.close()
    leds.set(False, False)
    assert (beat.function, status.function) == ("input", "input")


def test_leds_that_are_not_there(factory: MockFactory) -> None:
    leds = Leds(Pins())
    leds.set(True, True)
    leds.close()
    assert not factory.pins


def test_a_pin_that_can_not_be_asked_holds_nothing_and_raises_nothing(
    controls: GpioControls, factory: MockFactory, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.pin(PINS.tap).drive_low()
    assert [event.down for event in controls.read() if isinstance(event, Button)] == [True]

    def gone(_: MockPin) -> bool:
        raise PinError("the chip is gone")

    monkeypatch.setattr(MockPin, "state", property(gone))
    clock.pass_ms(50)
    assert [event.down for event in controls.read() if isinstance(event, Button)] == [False]
    assert controls.read() == []
    monkeypatch.undo()
