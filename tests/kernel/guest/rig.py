"""A running box and everything around it, for the tests on virtual time; and how late its notes were.

It must never start a process once the box plays: while the guest reads the host's files, its clock leaps.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from panel.canvas import Canvas
from panel.engine.client import ask
from panel.engine.state import PlayerState
from panel.engine.wire import View
from panel.music.pattern import Pattern
from panel.music.tempo import TICKS_PER_QUARTER, TempoMap
from panel.screens.live import _BPM_X, _BPM_Y
from panel.settings import default_text
from panel.tomltext import with_value
from tests.kernel.client import Box, wait_for
from tests.kernel.glass import SSD1306, Tap
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.lines import Lines
from tests.kernel.pad import Pad
from tests.kernel.sends import Send, Sends

ENCODER_A, ENCODER_B, ENCODER, TAP, START, NEXT, BEAT_LED, STATUS_LED = 5, 6, 13, 17, 27, 22, 18, 23
START_S = 600  # of a clock that leaps while programs are loaded
LATE_US = 1000  # what a note may be late on this core, which is about a Pi Zero's


class Rig:
    """A running box and everything around it."""

    def __init__(self, box: Box, pad: Pad, lines: Lines, sends: Sends) -> None:
        self.box, self.pad, self.lines, self.sends = box, pad, lines, sends
        self.tap, self.glass = Tap(), SSD1306()
        self.panel = 0  # its process

    @property
    def view(self) -> View:
        """What the engine says, asked without starting a process."""
        view = engine_view()
        assert view
        return view

    @property
    def state(self) -> PlayerState:
        return self.view.state

    @property
    def picture(self) -> Image.Image:
        """What is on the glass."""
        self.tap.feed(self.glass)
        return self.glass.image()

    def press_start(self) -> None:
        self.lines.tap(START)

    def play(self) -> PlayerState:
        """START, and the state of the run; `hear` begins with its first note."""
        self.sends.read()
        self.press_start()
        wait_for(lambda: self.state.playing, 5)
        return self.state

    def stop(self) -> None:
        if self.state.playing:
            self.press_start()
            wait_for(lambda: not self.state.playing, 5)

    def go_home(self) -> None:
        """The encoder held."""
        self.lines.press(ENCODER)
        time.sleep(1.7)
        self.lines.release(ENCODER)

    def hear(self, notes: int, timeout_s: float = 10) -> list[Send]:
        """The next notes that are handed to the kernel."""
        found: list[Send] = []

        def enough() -> bool:
            found.extend(self.sends.read())
            return len(found) >= notes

        wait_for(enough, timeout_s)
        return found

    def shows(self, expected: Callable[[], Image.Image], timeout_s: float = 5) -> None:
        """Wait until the glass shows exactly that picture."""
        try:
            wait_for(lambda: self.picture.tobytes() == expected().tobytes(), timeout_s)
        except AssertionError:
            pytest.fail("the glass shows\n" + self.glass.text())
        assert self.glass.faults() == []


@contextmanager
def switched_on_box(folder: Path, files: Mapping[str, str] = {}, **settings: bool | int | str) -> Iterator[Rig]:
    """A box that was switched on, has found its pad, and has played: what is slow only once is over.

    `files` are its user's, by their paths in his folder; `settings` by their names with two underscores for the point:
    `click__clock=True`.
    """
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    with Box(folder) as box, Pad() as pad, Sends() as sends:
        text = default_text()
        for name, value in settings.items():
            text = with_value(text, tuple(name.split("__")), value)
        for path, written in {**files, "settings.toml": text}.items():
            (box.data / path).parent.mkdir(exist_ok=True)
            (box.data / path).write_text(written)
        rig = Rig(box, pad, Lines(), sends)
        rig.glass.power_cut()
        panel = box.start()
        wait_for(lambda: panel.poll() is not None or has_pad(), START_S, 0.2)
        assert panel.poll() is None, box.log()
        rig.panel = panel.pid
        rig.play()
        rig.hear(4, 20)
        yield rig
        print(box.log())


def at_rest(rig: Rig, pattern: Pattern | None = None) -> Rig:
    """The box stopped, on Live, at 120 BPM; with that pattern, if asked."""
    rig.stop()
    rig.go_home()
    ask("tempo", micro_bpm=120_000_000)
    wait_for(lambda: bpm_on_glass(rig, "120"), 5)
    if pattern:
        ask("pattern", pattern=pattern._asdict())
        wait_for(lambda: rig.state.chosen == pattern, 5)
    rig.pad.forget()
    return rig


def late_us(send: Send, tempo_map: TempoMap, step_ticks: int = TICKS_PER_QUARTER) -> float:
    """How much later than its tick a note was handed over; its tick is the nearest of the grid."""
    tick = tempo_map.tick_at(send.us * 1000) + step_ticks // 2
    return send.us - tempo_map.time_of(tick - tick % step_ticks) / 1000


def told(name: str, late: list[float]) -> None:
    """Print the least, the middle and the greatest."""
    ordered = sorted(late)
    p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    print(
        f"\n{name}: {len(late)} notes, handed over {ordered[0]:.0f} us after they were due at best, "
        f"p50 {p50:.0f}, p99 {p99:.0f}, max {ordered[-1]:.0f}",
        end="",
    )


def on_time(name: str, sends: list[Send], tempo_map: TempoMap, step_ticks: int = TICKS_PER_QUARTER) -> None:
    """Every note was handed over at its time or less than a millisecond after it."""
    late = [late_us(send, tempo_map, step_ticks) for send in sends]
    told(name, late)
    assert min(late) >= 0
    assert max(late) < LATE_US


def bpm_on_glass(rig: Rig, text: str) -> bool:
    """Whether the place of the tempo shows `text`."""
    canvas = Canvas()
    canvas.text(_BPM_X, _BPM_Y, text, "huge", bold=True)
    place = (_BPM_X, _BPM_Y, _BPM_X + 48, _BPM_Y + 30)
    return rig.picture.crop(place).tobytes() == canvas.image.crop(place).tobytes()
