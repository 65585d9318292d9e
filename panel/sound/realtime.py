"""Asks the kernel to let the sound be on time.

It must never rank before the engine: the click by MIDI goes first.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress

AUDIO_PRIORITY = 60  # the engine has 70
CONTROL_PRIORITY = 10


def be_punctual(priority: int) -> None:
    """Real-time scheduling (SCHED_FIFO) for this thread, and for those that it starts from now on.

    Not the audio thread alone: whoever has Python's lock and is kept from a core keeps that thread waiting too. Where
    it is refused nothing is said: blocks come too late more often, and are made larger then.
    """
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_FIFO, os.sched_param(priority))


def be_ordinary() -> None:
    """Ordinary scheduling again, for a process whose work can wait."""
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
