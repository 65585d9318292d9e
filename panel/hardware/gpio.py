"""The encoder, the buttons and the LEDs on a Raspberry Pi's pins, by gpiozero.

Its callbacks run in lgpio's only thread, which an exception would end: they must never do more than put a
stamped edge on a queue and wake the panel. gpiozero is imported only when pins are opened.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from panel.controls import Button, Input, Turn
from panel.hardware.alarm import Alarm
from panel.hardware.debounce import Debounce, Edge
from panel.hardware.errors import DeviceMissing
from panel.hardware.quadrature import Acceleration, Quadrature, Turning

if TYPE_CHECKING:
    from gpiozero import InputDevice

EDGES_KEPT = 4096  # when the panel is late, or a pin floats; the oldest go first
_FAR_NS = 10_000_000_000  # a stamp that is this far from now is on another clock


class Pins(NamedTuple):
    """GPIO numbers (not positions on the header); None for what isn't wired. Everything switches to ground.

    An encoder that turns the wrong way has its A and B exchanged.
    """

    encoder_a: int | None = None
    encoder_b: int | None = None
    encoder_switch: int | None = None
    tap: int | None = None
    start: int | None = None
    next: int | None = None
    foot_1: int | None = None
    foot_2: int | None = None
    beat_led: int | None = None
    status_led: int | None = None

    def lines(self) -> dict[str, int]:
        """The pins that are read, by name: the encoder's "a" and "b", and the buttons."""
        named = {
            "a": self.encoder_a,
            "b": self.encoder_b,
            "encoder": self.encoder_switch,
            "tap": self.tap,
            "start": self.start,
            "next": self.next,
            "foot 1": self.foot_1,
            "foot 2": self.foot_2,
        }
        return {name: pin for name, pin in named.items() if pin is not None}


class _Line:
    """What gpiozero calls for one pin. Runs in lgpio's thread."""

    def __init__(self, name: str, edges: deque[tuple[str, float, int]], wake_fd: int) -> None:
        self._name, self._edges, self._wake_fd = name, edges, wake_fd

    def changed(self, ticks: float, state: int) -> None:
        """Put the edge on the queue, with the kernel's stamp, and wake the panel."""
        self._edges.append((self._name, ticks, state))
        with contextlib.suppress(OSError):  # full: it wakes anyway. Closed: nobody is there to be woken
            os.write(self._wake_fd, b"!")


