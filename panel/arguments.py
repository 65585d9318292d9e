"""Words of the command line that mean a number: a tempo, bars.

It must never import what a command needs only when it is run.
"""

from __future__ import annotations

import argparse

from panel.music.tempo import MAX_BPM, MIN_BPM


def bpm(text: str) -> float:
    """A tempo. Raises ArgumentTypeError, as all of these."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not MIN_BPM <= found <= MAX_BPM:
        raise argparse.ArgumentTypeError(f"a tempo is a number from {MIN_BPM} to {MAX_BPM}, not {text}")
    return found


def bars(text: str) -> int:
    """A number of bars."""
    return whole(text, 1, 10_000, "a number of bars")


def bar_range(text: str) -> tuple[int, int]:
    """Bars, the first and the last."""
    first, _, last = text.partition("-")
    found = bars(first), bars(last or first)
    if found[0] > found[1]:
        raise argparse.ArgumentTypeError(f"bars are counted upwards, as in 5-8, not {text}")
    return found


def whole(text: str, low: int, high: int, what: str) -> int:
    """A whole number in that range; `what` it is is said where it is none."""
    if not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{what} is {low} to {high}, not {text}")
    return int(text)
