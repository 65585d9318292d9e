"""What others play into the box's own sound, on ALSA's own sequencer: its two ports, and the module's pads.

It must never make a sound: that every message comes, whole and with its moment, is what it sees.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import mido
import pytest

from panel import midi
from panel.sound.midi_in import MidiIn

PATIENCE_S = 20

Heard = tuple[str, tuple[int, ...], int]


class Ear:
    """The sound's MIDI in, and what it heard."""

    def __init__(self) -> None:
        self.heard: SimpleQueue[Heard] = SimpleQueue()
        self.midi = MidiIn(lambda bus, message, stamp_ns: self.heard.put((bus, message, stamp_ns)))
        assert self.midi.tend() == ""

    def next(self) -> Heard:
        return self.heard.get(timeout=PATIENCE_S)


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.midi.close()


@pytest.mark.parametrize(("port", "bus"), [("DrumAssist Sampler", "kit"), ("DrumAssist Synth", "synth")])
def test_each_port_passes_on_to_its_bus_with_the_moment(ear: Ear, port: str, bus: str) -> None:
    with midi.open_output(port) as out:
        before_ns = time.monotonic_ns()
        for channel in range(1, 17):
            out.note_on(38, 100, channel)
        heard = [ear.next() for _ in range(16)]
    assert [(b, m) for b, m, _ in heard] == [(bus, (0x90 + channel, 38, 100)) for channel in range(16)]
    stamps = [stamp_ns for _, _, stamp_ns in heard]
    assert before_ns < stamps[0] <= stamps[-1] < time.monotonic_ns()
    assert sorted(stamps) == stamps


def test_what_is_no_music_keeps_nothing_waiting(ear: Ear) -> None:
    with midi.open_output("DrumAssist Synth") as out:
        out.send(mido.Message("sysex", data=[1] * 1000))
        for kind in ("clock", "start", "active_sensing", "reset"):
            out.send(mido.Message(kind))
        out.send(mido.Message("note_on", note=60, velocity=0))
        while (message := ear.next()[1])[0] & 0xF0 != 0x90:
            assert message[0] >= 0xF0
    assert message == (0x90, 60, 0)


def test_the_pads_sound_while_they_are_wanted_and_there(ear: Ear) -> None:
    ear.midi.play_pads("kit", "Own Pad")
    ear.midi.tend()
    for _ in range(2):  # plugged, pulled, plugged again
        with midi.virtual_output("Own Pad") as pad:
            ear.midi.tend()
            pad.note_on(36)
            assert ear.next()[:2] == ("kit", (0x99, 36, 100))
        ear.midi.tend()
    with midi.virtual_output("Own Pad") as pad:
        ear.midi.tend()
        ear.midi.play_pads("nothing", "")
        ear.midi.tend()
        pad.note_on(37)
        with midi.open_output("DrumAssist Sampler") as out:
            out.note_on(38)
        assert ear.next()[1] == (0x99, 38, 100)
        with pytest.raises(Empty):
            ear.heard.get_nowait()
