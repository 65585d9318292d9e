"""Live is home: the tempo large and never moving, the beat, the bar as a strip, and whatever is wrong.

4/4 Basic            4/4     pattern, meter; in a set the song and its number
3          132        PAD    beat and bar, BPM, the nudge, marks
12            .0     MUTE
##  __  ##  __               the bar with its play head
Verse 3/8       > Chorus     where we are in the song, what comes next, or what there is to tell
"""

from __future__ import annotations

from panel.canvas import FONTS, Canvas, fitted, text_width
from panel.display import WIDTH
from panel.music.pattern import Pattern
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from panel.screens.screen import BLINK_NS, Screen, notice_line, told_in_parts
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
_NUDGE_Y = _MARK_Y + 9
_LIT_NS = 120_000_000  # the silent preview; less where beats are short
_TURN_NS = 3_000_000_000  # the note to oneself and the next song take turns


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
        moments = [super().next_change_ns(now_ns), self._preview(now_ns)[1]]
        if self._tapping(now_ns):
            moments.append(now_ns + BLINK_NS)
        return min(filter(None, moments), default=None)

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The frame."""
        pattern = self.session.section(now_ns).pattern if self.session.playing else self.session.pattern
        self._draw_name(canvas, pattern)
        self._draw_beat(canvas, now_ns)
        self._draw_bpm(canvas, pattern.beat_ticks)
        self._draw_nudge(canvas)
        self._draw_marks(canvas, now_ns)
        self._draw_strip(canvas, now_ns)
        self._draw_bottom(canvas, now_ns)

    def _draw_name(self, canvas: Canvas, pattern: Pattern) -> None:
        """The song's name or the pattern's, whole if need be in a smaller font, and the meter."""
        meter, gig = str(pattern.meter), self.session.gig
        told = f"{gig.number} {gig.song.name}" if gig.song and gig.is_open else pattern.name
        room = WIDTH - text_width(meter) - 6
        small = text_width(told) <= room
        name = fitted(told, room, "small" if small else "tiny")
        canvas.text(0, _TOP if small else _TOP + 2, name, "small" if small else "tiny")
        canvas.right(WIDTH, _TOP, meter)

    def _draw_beat(self, canvas: Canvas, now_ns: int) -> None:
        """The beat with the bar of the song under it; a square while stopped, which flashes before a song."""
        if not self.session.playing:
            (canvas.box if self._preview(now_ns)[0] else canvas.frame)(3, 17, 16, 16)
            return
        now_ns = max(now_ns, self._first_ns)
        place, section = self.session.place(now_ns), self.session.section(now_ns)
        canvas.text(1, 10, str(place.tick // section.pattern.count_ticks + 1), "large", bold=True)
        bar = f"{place.bar - section.song_bar + 1}" if place.bar > 0 else f"in {1 - place.bar}"
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

    def _preview(self, now_ns: int) -> tuple[bool, int | None]:
        """Whether the square is lit, and when that changes by itself: before a song it flashes in its tempo."""
        pulse = None if self.session.playing else self.session.pulse_ns(now_ns)
        if pulse is None:
            return True, None
        began, ends = pulse
        dark = began + min(_LIT_NS, (ends - began) // 3)
        return now_ns < dark, dark if now_ns < dark else ends

    def _draw_nudge(self, canvas: Canvas) -> None:
        """How far the tempo is from what the song says."""
        bpm = round(self.session.nudged_micro_bpm / MICRO, 1)
        if bpm:
            canvas.text(_BPM_X + 48, _NUDGE_Y, f"{bpm:+.1f}" if abs(bpm) < 10 else f"{bpm:+.0f}", "tiny")

    def _draw_marks(self, canvas: Canvas, now_ns: int) -> None:
        """The port or its fault, what else is on, and what is not as usual, as far as there is room."""
        session, y = self.session, _MARK_Y
        unusual = self._unusual(now_ns)
        if unusual:
            canvas.label(WIDTH - _LABEL_WIDTH, _LABEL_Y, _LABEL_WIDTH, unusual)
        for word in session.fault:
            font = "tiny" if unusual or session.box_clicks or len(word) > 4 else "small"
            width = max(_FAULT_WIDTH, text_width(word, font) + 2)
            canvas.label(WIDTH - width, y, width, word, font)
            y += FONTS[font][1]
        marks = ["PAD"] * session.module_clicks + ["BOX"] * session.box_clicks
        marks = marks or ["MIDI"] * (not session.fault)
        marks += ["CLK"] * session.state.clock + ["LOCK"] * session.settings["panel.lock"]
        marks += ["PRACT"] * session.is_practising
        for mark in marks[: ((_LABEL_Y if unusual else _STRIP_TOP) - y) // 9]:
            canvas.right(WIDTH, y, mark, "tiny")
            y += 9

    def _unusual(self, now_ns: int) -> str:
        """Silence, whose turn it is, taps that are waited for, a fill that plays or is to come."""
        session = self.session
        if session.state.muted:
            return "MUTE"
        if session.playing and session.state.is_silent(session.place(now_ns).bar):
            return "GAP"
        if turn := session.beats.turn:
            return f"{'YOU' if turn.is_yours else 'ME'} {turn.bar}"
        if session.counts_off:
            return f"TAP {session.counted}" if session.counted else "TAPS"
        fills = session.fills_left(now_ns)
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
        elif session.playing and session.section(now_ns).part.song:
            left, right = self._section(now_ns)
        elif session.gig.song:
            left, right = self._to_come(now_ns)
        canvas.text(0, _BOTTOM, fitted(left, WIDTH - text_width(right, "tiny") - 3, "tiny"), "tiny")
        canvas.right(WIDTH, _BOTTOM, right, "tiny")

    def _section(self, now_ns: int) -> tuple[str, str]:
        """The section and its bar, and what follows it."""
        now_ns = max(now_ns, self._first_ns)
        session, section, place = self.session, self.session.section(now_ns), self.session.place(now_ns)
        of = f"/{section.bars}" if section.bars else ""
        behind = session.part_behind(now_ns)
        name = "end" if behind is None else behind.name if behind.song == section.part.song else behind.song
        told = "NEXT" if session.waits_for_next else ""
        left = f"{section.part.name} {place.bar - section.bar + 1}{of}"
        return left, fitted(f"{told}> {name}", WIDTH - text_width(left, "tiny") - 3, "tiny")

    def _to_come(self, now_ns: int) -> tuple[str, str]:
        """Before a song: the note to oneself, and the song after it with its tempo, in turns."""
        gig = self.session.gig
        lines = [(line, "") for line in told_in_parts(gig.here.entry.note if gig.here else "")]
        following = gig.following
        if following and following.song:
            lines.append((f"> {following.number} {following.song.name}", f"{following.song.micro_bpm / MICRO:.0f}"))
        elif not lines:
            lines.append(("", "last song" if gig.is_open else ""))
        return lines[now_ns // _TURN_NS % len(lines)]

    def _tapping(self, now_ns: int) -> bool:
        return now_ns - self.session.taps_ns < SHOW_TAPS_NS


def _note_name(ticks: int) -> str:
    """A note value as a fraction: what BPM counts where it is not the quarter."""
    for lower in (2, 4, 8, 16):
        if ticks * lower % (4 * TICKS_PER_QUARTER) == 0:
            return f"{ticks * lower // (4 * TICKS_PER_QUARTER)}/{lower}"
    return "?"