class GpioControls:
    """Controls on GPIO pins. Opened, read and closed by one thread; see open_gpio()."""

    def __init__(
        self,
        pins: Pins,
        *,
        edges_per_detent: int = 4,
        acceleration: Acceleration | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Claims the pins, with pull-ups. ValueError for an odd encoder; gpiozero's errors, and lgpio's."""
        self._clock = clock
        self._edges: deque[tuple[str, float, int]] = deque(maxlen=EDGES_KEPT)
        self._turning = Turning(acceleration or Acceleration())
        self._faults = _pin_faults()
        with contextlib.ExitStack() as undo:
            self._open_descriptors(undo)
            self._inputs = _claimed(pins.lines(), undo)
            self._contact = {name: not device.pin.state for name, device in self._inputs.items()}
            self._knob = Quadrature(edges_per_detent, a=self._touches("a"), b=self._touches("b"))
            self._buttons = {name: Debounce() for name in self._inputs if name not in ("a", "b")}
            self._listen(undo)
            self._undo = undo.pop_all()
        self._arm()

    def fileno(self) -> int:
        """Readable while an edge waits, and when a button's contact has to be looked at."""
        return self._ready.fileno()

    def read(self) -> list[Input]:
        """What the hands did since the last time; what is held from the start comes first, as a press."""
        self._calm()
        now_ns = self._clock()
        found: list[Input] = []
        for line, edge in self._waiting(now_ns):
            self._contact[line] = edge.down
            found += self._turned(edge.stamp_ns) if line in ("a", "b") else self._pushed(line, edge)
        found += self._settled(now_ns)
        self._arm()
        return sorted(found, key=lambda event: event.stamp_ns)

    def close(self) -> None:
        """Give the pins back; may be called twice."""
        self._undo.close()

    def _open_descriptors(self, undo: contextlib.ExitStack) -> None:
        woken, self._wake_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        undo.callback(os.close, woken)
        undo.callback(os.close, self._wake_fd)
        self._woken = woken
        self._alarm = undo.enter_context(contextlib.closing(Alarm()))
        self._ready = undo.enter_context(select.epoll())
        self._ready.register(woken)
        self._ready.register(self._alarm)

    def _listen(self, undo: contextlib.ExitStack) -> None:
        self._lines = []  # kept here: gpiozero holds them weakly
        for name, device in self._inputs.items():
            line = _Line(name, self._edges, self._wake_fd)
            self._lines.append(line)
            device.pin.when_changed = line.changed
            undo.callback(setattr, device.pin, "when_changed", None)

    def _touches(self, line: str) -> bool:
        return self._contact.get(line, False)

    def _calm(self) -> None:
        self._alarm.quiet()
        with contextlib.suppress(BlockingIOError):
            while len(os.read(self._woken, 4096)) == 4096:
                pass

    def _waiting(self, now_ns: int) -> list[tuple[str, Edge]]:
        """The edges on the queue, by their stamps: A and B are two pins, and their order is the turn."""
        edges = []
        while self._edges:
            line, ticks, state = self._edges.popleft()
            edges.append((line, Edge(not state, _on_our_clock(ticks, now_ns))))
        return sorted(edges, key=lambda heard: heard[1].stamp_ns)

    def _turned(self, stamp_ns: int) -> list[Input]:
        detents = self._knob.feed(self._touches("a"), self._touches("b"))
        return [Turn(self._turning.steps(detents, stamp_ns), stamp_ns)] if detents else []

    def _pushed(self, name: str, edge: Edge) -> list[Input]:
        return [Button(name, *counts) for counts in self._buttons[name].hear(edge)]

    def _settled(self, now_ns: int) -> list[Input]:
        found: list[Input] = []
        for name, button in self._buttons.items():
            if button.wants_a_look(now_ns):
                unheard = button.settle(self._is_down(name), now_ns)
                if unheard is not None:
                    found.append(Button(name, *unheard))
        return found

    def _is_down(self, name: str) -> bool:
        """The contact itself; open where it can't be asked, so that nothing is held for ever."""
        try:
            return not self._inputs[name].pin.state
        except self._faults:
            return False

    def _arm(self) -> None:
        due = [due_ns for button in self._buttons.values() if (due_ns := button.due_ns()) is not None]
        if due:
            self._alarm.set(min(due))


def _on_our_clock(ticks: float, now_ns: int) -> int:
    """gpiozero's ticks, in seconds, as a stamp; now, if an old kernel counts them on another clock."""
    stamp_ns = round(ticks * 1e9)
    return stamp_ns if abs(now_ns - stamp_ns) < _FAR_NS else now_ns


def _claimed(lines: dict[str, int], undo: contextlib.ExitStack) -> dict[str, InputDevice]:
    from gpiozero import InputDevice

    return {name: undo.enter_context(InputDevice(pin, pull_up=True)) for name, pin in lines.items()}


class Leds:
    """The beat and the status LED, each from its pin through a resistor to ground; see open_leds()."""

    def __init__(self, pins: Pins) -> None:
        """Claims the pins, dark. gpiozero's errors, and lgpio's."""
        from gpiozero import LED

        with contextlib.ExitStack() as undo:
            numbers = (pins.beat_led, pins.status_led)
            self._leds = [None if pin is None else undo.enter_context(LED(pin)) for pin in numbers]
            self._undo = undo.pop_all()
        self._lit: tuple[bool, ...] = (False, False)
        self._faults = _pin_faults()

    def set(self, beat: bool, status: bool) -> None:
        """Light them or not; costs nothing when nothing changes, and raises nothing, not even after close()."""
        for led, wanted, lit in zip(self._leds, (beat, status), self._lit, strict=True):
            if led is not None and wanted != lit:
                with contextlib.suppress(*self._faults):
                    led.value = wanted
        self._lit = (beat, status)

    def close(self) -> None:
        """Both dark, and the pins given back; may be called twice."""
        self._undo.close()


def open_gpio(
    pins: Pins,
    *,
    edges_per_detent: int = 4,
    acceleration: Acceleration | None = None,
    clock: Callable[[], int] = time.monotonic_ns,
) -> GpioControls:
    """The controls on these pins. Call it before other threads start: it changes the folder for a moment.

    `edges_per_detent` is 4, 2 or 1 (ValueError). DeviceMissing where there are no pins, or one is taken.
    """
    with _pins_to_be_had():
        return GpioControls(pins, edges_per_detent=edges_per_detent, acceleration=acceleration, clock=clock)


def open_leds(pins: Pins) -> Leds:
    """The LEDs on these pins; none at all is fine. DeviceMissing as open_gpio()."""
    with _pins_to_be_had():
        return Leds(pins)


@contextlib.contextmanager
def _pins_to_be_had() -> Iterator[None]:
    """Have a pin factory ready, and make one clear error of the many that gpiozero and lgpio have."""
    from gpiozero import Device

    try:
        with warnings.catch_warnings(record=True) as reasons, _folder_to_write_in():
            warnings.simplefilter("always")
            Device.ensure_pin_factory()
    except _pin_faults() as fault:
        why = str(reasons[0].message if reasons else fault).removeprefix("Falling back from ")
        hint = "on a Raspberry Pi, install lgpio and add this user to the group gpio"
        raise DeviceMissing(f"no GPIO pins ({why}): {hint}") from fault
    try:
        yield
    except _pin_faults() as fault:
        hint = "check the pins in the settings, and that no other program uses them"
        raise DeviceMissing(f"a GPIO pin is not to be had ({fault}): {hint}") from fault


def _pin_faults() -> tuple[type[Exception], ...]:
    """What can be raised for a pin, or for want of any; lgpio has an error of its own, if it is what is in use."""
    from gpiozero import GPIOZeroError

    lgpio = sys.modules.get("lgpio")
    return (GPIOZeroError, ImportError, OSError, *([] if lgpio is None else [lgpio.error]))


@contextlib.contextmanager
def _folder_to_write_in() -> Iterator[None]:
    """A current folder for lgpio to start in: it makes a pipe there, opens it, and fails where it may not.

    Once open the pipe needs no name. lgpio itself goes to $LG_WD if that is set, and stays: so come back.
    """
    import tempfile  # eleven milliseconds, and only here

    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="drumassist-") as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
