"""The engine as a process of its own, in a runtime folder of its own, with all that it wrote.

It must never leave a process behind, nor wait for time to pass: `until` waits for what is to happen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from panel.engine.client import EngineClient
from panel.engine.state import stopped_state
from panel.music.tempo import MICRO
from tests.box import BASIC

T = TypeVar("T")
TIMEOUT_S = 30.0
ROOT = Path(__file__).parents[2]


def until(what: Callable[[], T | None]) -> T:
    """What is waited for, once it is there."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.002)  # a breath for the other process, not for time to pass
    raise AssertionError("it did not happen")


class Line(NamedTuple):
    """A line of the record."""

    due_ns: int
    written_ns: int
    message: tuple[int, ...]


class Stage:
    """A runtime folder, the engines that were started in it, and what they recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.record = folder, folder / "record"
        self.engines: list[subprocess.Popen[bytes]] = []
        self._lines: list[Line] = []
        self._read = 0

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "panel.engine", *(arguments or ("--record", str(self.record)))]
        environment = os.environ | {"DRUMASSIST_RUNTIME": str(self.folder)}
        self.engines.append(
            subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        )
        return self.engines[-1]

    @property
    def lines(self) -> list[Line]:
        """All that was written until now."""
        if self.record.exists():
            with open(self.record, "rb") as record:
                record.seek(self._read)
                fresh, end, _ = record.read().rpartition(b"\n")
            self._read += len(fresh + end)
            rows = (row.split() for row in fresh.decode().splitlines())
            self._lines += [Line(int(due), int(written), tuple(bytes.fromhex(data))) for due, written, data in rows]
        return self._lines

    @property
    def onsets(self) -> list[Line]:
        """The note-ons among them."""
        return [line for line in self.lines if line.message[0] & 0xF0 == 0x90]

    def panel(self) -> EngineClient:
        state = stopped_state(BASIC, 240 * MICRO, time.monotonic_ns())
        return EngineClient(state, time.monotonic_ns, self.start, str(self.folder / "engine.sock"))

    def end(self) -> None:
        for engine in self.engines:
            if engine.poll() is None:
                engine.kill()
            engine.communicate(timeout=TIMEOUT_S)
