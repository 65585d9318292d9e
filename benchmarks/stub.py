"""A backend for mido whose outputs take a message's bytes and stamp the moment, instead of sending them.

It must never cost more than that: it stands where a player hands over to its MIDI library.
"""

from __future__ import annotations

import time
from typing import Any

from mido.ports import BaseOutput

ROOM = 1_000_000
STAMPS = [0] * ROOM  # CLOCK_MONOTONIC in ns, preallocated
STATUS = bytearray(ROOM)  # the first byte of each message
_count = 0


class Output(BaseOutput):  # type: ignore[misc]
    """What mido.open_output() gives: `mido.set_backend("benchmarks.stub")` puts it there."""

    def _open(self, **options: Any) -> None:
        """Nothing is to be opened."""

    def _send(self, message: Any) -> None:
        global _count
        data = message.bytes()
        STAMPS[_count] = time.monotonic_ns()
        STATUS[_count] = data[0]
        _count += 1


def taken() -> list[tuple[int, int]]:
    """(status byte, stamp in ns) of every message so far."""
    return list(zip(STATUS[:_count], STAMPS[:_count], strict=True))
