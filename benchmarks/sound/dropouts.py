"""Whether the sound drops out beside a panel at full load: the box's processes on a JACK server, minute after minute.

It must never take the machine's stalls for ours, nor hide ours behind them: a client that does nothing, on a server of
its own, is under the same load at the same time.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from itertools import groupby
from typing import NamedTuple

from benchmarks import budgets
from benchmarks.box import Engine, folder
from benchmarks.budgets import Verdict
from benchmarks.figures import percentile
from benchmarks.lateness import DETENTS, FULL, Load, under
from benchmarks.report import progress, table
from benchmarks.sound import jackd
from benchmarks.sound.jackd import Seen, Watch, compare
from benchmarks.sound.stage import Sound
from panel.sound.wire import KIT, SYNTH

LOADS = (DETENTS, FULL)
NOTE_S = 0.125  # between two auditions, on the kit and on the synth by turns
KIT_NOTES, SYNTH_NOTES = (36, 38, 42, 46, 49, 51), (48, 55, 60, 64, 67)
SETTLES_S = 2.0


class Take(NamedTuple):
    """Over `seconds`: what the sound counted and told, what idle clients saw on its server and on one without it."""

    seconds: float
    dropouts: int
    late: int
    silent_s: float  # in which it had no stream, or no clock of it yet
    load_percent: float  # the median of what it told, of real time
    latencies_us: list[int]  # one after another: where blocks come too late too often, it asks for larger ones
    beside: Seen
    floor: Seen


class Result(NamedTuple):
    """A take under each load."""

    takes: dict[str, Take]


def measure(minutes: int) -> Result:
    """Raises BenchError."""
    return Result({load.name: _under(load, minutes) for load in LOADS})


def _under(load: Load, minutes: int) -> Take:
    with folder() as home, ExitStack() as undo:
        program = jackd.build(home)
        servers = [undo.enter_context(jackd.server(part)) for part in ("floor", "sound")]
        for environment in servers:  # it is up when a client was there
            Watch(program, environment).close()
        engine = Engine(home)
        undo.callback(engine.close)
        engine.choose()
        sound = Sound(home, servers[1])
        undo.callback(sound.close)
        sound.wait()
        undo.enter_context(under(load, home, os.cpu_count() or 1, engine.watch))
        engine.choose()
        engine.start()
        sound.watch(SETTLES_S)
        floor, beside = (undo.enter_context(Watch(program, environment)) for environment in servers)
        return _take(load, minutes, sound, engine, floor, beside)


def _take(load: Load, minutes: int, sound: Sound, engine: Engine, floor: Watch, beside: Watch) -> Take:
    before, views = sound.view, [sound.view]
    began, notes = time.monotonic(), 0
    while (passed := time.monotonic() - began) < minutes * 60:
        if notes * NOTE_S % 60 == 0:
            progress(f"sound: drop-outs, {load.name}, minute {round(notes * NOTE_S) // 60 + 1} of {minutes}")
        _play(sound, notes)
        notes += 1
        sound.watch(began + notes * NOTE_S - time.monotonic())
        engine.watch(0.001)
        views.append(sound.view)
    beneath, with_us = floor.read(), beside.read()
    latencies = [view.latency_us for view in views if view.latency_us]
    return Take(
        seconds=passed,
        dropouts=max(view.dropouts for view in views) - before.dropouts,  # a stream that begins anew tells none yet
        late=max(view.late for view in views) - before.late,
        silent_s=NOTE_S * sum(not view.device for view in views),
        load_percent=percentile([view.load for view in views if view.device], 50) / 10,
        latencies_us=[latency for latency, _ in groupby(latencies)],
        beside=compare(with_us, beneath),
        floor=compare(beneath, with_us),
    )


def _play(sound: Sound, number: int) -> None:
    """Something on the kit or on the synth besides the engine's clicks."""
    bus, notes = (SYNTH, SYNTH_NOTES) if number % 2 else (KIT, KIT_NOTES)
    sound.client.send("audition", bus=bus, note=notes[number // 2 % len(notes)], velocity=100)


def show(result: Result) -> str:
    """A table for each load."""
    return "\n\n".join(_table(name, take) for name, take in result.takes.items())


def _table(load: str, take: Take) -> str:
    head = (f"Drop-outs, {load}", "periods", "over a period late", "longest gap us", "xruns", "stalls", "here alone")
    rows = [
        ("an idle client, on a server of its own", *take.floor),
        ("an idle client, beside the sound", *take.beside),
    ]
    latency = ", then ".join(f"{latency / 1000:.1f}" for latency in take.latencies_us)
    counts = f"{take.seconds:.0f} s; the sound counts {take.dropouts} drop-outs and {take.late} late notes"
    silent = f"{take.silent_s:.1f} s without a clock"
    return f"{table(head, rows)}\n{counts}, {silent}, load {take.load_percent:.1f} %, latency {latency} ms"


def verdicts(result: Result) -> list[Verdict]:
    """Of drop-outs but those in which the machine stalled, and of notes that came late."""
    found = []
    for load, take in result.takes.items():
        where = f"in {take.seconds / 60:.0f} min, {load}"
        found.append(Verdict(f"drop-outs {where}, where an idle client had none", take.beside.alone, budgets.DROPOUTS))
        found.append(Verdict(f"late notes {where}", take.late, budgets.LATE_NOTES))
    return found
