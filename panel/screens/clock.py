"""Time: how long the song has been playing, what is left of its section, and how long the evening is.

    Time          set 0:45:12
        2:47                     m:ss
    Chorus            5 bars     the section, and what is left of it

It must never count the count-in, nor stop the set's clock between two songs.
"""

from __future__ import annotations

from panel.canvas import Canvas, fitted, text_width
from panel.display import WIDTH
from panel.screens.screen import Screen, draw_title

SECOND_NS = 1_000_000_000
_CLOCK_Y, _SECTION_Y = 15, 50


def clock_text(ns: int) -> str:
    """A span as m:ss, from an hour on as h:mm:ss."""
    minutes, seconds = divmod(ns // SECOND_NS, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


class Time(Screen):
    """The clock of the song and that of the set."""

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The frame."""
        session = self.session
        set_ns = session.set_elapsed_ns(now_ns)
        draw_title(canvas, session, now_ns, "Time", f"set {clock_text(set_ns)}" if session.gig.began_ns else "")
        canvas.centre(WIDTH // 2, _CLOCK_Y, clock_text(session.elapsed_ns(now_ns)), "huge", bold=True)
        left = self._left(now_ns)
        room = WIDTH - text_width(left) - 6
        canvas.text(1, _SECTION_Y, fitted(self._section(now_ns), room))
        canvas.right(WIDTH, _SECTION_Y, left)

    def _section(self, now_ns: int) -> str:
        """What plays, or would."""
        session = self.session
        if not session.playing:
            return session.gig.song.name if session.gig.song else session.chosen_name
        part = session.section(now_ns).part
        return part.name or part.pattern.name

    def _left(self, now_ns: int) -> str:
        """Bars of the section; in free play, which bar it is."""
        session = self.session
        if not session.playing:
            return ""
        if session.waits_for_next:
            return "until NEXT"
        if session.section(now_ns).bars:
            bars = session.bars_left(now_ns)
            return f"{bars} bar{'s' * (bars != 1)}"
        return f"bar {session.place(now_ns).bar}"

    def next_change_ns(self, now_ns: int) -> int | None:
        """As every screen; and when a second of either clock is over."""
        session = self.session
        spans = [session.elapsed_ns(now_ns)] * session.playing + [session.set_elapsed_ns(now_ns)]
        moments = [now_ns + SECOND_NS - ns % SECOND_NS for ns in spans if ns]
        return (
            min([*moments, super().next_change_ns(now_ns) or moments[0]]) if moments else super().next_change_ns(now_ns)
        )
