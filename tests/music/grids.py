"""Every grid that a generator may be asked for: hypothesis draws meters, their groups, and the steps of their bars."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from panel.music.generators.beat import MAX_SEED, Grid
from panel.music.meter import DENOMINATORS, MAX_NUMERATOR, Meter
from panel.music.tempo import TICKS_PER_SIXTEENTH, TICKS_PER_WHOLE

TRIPLETS = TICKS_PER_WHOLE // 12

numerators = st.integers(1, MAX_NUMERATOR)
seeds = st.integers(0, MAX_SEED)


def _groups_of(numerator: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Accents anywhere: the bar cut after any of its units."""
    cuts = st.sets(st.integers(1, max(1, numerator - 1))).map(lambda inner: sorted({0, *inner, numerator}))
    return cuts.map(lambda edges: tuple(end - start for start, end in pairwise(edges)))


meters = numerators.flatmap(
    lambda numerator: st.builds(
        Meter.of, st.just(numerator), st.sampled_from(DENOMINATORS), st.just(()) | _groups_of(numerator)
    )
)
sixteenths = st.builds(Grid, meters, st.just(TICKS_PER_SIXTEENTH))
triplets = st.builds(
    Grid, st.builds(Meter.of, numerators, st.sampled_from((2, 4))), st.sampled_from((TRIPLETS, TRIPLETS // 2))
)
grids = sixteenths | triplets
