"""The engine's loop: sleep until the next due time, write, and do everything else in the gaps.

It must never do anything between waking up and writing but write, nor start what could outlast a gap.
"""

from __future__ import annotations

import os
import select
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from panel.engine.engine import Engine
from panel.engine.own_sound import SoundPort
from panel.engine.player import CONTROL_CHANGE, NOTE_ON, Message
from panel.engine.ports import Patchbay
from panel.engine.server import Client, Received, Server
from panel.engine.spin import Spin
from panel.engine.state import PlayerState
from panel.engine.wire import (
    MAX_COMMAND_BYTES,
    MAX_RESUME_BYTES,
    Command,
    Heard,
    WireError,
    decode,
    encode_error,
    encode_heard,
    encode_view,
)
from panel.engine.written import encode_state

GAP_NS = 5_000_000  # messages are handled only this long before a due time
HUNGRY_NS = 20_000_000  # ... or right behind a write, where for so long there was no such gap
LOOK_NS = 250_000_000  # how often the ports are looked at
TEND_NS = 1_000_000_000
PEDAL_DOWN = 64  # of a controller's 0 to 127, as MIDI has it for switches

Wait = Callable[..., tuple[list[Any], list[Any], list[Any]]]


class Loop:
    """Runs an Engine behind a Server. `clock` is CLOCK_MONOTONIC in ns, `wait` is select.select or a stand-in."""

    def __init__(
        self,
        engine: Engine,
        patchbay: Patchbay,
        server: Server,
        clock: Callable[[], int],
        wait: Wait = select.select,
        spin: Spin | None = None,
    ) -> None:
        self._engine, self._patchbay, self._server = engine, patchbay, server
        self._clock, self._wait, self._spin = clock, wait, spin or Spin()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._heard: deque[tuple[Message, int]] = deque(maxlen=100)
        self._listeners: list[Client] = []
        self._pedals: set[tuple[int, ...]] = set()  # that are down: status and controller
        self._look_ns = self._tend_ns = self._chore_ns = self._hungry_ns = 0
        self._fresh = True  # nothing has been handled since the last write
        self._slept = False  # what follows was slept for
        self._told: tuple[PlayerState | None, str] = (None, "")  # the state that was told last, and as it was written
        self._published: PlayerState | None = None  # what all who watch know
        self.ended = False

    @property
    def wake_descriptor(self) -> int:
        """Write a byte here to end a wait, from any thread or signal."""
        return self._wake_write

    def run(self) -> None:
        """Until `ended`."""
        while not self.ended:
            self.step()
        self._engine.stop(self._clock())
        self._publish()  # whoever asked for the end: a panel must not have the next engine play on
        self._engine.close()
        self._server.close()

    def step(self) -> None:
        """One turn: a write, or a wait with at most one message handled in it."""
        now, due_ns = self._clock(), self._engine.due_ns
        slack = due_ns - now
        if slack <= self._spin.ns:
            self._write(now, due_ns)
        elif slack > GAP_NS or (self._fresh and now >= self._hungry_ns):
            self._hungry_ns = now + min(slack, LOOK_NS) + HUNGRY_NS
            self._use_gap(now, slack)
        else:
            readable, _, _ = self._wait([self._wake_read], [], [], (slack - self._spin.ns) / 1e9)
            self._slept = not readable
            self._drain(readable)

    def _write(self, now: int, due_ns: int) -> None:
        clock, woke_ns = self._clock, now
        while now < due_ns:
            now = clock()
        self._engine.write(now)
        self._spin.spun_ns += now - woke_ns
        self._spin.overslept += self._slept and woke_ns > due_ns
        self._fresh, self._slept = True, False

    def _use_gap(self, now: int, slack: int) -> None:
        """Handle one thing, or wait for one."""
        if now >= self._chore_ns:
            self._do_chore(now)
        elif self._engine.changed:
            self._publish()
        elif self._heard:
            self._tell_heard()
        else:
            self._listen(now, slack)
        self._fresh = False

    def _do_chore(self, now: int) -> None:
        """What is to be done every so often."""
        if now >= self._look_ns:
            self._look_ns = now + LOOK_NS
            self._engine.look(now)
        else:
            self._tend_ns = now + TEND_NS
            self._engine.tend(now)
            self._spin.adapt(now)
        self._chore_ns = min(self._look_ns, self._tend_ns)

    def _listen(self, now: int, slack: int) -> None:
        server, roomy = self._server, slack > GAP_NS
        until_ns = 0
        if roomy and not server.waiting:
            until_ns = min(slack - self._spin.ns, self._chore_ns - now)
        readable, _, _ = self._wait([self._wake_read, *server.sources], [], [], until_ns / 1e9)
        self._slept = until_ns > 0 and not readable
        self._drain(readable)
        if not (readable or server.waiting):
            return
        if roomy and self._engine.due_ns - self._clock() <= GAP_NS:
            return  # it came while the gap was waited out: now the write comes first
        if received := server.take(readable):
            self._obey(received)

    def _drain(self, readable: list[Any]) -> None:
        """Empty the pipe that ended a wait."""
        if self._wake_read in readable:
            os.read(self._wake_read, 1000)
            readable.remove(self._wake_read)

    def _obey(self, received: Received) -> None:
        client = received.client
        try:
            # While it plays, nothing is read that takes long to read.
            command = decode(received.line, MAX_COMMAND_BYTES if self._engine.state.playing else MAX_RESUME_BYTES)
            if command.name == "quit":
                self._quit(client, command.arguments["unless_watched"])
            elif command.name == "watch":
                client.watching = True
                self._engine.changed, self._published = True, None
            elif command.name == "view":
                self._server.send(client, self._view())
            elif command.name == "spin":
                self._spin.want(command.arguments["us"] * 1000)
            elif command.name == "listen":
                self._listen_for(client, command.arguments["on"])
            elif command.name == "notes":
                self._sound_by(client, command.arguments["lead_ms"])
            else:
                self._engine.do(command, self._clock())
        except WireError as error:
            self._server.send(client, encode_error(str(error)))

    def _quit(self, client: Client, unless_watched: bool) -> None:
        """End; whoever watches is told of the stop first, so that nobody takes it for a crash and plays on."""
        if unless_watched and any(other.watching for other in self._server.clients if other is not client):
            return
        self._engine.do(Command("stop", {}), self._clock())
        self._publish()
        self.ended = True

    def _publish(self) -> None:
        self._engine.changed = False
        if self._server.watched:
            state = self._engine.state
            self._server.publish(self._view(with_state=state is not self._published))
            self._published = state

    def _view(self, with_state: bool = True) -> bytes:
        """The View as a line; while playing the state is nearly always what was told a second ago."""
        view = self._engine.view()
        if with_state and view.state is not self._told[0]:
            self._told = (view.state, encode_state(view.state))
        return encode_view(view, self._told[1], with_state)

    def _listen_for(self, client: Client, on: bool) -> None:
        self._listeners = [c for c in self._listeners if c is not client and c in self._server.clients]
        if not self._listeners:
            self._pedals.clear()  # nobody has listened: what is down is not known
        if on:
            self._listeners.append(client)
        self._patchbay.listen(self._hear if self._listeners else None)

    def _sound_by(self, client: Client, lead_ms: int) -> None:
        """A client makes the box's own sound, or does no more; the last one to say so does."""
        client.sounding = lead_ms > 0
        self._patchbay.offer(SoundPort(self._server, client, lead_ms * 1_000_000))
        self._look_ns = self._chore_ns = 0

    def _hear(self, message: Message) -> None:
        """Called by rtmidi's thread: stamp, queue, wake; nothing else."""
        self._heard.append((message, self._clock()))
        with suppress(BlockingIOError):  # full: it wakes anyway
            os.write(self._wake_write, b"h")

    def _tell_heard(self) -> None:
        message, stamp_ns = self._heard.popleft()
        self._listeners = [client for client in self._listeners if client in self._server.clients]
        if not self._listeners:
            self._patchbay.listen(None)
        if self._counts(message, stamp_ns):
            control = message[0] & 0xF0 == CONTROL_CHANGE
            line = encode_heard(Heard(message[1], message[0] % 16 + 1, message[2], stamp_ns, control))
            for client in self._listeners:
                self._server.send(client, line)

    def _counts(self, message: Message, stamp_ns: int) -> bool:
        """Whether a message is a stroke, or a pedal that goes down; the click's own echo is neither."""
        if len(message) != 3:
            return False
        if message[0] & 0xF0 == CONTROL_CHANGE:
            return self._goes_down(message)
        return message[0] & 0xF0 == NOTE_ON and message[2] > 0 and not self._engine.echoes(message, stamp_ns)

    def _goes_down(self, message: Message) -> bool:
        """Whether a controller has come to 64 or more from below."""
        pedal, is_down = message[:2], message[2] >= PEDAL_DOWN
        was_down = pedal in self._pedals
        (self._pedals.add if is_down else self._pedals.discard)(pedal)
        return is_down and not was_down
