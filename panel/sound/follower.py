"""The sound's line to the engine: notes with their due time come in, ahead of it.

It must never wait for the engine: one that dies is found again when the next one is there.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

from panel.engine.place import find_socket
from panel.engine.wire import Answer, WireError, decode_answer, encode, encode_recall
from panel.music.tempo import NEVER

RETRY_NS = 100_000_000


class Follower:
    """A connection that heals. All calls from one thread."""

    def __init__(self, clock: Callable[[], int], path: str | None = None) -> None:
        self._clock, self._path = clock, path
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._told = b""  # before the first words of an engine
        self._lead_ms = 0
        self._retry_ns = 0

    @property
    def connected(self) -> bool:
        """Whether there is an engine."""
        return self._socket is not None

    def fileno(self) -> int:
        """The socket, for select; -1 while there is none."""
        return self._socket.fileno() if self._socket else -1

    def want(self, lead_ms: int) -> None:
        """Have the engine send notes so much ahead; 0 while nothing could sound them."""
        if lead_ms != self._lead_ms:
            self._lead_ms = lead_ms
            self._write(encode("notes", lead_ms=lead_ms))

    def tend(self) -> None:
        """Look for an engine; to be called every now and then."""
        if self._socket is None and self._clock() >= self._retry_ns:
            self._retry_ns = self._clock() + RETRY_NS
            self._connect()

    def read(self) -> Iterator[Answer]:
        """What the engine said; what is not understood is passed over, for it is never a note."""
        over = self._receive()
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            try:
                yield decode_answer(line)
            except WireError:
                continue
        if over:
            self.close()

    def close(self) -> None:
        """Hang up."""
        if self._socket:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def _connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(self._path or find_socket())
        except OSError:
            connection.close()
            return
        # What another engine has told and has not sounded, this one tells again; until then it is better than nothing.
        self._socket, self._buffer, self._told = connection, self._told, encode_recall(NEVER)
        if self._lead_ms:
            self._write(encode("notes", lead_ms=self._lead_ms))

    def _write(self, line: bytes) -> None:
        if self._socket is None:
            return
        try:
            whole = self._socket.send(line) == len(line)
        except OSError:
            whole = False
        if not whole:
            self.close()

    def _receive(self) -> bool:
        """Take in all that has come; whether the engine has hung up."""
        try:
            while self._socket and (data := self._socket.recv(65536)):
                self._buffer += data
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True
