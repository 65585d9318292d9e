"""What all benchmarks say in the same way: tables, the machine, progress.

It must never name the host or a path: results are made to be shown around.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

QUIET = 0.5  # a load average below this is nobody's


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as they need to be; the first is text, the others stand at the right."""
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return "\n".join("  ".join(_placed(row, widths)).rstrip() for row in cells)


def _placed(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    pairs = enumerate(zip(row, widths, strict=True))
    return [cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in pairs]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def progress(text: str) -> None:
    """One line on stderr, so that the results alone stand on stdout."""
    print(f"  {text}", file=sys.stderr, flush=True)


def neighbours() -> str:
    """A word of warning where something else keeps the machine busy; empty where not."""
    load = os.getloadavg()[0]
    busy = (
        f"Something else runs here, load average {load:.1f}: idle is not idle, and every tail is longer than it need be"
    )
    return busy if load > QUIET else ""


def machine() -> dict[str, object]:
    """What it is measured on, and how busy that is (the load average of the last minute)."""
    release = re.match(r"[\d.]*\d", platform.release())
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "kernel": f"{platform.system()} {release[0] if release else ''}".strip(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "load before": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    try:
        found = re.search(r"(?:model name|Model)\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()
