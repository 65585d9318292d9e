"""How long the panel takes to its first frame, and what memory and CPU engine and panel take, stopped and playing.

It must never measure a process that was helped: both are started as a drummer starts them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import budgets
from benchmarks.box import ROOT, BenchError, Engine, end, folder, panel, panel_command, panel_environment
from benchmarks.budgets import Verdict
from benchmarks.figures import percentile
from benchmarks.instructions import serial_line
from benchmarks.report import progress, table

MANDATED = "import luma.oled.device, gpiozero, mido, rtmidi, PIL.Image"
STARTS = 5
LOOK_S = 4.0
TIMEOUT_S = 30.0


class Memory(NamedTuple):
    """Megabytes of a process: all that it maps, its share of it, what is its alone."""

    rss: float
    pss: float
    uss: float


class Result(NamedTuple):
    """Seconds, megabytes, percents of a core."""

    imports_s: float  # of the mandated packages, by a bare Python
    first_frame_s: float  # from the start of the command, on a bus that takes no time
    first_frame_400khz_s: float
    memory: dict[str, Memory]
    cpu: dict[str, float]


def measure() -> Result:
    """Starts, turn about with bare imports; then both processes at rest and at work. Raises BenchError."""
    progress("start to first frame")
    imports, frames, slow_frames = [], [], []
    for _ in range(STARTS):
        imports.append(_import_s())
        frames.append(_first_frame_s(0))
        slow_frames.append(_first_frame_s(400_000))
    progress("memory and CPU")
    memory, cpu = _at_rest_and_at_work()
    cpu["engine, the spin"] = _spin_percent(cpu["engine, playing"])
    return Result(_median(imports), _median(frames), _median(slow_frames), memory, cpu)


def _median(times: list[float]) -> float:
    return percentile(times, 50)


def _import_s() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", MANDATED], check=True, cwd=ROOT)
    return time.monotonic() - began


def _first_frame_s(bus_hz: int) -> float:
    """The panel with an engine of its own, until its first picture is through."""
    with folder() as home:
        stamp = home / "first-frame"
        command = panel_command(home, own_engine=True)
        environment = panel_environment(home, BENCH_BUS_HZ=str(bus_hz), BENCH_FIRST_FRAME=str(stamp))
        began_ns = time.monotonic_ns()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + TIMEOUT_S
            while not (stamp.exists() and stamp.read_text()):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise BenchError("the panel shows nothing")
                time.sleep(0.01)
            return (int(stamp.read_text()) - began_ns) / 1e9
        finally:
            end(process)  # which ends its engine


def _at_rest_and_at_work() -> tuple[dict[str, Memory], dict[str, float]]:
    """Both processes stopped, then playing with the strip moving, beside a bare Python; the engine does not spin."""
    memory: dict[str, Memory] = {}
    cpu: dict[str, float] = {}
    with folder() as home, serial_line() as line:
        bare = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        engine = Engine(home, "--spin-us", "0")
        try:
            engine.choose(din=line)
            with panel(home) as shown:
                engine.watch(2)
                pids = {"engine": engine.process.pid, "panel": shown.pid}
                cpu |= _cpu_percents(pids, "stopped", engine.watch)
                engine.choose(din=line)
                engine.start()
                engine.watch(0.5)
                cpu |= _cpu_percents(pids, "playing", engine.watch)
                memory = {name: memory_of(pid) for name, pid in {"bare Python": bare.pid, **pids}.items()}
        finally:
            engine.close()
            end(bare)
    return memory, cpu


def _spin_percent(without: float) -> float:
    """What the engine's usual spin takes on top."""
    with folder() as home, serial_line() as line:
        engine = Engine(home)
        try:
            engine.choose(din=line)
            engine.start()
            engine.watch(0.5)
            return _cpu_percents({"engine": engine.process.pid}, "spinning", engine.watch)["engine, spinning"] - without
        finally:
            engine.close()


def _cpu_percents(pids: dict[str, int], when: str, watch: Callable[[float], None]) -> dict[str, float]:
    before_ns, ran_ns = time.monotonic_ns(), {name: _ran_ns(pid) for name, pid in pids.items()}
    watch(LOOK_S)
    span_ns = time.monotonic_ns() - before_ns
    return {f"{name}, {when}": 100 * (_ran_ns(pid) - ran_ns[name]) / span_ns for name, pid in pids.items()}


def _ran_ns(pid: int) -> int:
    """How long all threads of a process have run: /proc's schedstat counts nanoseconds, where stat has 10 ms."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)


def memory_of(pid: int) -> Memory:
    """From /proc's smaps_rollup."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kilobytes = {name: int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024, own / 1024)


def show(result: Result) -> str:
    """The tables."""
    starts = (
        ("a bare import of luma.oled, gpiozero, mido, rtmidi, pillow", result.imports_s, 1.0),
        ("drumassist, to its first frame", result.first_frame_s, result.first_frame_s / result.imports_s),
        (
            "the same with the bus at 400 kHz",
            result.first_frame_400khz_s,
            result.first_frame_400khz_s / result.imports_s,
        ),
    )
    bare = result.memory["bare Python"]
    memory = [(name, *found, found.uss - bare.uss) for name, found in result.memory.items()]
    return "\n\n".join(
        (
            table(("Start, s", "", "ratio"), starts),
            table(("Memory, MB", "RSS", "PSS", "USS", "USS above bare Python"), memory),
            table(("CPU, % of a core", ""), list(result.cpu.items())),
        )
    )


def verdicts(result: Result) -> list[Verdict]:
    """Start, memory (the panel's by all that it maps), CPU while playing."""
    memory, cpu = result.memory, result.cpu
    engine_mb = memory["engine"].uss - memory["bare Python"].uss
    start = result.first_frame_s / result.imports_s
    return [
        Verdict("start to first frame, times a bare import", start, budgets.START_OVER_IMPORTS),
        Verdict("engine, memory above a bare Python", engine_mb, budgets.ENGINE_MB, " MB"),
        Verdict("panel, memory in all", memory["panel"].rss, budgets.PANEL_MB, " MB"),
        Verdict(
            "engine, CPU while playing, without the spin", cpu["engine, playing"], budgets.ENGINE_CPU_PERCENT, " %"
        ),
        Verdict("panel, CPU while playing", cpu["panel, playing"], budgets.PANEL_CPU_PERCENT, " %"),
    ]
