"""A push button's contact, read at its first touch.

Pure: it must never delay a press to be sure of it, and never lose a release.

                  press                                  release
    contact ______|‾|_|‾|_|‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾|_|‾|______________________
    locked        [======= 25 ms =======]                [======= 25 ms =======]
    read    ______|‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾|________________________
                                        ^ here the contact itself is looked at
"""

from __future__ import annotations

from typing import NamedTuple

LOCK_NS = 25_000_000


class Edge(NamedTuple):
    """The contact closed (`down`) or opened, at `stamp_ns`."""

    down: bool
    stamp_ns: int


class Debounce:
    """One button. Takes the first edge with its stamp, then none for 25 ms, then what the contact says."""

    def __init__(self, lock_ns: int = LOCK_NS) -> None:
        self.down = False
        self._lock_ns = lock_ns
        self._locked_until_ns = 0
        self._ignored: Edge | None = None  # the last one in the lock-out
        self._sure = False  # at the start nobody knows: it may be held already

    def hear(self, edge: Edge) -> list[Edge]:
        """What counts now that this edge has come: mostly itself, or nothing."""
        counts = []
        if edge.stamp_ns >= self._locked_until_ns and self._ignored and self._ignored.down != self.down:
            # Nobody looked at the end of the lock-out; but nothing has moved since.
            counts.append(self._take(self._ignored))
        if edge.stamp_ns < self._locked_until_ns:
            self._ignored = edge
        elif edge.down != self.down:
            counts.append(self._take(edge))
        return counts

    def due_ns(self) -> int | None:
        """When the contact is to be looked at next; None if it needn't be."""
        return None if self._sure else self._locked_until_ns

    def wants_a_look(self, now_ns: int) -> bool:
        """Whether the contact itself should be looked at, for settle().

        Right after the lock-out, and for as long as the button is down, so that a release that never came as
        an edge ends the press all the same. A press isn't looked for later: its edge is on its way, with a
        better stamp than now.
        """
        return now_ns >= self._locked_until_ns and (self.down or not self._sure)

    def settle(self, down: bool, now_ns: int) -> Edge | None:
        """Given the contact as it is now: the edge that went unheard, or None if none did."""
        if not self.wants_a_look(now_ns):
            return None
        self._sure = True
        if down == self.down:
            return None
        if self._ignored and self._ignored.down == down:
            return self._take(self._ignored)
        return self._take(Edge(down, now_ns))

    def _take(self, edge: Edge) -> Edge:
        self.down = edge.down
        self._locked_until_ns = edge.stamp_ns + self._lock_ns
        self._ignored = None
        self._sure = False
        return edge
