"""A way out for a thread that hangs in a patch: another thread has an exception raised there.

It must never raise anything once the guarded block has been left: what comes after it is none of the patch's.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc


class Endless(BaseException):
    """A patch that does not come to an end. No Exception, so that `except Exception` in a loop does not catch it."""

    def __init__(self, what: str = "it did not come to an end") -> None:
        super().__init__(what)


class Guard:
    """Around what may hang: `run` in the thread that works, `look` in one that watches it."""

    def __init__(self, limit_ns: int, looks: int) -> None:
        """Called off after `limit_ns` in there and that many looks: where all threads stood still, nobody hangs."""
        self._limit_ns, self._looks = limit_ns, looks
        self._inside: list[int] | None = None  # the moment it went in, and a thing of its own for each time
        self._aimed: list[int] | None = None
        self._thread = 0
        self._seen: tuple[list[int] | None, int] = (None, 0)

    def run(self, work: Callable[[], None]) -> None:
        """Call `work`. Raises what it raises, and Endless if it was called off."""
        entry = [time.monotonic_ns()]
        self._thread = threading.get_ident()
        try:
            self._inside = entry
            try:
                work()
            finally:
                self._leave(entry)
        except Endless:
            try:
                self._leave(entry)  # it may have hit on the way out
            except Endless:
                self._leave(entry)
            raise

    def _leave(self, entry: list[int]) -> None:
        self._inside = None
        while self._aimed is entry:
            # Whoever aims sees that nobody is inside any more and lets be, or has fired: then it hits here, in Python's
            # own check at the end of each turn, and not after.
            pass

    def look(self, now_ns: int) -> bool:
        """To be called every 20 ms or so by another thread; True if the work was called off now."""
        entry = self._inside
        seen, looks = self._seen
        self._seen = (entry, looks + 1 if entry is seen else 1)
        if entry is None or self._seen[1] < self._looks or now_ns - entry[0] < self._limit_ns:
            return False
        self._seen = (None, 0)  # should that be swallowed in there, then once more after the same time
        self._aimed = entry
        fires = self._inside is entry
        if fires:
            _raise_in(ctypes.c_ulong(self._thread), ctypes.py_object(Endless))
        self._aimed = None
        return fires
