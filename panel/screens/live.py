"""Live is home: the tempo large and never moving, the beat, the bar as a strip, and whatever is wrong.

4/4 Basic            4/4     pattern, meter
3          132        PAD    beat and bar, BPM, marks
12            .0      CLK
##  __  ##  __               the bar with its play head
> Seven up                   what comes next, or what there is to tell
"""

from __future__ import annotations

from panel.canvas import FONTS, Canvas, fitted, text_width
from panel.display import WIDTH
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from panel.screens.screen import Screen
from panel.screens.strip import draw_strip
from panel.session import SHOW_TAPS_NS

_TOP, _BOTTOM = 0, 56
_BPM_X, _BPM_Y = 36, 13
_MARK_WIDTH = 24
_MARK_X = WIDTH - _MARK_WIDTH
_STRIP_Y, _STRIP_HEIGHT = 51, 8
_LABEL_Y = 31


class Live(Screen):
    """Turn nudges the tempo, unless it is locked; a press opens the menu."""

    def turn(self, steps: int) -> None:
        """Another tempo."""
        if self.session.settings["panel.lock"]:
            self.session.tell("Tempo is locked")
        else:
            self.session.nudge(steps)

    def press(self) -> str | None:
        """The menu."""
        return "menu"

    def next_change_ns(self, now_ns: int) -> int | None:
        """The next unit of the meter while playing; the end of a notice."""
        session = self.session
        if not session.playing:
            return now_ns + 500_000_000 if session.notice(now_ns) or self._tapping(now_ns) else None
        tempo_map = session.state.tempo_map
        tick = max(tempo_map.tick_at(now_ns), session.state.first_tick - 1)
        place, count_ticks = session.state.bar_map.place_of(tick), session.state.section_at(tick).pattern.count_ticks
        return tempo_map.time_of(tick - place.tick % count_ticks + count_ticks)

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The frame."""
        pattern = self.session.section(now_ns).pattern if self.session.playing else self.session.pattern
        meter = str(pattern.meter)
        canvas.text(0, _TOP, fitted(pattern.name, WIDTH - text_width(meter) - 6))
        canvas.right(WIDTH, _TOP, meter)
        self._draw_beat(canvas, now_ns)
        self._draw_bpm(canvas)
        self._draw_marks(canvas, now_ns)
        self._draw_strip(canvas, now_ns)
        self._draw_bottom(canvas, now_ns)

    def _draw_beat(self, canvas: Canvas, now_ns: int) -> None:
        """The beat with the bar under it; a square while stopped."""
        if not self.session.playing:
            canvas.box(3, 20, 14, 14)
            return
        now_ns = max(now_ns, self._first_ns)
        place, count_ticks = self.session.place(now_ns), self.session.section(now_ns).pattern.count_ticks
        canvas.text(1, 12, str(place.tick // count_ticks + 1), "large", bold=True)
        bar = f"{place.bar}" if place.bar > 0 else f"in{1 - place.bar}"
        canvas.text(1, 36, bar, "tiny")

    @property
    def _first_ns(self) -> int:
        state = self.session.state
        return state.tempo_map.time_of(state.first_tick)

    def _draw_bpm(self, canvas: Canvas) -> None:
        tenths = round(self.session.micro_bpm * 10 / MICRO)
        canvas.text(_BPM_X, _BPM_Y, f"{tenths // 10:3d}", "huge", bold=True)
        canvas.text(_BPM_X + 49, _BPM_Y + 18, f".{tenths % 10}", "small")
        beat = self.session.pattern.beat_ticks
        if beat != TICKS_PER_QUARTER:
            canvas.text(_BPM_X + 50, _BPM_Y + 6, _note_name(beat), "tiny")

    def _draw_marks(self, canvas: Canvas, now_ns: int) -> None:
        session = self.session
        y = 14
        for word in session.fault:
            width = max(_MARK_WIDTH, text_width(word, "tiny"))
            canvas.label(WIDTH - width, y, width, word, "tiny" if len(word) > 4 else "small")
            y += FONTS["tiny" if len(word) > 4 else "small"][1]
        marks = [] if session.fault else ["PAD" if session.module else "MIDI"]
        if session.state.clock:
            marks.append("CLK")
        if session.settings["panel.lock"]:
            marks.append("LOCK")
        low = _LABEL_Y if self._draw_label(canvas, now_ns) else _STRIP_Y - _STRIP_HEIGHT
        for mark in marks[: (low - y) // 9]:
            canvas.right(WIDTH, y, mark, "tiny")
            y += 9

    def _draw_label(self, canvas: Canvas, now_ns: int) -> bool:
        """What is not as usual: silence, or a fill that is to come."""
        fills = self.session.fills_left(now_ns)
        if self.session.state.muted:
            canvas.label(_MARK_X, _LABEL_Y, _MARK_WIDTH, "MUTE")
        elif fills == 1:
            canvas.label(_MARK_X, _LABEL_Y, _MARK_WIDTH, "FILL")
        elif fills:
            canvas.label(_MARK_X - 3, _LABEL_Y + 3, _MARK_WIDTH + 3, f"FILL{min(fills, 9)}", "tiny")
        return self.session.state.muted or fills > 0

    def _draw_strip(self, canvas: Canvas, now_ns: int) -> None:
        session = self.session
        if not session.playing:
            draw_strip(canvas, _STRIP_Y, _STRIP_HEIGHT, session.pattern)
            return
        now_ns = max(now_ns, self._first_ns)
        section, place = session.section(now_ns), session.place(now_ns)
        fill = session.state.fills(place.bar)
        draw_strip(canvas, _STRIP_Y, _STRIP_HEIGHT, section.pattern, place.bar - section.bar, fill, place.tick)

    def _draw_bottom(self, canvas: Canvas, now_ns: int) -> None:
        """What there is to tell: a fault of a file, the taps, the pattern that waits; and whether all is saved."""
        session = self.session
        left, right = session.notice(now_ns), "*" if session.unsaved else ""
        if not left and session.tapped and self._tapping(now_ns):
            left = f"tapped {session.tapped.taps}"
            right = f"+/-{session.tapped.plus_minus / MICRO:.1f}"
        elif not left and (waiting := session.waiting(now_ns)):
            left, right = f"> {waiting.name}", str(waiting.meter)
        canvas.text(0, _BOTTOM, fitted(left, WIDTH - text_width(right, "tiny") - 3, "tiny"), "tiny")
        canvas.right(WIDTH, _BOTTOM, right, "tiny")

    def _tapping(self, now_ns: int) -> bool:
        return now_ns - self.session.taps_ns < SHOW_TAPS_NS


def _note_name(ticks: int) -> str:
    """A note value as a fraction: what BPM counts where it is not the quarter."""
    for lower in (2, 4, 8, 16):
        if ticks * lower % (4 * TICKS_PER_QUARTER) == 0:
            return f"{ticks * lower // (4 * TICKS_PER_QUARTER)}/{lower}"
    return "?"
