"""What our own port hands to ALSA, as its header files have it; the port itself is tested on a real kernel."""

from __future__ import annotations

import struct

import pytest

from panel.engine.alsa_source import AlsaSource, event_of
from panel.engine.player import Message

HEAD = struct.Struct("=BBBBIIBBBB")


@pytest.mark.parametrize(
    ("message", "kind", "data"),
    [
        ((0x99, 37, 127), 6, bytes([9, 37, 127, 0]) + bytes(8)),
        ((0x80, 37, 64), 7, bytes([0, 37, 64, 0]) + bytes(8)),
        ((0xB9, 123, 0), 10, bytes([9, 0, 0, 0]) + struct.pack("=Ii", 123, 0)),
        ((0xF2, 1, 2), 20, bytes(8) + struct.pack("=i", 257)),
        ((0xFA,), 30, bytes(12)),
        ((0xFB,), 31, bytes(12)),
        ((0xFC,), 32, bytes(12)),
        ((0xF8,), 36, bytes(12)),
    ],
)
def test_every_message_of_the_engine_is_an_event_to_whoever_is_connected(
    message: Message, kind: int, data: bytes
) -> None:
    event = event_of(message)
    at_once, subscribers, unknown = 253, 254, 253
    assert HEAD.unpack_from(event) == (kind, 0, 0, at_once, 0, 0, 0, 0, subscribers, unknown)
    assert event[HEAD.size :] == data


def test_without_a_sequencer_there_is_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panel.engine.alsa_source._SEQUENCER", "/dev/null")
    with pytest.raises(OSError, match="ioctl"):
        AlsaSource("DrumAssist")
