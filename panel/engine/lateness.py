"""How late the writes of a run were: counted by the microsecond, so that telling it costs the same after an hour.

It must never forget the worst one, nor cost a write more than a step in a table.
"""

from __future__ import annotations

MISSED_NS = 1_000_000  # a write later than this has missed its time, though nobody may hear it yet


class Lateness:
    """Counts how late each write of a run was, in nanoseconds; `missed` are those of all runs over a millisecond."""

    def __init__(self) -> None:
        self.missed = 0
        self.begin()

    def begin(self) -> None:
        """A new run: the one before is over, its misses are not."""
        self._counts: dict[int, int] = {}  # by whole microseconds; a thousand at most, for what is over is one
        self._worst_ns = 0

    def note(self, late_ns: int) -> None:
        """Count one write."""
        if late_ns > self._worst_ns:
            self._worst_ns = late_ns
        if late_ns >= MISSED_NS:
            self.missed += 1
            late_ns = MISSED_NS
        us = late_ns // 1000
        self._counts[us] = self._counts.get(us, 0) + 1

    def percentiles_us(self) -> tuple[int, int, int]:
        """p50, p99 and the greatest of this run, in whole microseconds; one over a millisecond counts as the worst."""
        counts, worst = sorted(self._counts.items()), self._worst_ns // 1000
        writes = sum(count for _, count in counts)
        return (_at(counts, writes // 2, worst), _at(counts, writes * 99 // 100, worst), worst)


def _at(counts: list[tuple[int, int]], rank: int, worst: int) -> int:
    """The lateness of the write at `rank`, counted from 0, in the order of lateness."""
    for us, count in counts:
        rank -= count
        if rank < 0:
            return us if us < MISSED_NS // 1000 else worst
    return worst
