"""What shows a frame: the contract between the panel and an OLED, a terminal, or nothing at all."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

WIDTH = 128
HEIGHT = 64


class Display(Protocol):
    """Shows 128x64 pictures of mode "1"; sends only what differs from what is on the glass."""

    def show(self, image: Image.Image) -> bool:
        """Put the picture on the glass; False while the device can't be reached. Never raises for a fault."""

    def dim(self, level: int) -> None:
        """Set the brightness, 0 (dark) to 255."""

    def renew(self) -> None:
        """Trust nothing that is on the glass: the next show() wakes the device and sends all of its picture."""

    def close(self) -> None:
        """Leave the device dark, or the terminal as it was found."""


class Lamps(Protocol):
    """The beat and status LEDs."""

    def set(self, beat: bool, status: bool) -> None:
        """Light or darken them. Never blocks, never raises."""

    def close(self) -> None:
        """Leave them dark."""
