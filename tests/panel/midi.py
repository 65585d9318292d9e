"""Standard MIDI files as somebody's sequencer writes them, byte by byte from mido's messages.

It must never use the box's own renderer.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import mido

PPQ = 480
On = tuple[int, int, int]  # tick, note, velocity


def notes(hits: Iterable[On], channel: int = 10, long: int = 30) -> list[tuple[int, mido.Message]]:
    """Note-ons and their offs, each at its tick."""
    return [
        (tick + after, mido.Message(kind, channel=channel - 1, note=note, velocity=velocity if after == 0 else 0))
        for tick, note, velocity in hits
        for kind, after in (("note_on", 0), ("note_off", long))
    ]


def track(*events: tuple[int, mido.Message | mido.MetaMessage]) -> mido.MidiTrack:
    """A track of what happens at absolute ticks."""
    found, now = mido.MidiTrack(), 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        found.append(message.copy(time=tick - now))
        now = tick
    return found


def meter(tick: int, upper: int, lower: int, clicks: int = 24) -> tuple[int, mido.MetaMessage]:
    """A time signature."""
    return tick, mido.MetaMessage("time_signature", numerator=upper, denominator=lower, clocks_per_click=clicks)


def tempo(tick: int, bpm: float) -> tuple[int, mido.MetaMessage]:
    """A tempo in quarters."""
    return tick, mido.MetaMessage("set_tempo", tempo=round(60_000_000 / bpm))


def midi(*tracks: mido.MidiTrack, ppq: int = PPQ, type: int | None = None) -> bytes:
    """The file's bytes."""
    file = mido.MidiFile(type=(len(tracks) > 1) if type is None else type, ticks_per_beat=ppq, tracks=list(tracks))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()
