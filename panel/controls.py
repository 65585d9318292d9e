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
    ONE = "one"  # TAP held for 600 ms: that press was the one
    START = "start"
    NEXT = "next"
    MUTE = "mute"
    FILL = "fill"
    QUIT = "quit"


class Turn(NamedTuple):
    """The encoder moved `steps` detents, clockwise positive, already accelerated."""

    steps: int
    stamp_ns: int


class Slip(NamedTuple):
    """The encoder moved while it, or TAP, was held: the click is to go `steps` on against the bar."""

    steps: int
    stamp_ns: int


class Button(NamedTuple):
    """A raw edge of a button ("encoder", "tap", "start", "next", "foot 1", "foot 2"); gestures are read from these."""

    name: str
    down: bool
    stamp_ns: int


class Meant(NamedTuple):
    """A gesture that a device reports whole (a key of the terminal, a pad); the stamp of ONE is that of its press."""

    gesture: Gesture
    stamp_ns: int


Input = Turn | Slip | Button | Meant
Meaning = Turn | Slip | Meant  # what is left when the buttons have been read


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
