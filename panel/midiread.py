"""A standard MIDI file as mido reads it: the notes, tempos and meters in our ticks, the rest counted.

It must never show more of a spoilt file than one clear line.
"""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import mido

from panel.failure import Failure
from panel.music.tempo import TICKS_PER_QUARTER
from panel.tomltext import printable

MAX_MIDI_BYTES = 512 * 1024  # a whole evening's song has a tenth of that

_MOST_TICKS = 1 << 28  # of one delta time in a file: the format has no more
_MOST_HIGH_BYTES = 4096  # in a row: a number that never ends


class Note(NamedTuple):
    """A note-on."""

    tick: int
    channel: int
    note: int
    velocity: int


class Music(NamedTuple):
    """What of a file matters here, in our ticks; its own are so coarse that each may be `exact_ticks` off."""

    exact_ticks: int
    notes: dict[int, list[Note]]  # by track
    tempos: list[tuple[int, int]]  # (tick, us a quarter)
    meters: list[tuple[int, int, int, int]]  # (tick, upper, lower, clocks a click)
    others: Counter[str]
    end_tick: int

    @property
    def unread(self) -> list[str]:
        """What of it is no note, tempo or meter, in a line, if there is any."""
        each = ", ".join(f"{name} {count}" for name, count in self.others.most_common())
        return [f"controllers and the like are left out: {each}"] if each else []


def midi_bytes(path: Path) -> bytes:
    """A file's bytes, at most one more than may be read at all. Raises Failure."""
    try:
        with open(path, "rb") as file:
            return file.read(MAX_MIDI_BYTES + 1)
    except OSError as error:
        raise Failure(f"{path}: the file can't be read: {error.strerror}") from error


def read_midi(raw: bytes, source: str) -> Music:
    """What matters of a file. Raises Failure."""
    if len(raw) > MAX_MIDI_BYTES:
        raise Failure(f"{source}: the file has more than {MAX_MIDI_BYTES // 1024} KB: too large for a song's drums")
    if raw[:4] != b"MThd":
        raise Failure(f"{source}: this is no MIDI file")
    if len(raw) >= 14 and raw[12] & 0x80:
        raise Failure(f"{source}: its time is in SMPTE frames, not in beats: export it with ticks per quarter note")
    try:
        file = mido.MidiFile(file=_Watched(raw))
        if file.type not in (0, 1) or file.ticks_per_beat < 1:
            raise Failure(f"{source}: MIDI files of type {file.type} can't be read: export it as type 0 or 1")
        return _music(file)
    except Failure:
        raise
    except Exception as error:  # mido has no error of its own for a spoilt file: whatever its parts raise
        raise Failure(f"{source}: the file is spoilt or cut short ({printable(_why(error), 80)})") from error


def _why(error: Exception) -> str:
    return str(error) or {"EOFError": "it ends too early"}.get(type(error).__name__, type(error).__name__)


class _Watched(io.BytesIO):
    """A file that refuses to be read as one endless number, which would take for ever."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self._high = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file."""
        found = super().read(size)
        self._high = self._high + 1 if size == 1 and found >= b"\x80" else 0
        if self._high > _MOST_HIGH_BYTES:
            raise ValueError("a number has no end")
        return found


def _music(file: Any) -> Music:
    """What matters of a file as mido has it. Raises ValueError for times that can't be."""
    division = file.ticks_per_beat
    music = Music(-(-TICKS_PER_QUARTER // (2 * division)), {}, [], [], Counter(), 0)
    end = 0
    for number, track in enumerate(file.tracks):
        tick = 0
        for message in track:
            if not 0 <= message.time < _MOST_TICKS:
                raise ValueError("a time has too many ticks")
            tick += message.time
            _take(music, number, (2 * tick * TICKS_PER_QUARTER + division) // (2 * division), message)
        end = max(end, tick)
    music.tempos.sort(key=_by_tick)
    music.meters.sort(key=_by_tick)
    return music._replace(end_tick=end * TICKS_PER_QUARTER // division)


def _by_tick(change: tuple[int, ...]) -> int:
    return change[0]


def _take(music: Music, track: int, tick: int, message: Any) -> None:
    if message.type == "note_on" and message.velocity:
        note = Note(tick, message.channel + 1, message.note, message.velocity)
        music.notes.setdefault(track, []).append(note)
    elif message.type == "set_tempo":
        music.tempos.append((tick, message.tempo))
    elif message.type == "time_signature":
        music.meters.append((tick, message.numerator, message.denominator, message.clocks_per_click))
    elif not message.is_meta and message.type not in ("note_on", "note_off"):
        music.others[message.type.replace("_", " ")] += 1
