"""`python -m tests.drills.broken_panel HOW WORDS...`: a panel in which something breaks, on mock pins."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from panel.__main__ import main
from panel.canvas import Canvas
from panel.hardware import gpio
from panel.screens.live import Live
from panel.screens.menu import Menu

EDGES_PER_S = 1000
STORM_S = 2.0
A, B, START = 5, 6, 27
_QUARTERS = ((A, False), (B, False), (A, True), (B, True))  # a detent: both contacts close, both open


def storm() -> None:
    """Turn the encoder, to and fro, by edges that come in a thread of their own, as lgpio's do."""
    from gpiozero import Device

    began = time.monotonic()
    for number in range(round(STORM_S * EDGES_PER_S)):
        time.sleep(max(0.0, began + number / EDGES_PER_S - time.monotonic()))
        backwards = number // (4 * 10) % 2  # ten detents up, ten down
        pin, high = _QUARTERS[number % 4]
        line = Device.pin_factory.pin(A + B - pin if backwards else pin)
        line.drive_high() if high else line.drive_low()
    print("the storm is over", file=sys.stderr, flush=True)


def once_drawn(screen: type[Live] | type[Menu], begin: Callable[[], None]) -> None:
    """Have `begin` run in a thread of its own once the screen is drawn while, as the panel knows by then, it plays."""
    draw, begun = screen.draw, threading.Event()

    def draw_and_begin(self: Any, canvas: Canvas, now_ns: int) -> None:
        if self.session.playing and not begun.is_set():
            begun.set()
            threading.Thread(target=begin, daemon=True).start()
        draw(self, canvas, now_ns)

    screen.draw = draw_and_begin  # type: ignore[method-assign]


def press_start() -> None:
    """The START button, for a moment."""
    from gpiozero import Device

    button = Device.pin_factory.pin(START)
    button.drive_low()
    time.sleep(0.1)
    button.drive_high()


def raise_in_read() -> None:
    """The pins' controls raise at every third reading."""
    once_drawn(Menu, storm)
    read, count = gpio.GpioControls.read, 0

    def sometimes(self: gpio.GpioControls) -> Any:
        nonlocal count
        count += 1
        if count % 3 == 0:
            raise RuntimeError("wire off")
        return read(self)

    gpio.GpioControls.read = sometimes  # type: ignore[method-assign]


def raise_in(screen: type[Live] | type[Menu]) -> None:
    """The screen draws ten times, then no more."""
    draw, left = screen.draw, 10

    def for_a_while(self: Any, canvas: Canvas, now_ns: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError("no ink")
        draw(self, canvas, now_ns)

    screen.draw = for_a_while  # type: ignore[method-assign]


WAYS: dict[str, Callable[[], None]] = {
    "storm": lambda: once_drawn(Menu, storm),  # on Live it would move the tempo, and with it the grid
    "start": lambda: once_drawn(Live, press_start),
    "read": raise_in_read,
    "menu": lambda: raise_in(Menu),
    "live": lambda: raise_in(Live),
}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
