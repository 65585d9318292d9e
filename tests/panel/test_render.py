"""A rendered file as a third party reads it: exact ticks, tempo, time signature, accents louder."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import mido
import pytest

from panel.engine.player import MELODY_CHANNEL
from panel.library import load_library
from panel.music.meter import Meter
from panel.music.pattern import ACCENT, GHOST, HIT, Pattern, Row
from panel.music.percussion import PERCUSSION_CHANNEL
from panel.music.tempo import MICRO, TICKS_PER_QUARTER
from panel.render import render, save_rendered

LIBRARY = load_library(None)
VOICES = LIBRARY.profiles["General MIDI"].voices
NOTES = {voice.role: voice.note for voice in VOICES}
BARS = 4


def _read_back(pattern: Pattern, bpm: int, folder: Path) -> mido.MidiFile:
    path = folder / "x.mid"
    bars = max(BARS, pattern.bars)
    save_rendered(render(pattern, bpm * MICRO, bars, VOICES), path)
    return mido.MidiFile(str(path))


def _absolute(file: mido.MidiFile) -> list[tuple[int, mido.Message]]:
    now, found = 0, []
    for message in file.tracks[0]:
        now += message.time
        found.append((now, message))
    return found


@pytest.mark.parametrize("name", LIBRARY.patterns)
def test_every_shipped_pattern_lies_exactly_on_its_chart(name: str, tmp_path: Path) -> None:
    pattern = LIBRARY.patterns[name]
    file = _read_back(pattern, 90, tmp_path)
    messages = _absolute(file)
    bars = max(BARS, pattern.bars)
    assert (file.type, file.ticks_per_beat) == (0, TICKS_PER_QUARTER)
    assert messages[-1] == (bars * pattern.meter.bar_ticks, mido.MetaMessage("end_of_track", time=messages[-1][1].time))

    tempo = next(message.tempo for _, message in messages if message.type == "set_tempo")
    assert abs(tempo - 60_000_000 * TICKS_PER_QUARTER / (90 * pattern.beat_ticks)) <= 0.5
    signature = next(message for _, message in messages if message.type == "time_signature")
    assert f"{signature.numerator}/{signature.denominator}" == str(pattern.meter)

    loudness: dict[tuple[int, int], list[str]] = {}
    for tick, role, strength, *_ in pattern.strokes():
        for start in range(0, bars * pattern.meter.bar_ticks, pattern.length_ticks):
            if start + tick < bars * pattern.meter.bar_ticks:
                loudness.setdefault((start + tick, NOTES[role]), []).append(strength)
    velocity = {ACCENT: 127, HIT: 96, GHOST: 48}
    expected = {place: max(velocity[strength] for strength in found) for place, found in loudness.items()}
    ons = [(tick, m.note, m.velocity) for tick, m in messages if m.type == "note_on"]
    assert {(tick, note): loud for tick, note, loud in ons} == expected
    assert len(ons) == len(expected)


def test_a_melody_is_on_a_channel_of_its_own(tmp_path: Path) -> None:
    rows = (Row("kick", "x.x."), Row("hat", "xx..", velocities=(90, 80), notes=(60, 64)))
    messages = _absolute(_read_back(Pattern("Sung", Meter.of(4, 4), rows), 120, tmp_path))
    notes = [(tick, m.type, m.channel + 1, m.note) for tick, m in messages if m.type in ("note_on", "note_off")]
    quarter = TICKS_PER_QUARTER
    assert [note for note in notes if note[2] == MELODY_CHANNEL][:4] == [
        (0, "note_on", MELODY_CHANNEL, 60),
        (quarter * 7 // 8, "note_off", MELODY_CHANNEL, 60),
        (quarter, "note_on", MELODY_CHANNEL, 64),
        (2 * quarter, "note_off", MELODY_CHANNEL, 64),
    ]
    assert {note[3] for note in notes if note[2] == PERCUSSION_CHANNEL} == {NOTES["kick"]}


@pytest.mark.parametrize("name", ["Prog Rock 7/8", "Sixteenths", "7 over 4", "12/8 Blues", "Samba"])
def test_every_note_ends_before_it_begins_again(name: str, tmp_path: Path) -> None:
    messages = _absolute(_read_back(LIBRARY.patterns[name], 300, tmp_path))
    for note in set(NOTES.values()):
        own = [m.type for _, m in messages if m.type in ("note_on", "note_off") and m.note == note]
        assert own == ["note_on", "note_off"] * (len(own) // 2)


def test_a_note_lasts_60_ms(tmp_path: Path) -> None:
    messages = _absolute(_read_back(LIBRARY.patterns["4/4 Basic"], 60, tmp_path))
    notes = [(tick, m) for tick, m in messages if m.type in ("note_on", "note_off")]
    lengths = {off[0] - on[0] for on, off in pairwise(notes) if on[1].type == "note_on"}
    assert lengths == {TICKS_PER_QUARTER * 60 // 1000}
