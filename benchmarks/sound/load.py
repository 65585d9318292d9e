"""What everything at once costs: the desk with its limiter, all voices of the sampler and of the synth, a quantum each.

It must never be a load that nobody could play, nor one that rests: notes keep coming, each steals a voice.
"""

from __future__ import annotations

import gc
import time
from typing import Any, NamedTuple

import numpy as np

from benchmarks import budgets
from benchmarks.budgets import Verdict
from benchmarks.figures import percentile
from benchmarks.report import progress, table
from benchmarks.sound.material import KEYS, LOWEST_KEY, SAMPLER_VOICES, SOUNDS, SYNTH_VOICES, kit, patch
from benchmarks.sound.timing import RATE
from panel.engine.player import NOTE_OFF, NOTE_ON
from panel.sound.buses import KitBus, SynthBus
from panel.sound.desk import Desk
from panel.sound.quantum import QUANTUM
from panel.sound.sampler import Sampler
from panel.sound.synth import Synth
from panel.sound.wire import KIT, SYNTH

ROUNDS, SECONDS = 5, 2
QUANTUM_US = QUANTUM / RATE * 1e6
NOTE_EVERY = RATE // 16  # frames: sixteenths at 240 BPM, on either bus
WARM_UP = 200  # quanta


class Load(NamedTuple):
    """Percents of real time that quanta take: of CPU, which is theirs, and of time, which others may want too."""

    cpu_p50: float
    cpu_p99: float
    cpu_mean: float
    p50: float
    p99: float


class Result(NamedTuple):
    """By what plays."""

    loads: dict[str, Load]


def measure(rounds: int = ROUNDS) -> Result:
    """In turns: nothing, the sampler, the synth, both; the median of the rounds."""
    progress("sound: everything at once")
    kinds = {
        "desk and limiter": (0, 0),
        f"{SAMPLER_VOICES} samples": (SAMPLER_VOICES, 0),
        f"{SYNTH_VOICES} saws": (0, SYNTH_VOICES),
        "both": (SAMPLER_VOICES, SYNTH_VOICES),
    }
    found: dict[str, list[Load]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, voices in kinds.items():
            found[name].append(_load(*voices))
    return Result({name: _middle(loads) for name, loads in found.items()})


def _middle(loads: list[Load]) -> Load:
    return Load(*(percentile(values, 50) for values in zip(*loads, strict=True)))


def desk_of(sampler: Sampler, synth: Synth) -> Desk:
    """A desk with both. A synth has all that its bus asks of a patchbay."""
    bay: Any = synth
    return Desk(RATE, {KIT: KitBus(sampler), SYNTH: SynthBus(bay)})


def _load(samples: int, saws: int) -> Load:
    sampler = Sampler(RATE, SAMPLER_VOICES)
    sampler.use(kit())
    desk = desk_of(sampler, Synth(patch(), RATE, SYNTH_VOICES))
    quanta = SECONDS * RATE // QUANTUM
    _post(desk, samples, saws, (quanta + WARM_UP) * QUANTUM)
    out = np.zeros((QUANTUM, 2), np.float32)
    for quantum in range(WARM_UP):
        desk.render(quantum * QUANTUM, out)
    cpu_ns, wall_ns = [0] * quanta, [0] * quanta
    gc.collect()
    gc.disable()
    for quantum in range(quanta):
        cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
        desk.render((WARM_UP + quantum) * QUANTUM, out)
        wall_ns[quantum] = time.perf_counter_ns() - wall
        cpu_ns[quantum] = time.thread_time_ns() - cpu
    gc.enable()
    cpu_percents, percents = ([took / 10 / QUANTUM_US for took in times] for times in (cpu_ns, wall_ns))
    return Load(
        percentile(cpu_percents, 50),
        percentile(cpu_percents, 99),
        sum(cpu_percents) / quanta,
        percentile(percents, 50),
        percentile(percents, 99),
    )


def _post(desk: Desk, samples: int, saws: int, frames: int) -> None:
    """All voices at once, then a note on each bus every now and then, which steals one."""
    for at in range(samples):
        desk.schedule(at, KIT, ((NOTE_ON, LOWEST_KEY + at % SOUNDS, 100),))
    for at in range(saws):
        desk.schedule(at, SYNTH, ((NOTE_ON, LOWEST_KEY + at, 100),))
    for at, frame in enumerate(range(QUANTUM, frames, NOTE_EVERY)):
        if samples:
            desk.schedule(frame, KIT, ((NOTE_ON, LOWEST_KEY + at % SOUNDS, 60 + at % 60),))
        if saws:
            old, new = LOWEST_KEY + at % KEYS, LOWEST_KEY + (at + saws) % KEYS
            desk.schedule(frame, SYNTH, ((NOTE_OFF, old, 0), (NOTE_ON, new, 100)))


def show(result: Result) -> str:
    """The table."""
    head = ("Everything at once, % of real time", "CPU median", "p99", "mean", "time median", "p99")
    return table(head, [(name, *load) for name, load in result.loads.items()])


def verdicts(result: Result) -> list[Verdict]:
    """Of the whole."""
    whole = result.loads["both"]
    what = f"{SAMPLER_VOICES} samples and {SYNTH_VOICES} saws, desk and limiter"
    return [
        Verdict(f"{what}, a quantum, median", whole.cpu_p50, budgets.SOUND_PERCENT, " % of real time"),
        Verdict(f"{what}, a quantum, p99", whole.cpu_p99, budgets.SOUND_PERCENT, " % of real time"),
    ]
