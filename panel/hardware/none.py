"""The display and the lamps of a box without any: a service that only plays, or a test.

They must never cost anything.
"""

from __future__ import annotations

from PIL import Image


class NoDisplay:
    """A display that shows nothing and is always well."""

    def show(self, image: Image.Image) -> bool:
        """Take the picture and forget it."""
        return True

    def dim(self, level: int) -> None:
        """Nothing is there to be dimmed."""

    def renew(self) -> None:
        """Nothing is there to be woken."""

    def close(self) -> None:
        """Nothing is open."""


class NoLamps:
    """LEDs that aren't there."""

    def set(self, beat: bool, status: bool) -> None:
        """Nothing is there to be lit."""

    def close(self) -> None:
        """Nothing is open."""
