"""Where synths are made of patches that were tried: each in a thread of its own, which ends with it.

It must never keep the control thread waiting, nor let a patch that does not end here go on for ever.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from panel.sound.interrupt import Endless, Guard
from panel.sound.patch import PatchError, printable
from panel.sound.synth import Synth

_LOADS_NS, _LOADS_LOOKS = 2_000_000_000, 10  # it was tried: here it takes as long only beside much else


class Workshop:
    """Makes synths, each in a thread of its own, which ends with it."""

    def __init__(self) -> None:
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ear, self._bell = os.pipe()
        for end in (self._ear, self._bell):
            os.set_blocking(end, False)
        self._guards: list[Guard] = []

    def fileno(self) -> int:
        """Readable when something is done."""
        return self._ear

    def do(self, work: Callable[[], Synth], done: Callable[[Synth | PatchError], None], path: str) -> None:
        """Have it made; `done` is among what `done()` gives, once it is."""
        guard = Guard(_LOADS_NS, _LOADS_LOOKS)

        def make() -> None:
            made: list[Synth | PatchError] = []
            try:
                guard.run(lambda: made.append(work()))
            except (PatchError, Endless) as fault:
                made.append(fault if isinstance(fault, PatchError) else PatchError(path, 1, str(fault)))
            except Exception as fault:  # such as a MemoryError: the thread ends here, and somebody has to be told
                made.append(PatchError(path, 1, f"{type(fault).__name__}: {printable(fault)}"))
            self._guards.remove(guard)
            self._done.put(lambda: done(made[0]))
            with suppress(OSError):
                os.write(self._bell, b"!")

        self._guards.append(guard)
        threading.Thread(target=make, name="patch", daemon=True).start()

    def done(self) -> list[Callable[[], None]]:
        """What to call, in the control thread, for what has been made meanwhile. Never waits."""
        for guard in list(self._guards):
            guard.look(time.monotonic_ns())
        with suppress(BlockingIOError):
            os.read(self._ear, 64)
        made = []
        with suppress(queue.Empty):
            while True:
                made.append(self._done.get_nowait())
        return made

    def close(self) -> None:
        """Nobody listens any more."""
        for end in (self._ear, self._bell):
            os.close(end)
