"""What a screen is: it is entered, turned, pressed, drawn and left, and says what a press came to.

It must never know which screen follows; the table does.
"""

from __future__ import annotations

from panel.canvas import Canvas
from panel.session import Session


class Screen:
    """One state of the panel. `press` answers with an outcome that the table maps to the next state, None stays."""

    is_list = False  # turning moves a cursor: clockwise is down

    def __init__(self, session: Session) -> None:
        self.session = session

    def enter(self, before: str) -> None:
        """The screen comes up, `before` having been up until now."""

    def leave(self) -> None:
        """The screen goes."""

    def turn(self, steps: int) -> None:
        """The encoder was turned, clockwise positive."""

    def press(self) -> str | None:
        """The encoder was pressed."""
        return None

    def arrived(self) -> str | None:
        """Asked before each frame: something that was waited for has come, as an outcome for the table."""
        return None

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """Paint the whole frame on a dark canvas."""
        raise NotImplementedError

    def next_change_ns(self, now_ns: int) -> int | None:
        """When the picture will change by itself, None where it will not."""
        return None
