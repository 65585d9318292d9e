"""The display and the controls of a box without any: a service that only plays, or a test.

They must never pretend that a hand did something, nor cost anything.
"""

from __future__ import annotations

import os

from PIL import Image

from panel.controls import Input


class NoDisplay:
    """A display that shows nothing and is always well."""

    def show(self, image: Image.Image) -> bool:
        """Take the picture and forget it."""
        return True

    def dim(self, level: int) -> None:
        """Nothing is there to be dimmed."""

    def close(self) -> None:
        """Nothing is open."""


class NoControls:
    """Controls that nobody touches: a descriptor that never becomes readable."""

    def __init__(self) -> None:
        # Both ends are kept: a pipe whose writing end is closed would be readable for ever.
        self._quiet, self._writing = os.pipe()
        self._closed = False

    def fileno(self) -> int:
        """The end of a pipe that nothing is written to."""
        return self._quiet

    def read(self) -> list[Input]:
        """Never anything."""
        return []

    def close(self) -> None:
        """Give both ends of the pipe back; may be called twice."""
        if not self._closed:
            self._closed = True
            os.close(self._quiet)
            os.close(self._writing)


class NoLamps:
    """LEDs that aren't there."""

    def set(self, beat: bool, status: bool) -> None:
        """Nothing is there to be lit."""

    def close(self) -> None:
        """Nothing is open."""
