"""The music as events: which MIDI messages fall on which tick, in the state that holds now.

It must never look at a clock, open a port or keep what it made: the same state and the same ticks give the same events.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.engine.state import PlayerState, Section
from panel.music.meter import LEVELS
from panel.music.pattern import ACCENT, GHOST, HIT, Pattern
from panel.music.tempo import TICKS_PER_CLOCK

CLOCK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
NOTE_ON, NOTE_OFF, CONTROL_CHANGE = 0x90, 0x80, 0xB0
ALL_SOUND_OFF, ALL_NOTES_OFF = 120, 123

VELOCITY = {ACCENT: 127, HIT: 96, GHOST: 48}

Message = tuple[int, ...]


class Event(NamedTuple):
    """A message and the tick it falls on. A note-on carries the tick of its note-off, all else -1."""

    tick: int
    message: Message
    off_tick: int = -1


_Note = tuple[int, Message]  # tick within its bar, note-on


class Player:
    """Makes events of a PlayerState. One thread at a time; nothing blocks."""

    def __init__(self, state: PlayerState) -> None:
        self._bars: dict[tuple[int, bool], list[list[_Note]]] = {}  # by id of a pattern in the state, and fill
        self._made_with: tuple[object, object] = ((), ())
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
        self._state = state  # only now: while the old state lives, no new pattern can have an old one's id

    @property
    def silent(self) -> bool:
        """Whether no event will come before the next command."""
        return not (self._state.playing or self._state.clock)

    def events(self, start_tick: int, end_tick: int) -> list[Event]:
        """Every event with start_tick <= tick < end_tick, in the order in which it goes out.

        At one tick: Start, clock, then notes. Any split of a range gives the same events. Nothing falls on the end of
        a run or after it: a receiver that got the clock of the next bar line before the Stop would play that beat.
        """
        state = self._state
        if state.playing and state.end_tick is not None:
            end_tick = min(end_tick, state.end_tick)
        found = self._clocks(start_tick, end_tick) if state.clock else []
        if state.playing and not state.muted:
            found += self._notes(max(start_tick, state.first_tick), end_tick)
            found.sort(key=_tick)  # stable: what was put first goes out first
        return found

    def _clocks(self, start_tick: int, end_tick: int) -> list[Event]:
        first = -(-start_tick // TICKS_PER_CLOCK) * TICKS_PER_CLOCK
        clock = (CLOCK,)
        clocks = [Event(tick, clock) for tick in range(first, end_tick, TICKS_PER_CLOCK)]
        if self._state.playing and start_tick <= 0 < end_tick:
            clocks.insert(-first // TICKS_PER_CLOCK, Event(0, (START,)))
        return clocks

    def _notes(self, start_tick: int, end_tick: int) -> list[Event]:
        found: list[Event] = []
        tick = start_tick
        bar_map, tempo_map = self._state.bar_map, self._state.tempo_map
        gate_ns = self._state.gate_ms * 1_000_000
        while tick < end_tick:
            place = bar_map.place_of(tick)
            bar_start, bar_end = tick - place.tick, bar_map.next_bar_line(tick)
            for note_tick, message in self._bar(self._state.section_at(tick), place.bar):
                at = bar_start + note_tick
                if tick <= at < min(end_tick, bar_end):
                    found.append(Event(at, message, tempo_map.tick_at(tempo_map.time_of(at) + gate_ns)))
            tick = bar_end
        return found

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
        return bars


def _tick(event: Event) -> int:
    return event.tick


def _velocity(strength: str, level: int) -> int:
    """The MIDI velocity of a strength at a level in hundredths of a percent; 0 is silent, all else sounds."""
    return max(1, VELOCITY[strength] * level // 10_000) if level else 0
