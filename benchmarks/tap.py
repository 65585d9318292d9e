"""Tap tempo against the usual ways to reckon it, by simulated hands: the error, and how often the +/- holds the truth.

Run as `python benchmarks/tap.py`; it must never hear another tap than those it compares with.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from math import inf, sqrt
from pathlib import Path
from random import Random
from statistics import linear_regression, mean, median, stdev
from typing import NamedTuple

from panel.music.tap import TapTempo

TAPS = (3, 4, 6, 8, 12)
SEED = 20
OFF_MS = 60
DOUBLED_MS = 80  # a bounce of the hand, later than any switch bounces
Method = Callable[[Sequence[float]], tuple[float, float]]  # from taps in ms to BPM and +/-; infinite if it tells none


class Hand(NamedTuple):
    """A drummer's hand: how it scatters, how far each beat strays from the one before, and what else goes wrong."""

    name: str
    sd_ms: float = 10
    wander_ms: float = 0
    fault: str = ""


HANDS = {
    hand.name: hand
    for hand in (
        Hand("even, SD 5 ms", 5),
        Hand("even, SD 10 ms"),
        Hand("even, SD 15 ms", 15),
        Hand("first tap 60 ms late", fault="late"),
        Hand("third beat missed", fault="missed"),
        Hand("third tap doubled", fault="doubled"),
        Hand("wandering, 5 ms a beat", wander_ms=5),
    )
}
CASES = (
    *((name, 120) for name in HANDS),
    *((name, bpm) for name in ("even, SD 10 ms", "first tap 60 ms late") for bpm in (60, 180)),
)


class Result(NamedTuple):
    """What a method made of the first `taps` taps: RMS error and mean +/- in BPM, and how often that held the truth.

    A tap that is doubled counts once.
    """

    hand: str
    bpm: float
    taps: int
    method: str
    rms_bpm: float
    plus_minus_bpm: float
    held: float


def stamps_ms(hand: Hand, bpm: float, count: int, random: Random) -> list[list[float]]:
    """A series: for each tap its stamps, of which a doubled one has two."""
    at, beats = 1000.0, []
    for _ in range(count + 1):
        beats.append(at + random.gauss(0, hand.sd_ms))
        at += 60_000 / bpm + random.gauss(0, hand.wander_ms)
    if hand.fault == "missed":
        del beats[2]
    taps = [[beat] for beat in beats[:count]]
    if hand.fault == "late":
        taps[0][0] += OFF_MS
    elif hand.fault == "doubled":
        taps[2].append(taps[2][0] + DOUBLED_MS)
    return taps


def drumassist(taps_ms: Sequence[float]) -> tuple[float, float]:
    """What the box makes of them."""
    tap = TapTempo()
    for at in taps_ms:
        tap.tap(round(at * 1e6))
    tempo = tap.tempo()
    return (tempo.micro_bpm / 1e6, tempo.plus_minus / 1e6) if tempo else (inf, inf)


def mean_of_gaps(taps_ms: Sequence[float]) -> tuple[float, float]:
    """The usual tap tempo; two standard errors of the mean."""
    gaps = [later - earlier for earlier, later in pairwise(taps_ms)]
    return _bpm(mean(gaps), stdev(gaps) / sqrt(len(gaps)))


def least_squares(taps_ms: Sequence[float]) -> tuple[float, float]:
    """A straight line through the taps; two standard errors of its slope."""
    numbers = range(len(taps_ms))
    slope, start = linear_regression(numbers, taps_ms)
    squares = sum((at - start - slope * number) ** 2 for number, at in enumerate(taps_ms))
    width = sum((number - mean(numbers)) ** 2 for number in numbers)
    return _bpm(slope, sqrt(squares / (len(taps_ms) - 2) / width))


def theil_sen(taps_ms: Sequence[float]) -> tuple[float, float]:
    """The median of all pairwise slopes (Theil 1950, Sen 1968), which has no standard error of its own."""
    return _bpm(median((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(taps_ms), 2)), inf)


def _bpm(period_ms: float, error_ms: float) -> tuple[float, float]:
    return 60_000 / period_ms, 2 * error_ms * 60_000 / period_ms**2


METHODS: dict[str, Method] = {
    "drumassist": drumassist,
    "theil-sen": theil_sen,
    "least squares": least_squares,
    "mean of gaps": mean_of_gaps,
}


def study(name: str, bpm: float, series: int, methods: Sequence[str] = tuple(METHODS)) -> list[Result]:
    """Every method on the same taps of one hand."""
    random = Random(f"{SEED} {name} {bpm}")
    hands = [stamps_ms(HANDS[name], bpm, max(TAPS), random) for _ in range(series)]
    results = []
    for taps in TAPS:
        heard = [[stamp for tap in hand[:taps] for stamp in tap] for hand in hands]
        for method in methods:
            told = [METHODS[method](stamps) for stamps in heard]
            rms = sqrt(mean((found - bpm) ** 2 for found, _ in told))
            held = mean(abs(found - bpm) <= plus_minus for found, plus_minus in told)
            results.append(Result(name, bpm, taps, method, rms, mean(pm for _, pm in told), held))
    return results


def table(results: Sequence[Result]) -> str:
    """The results of one hand, a line for each number of taps."""
    lines = [f"{results[0].hand}, {results[0].bpm:g} BPM"]
    lines.append("  taps" + "".join(f"{method:>23}" for method in METHODS))
    for taps in TAPS:
        row = [result for result in results if result.taps == taps]
        lines.append(f"  {taps:4}" + "".join(f"{_cell(result):>23}" for result in row))
    return "\n".join(lines)


def _cell(result: Result) -> str:
    if result.plus_minus_bpm == inf:
        return f"{result.rms_bpm:.2f}            "
    return f"{result.rms_bpm:.2f} +/-{result.plus_minus_bpm:5.2f} {result.held:4.0%}"


def main() -> None:
    """Study every case, print the tables, and write the figures where they are wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=300, help="series of taps for each case (default: 300)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    args = parser.parse_args()
    if args.series < 1:
        parser.error("--series needs at least 1")
    print(f"RMS error in BPM, mean +/- and how often it holds the truth (it says 95 %); {args.series} series a case")
    results = []
    for name, bpm in CASES:
        found = study(name, bpm, args.series)
        print(f"\n{table(found)}", flush=True)
        results += found
    if args.json:
        args.json.write_text(json.dumps([_plain(result) for result in results], indent=1) + "\n")


def _plain(result: Result) -> dict[str, object]:
    """Without what JSON has no word for."""
    return {key: None if value == inf else value for key, value in result._asdict().items()}


if __name__ == "__main__":
    main()
