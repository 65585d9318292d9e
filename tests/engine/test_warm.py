"""The first beat must find nothing that has not been run before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType

from panel.engine.__main__ import FIRST_PATTERN
from panel.engine.warm import warm_up
from tests.box import SECOND, Box


def code_run_by(act: Callable[[], None]) -> set[CodeType]:
    """All code of the engine and of the music that runs meanwhile."""
    found: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        path = frame.f_code.co_filename
        if "/panel/engine/" in path or "/panel/music/" in path:
            found.add(frame.f_code)

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return found


def test_two_bars_with_clock_find_all_their_code_run() -> None:
    box = Box(FIRST_PATTERN)
    box.do("clock", on=True)

    def play() -> None:
        box.do("start")
        box.run(4 * SECOND)
        box.do("tempo", micro_bpm=140_000_000)
        box.run(SECOND)
        box.do("stop")

    warmed, played = code_run_by(lambda: warm_up(FIRST_PATTERN)), code_run_by(play)
    assert {code.co_qualname for code in played - warmed if "recording" not in code.co_filename} == set()
    assert len(played) > 30
