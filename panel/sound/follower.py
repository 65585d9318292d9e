"""The sound's line to the engine: notes with their due time come in, ahead of it.

It must never wait for the engine: one that dies is found again when the next one is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from panel.engine.line import Line
from panel.engine.place import find_socket
from panel.engine.wire import Answer, WireError, decode_answer, encode, encode_recall
from panel.music.tempo import NEVER

RETRY_NS = 100_000_000


class Follower:
    """A connection that heals. All calls from one thread."""

    def __init__(self, clock: Callable[[], int], path: str | None = None) -> None:
        self._clock, self._path = clock, path
        self._line = Line()
        self._told = b""  # before the first words of an engine
        self._lead_ms = 0
        self._retry_ns = 0

    @property
    def connected(self) -> bool:
        """Whether there is an engine."""
        return self._line.is_open

    def fileno(self) -> int:
        """The socket, for select; -1 while there is none."""
        return self._line.fileno()

    def want(self, lead_ms: int) -> None:
        """Have the engine send notes so much ahead; 0 while nothing could sound them."""
        if lead_ms != self._lead_ms:
            self._lead_ms = lead_ms
            self._write(encode("notes", lead_ms=lead_ms))

    def tend(self) -> None:
        """Look for an engine; to be called every now and then."""
        if not self._line.is_open and self._clock() >= self._retry_ns:
            self._retry_ns = self._clock() + RETRY_NS
            self._connect()

    def read(self) -> Iterator[Answer]:
        """What the engine said; what is not understood is passed over, for it is never a note."""
        over = self._line.receive()
        for line in self._line.lines():
            try:
                yield decode_answer(line)
            except WireError:
                continue
        if over:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _connect(self) -> None:
        # What another engine has told and has not sounded, this one tells again; until then it is better than nothing.
        if self._line.open(self._path or find_socket(), self._told):
            self._told = encode_recall(NEVER)
            if self._lead_ms:
                self._write(encode("notes", lead_ms=self._lead_ms))

    def _write(self, line: bytes) -> None:
        if self._line.is_open and not self._line.send(line):
            self.close()
