"""How late each message is: the box against a C floor and other players, in interleaved rounds, under loads.

It must never measure a contestant under another load than the others, nor count a round in which the machine stalled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import budgets
from benchmarks.box import ROOT, BenchError, Engine, end, folder, panel, recorded, without_fifo
from benchmarks.budgets import Verdict
from benchmarks.figures import (
    FLOOR,
    LEAD_IN_NS,
    Handed,
    Played,
    Round,
    Summary,
    counted,
    drift_ticks,
    histogram,
    played,
    summarize,
)
from benchmarks.grid import QUARTER_NS
from benchmarks.report import progress, table

OURS, OURS_WITHOUT_FIFO = "DrumAssist", "DrumAssist, no FIFO"
SLEEP, ISOBAR, MIDO = "sleep loop", "isobar", "mido play()"
PEERS = {SLEEP: "sleep", MIDO: "mido", ISOBAR: "isobar"}
PANEL_COMES_UP_S = 1.5


class Load(NamedTuple):
    """What else runs: a panel under a hand (see smbus/smbus2.py), spinning processes."""

    name: str
    hand: str = ""
    busy: bool = False


IDLE = Load("idle")
DRAWING = Load("panel drawing at full rate", "menu 60")
DETENTS = Load("panel, 500 detents a second", "live 500")
FULL = Load("panel, 500 detents, busy cores", "live 500", busy=True)
LOADS = (IDLE, DRAWING, DETENTS, FULL)


@contextmanager
def under(load: Load, home: Path, cores: int, watch: Callable[[float], None]) -> Iterator[None]:
    """The load, up and running; the panel meets the engine in `home`, which `watch` looks after meanwhile."""
    with ExitStack() as undo:
        if load.hand:
            undo.enter_context(panel(home, load.hand))
            watch(PANEL_COMES_UP_S)
        for _ in range(cores if load.busy else 0):
            spinning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            undo.callback(end, spinning)
        yield


class Bench:
    """Plays rounds. `seconds`: how long each contestant is listened to in one; `spin_us`: None is the engine's own."""

    def __init__(self, seconds: int, cores: int, home: Path, spin_us: int | None = None) -> None:
        """BenchError where the floor can't be built."""
        self._seconds, self._cores, self._home = seconds, cores, home
        self._spin = () if spin_us is None else ("--spin-us", str(spin_us))
        self._floor = _build_floor(home)
        self.realtime: dict[str, str] = {}  # what each was given
        self._folders = 0

    def round(self, load: Load, turn: int) -> dict[str, Played]:
        """One round under a load, every contestant once; who begins changes with the turn.

        The others play beside one panel that has an engine of its own; ours beside one that is theirs.
        """
        found: dict[str, list[Handed]] = {}
        for way in (self._ours, self._others) if turn % 2 else (self._others, self._ours):
            found |= way(load, turn)
        return {name: played(found[name]) for name in (FLOOR, OURS, OURS_WITHOUT_FIFO, *PEERS)}

    def _others(self, load: Load, turn: int) -> dict[str, list[Handed]]:
        names = [FLOOR, *PEERS]
        ordered = names[turn % 4 :] + names[: turn % 4]
        home = self._fresh_folder()
        with ExitStack() as undo:
            watch: Callable[[float], None] = time.sleep
            if load.hand:
                engine = Engine(home)
                undo.callback(engine.close)
                engine.choose()
                engine.start()
                watch = engine.watch
            undo.enter_context(under(load, home, self._cores, watch))
            return {name: self._play_other(name) for name in ordered}

    def _play_other(self, name: str) -> list[Handed]:
        quarters = str(1 + self._seconds * 10**9 // QUARTER_NS)
        command = [str(self._floor)] if name == FLOOR else [sys.executable, "-m", "benchmarks.players", PEERS[name]]
        output = subprocess.run([*command, quarters], cwd=ROOT, capture_output=True, text=True)
        if output.returncode:
            raise BenchError(f"{name} does not play: {output.stderr.strip().splitlines()[-1:]}")
        self.realtime[name], *lines = output.stdout.splitlines()
        rows = [tuple(map(int, line.split())) for line in lines]
        return self._cut([Handed(bool(is_note), due_ns or None, stamp_ns) for is_note, due_ns, stamp_ns in rows])

    def _ours(self, load: Load, turn: int) -> dict[str, list[Handed]]:
        names = [OURS, OURS_WITHOUT_FIFO]
        return {name: self._play_ours(name, load) for name in names[:: 1 if turn % 4 < 2 else -1]}

    def _play_ours(self, name: str, load: Load) -> list[Handed]:
        home = self._fresh_folder()
        prepare = without_fifo if name == OURS_WITHOUT_FIFO else None
        engine = Engine(home, "--record", str(home / "record"), *self._spin, prepare=prepare)
        try:
            self.realtime[name] = engine.realtime
            engine.choose()
            with under(load, home, self._cores, engine.watch):
                engine.choose()
                engine.start()
                engine.watch(self._seconds + LEAD_IN_NS / 1e9 + 0.1)
                engine.stop()
                engine.watch(0.05)
        finally:
            engine.close()
        return self._cut(recorded(home / "record"))

    def _cut(self, handed: list[Handed]) -> list[Handed]:
        """As long as agreed, from the first message on."""
        if not handed:
            raise BenchError("a contestant plays nothing")
        span_ns = LEAD_IN_NS + self._seconds * 10**9
        begin_ns = min((one.due_ns or one.stamp_ns) for one in handed)
        return [one for one in handed if (one.due_ns or one.stamp_ns) < begin_ns + span_ns]

    def _fresh_folder(self) -> Path:
        self._folders += 1
        home = self._home / str(self._folders)
        home.mkdir(mode=0o700)
        return home


def _build_floor(home: Path) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise BenchError("gcc is missing, and with it the floor: sudo apt install gcc libc6-dev")
    built = subprocess.run(
        [compiler, "-O2", "-o", str(home / "floor"), str(ROOT / "benchmarks" / "floor.c")],
        capture_output=True,
        text=True,
    )
    if built.returncode:
        raise BenchError(f"the floor can't be built: {built.stderr.strip().splitlines()[:1]}")
    return home / "floor"


class Result(NamedTuple):
    """What came of a load: rounds played and counted, each contestant's figures and its figures.histogram."""

    played: int
    counted: int
    figures: dict[str, Summary]
    histograms: dict[str, list[int]]


def measure(rounds: int, seconds: int, spin_us: int | None = None) -> tuple[dict[str, Result], dict[str, str]]:
    """Every load in every round; and what scheduling each contestant was given. Raises BenchError.

    `spin_us` is another spin than the engine's usual one.
    """
    done: dict[str, list[Round]] = {load.name: [] for load in LOADS}
    with folder() as home:
        bench = Bench(seconds, os.cpu_count() or 1, home, spin_us)
        for turn in range(rounds):
            for load in LOADS:
                progress(f"lateness, round {turn + 1} of {rounds}: {load.name}")
                done[load.name].append(bench.round(load, turn))
    return {name: result_of(all_rounds) for name, all_rounds in done.items()}, bench.realtime


def result_of(rounds: Sequence[Round]) -> Result:
    """The figures of the rounds that count."""
    good = counted(rounds)
    names = list(good[0]) if good else []
    histograms = {name: histogram(late for one in good for late in one[name].late_us) for name in names}
    return Result(len(rounds), len(good), summarize(good), histograms)


def show(results: dict[str, Result], realtime: dict[str, str]) -> str:
    """The tables."""
    parts = [
        "Lateness in microseconds of every clock and note-on: sixteenths at 120 BPM with clock, the first beat left out"
    ]
    for name, result in results.items():
        dropped = result.played - result.counted
        stalled = (
            f", {dropped} of {result.played} rounds not counted: the floor itself stalled over 1 ms" if dropped else ""
        )
        parts.append(f"\n{name} ({result.counted} rounds{stalled})")
        if result.figures:
            parts.append(_table(result.figures, realtime))
    return "\n".join(parts)


def _table(figures: dict[str, Summary], realtime: dict[str, str]) -> str:
    ours = figures[OURS].p99
    head = ("", "scheduling", "p50", "p99", "p99.9", "max", "p99/floor", "p99/ours", "notes p99", "drift us", "missing")
    rows = [
        (
            name,
            realtime[name],
            f.p50,
            f.p99,
            f.p999,
            f.max,
            f.over_floor,
            f.p99 / ours,
            f.notes_p99,
            f.drift_us,
            f.missing,
        )
        for name, f in figures.items()
    ]
    return table(head, rows)


def verdicts(results: dict[str, Result], realtime: dict[str, str]) -> list[Verdict]:
    """The budgets of lateness, under each load that has a panel in it, and of drift."""
    found: list[Verdict] = []
    for load in (DRAWING, DETENTS, FULL):
        figures = results[load.name].figures
        found += _late_verdicts(load.name, figures, realtime)
    steady = [results[load.name].figures[OURS] for load in (IDLE, DRAWING) if results[load.name].figures]
    drifts = [abs(drift_ticks(figures.drift_us)) + round(figures.off_grid_ns // 1000) for figures in steady]
    found.append(Verdict("drift", max(drifts, default=None), budgets.DRIFT_TICKS, " ticks", why="no round counted"))
    return found


def _late_verdicts(load: str, figures: dict[str, Summary], realtime: dict[str, str]) -> list[Verdict]:
    def over(name: str, of: str) -> float | None:
        return figures[name].p99 / figures[of].p99 if figures else None

    why = "no round counted"
    fifo = realtime[OURS] == "fifo"
    found = [
        Verdict(
            f"p99, {load}, as a multiple of the floor",
            over(OURS, FLOOR) if fifo else None,
            budgets.LATE_OVER_FLOOR,
            why=why if fifo else "FIFO is refused here, see README",
        )
    ]
    found += [
        Verdict(
            f"p99, {load}, times better than {peer}", over(peer, OURS), budgets.TIMES_BETTER, at_least=True, why=why
        )
        for peer in (ISOBAR, MIDO)
    ]
    limit = budgets.LATE_OVER_FLOOR_WITHOUT_FIFO
    without = over(OURS_WITHOUT_FIFO, FLOOR)
    found.append(Verdict(f"p99, {load}, without FIFO, as a multiple of the floor", without, limit, why=why))
    return found
