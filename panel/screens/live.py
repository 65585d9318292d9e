"""Live is home: the tempo large and never moving, the beat, the bar as a strip, and whatever is wrong.

4/4 Basic            4/4     pattern, meter
3          132        PAD    beat and bar, BPM, marks
12            .0     MUTE
##  __  ##  __               the bar with its play head
> Seven up                   what comes next, or what there is to tell
"""

from __future__ import annotations

from panel.canvas import FONTS, Canvas, fitted, text_width
from panel.display import WIDTH
from panel.music.pattern import Pattern
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from panel.screens.screen import BLINK_NS, Screen, notice_line
from panel.screens.strip import draw_strip
from panel.session import SHOW_TAPS_NS

_TOP, _BOTTOM = 0, 56
_BPM_X, _BPM_Y = 32, 11
_MARK_Y = 13
_LABEL_Y, _LABEL_WIDTH = 30, text_width("FILL9") + 2
_FAULT_WIDTH = 26
_NOTE_WIDTH = text_width("3/16", "tiny")
_STRIP_Y, _STRIP_HEIGHT = 51, 8
_STRIP_TOP = _STRIP_Y - _STRIP_HEIGHT


class Live(Screen):
    """Turn nudges the tempo, unless it is locked; a press opens the menu."""

    def turn(self, steps: int) -> None:
        """Another tempo."""
        if self.session.settings["panel.lock"]:
            self.session.answer("Tempo is locked")
        else:
            self.session.nudge(steps)

    def press(self) -> str | None:
        """The menu."""
        return "menu"

    def next_change_ns(self, now_ns: int) -> int | None:
        """As every screen; and the taps go after a while."""
        change = super().next_change_ns(now_ns)
        return min(now_ns + BLINK_NS, change or now_ns + BLINK_NS) if self._tapping(now_ns) else change

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The frame."""
        pattern = self.session.section(now_ns).pattern if self.session.playing else self.session.pattern
        self._draw_name(canvas, pattern)
        self._draw_beat(canvas, now_ns)
        self._draw_bpm(canvas, pattern.beat_ticks)
        self._draw_marks(canvas, now_ns)
        self._draw_strip(canvas, now_ns)
        self._draw_bottom(canvas, now_ns)

    def _draw_name(self, canvas: Canvas, pattern: Pattern) -> None:
        """The pattern's name, whole if need be in a smaller font, and its meter."""
        meter = str(pattern.meter)
        room = WIDTH - text_width(meter) - 6
        small = text_width(pattern.name) <= room
        name = fitted(pattern.name, room, "small" if small else "tiny")
        canvas.text(0, _TOP if small else _TOP + 2, name, "small" if small else "tiny")
        canvas.right(WIDTH, _TOP, meter)

    def _draw_beat(self, canvas: Canvas, now_ns: int) -> None:
        """The beat with the bar under it; a square while stopped."""
        if not self.session.playing:
            canvas.box(3, 17, 16, 16)
            return
        now_ns = max(now_ns, self._first_ns)
        place, count_ticks = self.session.place(now_ns), self.session.section(now_ns).pattern.count_ticks
        canvas.text(1, 10, str(place.tick // count_ticks + 1), "large", bold=True)
        bar = f"{place.bar}" if place.bar > 0 else f"in {1 - place.bar}"
        canvas.text(1, 32, bar, "small" if len(bar) < 5 else "tiny")

    @property
    def _first_ns(self) -> int:
        state = self.session.state
        return state.tempo_map.time_of(state.first_tick)

    def _draw_bpm(self, canvas: Canvas, beat_ticks: int) -> None:
        tenths = round(self.session.micro_bpm * 10 / MICRO)
        canvas.text(_BPM_X, _BPM_Y, f"{tenths // 10:3d}", "huge", bold=True)
        canvas.text(_BPM_X + 49, _BPM_Y + 18, f".{tenths % 10}", "small")
        if beat_ticks != TICKS_PER_QUARTER:
            canvas.text(_BPM_X + 48, _MARK_Y, fitted(_note_name(beat_ticks), _NOTE_WIDTH, "tiny"), "tiny")

    def _draw_marks(self, canvas: Canvas, now_ns: int) -> None:
        """The port or its fault, what else is on, and what is not as usual, as far as there is room."""
        session, y = self.session, _MARK_Y
        unusual = self._unusual(now_ns)
        if unusual:
            canvas.label(WIDTH - _LABEL_WIDTH, _LABEL_Y, _LABEL_WIDTH, unusual)
        for word in session.fault:
            font = "tiny" if unusual or len(word) > 4 else "small"
            width = max(_FAULT_WIDTH, text_width(word, font) + 2)
            canvas.label(WIDTH - width, y, width, word, font)
            y += FONTS[font][1]
        marks = [] if session.fault else ["PAD" if session.module else "MIDI"]
        marks += ["CLK"] * session.state.clock + ["LOCK"] * session.settings["panel.lock"]
        for mark in marks[: ((_LABEL_Y if unusual else _STRIP_TOP) - y) // 9]:
            canvas.right(WIDTH, y, mark, "tiny")
            y += 9

    def _unusual(self, now_ns: int) -> str:
        """Silence, or a fill that plays or is to come."""
        if self.session.state.muted:
            return "MUTE"
        fills = self.session.fills_left(now_ns)
        return "" if not fills else "FILL" if fills == 1 else f"FILL{min(fills, 9)}"

    def _draw_strip(self, canvas: Canvas, now_ns: int) -> None:
        session = self.session
        if not session.playing:
            draw_strip(canvas, _STRIP_Y, _STRIP_HEIGHT, session.pattern)
            return
        now_ns = max(now_ns, self._first_ns)
        section, place = session.section(now_ns), session.place(now_ns)
        fill = session.state.fills(section, place.bar)
        draw_strip(canvas, _STRIP_Y, _STRIP_HEIGHT, section.pattern, place.bar - section.bar, fill, place.tick)

    def _draw_bottom(self, canvas: Canvas, now_ns: int) -> None:
        """What there is to tell: a fault of a file, the taps, the pattern that waits; and whether all is saved."""
        session = self.session
        left, right = "", "*" if session.unsaved else ""
        if session.tapped and self._tapping(now_ns):  # what the hand does comes first
            left = f"tapped {session.tapped.taps}"
            right = f"+/-{session.tapped.plus_minus / MICRO:.1f}" if session.follows_taps else "once more"
        elif notice := notice_line(session, now_ns):
            left = notice
        elif waiting := session.waiting(now_ns):
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
