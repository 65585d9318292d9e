"""The music as events: which notes and which clocks fall on which tick, in the state that holds now.

It must never look at a clock, open a port or keep what it made: the same state and the same ticks give the same events.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.engine.state import PlayerState, Section, Voice
from panel.music.meter import LEVELS
from panel.music.pattern import Pattern, Stroke
from panel.music.song import Part
from panel.music.tempo import NEVER, TICKS_PER_QUARTER, Timeline

CLOCK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
NOTE_ON, NOTE_OFF, CONTROL_CHANGE, PROGRAM_CHANGE = 0x90, 0x80, 0xB0, 0xC0
ALL_SOUND_OFF, ALL_NOTES_OFF, BANK_MSB, BANK_LSB = 120, 123, 0, 32

MELODY_CHANNEL = 1

Message = tuple[int, ...]


class Event(NamedTuple):
    """A note-on, the tick it falls on, and the tick of its note-off."""

    tick: int
    message: Message
    off_tick: int


_Note = tuple[int, Message, int]  # tick within its bar, note-on, ticks that it is held; 0: as long as the state's gate
_STRETCH_CELLS = 32  # of a chart, rests included, are made to notes at a time: it may have thousands


class _Chart:
    """What has been made of a pattern: notes by the tick in its chart, and whether that is the fill's."""

    def __init__(self, pattern: Pattern) -> None:
        cells = max(sum(len(row.cells) for row in rows) for rows in (pattern.groove, pattern.fill))
        self.stretch_ticks = min(TICKS_PER_QUARTER, max(1, _STRETCH_CELLS * pattern.length_ticks // max(1, cells)))
        self.made: dict[tuple[int, bool], list[_Note]] = {}


class _Stretch(NamedTuple):
    """A piece of one bar, up to `end_tick`."""

    section: Section
    bar: int
    bar_tick: int  # where that bar begins
    start_tick: int
    end_tick: int


class Player:
    """Makes events of a PlayerState; with `melody` also of strokes that have a note of their own, on MELODY_CHANNEL.

    One thread at a time; nothing blocks.
    """

    def __init__(self, state: PlayerState, melody: bool = False) -> None:
        self._melody = melody
        self._charts: dict[int, _Chart] = {}  # by id of a part in the state
        self._made_with: tuple[object, object] = ((), ())
        self._gate_line: Timeline | None = None
        self.state = state

    @property
    def state(self) -> PlayerState:
        """What plays."""
        return self._state

    @state.setter
    def state(self, state: PlayerState) -> None:
        if (state.voices, state.levels) != self._made_with:
            self._made_with = state.voices, state.levels
            self._charts.clear()
        parts = {id(section.part) for section in state.sections}
        self._charts = {key: chart for key, chart in self._charts.items() if key in parts}
        self._gate_line = None
        self._state = state  # only now: while the old state lives, no new part can have an old one's id

    @property
    def sounding(self) -> bool:
        """Whether notes may come before the next command."""
        return self._state.playing and not self._state.muted

    @property
    def clock_until(self) -> int:
        """The tick before which MIDI clocks go out, NEVER where that has no end; -NEVER where there are none.

        None falls on the end of a run: a receiver that got the clock of the next bar line before the Stop would play
        that beat.
        """
        state = self._state
        if not state.clock:
            return -NEVER
        return NEVER if not state.playing or state.end_tick is None else state.end_tick

    def notes(self, start_tick: int, end_tick: int) -> list[Event]:
        """Every note-on with start_tick <= tick < end_tick and before the end of the run, in order.

        Any split of a range gives the same notes.
        """
        state = self._state
        if not self.sounding:
            return []
        if state.end_tick is not None:
            end_tick = min(end_tick, state.end_tick)
        return self._notes(max(start_tick, state.first_tick), end_tick)

    def stretch_end(self, tick: int) -> int:
        """The end of what is best asked for at once from `tick` on: it bounds the work between two writes."""
        return self._stretch_at(tick).end_tick

    def _notes(self, start_tick: int, end_tick: int) -> list[Event]:
        found: list[Event] = []
        tick = start_tick
        while tick < end_tick:
            stretch = self._stretch_at(tick)
            until = min(end_tick, stretch.end_tick)
            for note_tick, message, hold_ticks in () if self._state.is_silent(stretch.bar) else self._made(stretch):
                at = stretch.bar_tick + note_tick
                if tick <= at < until:
                    found.append(Event(at, message, at + (hold_ticks or self._gate_ticks(at))))
            tick = until
        return found

    def _stretch_at(self, tick: int) -> _Stretch:
        """The stretch that holds `tick`; stretches are counted from the bar line."""
        state, section = self._state, self._state.section_at(tick)
        place, step = section.place_of(tick), self._chart(section.part).stretch_ticks
        start = tick - place.tick % step
        return _Stretch(section, place.bar, tick - place.tick, start, min(start + step, state.next_bar_line(tick)))

    def _gate_ticks(self, tick: int) -> int:
        """How long a note is held that begins at `tick`, at the tempo there."""
        line = self._state.tempo_map.line_at(tick)
        if line is not self._gate_line:
            self._gate_line, self._gate = line, max(1, line.ticks_in(self._state.gate_ms * 1_000_000))
        return self._gate

    def _chart(self, part: Part) -> _Chart:
        chart = self._charts.get(id(part))
        if chart is None:
            chart = self._charts[id(part)] = _Chart(part.pattern)
        return chart

    def _made(self, stretch: _Stretch) -> list[_Note]:
        """The notes of a stretch, made once: the bars of a pattern repeat, and a tempo changes none of them."""
        section, pattern = stretch.section, stretch.section.pattern
        chart, bar_ticks = self._chart(section.part), pattern.meter.bar_ticks
        bar_tick = (stretch.bar - section.bar) % pattern.bars * bar_ticks
        fill, start = self._state.fills(section, stretch.bar), bar_tick + stretch.start_tick - stretch.bar_tick
        if (start, fill) not in chart.made:
            end = min(start + chart.stretch_ticks, bar_tick + bar_ticks)
            strokes = pattern.strokes_between(start, end, fill)
            chart.made[start, fill] = self._notes_of(strokes, bar_tick, section.part.levels)
        return chart.made[start, fill]

    def _notes_of(self, strokes: list[Stroke], chart_tick: int, own_levels: tuple[int, ...]) -> list[_Note]:
        """What the voices make of strokes, by tick from `chart_tick` on; `own_levels` are the part's."""
        state = self._state
        voices = {voice.role: voice for voice in state.voices}
        both = zip(state.levels, own_levels, strict=True)
        levels = dict(zip(LEVELS, (level * own // 100 for level, own in both), strict=True))
        loudest: dict[tuple[int, int, int], tuple[int, int]] = {}  # two roles on one note at one tick are one note
        for stroke in strokes:
            voice = voices.get(stroke.role) if stroke.note < 0 else self._singer(stroke)
            if voice and (velocity := _velocity(stroke, voice.level * levels[stroke.level])):
                key = (stroke.tick, NOTE_ON + voice.channel - 1, voice.note)
                loudest[key] = max((velocity, stroke.hold_ticks), loudest.get(key, (0, 0)))
        return [
            (tick - chart_tick, (status, note, velocity), hold_ticks)
            for (tick, status, note), (velocity, hold_ticks) in loudest.items()
        ]

    def _singer(self, stroke: Stroke) -> Voice | None:
        """The voice of a stroke that has a note of its own: no module's, and none where no melody is played."""
        return Voice(stroke.role, stroke.note, MELODY_CHANNEL) if self._melody else None


def _velocity(stroke: Stroke, level: int) -> int:
    """The MIDI velocity of a stroke at a level in hundredths of a percent; 0 is silent, all else sounds."""
    level *= stroke.percent
    return max(1, stroke.loudness * level // 1_000_000) if level else 0
