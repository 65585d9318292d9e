"""The whole panel in a pseudo-terminal: keys in, the picture out, the engine's own word beside it."""

from __future__ import annotations

import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.panel.whole import Whole


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    """A panel with its engine."""
    panel = Whole(tmp_path)
    yield panel
    panel.end()


def test_keys_turn_press_tap_and_start_and_the_engine_agrees_with_the_screen(whole: Whole) -> None:
    whole.wait_for(lambda: whole.shows(0, 0, "4/4 Basic", "small"))
    whole.wait_for(whole.status)
    whole.type("\x1b[A" * 7)  # up: the tempo
    whole.wait_for(lambda: whole.shows_bpm(127))
    whole.wait_for(lambda: whole.status()["bpm"] == 127.0)
    whole.type(" ")
    whole.wait_for(lambda: whole.status()["playing"])
    whole.type("\r" + "\x1b[B" * 3 + "\r")  # into the menu, down to Patterns; all in one read, as over a network
    whole.wait_for(lambda: whole.shows_row(0, "3/4 Waltz"))
    whole.type("\x1b[B\r")  # the next one, played at the next bar line
    whole.wait_for(lambda: whole.status()["pattern"] == "4/4 Subdivisions")
    whole.wait_for(lambda: whole.shows(0, 0, "4/4 Subdivisions", "small"))
    whole.type(" ")
    whole.wait_for(lambda: not whole.status()["playing"])


def test_taps_set_the_tempo_that_the_engine_has(whole: Whole) -> None:
    whole.wait_for(whole.status)
    for _ in range(3):
        whole.type("t")
        whole.wait_for(lambda: whole.status() and whole.status())  # as long as a second shell takes
    bpm = whole.status()["bpm"]
    assert bpm != 120.0
    whole.wait_for(lambda: whole.shows(32, 11, f"{int(bpm):3d}", "huge", bold=True))


@pytest.mark.parametrize("way", ["q", signal.SIGTERM, signal.SIGHUP])
def test_the_end_restores_the_terminal_ends_the_engine_and_keeps_what_was_chosen(whole: Whole, way: str | int) -> None:
    whole.wait_for(whole.status)
    whole.type("\x1b[A")
    whole.wait_for(lambda: whole.shows_bpm(121))
    engine = whole.status()["pid"]
    if isinstance(way, str):
        whole.type(way)
    else:
        whole.process.send_signal(way)
    whole.wait_for(lambda: whole.process.poll() is not None)
    assert whole.process.returncode == 0
    assert whole.process.stderr
    assert whole.process.stderr.read() == b""
    whole.wait_for(lambda: not Path(f"/proc/{engine}").exists())
    assert termios.tcgetattr(whole.fd) == whole.before
    assert "?25" in whole.screen.modes
    assert "?1049" not in whole.screen.modes
    assert "bpm = 121.0" in (Path(whole.environment["DRUMASSIST_RUNTIME"]).parent / "data" / "session.toml").read_text()
