"""How many voices fit into half of real time: ours, those of a plain program in Python, FluidSynth's, scsynth's.

It must never hide who is better, nor what the others do besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks import budgets
from benchmarks.box import BenchError, folder
from benchmarks.budgets import Verdict
from benchmarks.report import progress, table
from benchmarks.sound import fluid, players, scsynth
from benchmarks.sound.material import write_sounds
from benchmarks.sound.timing import BLOCK, REAL_US, Contestant, Cost, fitting, in_turns, noise

ROUNDS = 5
OURS, PLAIN, FLUID, SCSYNTH = "DrumAssist", "plain numpy", "FluidSynth", "scsynth"
SAMPLES, SAWS = "samples", "saws"


class Result(NamedTuple):
    """By what is played and by whom: the costs, and how many voices fit; why somebody is missing."""

    costs: dict[str, dict[str, list[Cost]]]
    fitting: dict[str, dict[str, float]]
    missing: dict[str, str]
    noise: float


def contestants(home: Path) -> dict[str, list[Contestant]]:
    """Who plays what, with how many voices."""
    return {
        SAMPLES: [
            Contestant(OURS, (16, 32, 64, 512, 2048, 3072), players.our_sampler),
            Contestant(PLAIN, (16, 64, 512, 1024), players.plain_sampler),
            Contestant(FLUID, (64, 512, 1536), fluid.drums),
            Contestant(SCSYNTH, (64, 512, 2048), partial(scsynth.samples, home)),
        ],
        SAWS: [
            Contestant(OURS, (4, 8, 16, 64, 128), players.our_synth),
            Contestant(PLAIN, (4, 16, 32), players.plain_synth),
            Contestant(FLUID, (64, 512), fluid.saws),
            Contestant(SCSYNTH, (64, 512, 2048), partial(scsynth.saws, home)),
        ],
    }


def measure(rounds: int = ROUNDS) -> Result:
    """All in turns. Who can't be measured is named."""
    missing: dict[str, str] = {}
    costs: dict[str, dict[str, list[Cost]]] = {}
    with folder() as home:
        write_sounds(home)
        for what, everybody in contestants(home).items():
            progress(f"sound: voices, {what}")
            costs[what] = in_turns([one for one in everybody if _is_there(one, missing)], rounds)
    found = {what: {name: fitting(one) for name, one in by_name.items()} for what, by_name in costs.items()}
    return Result(costs, found, missing, max(map(noise, costs.values())))


def _is_there(one: Contestant, missing: dict[str, str]) -> bool:
    try:
        one.play(one.counts[0])
    except BenchError as error:
        missing[one.name] = str(error)
    return one.name not in missing


def show(result: Result) -> str:
    """A table for each kind of voice, who is missing, how noisy the machine was."""
    tables = [_table(what, result) for what in result.costs]
    tables += [f"{name}: not measured, {why}" for name, why in result.missing.items()]
    return "\n\n".join(
        [*tables, f"Time over CPU time at most {result.noise:.2f}: 1 where nobody else wants the machine"]
    )


def _table(what: str, result: Result) -> str:
    ours = result.fitting[what][OURS]
    head = (
        f"Voices, {what}, {BLOCK} frames",
        "in half of real time",
        "ours/theirs",
        "us a block and voice",
        "time/CPU",
    )
    rows = [
        (name, round(fit), ours / fit, _each_us(result.costs[what][name]), _stretch(result.costs[what][name]))
        for name, fit in result.fitting[what].items()
    ]
    ours_by_count = "  ".join(f"{cost.voices:.0f}: {cost.cpu_us:.0f} us" for cost in result.costs[what][OURS])
    return table(head, rows) + f"\nours, a block of {REAL_US:.0f} us with so many voices: {ours_by_count}"


def _each_us(costs: Sequence[Cost]) -> float:
    """Of the largest number: what begins with each block is shared by most."""
    return costs[-1].cpu_us / costs[-1].voices


def _stretch(costs: Sequence[Cost]) -> float:
    return max(cost.wall_us / cost.cpu_us for cost in costs)


def verdicts(result: Result) -> list[Verdict]:
    """That the box has room for what it promises, and twice as much."""
    limits = {SAMPLES: budgets.SAMPLER_VOICES, SAWS: budgets.SYNTH_VOICES}
    return [
        Verdict(f"voices within half of real time, {what}", result.fitting[what][OURS], limit, at_least=True)
        for what, limit in limits.items()
    ]
