"""MIDI for a script, on ALSA's own sequencer: what it sends it hears, whole, and each message with its moment.

It must never need the pad: a script's two ends are both its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import mido
import pytest
from mido.messages.specs import SPECS

from panel import midi

UNHEARD = "active_sensing"
PATIENCE_S = 20


@pytest.fixture
def ends() -> Iterator[tuple[midi.Output, midi.Input]]:
    """An output that is connected to a virtual input."""
    with midi.virtual_input("Midi Test") as ear, midi.open_output("midi test") as out:
        yield out, ear


def test_a_virtual_port_is_found_by_a_part_of_its_name_and_gone_after_the_close() -> None:
    with midi.virtual_output("Midi Test Out"):
        assert [name for name in midi.inputs() if "Midi Test Out" in name]
        with midi.open_input("test out") as ear:
            assert "Midi Test Out" in ear.name
    assert not [name for name in midi.inputs() if "Midi Test Out" in name]
    assert "Midi Test" not in Path("/proc/asound/seq/clients").read_text()


def test_every_message_arrives_as_it_was_sent(ends: tuple[midi.Output, midi.Input]) -> None:
    out, ear = ends
    messages = [mido.Message(spec["type"]) for spec in SPECS if spec["type"] not in (UNHEARD, "sysex")]
    messages += [mido.Message("note_on", channel=c, note=c, velocity=1) for c in range(16)]
    messages += [mido.Message("pitchwheel", pitch=-8192), mido.Message("songpos", pos=16383)]
    for message in messages:
        out.send(message)
    heard = [ear.receive(PATIENCE_S) for _ in messages]
    assert [m.bytes() if m else None for m in heard] == [m.bytes() for m in messages]


@pytest.mark.parametrize("length", [1, 20, 1000])
def test_a_long_sysex_arrives_whole(ends: tuple[midi.Output, midi.Input], length: int) -> None:
    out, ear = ends
    message = mido.Message("sysex", data=[n % 128 for n in range(length)])
    out.send(message)
    heard = ear.receive(PATIENCE_S)
    assert heard is not None
    assert heard.bytes() == message.bytes()


def test_stamps_follow_one_another_on_the_clock_of_everything_else(ends: tuple[midi.Output, midi.Input]) -> None:
    out, ear = ends
    sent = []
    for _ in range(10):
        sent.append(time.monotonic())
        out.note_on(38)
        time.sleep(0.02)
    heard = [message.time for message in ear.pending()]
    assert len(heard) == 10
    assert sorted(heard) == heard
    assert [(s, h) for s, h in zip(sent, heard, strict=True) if not s <= h < s + 0.02] == []


def test_a_close_in_the_midst_of_a_roll_neither_hangs_nor_crashes() -> None:
    ended, rolled = threading.Event(), 0
    with midi.virtual_output("Midi Test Roll") as out:

        def roll() -> None:
            while not ended.is_set():
                out.note_on(38)

        roller = threading.Thread(target=roll)
        roller.start()
        for _ in range(20):
            with midi.open_input("test roll") as ear:
                rolled += ear.receive(PATIENCE_S) is not None
        ended.set()
        roller.join()
    assert rolled == 20
