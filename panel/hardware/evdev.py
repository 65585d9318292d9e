"""The encoder as the kernel reads it: the rotary-encoder overlay, or any input device with a relative axis.

It must never raise for a device that has gone, and never wake anyone for one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from panel.controls import Input, Turn
from panel.hardware.errors import DeviceMissing
from panel.hardware.quadrature import Acceleration, Turning

EVENT = struct.Struct("@llHHi")  # struct input_event: seconds, microseconds, type, code, value; native longs
EV_REL = 2
INPUT_FOLDER = Path("/dev/input")

# The kernel's numbers: direction << 30 | size << 16 | 'E' << 8 | which
_NAME_BYTES = 256
_EVIOCGNAME = 2 << 30 | _NAME_BYTES << 16 | ord("E") << 8 | 0x06
_EVIOCSCLOCKID = 1 << 30 | struct.calcsize("i") << 16 | ord("E") << 8 | 0xA0
_CLOCK_MONOTONIC = 1


class Motion(NamedTuple):
    """A movement of a relative axis by `detents`, clockwise positive."""

    detents: int
    stamp_ns: int


def motions(events: bytes) -> list[Motion]:
    """The movements among whole input events; every axis counts, and nothing else (keys, SYN) does."""
    return [
        Motion(value, seconds * 1_000_000_000 + microseconds * 1000)
        for seconds, microseconds, kind, _axis, value in EVENT.iter_unpack(events)
        if kind == EV_REL and value
    ]


class EvdevControls:
    """Controls on an open input device, or on whatever sends such events. For one thread."""

    def __init__(self, fd: int, *, acceleration: Acceleration | None = None) -> None:
        """Takes the descriptor over, and makes it non-blocking."""
        os.set_blocking(fd, False)
        self._fd = fd
        self._part = b""
        self._turning = Turning(acceleration or Acceleration())
        self._never_written: int | None = None
        self._open = True

    def fileno(self) -> int:
        """Readable while the knob has moved; never again once the device has gone."""
        return self._fd

    def read(self) -> list[Input]:
        """The turns since the last time, with the kernel's stamps."""
        events = self._part + self._waiting()
        whole = len(events) - len(events) % EVENT.size
        self._part = events[whole:]
        return [Turn(self._turning.steps(*motion), motion.stamp_ns) for motion in motions(events[:whole])]

    def close(self) -> None:
        """Close the device; may be called twice."""
        if self._open:
            self._open = False
            os.close(self._fd)
            if self._never_written is not None:
                os.close(self._never_written)

    def _waiting(self) -> bytes:
        if not self._open:
            return b""
        try:
            events = os.read(self._fd, 64 * EVENT.size)
        except BlockingIOError:
            return b""
        except OSError:  # ENODEV: unplugged, or its overlay removed
            events = b""
        if not events:
            self._hush()
        return events

    def _hush(self) -> None:
        """Put a silent pipe under the same number: the end of a device would be readable for ever."""
        if self._never_written is None:
            silent, self._never_written = os.pipe()
            os.set_blocking(silent, False)
            os.dup2(silent, self._fd)
            os.close(silent)


def open_evdev(wanted: str = "rotary", *, acceleration: Acceleration | None = None) -> EvdevControls:
    """The input device at the path `wanted`, or the first whose name or place contains it (in any case).

    DeviceMissing where there is none, or it may not be opened. The overlay's knob is named after its pin,
    "rotary@11" for GPIO17.
    """
    path = Path(wanted) if "/" in wanted else find(wanted)
    if path is None:
        hint = "is dtoverlay=rotary-encoder in config.txt, and this user in the group input?"
        raise DeviceMissing(f"no input device is called {wanted!r}: {hint}")
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        hint = "is this user in the group input?"
        raise DeviceMissing(f"{path} can't be opened ({fault.strerror}): {hint}") from fault
    with contextlib.suppress(OSError):  # something else than an input device has whatever stamps it sends
        _stamp_monotonic(fd)
    return EvdevControls(fd, acceleration=acceleration)


def find(wanted: str, folder: Path = INPUT_FOLDER) -> Path | None:
    """The first event device whose place (udev's by-path) or name contains `wanted`."""
    for path, name in _devices(folder):
        if wanted.lower() in name.lower():
            return path
    return None


def _devices(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.glob("by-path/*")):
        yield path, path.name
    for path in sorted(folder.glob("event*")):
        yield path, _name(path)


def _name(path: Path) -> str:
    """What the driver calls it; empty if it may not be asked."""
    name = bytearray(_NAME_BYTES)
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(fd, _EVIOCGNAME, name)
        finally:
            os.close(fd)
    return name.split(b"\0", 1)[0].decode(errors="replace")


def _stamp_monotonic(fd: int) -> None:
    fcntl.ioctl(fd, _EVIOCSCLOCKID, struct.pack("i", _CLOCK_MONOTONIC))
