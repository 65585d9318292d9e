"""A line to another process of the box: whole lines of text over a local socket, both ways.

It must never wait, but in `asked`: whoever hangs, has died or is not there yet, each call of a Line returns at once.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator


class Line:
    """A connection that can be opened again and again. All calls from one thread."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._buffer = b""

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._socket is not None

    def fileno(self) -> int:
        """The socket, for select; -1 while there is none."""
        return self._socket.fileno() if self._socket else -1

    def open(self, path: str, already: bytes = b"") -> bool:
        """Connect, if somebody listens there. What is `already` said comes before all that they say."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)  # before it connects: a process that hangs would let even that wait
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            return False
        self._socket, self._buffer = connection, already
        return True

    def send(self, line: bytes) -> bool:
        """Send a line. Where it does not go out as a whole, False, the connection is good for nothing any more."""
        try:
            return self._socket is not None and self._socket.send(line) == len(line)
        except OSError:
            return False

    def receive(self) -> bool:
        """Take in all that has come; whether the other end has hung up, which it may have with last words."""
        try:
            while self._socket and (data := self._socket.recv(65536)):
                self._buffer += data
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def lines(self) -> Iterator[bytes]:
        """What was taken in, line by line without their ends, each once; the beginning of another is kept for later."""
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            yield line

    def close(self) -> None:
        """Hang up; what was taken in is still there."""
        if self._socket:
            self._socket.close()
            self._socket = None


def asked(path: str, line: bytes, timeout_s: float, answers: bool) -> bytes:
    """Say one line to whoever listens there and, where they answer, wait for theirs. Raises OSError where there is
    nobody, and where they say nothing for so long."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        connection.connect(path)
        connection.sendall(line)
        answer = b""
        while answers and not answer.endswith(b"\n"):
            data = connection.recv(65536)
            if not data:
                raise ConnectionResetError("the other end hung up")
            answer += data
    return answer
