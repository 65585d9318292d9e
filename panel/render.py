"""A pattern as a standard MIDI file: the same events that the engine plays, on the same ticks.

It must never make music of its own; what is wrong here is wrong on stage.
"""

from __future__ import annotations

from pathlib import Path

import mido

from panel.engine.player import NOTE_OFF, Player
from panel.engine.state import PlayerState, Voice, stopped_state
from panel.engine.transport import start
from panel.music.pattern import Pattern
from panel.music.tempo import MICRO, TICKS_PER_QUARTER

DEFAULT_BARS = 4


def render(pattern: Pattern, micro_bpm: int, bars: int, voices: tuple[Voice, ...]) -> mido.MidiFile:
    """The pattern at a tempo (micro-BPM of its beat) for some bars, with exact ticks, tempo and time signature."""
    state = start(stopped_state(pattern, micro_bpm, 0)._replace(voices=voices), 0, 0, bars=bars)
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=_latin(pattern.name)), *_frame(state, pattern)])
    now = 0
    for tick, message in _messages(state, bars * pattern.meter.bar_ticks):
        track.append(mido.Message.from_bytes(message, time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, bars * pattern.meter.bar_ticks - now)))
    return mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track])


def save_rendered(file: mido.MidiFile, path: Path) -> None:
    """Write the file. Raises OSError."""
    file.save(str(path))


def _frame(state: PlayerState, pattern: Pattern) -> list[mido.MetaMessage]:
    tempo = state.tempo_map.timelines[0].tempo
    return [
        mido.MetaMessage("set_tempo", tempo=round(60_000_000 * MICRO / tempo)),
        mido.MetaMessage(
            "time_signature",
            numerator=pattern.meter.numerator,
            denominator=pattern.meter.denominator,
            clocks_per_click=min(255, 24 * pattern.beat_ticks // TICKS_PER_QUARTER),
        ),
    ]


def _messages(state: PlayerState, end_tick: int) -> list[tuple[int, tuple[int, ...]]]:
    """Note-ons and their note-offs by tick, offs first; a note that is struck again ends there."""
    again: dict[tuple[int, ...], int] = {}  # from the end backwards: when each note is struck next
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for on in reversed(Player(state).notes(0, end_tick)):
        status, note, _ = on.message
        off_tick = min(on.off_tick, again.get((status, note), end_tick))
        again[status, note] = on.tick
        found += [(on.tick, 1, on.message), (off_tick, 0, (status & 0x0F | NOTE_OFF, note, 64))]
    return [(tick, message) for tick, _, message in sorted(found)]


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")
