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
from panel.engine.state import Voice, stopped_state
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

    def __init__(self, pattern: Pattern = BASIC, ports: tuple[Port, ...] | None = None, bpm: float = 120) -> None:
        self.now = 10 * SECOND
        self.port = RecordingPort()
        ports = ports if ports is not None else (self.port,)
        for port in ports:
            if isinstance(port, RecordingPort):
                port.now = lambda: self.now
        self.patchbay = Patchbay(lambda: None, ports)
        self.engine = Engine(stopped_state(pattern, round(bpm * MICRO), self.now), self.patchbay, self.now)
        self.do("voices", voices=VOICES)

    def do(self, name: str, **arguments: Any) -> None:
        """A command, as it would come over the socket."""
        self.engine.do(decode(encode(name, **arguments)[:-1]), self.now)

    def run(self, ns: int) -> None:
        """Let `ns` pass, writing what falls due exactly when it does."""
        end = self.now + ns
        while self.engine.due_ns <= end:
            self.now = max(self.now, self.engine.due_ns)
            self.engine.write(self.now)
        self.now = end

    def stall(self, ns: int) -> None:
        """Let `ns` pass with the process stopped."""
        self.now += ns

    @property
    def played(self) -> list[tuple[int, Message]]:
        """[(tick, message)] of all that was sent, by the tempo map that holds now."""
        tempo_map = self.engine.state.tempo_map
        return [(tempo_map.tick_at(sent.due_ns), sent.message) for sent in self.port.sent]

    @property
    def notes(self) -> list[tuple[int, int, int]]:
        """[(tick, note, velocity)] of the note-ons."""
        return [(tick, m[1], m[2]) for tick, m in self.played if m[0] & 0xF0 == 0x90]
