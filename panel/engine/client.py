"""The panel's side of the socket: commands out, Views in, and the state foreseen in between.

It must never wait for the engine: whether it lives, dies or is not there yet, each call returns at once.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from panel.engine.child import Child, spawned
from panel.engine.line import Line, asked
from panel.engine.place import find_socket
from panel.engine.state import PlayerState
from panel.engine.wire import (
    STATE_COMMANDS,
    Heard,
    View,
    WireError,
    apply,
    decode,
    decode_answer,
    encode,
)
from panel.music.tempo import NEVER

RETRY_NS = 100_000_000
SOON_NS = 20_000_000  # the same while one is just coming up: the click is waiting for it
MAX_RETRY_NS = 5_000_000_000  # an engine that can't start is not tried for ever at once
SPAWN_NS = 2_000_000_000  # an engine that was started and lives has this long to open its socket
SILENT_NS = 3_000_000_000  # an engine that plays tells its lateness three times in this time
TRUST_NS = 1_000_000_000  # a View older than what was foreseen is believed after this all the same


class News(Enum):
    """What `tend` tells: the engine is new and knows nothing, was found running, or has gone."""

    FRESH = "fresh"
    RUNNING = "running"
    LOST = "lost"


class EngineClient:
    """A connection to the engine that heals. All calls from one thread.

    `state` is what the engine will do as far as is known: its last View, and the commands sent since then. While there
    is no engine the commands change that state alone, and the next engine is handed it.
    """

    def __init__(
        self,
        state: PlayerState,
        clock: Callable[[], int],
        spawn: Callable[[], Child] | None = None,
        path: str | None = None,
    ) -> None:
        self.state = state
        self.view: View | None = None
        self.heard: list[Heard] = []
        self.refusals: list[str] = []
        self._clock, self._spawn, self._path = clock, spawn, path
        self._child: Child | None = None
        self._line = Line()
        self.resumed = False  # the last fresh engine was handed our state
        self._told: PlayerState | None = None  # what a View that tells no state means
        self._settled = False  # the first View of this connection has been dealt with
        self._was_settled = False  # there was an engine before that knew our state
        self._retry_ns = self._spawn_ns = 0
        self._soon_until_ns = 0  # an engine was started, or lost, so lately that one is coming up
        self._failures = 0  # engines in a row that were started and ended without a word
        self._sent_ns = self._seen_ns = self._heard_ns = 0

    @property
    def connected(self) -> bool:
        """Whether an engine answers: while it plays it says so every second, and one that hangs does not."""
        heard_ns = max(self._heard_ns, self._sent_ns)
        return self._settled and not (self.state.playing and self._clock() - heard_ns > SILENT_NS)

    def fileno(self) -> int:
        """The socket, for select; -1 while there is none."""
        return self._line.fileno()

    @property
    def due_ns(self) -> int:
        """When `tend` is to be called though nothing has come: while an engine is coming up, NEVER else."""
        return self._retry_ns if not self._line.is_open and self._retry_ns < self._soon_until_ns else NEVER

    def send(self, name: str, stamp_ns: int = 0, /, **arguments: Any) -> None:
        """Send a command (see wire.COMMANDS) and foresee what it does. Raises WireError for wrong arguments."""
        line = encode(name, stamp_ns, **arguments)
        command = decode(line[:-1])
        if name in STATE_COMMANDS:
            now = self._clock()
            self.state = apply(self.state, command, now, now)
            self._sent_ns = now
        if self._settled:
            self._write(line)

    def tend(self) -> News | None:
        """Look after the connection; to be called every now and then, and when `fileno` is readable."""
        if not self._line.is_open:
            self._connect()
        news = self._read() if self._line.is_open else None
        if news is News.LOST:
            self._retry_ns, self._soon_until_ns = 0, self._clock() + SPAWN_NS
            if self.state.playing:  # one that was told to end has said that it stopped
                self._connect()
        return news

    def end_engine(self, unless_watched: bool = False) -> None:
        """End the engine that answers, `unless_watched` by another panel; else the one that was started."""
        if self.connected:
            self.send("quit", unless_watched=unless_watched)
        elif self._child:
            self._child.terminate()

    def close(self) -> None:
        """Hang up; the engine goes on."""
        self._line.close()

    def _connect(self) -> None:
        now = self._clock()
        if now < self._retry_ns:
            return
        self._retry_ns = now + (SOON_NS if now < self._soon_until_ns else RETRY_NS)
        if not self._line.open(self._path or find_socket()):
            self._start_engine(now)
            return
        self._told = None
        self._write(encode("watch"))

    def _start_engine(self, now: int) -> None:
        """Start another engine where the last one is dead, or has not opened its socket for long enough.

        The first comes at once; one that can't start is tried again later and later.
        """
        if self._child and self._child.poll() is not None:
            self._child = None
            self._spawn_ns = now + min(MAX_RETRY_NS, RETRY_NS << self._failures) if self._failures else 0
            self._failures += 1
        if self._spawn and now >= self._spawn_ns:
            self._spawn_ns = self._soon_until_ns = now + SPAWN_NS
            self._retry_ns = now + SOON_NS
            self._child = self._spawn()

    def _write(self, line: bytes) -> None:
        if not self._line.send(line):
            self._hang_up()

    def _read(self) -> News | None:
        news, over = None, self._line.receive()
        for line in self._line.lines():
            news = self._take(line) or news
        if over:  # only now: its last words still count
            news = self._hang_up() or news
        return news

    def _hang_up(self) -> News | None:
        self.close()
        self._was_settled = self._was_settled or self._settled
        lost, self._settled = self._settled, False
        self._seen_ns = self._clock() if lost else self._seen_ns
        return News.LOST if lost else None

    def _take(self, line: bytes) -> News | None:
        try:
            answer = decode_answer(line, self._told)
        except WireError as error:
            self.refusals.append(str(error))
            self._sent_ns = 0  # what was foreseen did not happen: believe the next View
            return None
        if isinstance(answer, Heard):
            self.heard.append(answer)
        if not isinstance(answer, View):
            return None
        before, self.view, self._heard_ns, self._told = self.view, answer, self._clock(), answer.state
        if not self._settled:
            return self._settle(answer.state, before)
        if answer.state.revision >= self.state.revision or self._clock() - self._sent_ns > TRUST_NS:
            self.state = answer.state
        return None

    def _settle(self, theirs: PlayerState, before: View | None) -> News:
        """The first View of a connection: hand our state to an engine that knows nothing, else take its own."""
        self._settled = True
        if self._failures:
            self._failures = self._spawn_ns = 0
        if theirs.revision > 0:
            self.state = theirs
            return News.RUNNING
        self.resumed = self._was_settled
        if self.resumed:
            known = {"restarts": before.restarts + 1, "followers": before.followers} if before else {}
            self._write(encode("resume", state=self.state, seen_ns=self._seen_ns, **known))
        return News.FRESH


def spawn_engine() -> Child:
    """Start an engine."""
    return spawned("panel.engine")


def ask(name: str, timeout_s: float = 2.0, /, **arguments: Any) -> View | None:
    """One command to a running engine, from the command line; the View for "view". Raises OSError without an engine."""
    answer = asked(find_socket(), encode(name, **arguments), timeout_s, name == "view")
    view = decode_answer(answer) if answer else None
    return view if isinstance(view, View) else None
