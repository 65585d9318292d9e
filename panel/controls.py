"""What the drummer's hands do, as stamped values: the contract between the hardware and the panel.

It must never import a library or know which device an input came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple, Protocol


class Gesture(StrEnum):
    """What a hand meant, after the timing of the buttons has been read."""

    PRESS = "press"  # the encoder, let go before 600 ms
    BACK = "back"  # the encoder held for 600 ms
    HOME = "home"  # ... and for a second more
    TAP = "tap"
    TAP_HELD = "tap held"  # TAP held for 600 ms: "that press was the one"
    START = "start"
    NEXT = "next"
    QUIT = "quit"


class Turn(NamedTuple):
    """The encoder moved `steps` detents, clockwise positive, already accelerated."""

    steps: int
    stamp_ns: int


class Button(NamedTuple):
    """A raw edge of a push button ("encoder", "tap", "start", "next"); the panel reads gestures from these."""

    name: str
    down: bool
    stamp_ns: int


class Meant(NamedTuple):
    """A gesture that a device reports whole (a key of the terminal, a footswitch message)."""

    gesture: Gesture
    stamp_ns: int


Input = Turn | Button | Meant


class Controls(Protocol):
    """A source of inputs. Stamps are nanoseconds on CLOCK_MONOTONIC, as early in the chain as can be had."""

    def fileno(self) -> int:
        """The file descriptor that is readable while an input waits."""

    def read(self) -> Iterable[Input]:
        """Every input that waits, oldest first; never blocks and never raises for a device that has gone.

        Each is to be dealt with before the next is asked for: what a key means depends on where the one before it led.
        """

    def close(self) -> None:
        """Give the device back as it was found."""
