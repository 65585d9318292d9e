"""A file descriptor that becomes readable at a moment, for a select loop that mustn't know why.

It must never start a thread. Linux only: it is the kernel's timerfd, which Python's os offers from 3.13 on.
"""

from __future__ import annotations

import contextlib
import ctypes
import os

_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1
_CLOSE_ON_EXEC_NONBLOCKING = os.O_CLOEXEC | os.O_NONBLOCK


class Alarm:
    """One moment on CLOCK_MONOTONIC. OSError where the kernel has no such thing."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _CLOSE_ON_EXEC_NONBLOCKING)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def fileno(self) -> int:
        """Readable from the moment on, until quiet() or another set()."""
        return int(self._fd)

    def set(self, due_ns: int) -> None:
        """Ring at `due_ns`; at once if that is past."""
        seconds, ns = divmod(max(1, due_ns), 1_000_000_000)  # 0 would mean never
        interval_and_due = (ctypes.c_long * 4)(0, 0, seconds, ns)
        self._libc.timerfd_settime(self._fd, _ABSOLUTE, interval_and_due, None)

    def quiet(self) -> None:
        """Stop ringing."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._fd, 8)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._fd)
