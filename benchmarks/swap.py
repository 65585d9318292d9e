"""How long from the save of a patch until it sounds, beside a thread that plays; and what the control thread waits.

Run as `python -m benchmarks.swap [ROUNDS]`; it must never be run as a test, for it says who else is busy as well.
"""

from __future__ import annotations

import select
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import numpy as np

from panel.sound.patchbay import Patchbay
from panel.sound.quantum import QUANTUM

RATE, AHEAD = 48000, 8  # frames a second; quanta that are rendered ahead, as a device does
PATCH = '''"""Tone {number}: a saw through a filter."""
from panel.sound.patch import *

cutoff = param("cutoff", 1200, 80, 12000, unit="Hz")
osc, cut, env = saw(), lowpass(), adsr(0.001, 0.1, 1.0, 0.05)


def voice(note):
    return cut(osc(note.hz), cutoff) * env(note)
'''


class Band(threading.Thread):
    """The audio thread: four notes are held, a quantum is rendered when it is due."""

    def __init__(self, bay: Patchbay) -> None:
        super().__init__()
        self._bay, self._out = bay, np.zeros((QUANTUM, 2), np.float32)
        self.over, self.took_ns, self.late_ns = False, [0], [0]

    def run(self) -> None:
        """Play until it is over."""
        for key in (48, 52, 55, 60):
            self._bay.note_on(0, 0, key, 100)
        began_ns, frame = time.monotonic_ns(), 0
        while not self.over:
            due_ns = began_ns + (frame - AHEAD * QUANTUM) * 10**9 // RATE
            time.sleep(max(0, due_ns - time.monotonic_ns()) / 1e9)
            before_ns = time.monotonic_ns()
            self._bay.render(frame, self._out)
            self.took_ns.append(time.monotonic_ns() - before_ns)
            self.late_ns.append(time.monotonic_ns() - due_ns)
            frame += QUANTUM


def swap(bay: Patchbay, path: Path, number: int, tends_ns: list[int]) -> int:
    """Save, tend as the control loop does, and wait until the new patch has begun to sound."""
    path.write_text(PATCH.format(number=number))
    saved_ns = time.monotonic_ns()
    while bay.title != f"Tone {number}" or bay._changeover._next is not None:
        began_ns = time.monotonic_ns()
        bay.tend(began_ns)
        tends_ns.append(time.monotonic_ns() - began_ns)
        select.select(bay.filenos(), [], [], 0.02)
    return time.monotonic_ns() - saved_ns


def main() -> None:
    """Swap so many times, and say how long it took."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    sys.setswitchinterval(0.0005)
    with tempfile.TemporaryDirectory() as folder:
        path, tends_ns = Path(folder) / "tone.py", [0]
        path.write_text(PATCH.format(number=0))
        bay = Patchbay([Path(folder)], RATE)
        bay.choose("Tone")
        band = Band(bay)
        try:
            band.start()
            first_ns = swap(bay, path, 0, tends_ns)
            swaps_ns = []
            for number in range(1, rounds + 1):
                swaps_ns.append(swap(bay, path, number, tends_ns))
                time.sleep(0.1)
        finally:
            band.over = True
            band.join()
            bay.close()
    print(f"first patch, the trial's start included: {first_ns / 1e6:.0f} ms")
    for what, times_ns in (
        ("from the save to the sound", swaps_ns),
        ("the control thread in one tend", tends_ns),
        ("a quantum's rendering", band.took_ns),
        ("a quantum's end behind its due time", band.late_ns),
    ):
        print(f"{what}: median {median(times_ns) / 1e6:.2f} ms, worst {max(times_ns) / 1e6:.2f} ms")


if __name__ == "__main__":
    main()
