"""What a process costs and holds: its share of the core, its file descriptors, threads and memory; and ALSA's clients.

It must never start a process to find out: all of it stands in /proc.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import NamedTuple

CLIENTS = Path("/proc/asound/seq/clients")


def cpu_ns(pid: int) -> int:
    """The time that all threads of a process have run so far, in ns of the guest's clock."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        total += int((thread / "schedstat").read_text().split()[0])
    return total


class Shares:
    """The share of one core that each process takes, from the moment that this is made."""

    def __init__(self, **pids: int) -> None:
        self._pids, self._began_ns = pids, time.monotonic_ns()
        self._before = {name: cpu_ns(pid) for name, pid in pids.items()}

    def percent(self) -> dict[str, float]:
        """Percents by the names of the processes."""
        passed_ns = time.monotonic_ns() - self._began_ns
        return {name: 100 * (cpu_ns(pid) - self._before[name]) / passed_ns for name, pid in self._pids.items()}


class Held(NamedTuple):
    """What a process holds: resident and proportional memory in KiB, file descriptors, threads."""

    rss: int
    pss: int
    fds: int
    threads: int


def held(pid: int) -> Held:
    """What a process holds now. Raises OSError where there is none."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rss, pss = (int(re.search(rf"^{name}: +(\d+)", rollup, re.MULTILINE)[1]) for name in ("Rss", "Pss"))  # type: ignore[index]
    return Held(rss, pss, len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")))


def alsa_clients() -> list[str]:
    """The names of ALSA's clients, in order of their numbers; none without a sequencer."""
    try:
        return re.findall(r'^Client +\d+ : "(.*)" \[', CLIENTS.read_text(), re.MULTILINE)
    except OSError:
        return []
