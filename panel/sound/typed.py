"""What is typed where `drumassist sound` runs: Enter strikes the synth, `48 55 60` strikes these notes.

It must never read while another program has the terminal: whoever does that in the background is stopped.
"""

from __future__ import annotations

import os
from contextlib import suppress

HELP = "Enter strikes a note, 48 55 60 these; Ctrl-C ends"
WRONG = "notes are numbers from 0 to 127, such as 60, or 48 55 60"
_FIRST = (60,)


class Typed:
    """Lines from a terminal's descriptor, None for none. All calls from one thread."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._notes: tuple[int, ...] = _FIRST

    @property
    def sources(self) -> list[int]:
        """What to select on now."""
        with suppress(OSError):
            if self._descriptor is not None and os.tcgetpgrp(self._descriptor) == os.getpgrp():
                return [self._descriptor]
        return []

    def notes(self) -> tuple[int, ...]:
        """The notes of a line that has come; an empty line means those before. Raises ValueError for other words."""
        assert self._descriptor is not None
        line = os.read(self._descriptor, 1000)
        if not line:
            self._descriptor = None  # Ctrl-D
            return ()
        words = line.split()
        if not all(word.isdigit() and int(word) < 128 for word in words):
            raise ValueError(WRONG)
        self._notes = tuple(map(int, words)) or self._notes
        return self._notes
