"""Hands for what learns from them: bars as somebody might play them, and whether other bars are of the same hand.

It must never ask the code under test what to expect.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from random import Random
from statistics import NormalDist, fmean, pstdev

from panel.music.generators.beat import Bar, Strike
from panel.music.pattern import MAX_LATE_TICKS

ALPHA = 0.01  # how likely it is that bars of the same hand are taken for another's, all questions together

_ROLES = ("kick", "snare", "hat", "tambourine")


def played(
    seed: int, steps: int, bars: int, roles: Iterable[str] = ("kick", "snare", "hat", "tambourine")
) -> list[Bar]:
    """Each role has its own odds, loudness and drag on each step; one step in three is never struck."""
    random = Random(seed)
    odds = {role: [random.choice((0.0, random.random(), 1.0 - random.random() ** 3)) for _ in range(steps)]
            for role in roles}  # fmt: skip
    loud = {role: [random.uniform(20, 120) for _ in range(steps)] for role in roles}
    drag = {role: [random.uniform(-300, 300) for _ in range(steps)] for role in roles}

    def strike(role: str, step: int) -> Strike:
        velocity = max(1, min(127, round(random.gauss(loud[role][step], 12))))
        late = round(random.gauss(drag[role][step], 60))
        return Strike(step, velocity, max(1 - MAX_LATE_TICKS, min(MAX_LATE_TICKS - 1, late)))

    def bar() -> Bar:
        return Bar({
            role: tuple(strike(role, step) for step in range(steps) if random.random() < odds[role][step])
            for role in roles
        })  # fmt: skip

    return [bar() for _ in range(bars)]


def misfits(heard: Sequence[Bar], made: Sequence[Bar]) -> list[str]:
    """What of the bars made can't be by chance, if they are made as the bars heard; a line each, [] for nothing.

    For each role and step: how often it is struck, the mean velocity and lateness, and how often each (velocity,
    lateness) comes. All tests share ALPHA (Bonferroni): each has its part of it.
    """
    was, now = _by_place(heard), _by_place(made)
    found = [f"{place}: never heard" for place in now if place not in was]
    tests = 4 * len(was)
    z = NormalDist().inv_cdf(1 - ALPHA / tests / 2)
    for place, strikes in was.items():
        odds, count, got = len(strikes) / len(heard), len(made), now.get(place, [])
        sigma = (count * odds * (1 - odds)) ** 0.5
        if abs(len(got) - count * odds) > z * sigma:
            found.append(f"{place}: {len(got)} of {count} where {odds * count:.1f} +- {sigma:.1f} are right")
        for which in (0, 1):
            right, spread = _mean(strikes, which), pstdev(each[which] for each in strikes)
            if got and abs(_mean(got, which) - right) > z * spread / len(got) ** 0.5 + 1e-9:
                found.append(f"{place}: a mean of {_mean(got, which):.2f} where {right:.2f} is right")
        found += _unlike(place, Counter(strikes), Counter(got), ALPHA / tests)
    return found


_Place = tuple[str, int]
_Strikes = list[tuple[int, int]]


def _by_place(bars: Iterable[Bar]) -> dict[_Place, _Strikes]:
    found: dict[_Place, _Strikes] = defaultdict(list)
    for bar in bars:
        for role, strikes in bar.strikes.items():
            for strike in strikes:
                found[role, strike.step].append((strike.velocity, strike.late))
    return dict(found)


def _mean(strikes: _Strikes, which: int) -> float:
    return fmean(each[which] for each in strikes)


def _unlike(place: _Place, was: Counter[tuple[int, int]], now: Counter[tuple[int, int]], alpha: float) -> list[str]:
    """Pearson's chi-square; its quantile after Wilson and Hilferty, PNAS 17 (1931)."""
    if others := now.keys() - was.keys():
        return [f"{place}: {others} were never heard"]
    free, scale = len(was) - 1, now.total() / was.total()
    if not free or not now:
        return []
    chi2 = sum((now[each] - scale * was[each]) ** 2 / (scale * was[each]) for each in was)
    most = free * (1 - 2 / (9 * free) + NormalDist().inv_cdf(1 - alpha) * (2 / (9 * free)) ** 0.5) ** 3
    return [f"{place}: chi-square {chi2:.1f} of {free}, at most {most:.1f}"] if chi2 > most else []
