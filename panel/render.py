"""A pattern or a song as a standard MIDI file: the same events that the engine plays, on the same ticks.

It must never make music of its own; what is wrong here is wrong on stage.
"""

from __future__ import annotations

from pathlib import Path

import mido

from panel.engine.plan import MAX_STEPS, retimed
from panel.engine.player import NOTE_OFF, Player
from panel.engine.state import PlayerState, Section, Voice, stopped_state
from panel.engine.transport import MAX_PLANNED, add_part, load_song, start
from panel.music.pattern import Pattern
from panel.music.song import Program, Song
from panel.music.tempo import MICRO, TICKS_PER_QUARTER

DEFAULT_BARS = 4
UNTOLD_BARS = 8  # of a section that lasts until the drummer says so

_Timed = tuple[int, int, mido.MetaMessage | mido.Message]  # tick, what comes first of one tick, message


def render(pattern: Pattern, micro_bpm: int, bars: int, voices: tuple[Voice, ...]) -> mido.MidiFile:
    """The pattern at a tempo (micro-BPM of its beat) for some bars, with exact ticks, tempo and time signature."""
    stopped = stopped_state(pattern, micro_bpm, 0)._replace(voices=voices)
    return _file(pattern.name, start(stopped, 0, 0, bars=bars), [])


def render_song(song: Song, voices: tuple[Voice, ...], untold_bars: int = UNTOLD_BARS) -> mido.MidiFile:
    """The song from bar 1 to its end, with its map of tempos and meters, its sections as markers, its program change.

    A section that lasts until the drummer says so has `untold_bars` bars. The count-in is left out.
    """
    first, *rest = (part if part.bars else part._replace(bars=untold_bars) for part in song.parts)
    state = load_song(stopped_state(first.pattern, first.micro_bpm, 0)._replace(voices=voices), 0, 0, first)
    for part in rest:
        state = add_part(state, 0, 0, part)
    playing = start(state, 0, 0, repeats=song.repeats)
    playing = retimed(playing, 0, most=MAX_PLANNED * MAX_STEPS)  # a file is no map of what comes next: it has it all
    markers = [(s.origin_tick, 1, mido.MetaMessage("marker", text=_latin(s.part.name))) for s in playing.sections]
    return _file(song.name, playing, markers + _program(song.program, voices))


def save_rendered(file: mido.MidiFile, path: Path) -> None:
    """Write the file. Raises OSError."""
    file.save(str(path))


def _file(name: str, state: PlayerState, more: list[_Timed]) -> mido.MidiFile:
    """A run from bar 1 to its end, which it has."""
    end_tick = state.end_tick
    assert end_tick is not None
    notes = [(tick, 3, mido.Message.from_bytes(message)) for tick, message in _messages(state, end_tick)]
    timed = [*_tempos(state), *_meters(state.sections), *more, *notes]
    track, now = mido.MidiTrack([mido.MetaMessage("track_name", name=_latin(name))]), 0
    for tick, _, message in sorted(timed, key=lambda item: item[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end_tick - now)))
    return mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track])


def _tempos(state: PlayerState) -> list[_Timed]:
    lines = state.tempo_map.timelines
    tempos = ((line.origin_tick, round(60_000_000 * MICRO / line.tempo)) for line in lines)
    return [(tick, 0, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in tempos]


def _meters(sections: tuple[Section, ...]) -> list[_Timed]:
    """The time signatures, each where it is another than before."""
    found: list[_Timed] = []
    for section in sections:
        pattern = section.pattern
        signature = mido.MetaMessage(
            "time_signature",
            numerator=pattern.meter.numerator,
            denominator=pattern.meter.denominator,
            clocks_per_click=min(255, 24 * pattern.beat_ticks // TICKS_PER_QUARTER),
        )
        if not found or found[-1][2] != signature:
            found.append((section.origin_tick, 1, signature))
    return found


def _program(program: Program | None, voices: tuple[Voice, ...]) -> list[_Timed]:
    """The program change, its bank before it, at the beginning; without a channel of its own on that of the voices."""
    if program is None:
        return []
    channel = (program.channel or (voices[0].channel if voices else 10)) - 1
    banks = [(control, value) for control, value in ((0, program.bank_msb), (32, program.bank_lsb)) if value >= 0]
    messages = [mido.Message("control_change", channel=channel, control=c, value=v) for c, v in banks]
    return [(0, 2, m) for m in (*messages, mido.Message("program_change", channel=channel, program=program.number))]


def _messages(state: PlayerState, end_tick: int) -> list[tuple[int, tuple[int, ...]]]:
    """Note-ons and their note-offs by tick, offs first; a note that is struck again ends there."""
    again: dict[tuple[int, ...], int] = {}  # from the end backwards: when each note is struck next
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for on in reversed(Player(state, melody=True).notes(0, end_tick)):
        status, note, _ = on.message
        off_tick = min(on.off_tick, again.get((status, note), end_tick))
        again[status, note] = on.tick
        found += [(on.tick, 1, on.message), (off_tick, 0, (status & 0x0F | NOTE_OFF, note, 64))]
    return [(tick, message) for tick, _, message in sorted(found)]


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")
