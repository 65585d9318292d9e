"""The drum pad's own end of the USB cable: what it receives, what the drummer plays, and the plug.

It must never use the sequencer or any MIDI library: what it says is independent of what the box believes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from tests.kernel.pad_ear import RECORD

T = TypeVar("T")

CARD = Path("/proc/asound/gadget")  # a link to cardN while the pad is plugged in
CABLE = Path("/sys/kernel/config/usb_gadget/pad/UDC")
CONTROLLER = "dummy_udc.0"

NOTE_OFF, NOTE_ON = 0x80, 0x90
REAL_TIME = 0xF8  # from here up: one byte, anywhere, even inside another message
DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
SYSEX, SYSEX_END = 0xF0, 0xF7


class Arrival(NamedTuple):
    """A whole MIDI message; `ns` is CLOCK_MONOTONIC, when its last byte was read."""

    ns: int
    message: bytes

    @property
    def is_note_on(self) -> bool:
        """A note that sounds: velocity 0 is a note-off."""
        return self.message[0] & 0xF0 == NOTE_ON and self.message[2] > 0

    @property
    def is_note_off(self) -> bool:
        """A note-off in either spelling."""
        kind = self.message[0] & 0xF0
        return kind == NOTE_OFF or (kind == NOTE_ON and self.message[2] == 0)


class Parser:
    """A MIDI byte stream cut into messages, with running status and real-time bytes in between.

    `stray` gathers data bytes that belong to no message: [] on a sound line.
    """

    def __init__(self) -> None:
        self.stray: list[int] = []
        self._status = 0  # 0: none
        self._data = bytearray()

    def feed(self, data: bytes, ns: int) -> list[Arrival]:
        """The messages that these bytes complete, all stamped `ns`."""
        return [Arrival(ns, message) for byte in data if (message := self._take(byte))]

    def _take(self, byte: int) -> bytes:
        if byte >= REAL_TIME:
            return bytes([byte])
        if byte == SYSEX_END and self._status == SYSEX:
            return self._whole(bytes([SYSEX, *self._data, SYSEX_END]))
        if byte >= 0x80:
            self._status = byte
            self._data.clear()
        elif self._status:
            self._data.append(byte)
        else:
            self.stray.append(byte)
            return b""
        return self._finished()

    def _finished(self) -> bytes:
        if self._status == SYSEX:
            return b""
        system = self._status >= SYSEX
        wanted = SYSTEM_DATA_BYTES.get(self._status, 0) if system else DATA_BYTES[self._status & 0xF0]
        if len(self._data) < wanted:
            return b""
        return self._whole(bytes([self._status, *self._data]))

    def _whole(self, message: bytes) -> bytes:
        self._data.clear()
        if message[0] >= SYSEX:
            self._status = 0  # running status is for channel messages only
        return message


class Pad:
    """The pad while a test runs; a context manager. It is plugged in when the guest starts."""

    def __init__(self) -> None:
        """Start to listen; OSError if it is not plugged in."""
        self._parser = Parser()
        self._arrivals: list[Arrival] = []
        self._news = threading.Condition()
        self._file = -1
        self._listening = threading.Event()
        command = [sys.executable, "-m", "tests.kernel.pad_ear"]
        self._ear = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._reader = threading.Thread(target=self._read_on, daemon=True)
        self._reader.start()
        self._listen()

    def __enter__(self) -> Pad:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def arrivals(self) -> list[Arrival]:
        """Everything received so far, oldest first."""
        with self._news:
            return list(self._arrivals)

    @property
    def note_ons(self) -> list[Arrival]:
        """The notes that sounded so far, oldest first."""
        return [arrival for arrival in self.arrivals if arrival.is_note_on]

    @property
    def stray(self) -> list[int]:
        """Bytes received that belong to no message."""
        return list(self._parser.stray)

    def forget(self) -> None:
        """Drop what has been received so far."""
        with self._news:
            self._arrivals.clear()

    def wait_for(self, predicate: Callable[[list[Arrival]], T], timeout_s: float) -> T:
        """The first true value of `predicate(arrivals)`, asked again at each arrival; else AssertionError."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while not (value := predicate(list(self._arrivals))):
                left_s = deadline - time.monotonic()
                if left_s <= 0 or not self._news.wait(left_s):
                    last = [arrival.message.hex(" ") for arrival in self._arrivals[-8:]]
                    arrived = len(self._arrivals)
                    raise AssertionError(f"not within {timeout_s} s; {arrived} arrived, last {last}")
        return value

    def hit(self, note: int, velocity: int = 100, channel: int = 10) -> int:
        """The drummer hits a pad (channel 1 to 16): note-on and note-off. The time it was written, in ns."""
        on, off = NOTE_ON | channel - 1, NOTE_OFF | channel - 1
        ns = time.monotonic_ns()
        os.write(self._file, bytes([on, note, velocity, off, note, 64]))
        return ns

    def unplug(self) -> int:
        """Pull the cable; back at once, the time in ns."""
        ns = time.monotonic_ns()
        CABLE.write_text("\n")
        self._stop_listening()
        return ns

    def plug(self) -> int:
        """Put the cable in; back as soon as the pad listens, before the host has found it. The time in ns."""
        ns = time.monotonic_ns()
        CABLE.write_text(CONTROLLER)
        self._listen()
        return ns

    def close(self) -> None:
        """Stop listening; a pulled cable is put back for the next test."""
        if self._file < 0:
            self.plug()
        self._stop_listening()
        assert self._ear.stdin
        self._ear.stdin.close()
        self._reader.join()
        self._ear.wait()

    def _listen(self) -> None:
        number = CARD.resolve().name.removeprefix("card")
        device = f"/dev/snd/midiC{number}D0"
        self._file = os.open(device, os.O_WRONLY | os.O_NONBLOCK)
        self._listening.clear()
        self._tell(f"open {device}")
        assert self._listening.wait(60), "the pad's ear does not answer"

    def _stop_listening(self) -> None:
        if self._file < 0:
            return
        self._tell("close")
        os.close(self._file)
        self._file = -1

    def _tell(self, command: str) -> None:
        assert self._ear.stdin
        self._ear.stdin.write(f"{command}\n".encode())

    def _read_on(self) -> None:
        """The thread that gathers what the ear has stamped."""
        assert self._ear.stdout
        waiting = b""
        while data := self._ear.stdout.read(4096):
            waiting += data
            while len(waiting) >= RECORD.size:
                ns, length = RECORD.unpack_from(waiting)
                end = RECORD.size + length
                if len(waiting) < end:
                    break
                self._heard(ns, waiting[RECORD.size : end])
                waiting = waiting[end:]

    def _heard(self, ns: int, data: bytes) -> None:
        if not data:
            self._listening.set()
        arrivals = self._parser.feed(data, ns)
        with self._news:
            self._arrivals += arrivals
            self._news.notify_all()
