"""A box without a process: an Engine on a fake clock, with recording ports, that jumps from due time to due time.

It must never sleep; time passes only when `run` says so.
"""

from __future__ import annotations

from typing import Any

from panel.engine.engine import Engine
from panel.engine.outlet import Port
from panel.engine.player import Message
from panel.engine.ports import Patchbay
from panel.engine.recording import RecordingPort
from panel.engine.state import PlayerState, Voice, stopped_state
from panel.engine.wire import decode, encode
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO

MS = 1_000_000
SECOND = 1000 * MS
BASIC = Pattern("Basic", Meter.of(4, 4), (Row("rim", "Xxxx"),), (Row("snare", "xxxxxxxX"),))
SEVEN = Pattern("Seven", Meter.of(7, 8, (2, 2, 3)), (Row("rim", "X.x.x.."),))
VOICES = (Voice("rim", 37, 10), Voice("snare", 38, 10), Voice("hat", 42, 10), Voice("count", 75, 10))


class Box:
    """Drives an Engine: `do` commands through the wire's own encoding, `run` time, read `notes`."""

    def __init__(
        self,
        pattern: Pattern = BASIC,
        ports: tuple[Port, ...] | None = None,
        bpm: float = 120,
        patchbay: Patchbay | None = None,
    ) -> None:
        self.now = 10 * SECOND
        self._tend_ns = self.now + SECOND // 2
        ports = ports if ports is not None else (RecordingPort(),)
        self.port = next((port for port in ports if isinstance(port, RecordingPort)), RecordingPort())
        for port in ports:
            if isinstance(port, RecordingPort):
                port.now = lambda: self.now
        self._ticks: list[int] = []  # of all that `port` was sent
        self.patchbay = patchbay or Patchbay(lambda: None, ports)
        self.engine = Engine(stopped_state(pattern, round(bpm * MICRO), self.now), self.patchbay, self.now)
        self.do("voices", voices=VOICES)

    @classmethod
    def of_state(cls, state: PlayerState, now: int) -> Box:
        """Another box that goes on at `now` with a state that was written down as JSON and read again."""
        box = cls()
        box.now = now
        read = decode(encode("resume", state=state, seen_ns=now)[:-1]).arguments["state"]
        box.engine = Engine(read, box.patchbay, now)
        return box

    def do(self, name: str, **arguments: Any) -> None:
        """A command, as it would come over the socket."""
        self.engine.do(decode(encode(name, **arguments)[:-1]), self.now)
        self._note_ticks()

    def run(self, ns: int) -> None:
        """Let `ns` pass, writing what falls due exactly when it does, and tending the engine every second."""
        end = self.now + ns
        while min(self.engine.due_ns, self._tend_ns) <= end:
            if self.engine.due_ns <= self._tend_ns:
                self.now = max(self.now, self.engine.due_ns)
                self.engine.write(self.now)
            else:
                self.now, self._tend_ns = max(self.now, self._tend_ns), self._tend_ns + SECOND
                self.engine.tend(self.now)
            self._note_ticks()
        self.now = end

    def stall(self, ns: int) -> None:
        """Let `ns` pass with the process stopped."""
        self.now += ns

    @property
    def played(self) -> list[tuple[int, Message]]:
        """[(tick, message)] of all that was sent, by the tempo map that held when it was; for a port without lead."""
        self._note_ticks()
        return list(zip(self._ticks, (sent.message for sent in self.port.sent), strict=True))

    @property
    def notes(self) -> list[tuple[int, int, int]]:
        """[(tick, note, velocity)] of the note-ons."""
        return [(tick, m[1], m[2]) for tick, m in self.played if m[0] & 0xF0 == 0x90]

    def forget(self) -> None:
        """Begin `played` anew."""
        self.port.sent.clear()
        self._ticks.clear()

    def _note_ticks(self) -> None:
        tempo_map = self.engine.state.tempo_map
        self._ticks += [tempo_map.tick_at(sent.due_ns) for sent in self.port.sent[len(self._ticks) :]]
