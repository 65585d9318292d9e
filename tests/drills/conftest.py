"""The stages of the drills, each cleared when its drill ends, however it ends."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.drills.stage import Click, Pair
from tests.panel.whole import Whole

OpenPanel = Callable[..., Whole]


@pytest.fixture
def click(tmp_path: Path) -> Iterator[Click]:
    """A click alone."""
    click = Click(tmp_path / "runtime")
    yield click
    click.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """A click and its twin."""
    pair = Pair(tmp_path)
    yield pair
    pair.close()


@pytest.fixture
def open_panel(tmp_path: Path) -> Iterator[OpenPanel]:
    """Opens a panel in a terminal, beside the engine of `click` or `pair`, as often as it is called."""
    with ExitStack() as opened:

        def open_one(*arguments: Any, **named: Any) -> Whole:
            panel = Whole(tmp_path, *arguments, **named)
            opened.callback(panel.end)
            opened.callback(panel.process.send_signal, signal.SIGCONT)
            return panel

        yield open_one
