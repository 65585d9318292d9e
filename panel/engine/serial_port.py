"""A DIN MIDI output on a serial device, by `os` and `termios` alone.

It must never block: bytes that a full line does not take are lost, and a line that fails is reported, not waited for.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
from contextlib import suppress

from panel.engine.player import Message

MIDI_BAUD = 31250
# Linux takes any rate through termios2 with BOTHER (see ioctl_tty(2)); plain termios knows no 31250.
_TCGETS2, _TCSETS2, _BOTHER, _CBAUD = 0x802C542A, 0x402C542B, 0o010000, 0o010017
_TERMIOS2 = struct.Struct("=IIIIB19sII")


class SerialPort:
    """Bytes out of a serial line at 31250 baud, the messages of one instant in one write."""

    kind = "din"
    lead_ns = 0

    def __init__(self, name: str, descriptor: int) -> None:
        self.name, self.alive, self._descriptor = name, True, descriptor

    @classmethod
    def open(cls, name: str, rate: int = MIDI_BAUD) -> SerialPort | None:
        """The device, set to raw 8N1 at `rate`; None where it can't be had.

        `rate` is what is asked of the driver: 38400 where an overlay (midi-uart0) makes that run at 31250.
        """
        try:
            descriptor = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except (OSError, ValueError):  # a name with a zero byte is a ValueError
            return None
        try:
            _set_raw(descriptor)
            _set_rate(descriptor, rate)
        except (OSError, termios.error):  # not a serial line, or one that does not run at that rate
            os.close(descriptor)
            return None
        return cls(name, descriptor)

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        """Write the bytes of all messages at once."""
        try:
            os.write(self._descriptor, bytes(byte for message in messages for byte in message))
        except BlockingIOError:
            pass  # the line is full: better a lost note than a late one, the next bytes tell where we are
        except OSError:
            self.alive = False

    def recall(self, revision: int, heard_ns: int) -> None:
        """Nothing is sent ahead of its time here."""

    def close(self) -> None:
        """Close the device."""
        with suppress(OSError):  # a line that was pulled out may complain even about this
            os.close(self._descriptor)


def _set_raw(descriptor: int) -> None:
    attributes = termios.tcgetattr(descriptor)
    attributes[0] = attributes[1] = attributes[3] = 0  # no input, output or local processing
    attributes[2] = termios.CS8 | termios.CLOCAL
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def _set_rate(descriptor: int, rate: int) -> None:
    if not sys.platform.startswith("linux"):
        attributes = termios.tcgetattr(descriptor)
        attributes[4] = attributes[5] = rate  # elsewhere the constants are the rates themselves
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
        return
    raw = fcntl.ioctl(descriptor, _TCGETS2, bytes(_TERMIOS2.size))
    input_flags, output, control, local, line, chars, _, _ = _TERMIOS2.unpack(raw)
    wanted = _TERMIOS2.pack(input_flags, output, control & ~_CBAUD | _BOTHER, local, line, chars, rate, rate)
    fcntl.ioctl(descriptor, _TCSETS2, wanted)
