"""The panel's side of the sound's socket: commands out, SoundViews in, and a process that is started again.

It must never wait for the sound: whether it lives, dies or can't be had, each call returns at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from panel.engine.child import Child, spawned
from panel.engine.line import Line, asked
from panel.engine.place import runtime_folder
from panel.music.tempo import NEVER
from panel.sound.wire import (
    NO_FOLDER,
    NO_LIBRARIES,
    RUNNING,
    SOCKET,
    SoundView,
    WireError,
    decode,
    decode_answer,
    encode,
)

RETRY_NS = 200_000_000
SOON_NS = 20_000_000  # while one that has died or was started is expected every moment
SPAWN_NS = 5_000_000_000  # numpy takes a Pi seconds to import
MAX_RETRY_NS = 30_000_000_000  # a sound that can't start is not tried for ever at once
SILENT_NS = 3_000_000_000  # a sound that is well tells something three times in this time
NO_ANSWER = "it does not answer"
UNUSABLE = "the runtime folder can't be used"
NOT_INSTALLED = "not installed: pip install 'drumassist[sound]'"


class SoundClient:
    """A connection to the sound that heals. All calls from one thread.

    `view` is what it said last, None while there is none. `tend` returns True when a new process has to be told
    everything.
    """

    def __init__(
        self, clock: Callable[[], int], spawn: Callable[[], Child] | None = None, path: str | None = None
    ) -> None:
        self.view: SoundView | None = None
        self.refusals: list[str] = []
        self.problem = ""  # why there is no process, where that is known
        self._clock, self._spawn, self._path = clock, spawn, path or _socket_path()
        self._child: Child | None = None
        self._line = Line()
        self._retry_ns = self._spawn_ns = self._soon_until_ns = 0
        self._heard_ns = NEVER
        self._failures = 0

    @property
    def connected(self) -> bool:
        """Whether the sound has answered on this connection."""
        return self._line.is_open and self.view is not None

    @property
    def hangs(self) -> bool:
        """Whether it has said nothing for so long that what it said last need not be so."""
        return self._clock() - self._heard_ns > SILENT_NS

    @property
    def starts(self) -> bool:
        """Whether a process is started where there is none; else the system does, or nobody."""
        return self._spawn is not None

    def fileno(self) -> int:
        """The socket, for select; -1 while there is none."""
        return self._line.fileno()

    @property
    def due_ns(self) -> int:
        """When `tend` is to be called though nothing has come: while a process is coming up, NEVER else."""
        is_soon = not self._line.is_open and self._clock() < self._retry_ns < self._soon_until_ns
        return self._retry_ns if is_soon else NEVER

    def send(self, name: str, /, **arguments: Any) -> None:
        """Send a command (see wire.COMMANDS), while there is a process. Raises WireError for wrong arguments."""
        line = encode(name, **arguments)
        decode(line[:-1])
        if self.connected:
            self._write(line)

    def tend(self) -> bool:
        """Look after the connection; to be called every now and then, and when `fileno` is readable."""
        if not self._line.is_open:
            self._connect()
        is_new = self._read() if self._line.is_open else False
        if self.hangs and self._line.is_open:
            self.problem = NO_ANSWER
        return is_new

    def end(self, unless_watched: bool = False) -> None:
        """End the process that answers, `unless_watched` by another panel; else the one that was started."""
        if self.connected:
            self.send("quit", unless_watched=unless_watched)
        elif self._child:
            self._child.terminate()

    def close(self) -> None:
        """Hang up; the sound goes on."""
        self._line.close()
        self.view = None

    def _connect(self) -> None:
        now = self._clock()
        if now < self._retry_ns:
            return
        self._retry_ns = now + (SOON_NS if now < self._soon_until_ns else RETRY_NS)
        if not self._line.open(self._path):
            self._start(now)
            return
        self._heard_ns = now
        self._write(encode("watch"))

    def _start(self, now: int) -> None:
        """Start a process where the last one is dead, or has not opened its socket for long enough.

        The first comes at once; one that can't start is tried again later and later.
        """
        if self._child and (code := self._child.poll()) is not None:
            self._child = None
            self.problem = f"it ended with code {code}" if code not in (0, RUNNING) else ""
            self.problem = UNUSABLE if code == NO_FOLDER else self.problem
            if code == NO_LIBRARIES:
                self.problem, self._spawn = NOT_INSTALLED, None  # nor will it be while we run
            self._spawn_ns = now + min(MAX_RETRY_NS, RETRY_NS << self._failures) if self._failures else now
            self._failures = min(self._failures + 1, 20)
        if self._spawn and now >= self._spawn_ns and self._child is None:
            self._spawn_ns = self._soon_until_ns = now + SPAWN_NS
            self._retry_ns = now + SOON_NS
            self._child = self._spawn()

    def _write(self, line: bytes) -> None:
        if not self._line.send(line):
            self.close()

    def _read(self) -> bool:
        is_new, over = False, self._line.receive()
        for line in self._line.lines():
            is_new = self._take(line) or is_new
        if over:
            if self.connected:  # it has died, or was told to end: who wants none does not tend on
                now = self._clock()
                self._retry_ns, self._soon_until_ns = now + SOON_NS, now + SPAWN_NS
            self.close()
        return is_new and not over

    def _take(self, line: bytes) -> bool:
        try:
            view = decode_answer(line)
        except WireError as error:
            self.refusals.append(str(error))
            return False
        is_new, self.view, self.problem, self._failures = self.view is None, view, "", 0
        self._heard_ns = self._clock()
        return is_new


def _socket_path() -> str:
    return os.path.join(runtime_folder(), SOCKET)


def ask_sound(name: str, timeout_s: float = 2.0) -> SoundView | None:
    """One command to a running sound, from the command line; its View for "view". Raises OSError without a sound."""
    answer = asked(_socket_path(), encode(name), timeout_s, name == "view")
    return decode_answer(answer) if answer else None


def spawn_sound(data: Path) -> Child:
    """Start the sound."""
    return spawned("panel.sound", "--data", str(data))
