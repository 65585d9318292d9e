"""`python -m tests.drills.flood SOCKET KIND`: attacks an engine's socket until it is killed."""

from __future__ import annotations

import random
import select
import socket
import sys
from contextlib import suppress

from panel.engine.state import stopped_state
from panel.engine.wire import MAX_RESUME_BYTES, encode
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO
from tests.drills.stage import GRID

SILENT = ("kick", "clap", "openhat", "ride", "crash", "tom", "clave")  # roles without a voice in the drills


def connected(path: str) -> socket.socket:
    """A connection, once there is room in the queue."""
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with suppress(OSError):
            connection.connect(path)
            return connection
        connection.close()


def pour(path: str, data: bytes) -> None:
    """Send it over and over, throwing away what is answered; begin anew when the engine hangs up."""
    connection = connected(path)
    rest = data
    while True:
        try:
            readable, _, _ = select.select([connection], [connection], [], 1)
            if readable and not connection.recv(65536, socket.MSG_DONTWAIT):
                raise ConnectionResetError
            rest = rest[connection.send(rest, socket.MSG_DONTWAIT) :] or data
        except BlockingIOError:
            continue
        except OSError:
            connection.close()
            connection, rest = connected(path), data


def come_and_go(path: str) -> None:
    """Say something of no sense, whole or in part, and vanish."""
    rest = random.Random(3)
    while True:
        connection = connected(path)
        with suppress(OSError):
            connection.sendall(rest.randbytes(rest.randrange(2000)) + rest.choice([b"", b"\n", b'{"do": "st']))
        connection.close()


def commands() -> bytes:
    """Two patterns of nearly 8 KB, in turn; the rim plays the same sixteenths in both, the rest is silent."""
    rows = (Row("rim", "x" * 16), *(Row(role, "Xxg." * 250, own_grid=True) for role in SILENT))
    patterns = (Pattern(name, Meter.of(4, 4), rows) for name in ("Long", "Longer"))
    return b"".join(encode("pattern", pattern=pattern._asdict(), when="now") for pattern in patterns)


def resumes() -> bytes:
    """A state to go on with, as long as a line may be."""
    line = encode("resume", state=stopped_state(GRID, 120 * MICRO, 0), seen_ns=0)[:-1]
    return line + b" " * (MAX_RESUME_BYTES - len(line)) + b"\n"


if __name__ == "__main__":
    path, kind = sys.argv[1:]
    if kind == "garbage":
        come_and_go(path)
    if kind == "megabytes":
        pour(path, b"x" * 1_000_000)
    pour(path, commands() if kind == "commands" else resumes())
