"""The music as events: which notes and which clocks fall on which tick, in the state that holds now.

It must never look at a clock, open a port or keep what it made: the same state and the same ticks give the same events.
"""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple

from panel.engine.state import PlayerState, Section
from panel.music.meter import LEVELS
from panel.music.pattern import ACCENT, GHOST, HIT, Pattern
from panel.music.tempo import Timeline

CLOCK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
NOTE_ON, NOTE_OFF, CONTROL_CHANGE = 0x90, 0x80, 0xB0
ALL_SOUND_OFF, ALL_NOTES_OFF = 120, 123

VELOCITY = {ACCENT: 127, HIT: 96, GHOST: 48}

NEVER = 1 << 62  # a tick, or a time in ns

Message = tuple[int, ...]


class Event(NamedTuple):
    """A note-on, the tick it falls on, and the tick of its note-off."""

    tick: int
    message: Message
    off_tick: int


_Note = tuple[int, Message]  # tick within its bar, note-on


class Player:
    """Makes events of a PlayerState. One thread at a time; nothing blocks."""

    def __init__(self, state: PlayerState) -> None:
        self._bars: dict[tuple[int, bool], list[list[_Note]]] = {}  # by id of a pattern in the state, and fill
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
            self._bars.clear()
        patterns = {id(section.pattern) for section in state.sections}
        self._bars = {key: bars for key, bars in self._bars.items() if key[0] in patterns}
        self._gate_line = None
        self._state = state  # only now: while the old state lives, no new pattern can have an old one's id
        if not state.playing:
            self._bar(state.sections[-1], 1)  # at rest there is time for it, at START there is not

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

    def _notes(self, start_tick: int, end_tick: int) -> list[Event]:
        found: list[Event] = []
        tick = start_tick
        bar_map = self._state.bar_map
        while tick < end_tick:
            place, bar_end = bar_map.place_of(tick), bar_map.next_bar_line(tick)
            bar_start, until = tick - place.tick, min(end_tick, bar_end)
            for note_tick, message in self._bar(self._state.section_at(tick), place.bar):
                at = bar_start + note_tick
                if tick <= at < until:
                    found.append(Event(at, message, at + self._gate_ticks(at)))
            tick = bar_end
        return found

    def _gate_ticks(self, tick: int) -> int:
        """How long a note is held that begins at `tick`, at the tempo there."""
        line = self._state.tempo_map.line_at(tick)
        if line is not self._gate_line:
            self._gate_line, self._gate = line, max(1, line.ticks_in(self._state.gate_ms * 1_000_000))
        return self._gate

    def _bar(self, section: Section, bar: int) -> list[_Note]:
        """The notes of a bar, made once: the bars of a pattern repeat, and a tempo changes none of them."""
        fill = self._state.fills(bar)
        key = (id(section.pattern), fill)
        if key not in self._bars:
            self._bars[key] = self._bars_of(section.pattern, fill)
        bars = self._bars[key]
        return bars[(bar - section.bar) % len(bars)]

    def _bars_of(self, pattern: Pattern, fill: bool) -> list[list[_Note]]:
        state = self._state
        voices = {voice.role: voice for voice in state.voices}
        levels = dict(zip(LEVELS, state.levels, strict=True))
        loudest: dict[tuple[int, int, int], int] = {}  # two roles on one note at one tick are one note
        for stroke in pattern.strokes(fill):
            voice = voices.get(stroke.role)
            if voice and (velocity := _velocity(stroke.strength, voice.level * levels[stroke.level])):
                key = (stroke.tick, NOTE_ON + voice.channel - 1, voice.note)
                loudest[key] = max(velocity, loudest.get(key, 0))
        bars: list[list[_Note]] = [[] for _ in range(pattern.bars)]
        for (tick, status, note), velocity in loudest.items():
            bar, in_bar = divmod(tick, pattern.meter.bar_ticks)
            bars[bar].append((in_bar, (status, note, velocity)))
        for notes in bars:
            notes.sort(key=itemgetter(0))  # stable: what the pattern names first goes out first
        return bars


def _velocity(strength: str, level: int) -> int:
    """The MIDI velocity of a strength at a level in hundredths of a percent; 0 is silent, all else sounds."""
    return max(1, VELOCITY[strength] * level // 10_000) if level else 0
