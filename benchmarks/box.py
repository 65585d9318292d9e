"""The box under measurement: its engine and its panel as the processes that a drummer has, in a folder of their own.

It must never reach into them: the engine is driven through panel.engine.client and the panel by pins and a bus.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Handed
from benchmarks.grid import BPM
from panel.engine.client import EngineClient
from panel.engine.place import SOCKET
from panel.engine.state import Voice, stopped_state
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.tempo import MICRO
from panel.settings import Settings
from panel.sound.client import SoundClient

ROOT = Path(__file__).parents[1]
SIXTEENTHS = Pattern("Sixteenths only", Meter.of(4, 4), (Row("hat", "x" * 16),))
VOICES = (Voice("hat", 42, 10),)
PATIENCE_S = 60.0  # an engine under valgrind takes its time
_PR_CAPBSET_DROP, _CAP_SYS_NICE = 24, 23


class BenchError(Exception):
    """A measurement that can't be made; the text says why, in one line."""


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards, in memory where there is such a place: a disk would be measured too."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(prefix="drumassist-bench-", dir=memory if os.path.isdir(memory) else None) as made:
        yield Path(made)


def end(process: subprocess.Popen[bytes], timeout_s: float = 10.0) -> None:
    """End a process that was started here, by its own id."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def watch(client: EngineClient | SoundClient, seconds: float) -> None:
    """Take in what a process says for so long."""
    deadline = time.monotonic() + seconds
    while (left_s := deadline - time.monotonic()) > 0:
        select.select([client] if client.fileno() >= 0 else [], [], [], min(left_s, 0.1))
        client.tend()


def without_fifo() -> None:
    """Give up the right to real-time scheduling; for a child before it becomes the engine."""
    resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
    ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_SYS_NICE, 0, 0, 0)  # root needs no limit; refused to all others


class Engine:
    """The engine's process, and a client that watches it as a panel does."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        wrapper: Sequence[str] = (),
        prepare: Callable[[], None] | None = None,
        patient_s: float = PATIENCE_S,
    ) -> None:
        """Start it. BenchError where it does not answer."""
        self.home = home
        environment = os.environ | {"DRUMASSIST_RUNTIME": str(home), "PYTHONHASHSEED": "0"}
        command = [*wrapper, sys.executable, "-m", "panel.engine", *arguments]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, preexec_fn=prepare
        )
        start = stopped_state(SIXTEENTHS, BPM * MICRO, time.monotonic_ns())
        self.client = EngineClient(start, time.monotonic_ns, path=str(home / SOCKET))
        deadline = time.monotonic() + patient_s
        while not self.client.view:
            if self.process.poll() is not None or time.monotonic() > deadline:
                end(self.process)
                raise BenchError("the engine does not start")
            self.watch(0.01)

    @property
    def realtime(self) -> str:
        """What it was given: "fifo", "short slice" or "none"."""
        return self.client.view.realtime if self.client.view else ""

    @property
    def ports(self) -> list[str]:
        """What it plays to."""
        return [port.kind for port in self.client.view.ports] if self.client.view else []

    def choose(self, clock: bool = True, din: str = "") -> None:
        """Sixteenths at 120 BPM, also to the serial line `din`; from now on a panel adopts what is chosen."""
        if din:
            wishes = {"match": (), "exact": "", "remembered": "", "din_rate": 31250, "trim_ms": 0}
            self.client.send("ports", din=din, **wishes)
        self.client.send("voices", voices=VOICES)
        self.client.send("tempo", micro_bpm=BPM * MICRO)
        self.client.send("pattern", pattern=SIXTEENTHS)
        self.client.send("clock", on=clock)

    def start(self) -> None:
        """Start playing."""
        self.client.send("start")

    def watch(self, seconds: float) -> None:
        """Take in its Views for so long."""
        watch(self.client, seconds)

    def stop(self) -> None:
        """Stop playing."""
        self.client.send("stop")

    def close(self) -> None:
        """End it."""
        self.client.close()
        end(self.process, PATIENCE_S / 4)


def recorded(path: Path) -> list[Handed]:
    """Clocks and note-ons of the last run in an engine's record, from Start to Stop."""
    found: list[Handed] = []
    playing = False
    for line in path.read_text().splitlines():
        due, stamp, data = line.split()
        if data == "fa":
            playing, found = True, []
        elif data == "fc":
            playing = False
        elif playing and (data == "f8" or data[0] == "9"):
            found.append(Handed(data != "f8", int(due), int(stamp)))
    return found


@contextmanager
def panel(
    home: Path, hand: str = "", bus_hz: int = 400_000, own_engine: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """The panel as it is started on a Pi, its OLED on a bus that takes its time, its pins gpiozero's mock ones.

    `hand` is "menu RATE" or "live RATE" (see smbus/smbus2.py). It meets the engine in `home`, or starts its own there.
    """
    environment = panel_environment(home, BENCH_HAND=hand, BENCH_BUS_HZ=str(bus_hz))
    process = subprocess.Popen(
        panel_command(home, own_engine), cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        end(process)


def panel_command(home: Path, own_engine: bool) -> list[str]:
    """How it is started; acceleration is off, so that a detent is one step of tempo."""
    data = home / "data"
    data.mkdir(exist_ok=True)
    settings = Settings()
    settings.set("encoder.acceleration", False)
    (data / "settings.toml").write_text(settings.text)
    command = [sys.executable, "-m", "panel", "--display", "oled", "--no-sound", "--data", str(data)]
    return command if own_engine else [*command, "--no-engine"]


def panel_environment(home: Path, **more: str) -> Mapping[str, str]:
    """Its environment: our bus in the place of smbus2."""
    path = os.pathsep.join([str(ROOT / "benchmarks" / "smbus"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    fixed = {"DRUMASSIST_RUNTIME": str(home), "PYTHONPATH": path, "GPIOZERO_PIN_FACTORY": "mock"}
    return os.environ | fixed | more
