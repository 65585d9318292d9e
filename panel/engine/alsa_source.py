"""Our own port on ALSA's sequencer, for others to connect to, written to the kernel itself.

It must never keep a message that could not be delivered: alsa-lib does, and for one listener that hangs sends all the
others the same message again and again, and none that comes after it.
"""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import suppress

from panel.engine.player import CLOCK, CONTINUE, CONTROL_CHANGE, NOTE_OFF, NOTE_ON, SONG_POSITION, START, STOP, Message

_SEQUENCER = "/dev/snd/seq"
# From the kernel's <sound/asequencer.h>; a pointer among its fields makes the port's size that of the machine.
_CLIENT_INFO = struct.Struct("@ii64s116x")
_PORT_INFO = struct.Struct("@BB64sIIiiiiiPIB59x0P")
_CLIENT_ID = 0x80045301
_GET_CLIENT, _SET_CLIENT = 0xC0BC5310, 0x40BC5311
_CREATE_PORT = 0xC0005320 | _PORT_INFO.size << 16
_READ, _SUBS_READ = 1 << 0, 1 << 5  # what others may do with the port
_GENERIC, _APPLICATION = 1 << 1, 1 << 20
_CHANNELS = 16

# struct snd_seq_event: type, flags, tag, queue, time; source; destination; then the data of its kind.
_HEAD = struct.Struct("=BBBBIIBBBB")
_NOTE, _CONTROL = struct.Struct("=BBBBI4x"), struct.Struct("=B3xIi")
_SYSTEM = 0xF0  # from here up a message has no channel
_AT_ONCE, _SUBSCRIBERS, _UNKNOWN = 253, 254, 253
_TYPES = {NOTE_ON: 6, NOTE_OFF: 7, CONTROL_CHANGE: 10, SONG_POSITION: 20, START: 30, CONTINUE: 31, STOP: 32, CLOCK: 36}
_HEADS = {
    status: _HEAD.pack(kind, 0, 0, _AT_ONCE, 0, 0, 0, 0, _SUBSCRIBERS, _UNKNOWN) for status, kind in _TYPES.items()
}


def event_of(message: Message) -> bytes:
    """A message as the kernel's event, to whoever is connected. KeyError for one that the engine never sends."""
    status = message[0]
    if status >= _SYSTEM:
        position = message[1] | message[2] << 7 if status == SONG_POSITION else 0
        return _HEADS[status] + _CONTROL.pack(0, 0, position)
    channel, head = status & 0x0F, _HEADS[status & 0xF0]
    if status < CONTROL_CHANGE:
        return head + _NOTE.pack(channel, message[1], message[2], 0, 0)
    return head + _CONTROL.pack(channel, message[1], message[2])


class AlsaSource:
    """A Port (see outlet) with a client of its own; `number` is the client's."""

    kind = "virtual"
    lead_ns = 0

    def __init__(self, name: str) -> None:
        """Make the client and its port, both called `name`. Raises OSError without a sequencer."""
        self.name = name
        self._file = os.open(_SEQUENCER, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self.number: int = struct.unpack("i", fcntl.ioctl(self._file, _CLIENT_ID, bytes(4)))[0]
            self._name_client(name.encode())
            may = _READ | _SUBS_READ, _GENERIC | _APPLICATION
            port = _PORT_INFO.pack(self.number, 0, name.encode(), *may, _CHANNELS, 0, 0, 0, 0, 0, 0, 0)
            fcntl.ioctl(self._file, _CREATE_PORT, port)
        except OSError:
            os.close(self._file)
            raise

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Pass the messages on; a listener whose queue is full goes without, the others don't."""
        for message in messages:
            with suppress(OSError):  # the kernel has tried them all
                os.write(self._file, event_of(message))

    def recall(self, revision: int, heard_ns: int) -> None:
        """Nothing is sent ahead of its time here."""

    def close(self) -> None:
        """Leave the sequencer; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _name_client(self, name: bytes) -> None:
        """Change nothing but the name: what else is in there differs between kernels."""
        asked = _CLIENT_INFO.pack(self.number, 0, b"")
        info = bytearray(fcntl.ioctl(self._file, _GET_CLIENT, asked))
        struct.pack_into("64s", info, 8, name)
        fcntl.ioctl(self._file, _SET_CLIENT, bytes(info))
