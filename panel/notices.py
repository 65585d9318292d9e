"""What there is to tell the drummer, a line at a time.

It must never keep an answer waiting behind old news, nor tell the same twice in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

NOTICE_NS = 6_000_000_000  # at least; a long one stays longer
MOST_NOTICES = 16  # that wait
READING_NS = 120_000_000  # for each character of a notice
ANSWER_NS = 2_500_000_000  # at least
ANSWER_READING_NS = 80_000_000  # for each character: whoever has just pressed is looking


class Notice(NamedTuple):
    """A line for the drummer, shown until `until_ns`, and for `shown_ns` in all."""

    text: str
    until_ns: int
    shown_ns: int


class Notices:
    """Lines that wait to be read, and the answer to what the hand did last. `clock` is CLOCK_MONOTONIC in ns."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._waiting: list[Notice] = []
        self._answer = Notice("", 0, 0)

    def at(self, now_ns: int) -> Notice | None:
        """What there is to tell: what answers the hand comes first."""
        self._waiting = [notice for notice in self._waiting if notice.until_ns > now_ns]
        if self._answer.until_ns > now_ns:
            return self._answer
        return self._waiting[0] if self._waiting else None

    def tell(self, text: str) -> None:
        """Put a line behind those that wait; one that waits already is not told twice.

        Where too many wait it is left out: what was wrong first is what matters, and nobody reads for an hour.
        """
        now = self._clock()
        self._waiting = [notice for notice in self._waiting if notice.until_ns > now]
        if len(self._waiting) < MOST_NOTICES and text not in (notice.text for notice in self._waiting):
            shown_ns = max(NOTICE_NS, len(text) * READING_NS)
            last = max([now, *(notice.until_ns for notice in self._waiting)])
            self._waiting.append(Notice(text, last + shown_ns, shown_ns))

    def answer(self, text: str) -> None:
        """Say at once, and for a moment, what came of what the hand did."""
        shown_ns = max(ANSWER_NS, len(text) * ANSWER_READING_NS)
        self._answer = Notice(text, self._clock() + shown_ns, shown_ns)
