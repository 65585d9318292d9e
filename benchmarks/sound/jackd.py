"""JACK servers of the benchmark's own, with no card: periods on time, and a client that does nothing.

It must never be a server that is there already, nor leave one behind: each has a name of its own, and is ended by id.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks.box import ROOT, BenchError, end
from benchmarks.sound.timing import BLOCK, RATE

PERIOD_US = BLOCK * 1_000_000 // RATE
PATIENCE_S = 10.0
TOGETHER_NS = 50_000_000  # xruns within so long are of one stall, also on two servers


class Idle(NamedTuple):
    """What a client that does nothing saw: its periods, those begun over a period late, the longest gap, xruns."""

    periods: int
    late: int
    longest_us: int
    xruns_ns: list[int]  # when they were told, CLOCK_MONOTONIC

    @property
    def stalls_ns(self) -> list[int]:
        """The xruns, those that follow close upon each other as one."""
        return [at for before, at in pairwise([-TOGETHER_NS, *self.xruns_ns]) if at - before >= TOGETHER_NS]


class Seen(NamedTuple):
    """The same beside what another one saw: a stall is xruns close together; `alone` are those that it had not."""

    periods: int
    late: int
    longest_us: int
    xruns: int
    stalls: int
    alone: int


def compare(one: Idle, other: Idle) -> Seen:
    """What one saw; what the other, on another server at the same time, did not see is not the machine's."""
    stalls = one.stalls_ns
    alone = sum(all(abs(at - there) >= TOGETHER_NS for there in other.xruns_ns) for at in stalls)
    return Seen(one.periods, one.late, one.longest_us, len(one.xruns_ns), len(stalls), alone)


def build(home: Path) -> Path:
    """The idle client. BenchError where it can't be built, or there is no JACK."""
    if shutil.which("jackd") is None:
        raise BenchError("jackd is missing: sudo apt install jackd2")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise BenchError("gcc is missing, and with it the idle client: sudo apt install gcc libc6-dev")
    source, program = ROOT / "benchmarks" / "sound" / "idle.c", home / "idle"
    command = [compiler, "-O2", "-o", str(program), str(source), "-l:libjack.so.0"]
    built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode:
        raise BenchError(f"the idle client can't be built: {built.stderr.strip().splitlines()[:1]}")
    return program


@contextmanager
def server(part: str) -> Iterator[dict[str, str]]:
    """A server with the dummy driver; yields the environment in which clients find it. BenchError."""
    name = f"drumassist-bench-{os.getpid()}-{part}"
    command = ["jackd", "-R", "-n", name, "-d", "dummy", "-r", str(RATE), "-p", str(BLOCK)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield {"JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1", "JACK_NO_START_SERVER": "1"}
    finally:
        end(process)


class Watch:
    """The idle client on a server, until `read`. BenchError where it does not run."""

    def __init__(self, program: Path, environment: dict[str, str]) -> None:
        command = [str(program), environment["JACK_DEFAULT_SERVER"], str(PERIOD_US)]
        deadline = time.monotonic() + PATIENCE_S
        while not self._runs(command, environment):
            if time.monotonic() > deadline:
                raise BenchError("jackd does not start, or refuses real time")
            time.sleep(0.1)

    def _runs(self, command: list[str], environment: dict[str, str]) -> bool:
        self.process = subprocess.Popen(
            command,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout
        if self.process.stdout.readline() == b"runs\n":
            return True
        end(self.process)
        return False

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self) -> Idle:
        """End it, and hear what it saw."""
        said, _ = self.process.communicate(timeout=PATIENCE_S)
        return heard(said.decode())

    def close(self) -> None:
        """End it, whatever happened."""
        end(self.process)


def heard(said: str) -> Idle:
    """What the idle client says at its end. BenchError where that is nothing."""
    lines = [line.split() for line in said.splitlines()]
    if not lines or len(lines[0]) != 3:
        raise BenchError("the idle client lost its server")
    periods, late, longest_us = map(int, lines[0])
    return Idle(periods, late, longest_us, [int(moment) for (moment,) in lines[1:]])
