"""Another program on ALSA's sequencer: a port that notes what it is sent, in a process of its own.

It must never connect itself to anything: that is done from outside, as a patch bay does. One that is `locked` lets
nobody else connect anything to it either; only then it connects the source that it is told.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

CLIENTS = Path("/proc/asound/seq/clients")
SEQUENCER = "/dev/snd/seq"
# ioctls and structs of the kernel's <sound/asequencer.h>
CLIENT_ID, CREATE_PORT, SUBSCRIBE = 0x80045301, 0xC0A85320, 0x40505330
PORT_INFO = struct.Struct("=BB64s2xIIiiiiiQIB59x")
SUBSCRIPTION = struct.Struct("=BBBBIIB3x64x")
WRITE, SUBS_WRITE, NO_EXPORT = 1 << 1, 1 << 6, 1 << 7
MIDI_GENERIC = 1 << 1


class Message(NamedTuple):
    """What arrived; `ns` is CLOCK_MONOTONIC."""

    ns: int
    data: tuple[int, ...]


class Listener:
    """The process while a test runs; a context manager. Started before anything is timed."""

    def __init__(self, name: str, *, locked: bool = False) -> None:
        """`name` is the client's and the port's."""
        self.messages: list[Message] = []
        command = [sys.executable, "-m", "tests.kernel.listener", name, "locked" if locked else "open"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert self._process.stdout
        self.address: tuple[int, int] = tuple(json.loads(self._process.stdout.readline()))
        os.set_blocking(self._process.stdout.fileno(), False)
        self._text = b""

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def connect_from(self, client: int, port: int = 0) -> None:
        """A locked one connects a source to itself, as only it may."""
        assert self._process.stdin
        self._process.stdin.write(f"{client} {port}\n".encode())

    def read(self) -> list[Message]:
        """What came since the last call, oldest first."""
        assert self._process.stdout
        while data := self._process.stdout.read(1 << 16):
            self._text += data
        *lines, self._text = self._text.split(b"\n")
        return [Message(ns, tuple(data)) for ns, data in map(json.loads, lines)]

    def stop(self) -> None:
        """It hangs: nothing that it is sent is taken any more."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It hangs no longer."""
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Leave the sequencer; may be called twice."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait(60)
            assert self._process.stdout
            self._process.stdout.close()


def connect(sender: tuple[int, int], receiver: tuple[int, int]) -> None:
    """Connect two ports as aconnect(1) does. Raises OSError where that is not allowed."""
    sequencer = os.open(SEQUENCER, os.O_RDWR)
    try:
        fcntl.ioctl(sequencer, SUBSCRIBE, SUBSCRIPTION.pack(*sender, *receiver, 0, 0, 0))
    finally:
        os.close(sequencer)


def number_of(name: str) -> int:
    """The number of the newest client of that name."""
    heads = re.findall(rf'^Client +(\d+) : "{re.escape(name)}" \[', CLIENTS.read_text(), re.MULTILINE)
    return int(heads[-1])


def _listen_open(name: str) -> None:
    """An ordinary program."""
    import rtmidi

    midi: Any = rtmidi.MidiIn(rtmidi.API_LINUX_ALSA, name=name)
    midi.ignore_types(sysex=True, timing=False, active_sense=True)
    midi.set_callback(lambda event, _: _say([time.monotonic_ns(), event[0]]))
    midi.open_virtual_port(name)
    _say([number_of(name), 0])
    sys.stdin.read()
    midi.close_port()
    midi.delete()


def _listen_locked(name: str) -> None:
    """One whose port takes no connection that others make."""
    sequencer = os.open(SEQUENCER, os.O_RDWR)
    number = struct.unpack("i", fcntl.ioctl(sequencer, CLIENT_ID, bytes(4)))[0]
    capability = WRITE | SUBS_WRITE | NO_EXPORT
    info = PORT_INFO.pack(number, 0, name.encode(), capability, MIDI_GENERIC, 16, 0, 0, 0, 0, 0, 0, 0)
    fcntl.ioctl(sequencer, CREATE_PORT, info)
    _say([number, 0])
    while True:
        ready, _, _ = select.select([0, sequencer], [], [])
        if sequencer in ready:
            _say([time.monotonic_ns(), list(os.read(sequencer, 4096))])
        if 0 in ready:
            source = [int(word) for word in os.read(0, 100).split()]
            if not source:
                return
            fcntl.ioctl(sequencer, SUBSCRIBE, SUBSCRIPTION.pack(*source, number, 0, 0, 0, 0))


def _say(words: object) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    (_listen_locked if sys.argv[2] == "locked" else _listen_open)(sys.argv[1])
