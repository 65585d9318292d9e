"""A box without an OLED and without a single GPIO line: it plays what it is told to.

On virtual time. It must never start a process in a timed part.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from panel.engine.client import ask
from tests.kernel.client import Box, wait_for
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.guest.rig import START_S, on_time
from tests.kernel.pad import Pad
from tests.kernel.sends import Send, Sends


def hear(sends: Sends, notes: int) -> list[Send]:
    """The next notes that are handed to the kernel."""
    found: list[Send] = []

    def enough() -> bool:
        found.extend(sends.read())
        return len(found) >= notes

    wait_for(enough, 10)
    return found


@pytest.mark.parametrize("display", ["oled", "none"])  # the picture comes when the OLED does; none is wanted
def test_the_click_does_not_notice(tmp_path: Path, display: str) -> None:
    os.environ["XDG_RUNTIME_DIR"] = str(tmp_path / "run")
    with Box(tmp_path) as box, Pad(), Sends() as sends:
        panel = box.start(display=display)
        wait_for(lambda: panel.poll() is not None or has_pad(), START_S, 0.2)
        assert panel.poll() is None, box.log()
        for _ in range(2):  # what is slow only once is over with the first
            ask("start")
            found = hear(sends, 12)
            view = engine_view()
            ask("stop")
        assert view
        on_time(f"a bare box, display {display}", found, view.state.tempo_map)
        assert box.log() == ""
