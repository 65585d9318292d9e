"""How long the sound's process takes until it could sound, and what memory it and its trial have, beside a bare import.

It must never measure a process that was helped: it is started as the panel starts it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.box import ROOT, BenchError, end, folder
from benchmarks.budgets import Verdict
from benchmarks.figures import percentile
from benchmarks.footprint import Memory, memory_of
from benchmarks.report import progress, table
from benchmarks.sound import jackd
from benchmarks.sound.jackd import Watch
from benchmarks.sound.stage import Sound

LIBRARIES = "import numpy, sounddevice, soundfile"
STARTS = 3
LOADED_S = 2.0  # until the kits are on the shelf


class Result(NamedTuple):
    """Seconds and megabytes."""

    imports_s: float
    sounds_s: float
    memory: dict[str, Memory]


def measure() -> Result:
    """Starts, turn about with bare imports; the memory is that of the last. Raises BenchError."""
    progress("sound: start and memory")
    imports, sounds, memory = [], [], {}
    with folder() as home, jackd.server("start") as environment:
        Watch(jackd.build(home), environment).close()
        for at in range(STARTS):
            took, memory["a bare import"] = _import()
            imports.append(took)
            runtime = home / str(at)
            runtime.mkdir(mode=0o700)
            sound = Sound(runtime, environment)
            try:
                sounds.append(sound.wait())
                sound.watch(LOADED_S)
                memory["the sound's process"] = memory_of(sound.process.pid)
                for pid in _children(sound.process.pid):
                    memory["where patches are tried"] = memory_of(pid)
            finally:
                sound.close()
    return Result(percentile(imports, 50), percentile(sounds, 50), memory)


def _children(pid: int) -> list[int]:
    """The processes that a process has started, by any of its threads."""
    return [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]


def _import() -> tuple[float, Memory]:
    """How long a bare Python takes to import what sound needs, and what it is then."""
    code = f"{LIBRARIES}; import sys; print('there', flush=True); sys.stdin.read()"
    began = time.monotonic()
    bare = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert bare.stdout
        if bare.stdout.readline() != b"there\n":
            raise BenchError("the libraries for sound are missing: pip install 'drumassist[sound]'")
        return time.monotonic() - began, memory_of(bare.pid)
    finally:
        end(bare)


def show(result: Result) -> str:
    """The tables."""
    starts = [
        (f"a bare {LIBRARIES}", result.imports_s, 1.0),
        ("the sound's process, until it could sound", result.sounds_s, result.sounds_s / result.imports_s),
    ]
    memory = [(name, *found) for name, found in result.memory.items()]
    return (
        table(("Start of the sound, s", "", "ratio"), starts)
        + "\n\n"
        + table(("Memory of the sound, MB", "RSS", "PSS", "USS"), memory)
    )


def verdicts(_: Result) -> list[Verdict]:
    """None: both are told only."""
    return []
