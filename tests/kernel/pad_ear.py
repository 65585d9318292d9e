"""The pad's ear: a process of its own that reads what arrives and stamps it, so that no test can make it late.

It must never look at what it reads. Commands come on stdin, a line each: `open DEVICE`, `close`. On stdout go
records, each a `RECORD` and the bytes read; one without bytes says that the device is being listened to.
"""

from __future__ import annotations

import gc
import os
import select
import struct
import sys
import time

RECORD = struct.Struct("=QH")  # ns on CLOCK_MONOTONIC, the number of bytes behind it


class Ear:
    """The device that is being listened to, if any."""

    def __init__(self) -> None:
        self.file = -1

    def obey(self, command: str) -> None:
        """Do what a line of stdin says."""
        name, _, device = command.partition(" ")
        self.close()
        if name == "open":
            self.file = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
            self.hear()  # a rawmidi input starts at its first read: whatever comes before is lost
            _say(b"")

    def hear(self) -> None:
        """Read what waits and pass it on."""
        try:
            data = os.read(self.file, 4096)
        except BlockingIOError:
            return
        except OSError:  # unplugged: nothing more will come
            self.close()
            return
        _say(data)

    def close(self) -> None:
        """Stop listening."""
        if self.file >= 0:
            os.close(self.file)
        self.file = -1


def _say(data: bytes) -> None:
    os.write(sys.stdout.fileno(), RECORD.pack(time.monotonic_ns(), len(data)) + data)


def listen() -> None:
    """Until stdin ends."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))
    gc.disable()
    ear = Ear()
    stdin = sys.stdin.fileno()
    while True:
        ready, _, _ = select.select([stdin] if ear.file < 0 else [stdin, ear.file], [], [])
        if ear.file in ready:
            ear.hear()
        if stdin in ready:
            commands = os.read(stdin, 4096).decode()
            if not commands:
                return
            for command in commands.splitlines():
                ear.obey(command)


if __name__ == "__main__":
    listen()
