"""What a screen is: it is entered, turned, pressed, drawn and left, and says what a press came to.

It must never know which screen follows; the table does.
"""

from __future__ import annotations

from textwrap import wrap

from panel.canvas import FONTS, Canvas, fitted, text_width
from panel.display import WIDTH
from panel.session import Session

TITLE_HEIGHT = 12
BLINK_NS = 250_000_000  # how soon a screen looks again whether a notice has ended


def notice_line(session: Session, now_ns: int) -> str:
    """What there is to tell, in a line of the tiny font: a long notice comes in parts, one after another."""
    notice = session.notice(now_ns)
    if notice is None:
        return ""
    parts = told_in_parts(notice.text) or [""]
    left_ns = notice.until_ns - now_ns
    return parts[max(0, len(parts) - 1 - left_ns * len(parts) // notice.shown_ns)]


def told_in_parts(text: str) -> list[str]:
    """A text in as many lines of the tiny font as it takes."""
    return wrap(text, WIDTH // FONTS["tiny"][0], break_on_hyphens=False)


def draw_title(canvas: Canvas, session: Session, now_ns: int, title: str, corner: str = "") -> None:
    """The inverted row at the top; while there is something to tell, it is told here."""
    canvas.box(0, 0, WIDTH, TITLE_HEIGHT)
    told = notice_line(session, now_ns)
    if told:
        canvas.text(1, 2, told, "tiny", lit=False)
        return
    canvas.text(1, 0, title, lit=False)
    canvas.right(WIDTH - 1, 0, fitted(corner, WIDTH - text_width(title) - 8), lit=False)


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
        """When the picture will change by itself, None where it will not: on the beat, and as a notice goes on."""
        moments = [now_ns + BLINK_NS] if self.session.notice(now_ns) else []
        if pulse := self.session.pulse_ns(now_ns):
            moments.append(pulse[1])
        return min(moments, default=None)
