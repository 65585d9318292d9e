"""Every tempo that an engine had, gathered from its Views while a test runs: the grid that notes are measured against.

It must never send the engine anything but the wish to be told.
"""

from __future__ import annotations

import socket
import threading

from panel.engine.place import find_socket
from panel.engine.state import PlayerState
from panel.engine.wire import View, decode_answer, encode
from panel.music.tempo import TempoMap, Timeline


def with_state(known: list[Timeline], state: PlayerState) -> list[Timeline]:
    """The lines so far and those of a newer state, which holds from where it begins."""
    new = state.tempo_map.timelines
    return [line for line in known if line.origin_tick < new[0].origin_tick] + list(new)


class Grid:
    """The tempo map of one run, kept whole though the engine forgets what is over; a context manager."""

    def __enter__(self) -> Grid:
        """Watch the engine, of which nothing but Views is read."""
        self._lines: list[Timeline] = []
        self._run = -1
        self.tempi = 0  # how often it changed
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(find_socket())
        self._socket.sendall(encode("watch"))
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    @property
    def tempo_map(self) -> TempoMap:
        """All tempi since the run began."""
        return TempoMap(tuple(self._lines))

    def _watch(self) -> None:
        known: PlayerState | None = None  # what a View means that tells no state
        for line in self._socket.makefile("rb"):
            answer = decode_answer(line, known)
            if isinstance(answer, View):
                known = answer.state
                self._take(known)

    def _take(self, state: PlayerState) -> None:
        if state.run != self._run:
            self._lines, self._run, self.tempi = [], state.run, 0
        before = self._lines[-1:]
        self._lines = with_state(self._lines, state)
        self.tempi += self._lines[-1:] != before
