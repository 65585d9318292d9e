"""Parts that are missing, break or storm, in a real panel beside a click that plays."""

from __future__ import annotations

import termios
import time
from pathlib import Path

import pytest

from tests.drills.broken_panel import EDGES_PER_S, STORM_S
from tests.drills.conftest import OpenPanel
from tests.drills.stage import BPM, Click, Pair, measured, report

KEYS_PER_S = 1000
KEYS_S = 2.0
UP, DOWN, ENTER = "\x1b[A", "\x1b[B", "\r"


def broken(way: str) -> tuple[str, ...]:
    """The module of a panel in which something breaks."""
    return ("tests.drills.broken_panel", way)


def goes_on(click: Click) -> None:
    """The click plays, by the one engine that there was."""
    last = click.onsets()[-1].slot
    click.until(lambda: click.onsets()[-1].slot > last + 3)
    assert click.is_alone


@pytest.mark.skipif(Path("/dev/i2c-1").exists(), reason="there is an I2C bus here, and perhaps an OLED")
def test_an_oled_that_was_never_there(click: Click, open_panel: OpenPanel) -> None:
    """Asked for by name it is waited for, and the box plays; else the picture is in the terminal."""
    click.play()
    panel = open_panel(display="auto")
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    goes_on(click)
    blind = open_panel(broken("start"), display="oled", GPIOZERO_PIN_FACTORY="mock")
    click.until(lambda: not click.panel.state.playing)  # its START has been pressed
    assert blind.process.poll() is None
    assert not blind.says("Traceback")


def test_no_pins_are_told_and_the_keys_do(click: Click, open_panel: OpenPanel) -> None:
    click.play()
    panel = open_panel(GPIOZERO_PIN_FACTORY="lgpio")  # as on a Pi whose lgpio is missing, or not allowed
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    panel.type(UP)
    panel.wait_for(lambda: panel.shows_bpm(BPM + 1))
    click.until(lambda: click.panel.state.beat_micro_bpm == (BPM + 1) * 1_000_000)


def test_a_storm_of_edges(pair: Pair, open_panel: OpenPanel) -> None:
    pair.play()
    panel = open_panel(broken("storm"), GPIOZERO_PIN_FACTORY="mock")
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    with measured(
        pair, f"{EDGES_PER_S} edges a second on the encoder's pins for {STORM_S:.0f} s, a list on the screen"
    ):
        panel.type(ENTER)
        panel.wait_for(lambda: panel.says("the storm is over"))
    panel.type("h")
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    panel.type(UP)
    panel.wait_for(lambda: panel.shows_bpm(BPM + 1))


def test_a_storm_of_keys(pair: Pair, open_panel: OpenPanel) -> None:
    pair.play()
    panel = open_panel()
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    panel.type(ENTER)
    panel.wait_for(lambda: panel.shows_row(1, "Fill"))
    with measured(pair, f"{KEYS_PER_S} keys a second for {KEYS_S:.0f} s, a list on the screen"):
        began, sent = time.monotonic(), 0
        while sent < KEYS_PER_S * KEYS_S:
            due = int((time.monotonic() - began) * KEYS_PER_S)
            panel.type("".join(DOWN if number // 10 % 2 else UP for number in range(sent, due)))
            sent = max(sent, due)
            panel.read()
            pair.tend(0)
    panel.type("h" + UP)
    panel.wait_for(lambda: panel.shows_bpm(BPM + 1))


def test_controls_that_raise_are_told_and_the_panel_goes_on(click: Click, open_panel: OpenPanel) -> None:
    click.play()
    panel = open_panel(broken("read"), GPIOZERO_PIN_FACTORY="mock")
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    panel.type(ENTER)
    panel.wait_for(lambda: panel.says("the storm is over"))
    panel.type("h")
    panel.wait_for(lambda: panel.shows(0, 56, "Controls: wire off", "tiny"))
    panel.type(UP)
    panel.wait_for(lambda: panel.shows_bpm(BPM + 1))
    report("Controls that raise", f"{panel.said.count('RuntimeError: wire off')} times; the panel goes on")
    click.until(lambda: click.panel.state.beat_micro_bpm == (BPM + 1) * 1_000_000)


@pytest.mark.parametrize("way", ["menu", "live"])
def test_a_screen_that_raises(click: Click, open_panel: OpenPanel, way: str) -> None:
    """A list is left for Live. Live itself ends the panel, which its parent starts anew; the click goes on alone."""
    click.play()
    panel = open_panel(broken(way))
    panel.wait_for(lambda: panel.shows_bpm(BPM))
    if way == "menu":
        panel.type(ENTER)
        panel.wait_for(lambda: panel.shows_row(1, "Fill"))
        panel.wait_for(lambda: panel.says("RuntimeError: no ink"))
        panel.wait_for(lambda: panel.shows_bpm(BPM))
        assert panel.process.poll() is None
    else:
        panel.wait_for(lambda: panel.process.poll() is not None)
        assert panel.process.returncode == 1
        assert termios.tcgetattr(panel.fd) == panel.before
        panel.wait_for(lambda: "?1049" not in panel.screen.modes)
        assert panel.says("RuntimeError: no ink")
        again = open_panel()
        again.wait_for(lambda: again.shows_bpm(BPM))
    goes_on(click)
