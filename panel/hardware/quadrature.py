"""The two lines of a rotary encoder read as detents, and detents read as steps.

Pure: it must never know a pin or a clock, and never move for a contact that bounces.

Each line is closed (1) or open (0) to ground. Clockwise, A leads:

                  _________           _________
    A       _____|         |_________|         |_________
                       _________           _________
    B       __________|         |_________|         |____
    A B      0 0  1 0  1 1  0 1  0 0  1 0  1 1  0 1  0 0
              ^                   ^                   ^    4 edges to a detent: 20 detents, "full step"
              ^         ^         ^         ^         ^    2 edges: 30 detents, "half step"
              ^    ^    ^    ^    ^    ^    ^    ^    ^    1 edge: no detents to feel

Only one line changes at a time, so the pair before and the pair after say which way it went: a quarter of a
turn of the wave. A bounce goes there and back, which fills no detent. After a detent all the edges of another
one are needed, to either side, so a contact that bounces at the detent itself doesn't count either. Where a
detent is one edge, nothing can tell a bounce from a turn there and back; but the sum is right.
"""

from __future__ import annotations

from typing import NamedTuple

_MISSED = 2  # both lines changed: an edge was missed, and it may have been either way

# Quarters from the pair before (row) to the pair now (column), A the higher bit.
_QUARTERS = (
    # 00       01       10       11
    (0, -1, +1, _MISSED),  # 00
    (+1, 0, _MISSED, -1),  # 01
    (-1, _MISSED, 0, +1),  # 10
    (_MISSED, +1, -1, 0),  # 11
)
# Where a knob that was left between two detents stands, in quarters from the nearer one.
_STANDS_AT = {4: (0, -1, +1, 2), 2: (0, -1, +1, 0), 1: (0, 0, 0, 0)}


class Quadrature:
    """Counts detents: feed it both lines after each edge."""

    def __init__(self, edges_per_detent: int = 4, *, a: bool = False, b: bool = False) -> None:
        """`edges_per_detent` is 4, 2 or 1; a and b are the lines as they stand now, True where closed.

        ValueError for another number of edges.
        """
        if edges_per_detent not in _STANDS_AT:
            raise ValueError(f"{edges_per_detent} edges to a detent: 4 (full step), 2 (half step) or 1")
        self._edges_per_detent = edges_per_detent
        self._pair = a << 1 | b
        self._quarters = _STANDS_AT[edges_per_detent][self._pair]
        self._direction = +1

    def feed(self, a: bool, b: bool) -> int:
        """The detents that this edge completed: +1 clockwise, -1 the other way, mostly 0.

        Where an edge was missed it goes on as it had begun, or as the last detent went.
        """
        before, self._pair = self._pair, a << 1 | b
        quarters = _QUARTERS[before][self._pair]
        if quarters == _MISSED:
            quarters = _MISSED if (self._quarters or self._direction) > 0 else -_MISSED
        self._quarters += quarters
        detents = int(self._quarters / self._edges_per_detent)  # towards zero: only whole ones count
        self._quarters -= detents * self._edges_per_detent
        self._direction = detents or self._direction
        return detents


class Acceleration(NamedTuple):
    """How many steps a detent is worth, by how fast the knob turns; `most` 1 switches it off.

        steps
        most  ____
                  \\
                   \\_
                     \\__
           1            `---------
             fast_ns      slow_ns     time between two detents
    """

    most: int = 10
    slow_ns: int = 70_000_000  # fourteen detents a second: still choosing one by one
    fast_ns: int = 12_000_000  # eighty: a flick across the table

    def steps(self, gap_ns: int) -> int:
        """The steps of a detent `gap_ns` after the last, 1 to `most`; they grow with the haste squared."""
        haste = min(1.0, max(0.0, (self.slow_ns - gap_ns) / (self.slow_ns - self.fast_ns)))
        return 1 + int((self.most - 1) * haste * haste)


class Turning:
    """Detents with their stamps in, accelerated steps out; a turn the other way begins slowly."""

    def __init__(self, acceleration: Acceleration) -> None:
        self._acceleration = acceleration
        self._direction = 0
        self._last_ns = 0
        self._last_gap_ns = acceleration.slow_ns

    def steps(self, detents: int, stamp_ns: int) -> int:
        """What `detents` (signed, not 0) that ended at `stamp_ns` are worth; the sign is kept.

        The slower of the last two gaps counts, so that two quick clicks are two, and only a third is more.
        """
        direction = 1 if detents > 0 else -1
        gap_ns = (stamp_ns - self._last_ns) // abs(detents)
        if direction != self._direction:
            gap_ns = self._acceleration.slow_ns
        slower_ns = max(gap_ns, self._last_gap_ns)
        self._direction, self._last_ns, self._last_gap_ns = direction, stamp_ns, gap_ns
        return detents * self._acceleration.steps(slower_ns)
