"""Euclid: each voice strikes so many times, as evenly as may be, over a ring of steps that goes round and round.

It must never be but even: the gaps between the strikes of a ring differ by one step at most.
"""

from __future__ import annotations

from functools import lru_cache

from panel.music.generators.beat import VOICES, Bar, Dial, Generator, Grid, Strike, Values
from panel.music.pattern import ACCENT, HIT, VELOCITY

MAX_STEPS = 32
AS_THE_BAR = 1  # of the dial "steps": a ring has at least two

DIALS = (
    Dial("hits", 0, MAX_STEPS, 0, each_voice=(4, 2, 8, 0), about="how many strikes, as evenly as may be"),
    Dial("steps", AS_THE_BAR, MAX_STEPS, AS_THE_BAR, words=("bar",), each_voice=(AS_THE_BAR,) * 4,
         about="over a ring of how many steps, or as many as the bar has"),
    Dial("rotation", 0, MAX_STEPS - 1, 0, each_voice=(0, 4, 0, 0), about="by how many steps later"),
    Dial("accents", 0, MAX_STEPS, 0, each_voice=(1, 2, 4, 1), about="how many of the strikes are louder"),
)  # fmt: skip


def next_bar(memory: None, grid: Grid, values: Values, seed: int, number: int) -> tuple[None, Bar]:
    """The bar of the rings where they have turned to; there is nothing in it that a seed could decide."""
    return None, Bar({voice: _strikes(voice, grid, values, number) for voice in VOICES})


EUCLID = Generator("euclid", DIALS, next_bar)


def _strikes(voice: str, grid: Grid, values: Values, number: int) -> tuple[Strike, ...]:
    """What a ring strikes in a bar: one of another length than the bar goes on through the bar line."""
    hits, steps, rotation, accents = (values[dial.key(voice)] for dial in DIALS)
    steps = grid.steps if steps == AS_THE_BAR else steps
    ring = _ring(min(hits, steps), steps, min(accents, hits, steps))
    start = number * grid.steps - rotation
    struck = ((step, ring[(start + step) % steps]) for step in range(grid.steps))
    return tuple(Strike(step, velocity) for step, velocity in struck if velocity)


@lru_cache(maxsize=64)
def _ring(hits: int, steps: int, accents: int) -> tuple[int, ...]:
    """The velocities of a ring, 0 where it rests; accents are spread over the hits as hits over the steps."""
    loud = iter(euclidean(accents, hits) if hits else ())
    return tuple(VELOCITY[ACCENT if next(loud) else HIT] if struck else 0 for struck in euclidean(hits, steps))


def euclidean(hits: int, steps: int) -> tuple[bool, ...]:
    """`hits` of `steps`, 0 to all, as evenly as may be, the first on the first step: E(3,8) is x..x..x.

    Bjorklund's algorithm, as in Toussaint, "The Euclidean algorithm generates traditional musical rhythms", BRIDGES
    2005: as long as more than one of the remainders is left they are laid behind the rest, one each.
    """
    heads: list[tuple[bool, ...]] = [(True,)] * hits
    tails: list[tuple[bool, ...]] = [(False,)] * (steps - hits)
    while heads and len(tails) > 1:
        pairs = min(len(heads), len(tails))
        joined = [head + tail for head, tail in zip(heads, tails, strict=False)]
        heads, tails = joined, heads[pairs:] or tails[pairs:]
    return tuple(step for part in (*heads, *tails) for step in part)
