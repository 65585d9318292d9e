"""The drummer's fingers on the GPIO lines: press, release, tap, and turn the encoder.

It must never read the lines through the box's own library, nor know what a line is for.
"""

from __future__ import annotations

import os
import time
from pathlib import Path


class Lines:
    """The simulated GPIO chip. Contacts close to ground: a pressed line is low, as with a Pi's pull-ups."""

    def __init__(self, folder: str | None = None) -> None:
        """`folder` is the chip's in /sys; by default the one that the guest was wired with, else KeyError."""
        self._folder = Path(folder or os.environ["RIG_GPIO"])

    def press(self, line: int) -> int:
        """Close the contact; the time just before, in ns (CLOCK_MONOTONIC)."""
        return self._pull(line, "down")

    def release(self, line: int) -> int:
        """Open the contact; the time just before, in ns."""
        return self._pull(line, "up")

    def tap(self, line: int, hold_ms: float = 30) -> int:
        """Press, hold and release; the time of the press, in ns."""
        pressed_ns = self.press(line)
        _wait_until(pressed_ns + round(hold_ms * 1e6))
        self.release(line)
        return pressed_ns

    def tap_steadily(self, line: int, times: int, interval_ms: float, hold_ms: float = 30) -> list[int]:
        """Taps on a grid that doesn't drift; the times of the presses, in ns."""
        start_ns = time.monotonic_ns()
        presses = []
        for number in range(times):
            _wait_until(start_ns + round(number * interval_ms * 1e6))
            presses.append(self.tap(line, hold_ms))
        return presses

    def turn(self, pin_a: int, pin_b: int, detents: int, edge_ms: float = 2) -> None:
        """Turn by whole cycles; for `detents` above zero A goes first, below zero B.

            ___     _____
        A      |___|            At rest both contacts are open (high).
            _____     ___       One detent is four edges: A falls, B falls, A rises, B rises.
        B        |___|
        """
        first, second = (pin_a, pin_b) if detents > 0 else (pin_b, pin_a)
        for _ in range(abs(detents)):
            for pin, pull in ((first, "down"), (second, "down"), (first, "up"), (second, "up")):
                _wait_until(self._pull(pin, pull) + round(edge_ms * 1e6))

    def level(self, line: int) -> int:
        """What the box drives the line to, or finds on it: 0 or 1. For LEDs."""
        return int((self._folder / f"sim_gpio{line}" / "value").read_text())

    def _pull(self, line: int, way: str) -> int:
        file = self._folder / f"sim_gpio{line}" / "pull"
        ns = time.monotonic_ns()
        file.write_text(f"pull-{way}")
        return ns


def _wait_until(ns: int) -> None:
    time.sleep(max(0, ns - time.monotonic_ns()) / 1e9)
