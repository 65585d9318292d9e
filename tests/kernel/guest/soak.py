"""Hours of a gig in a guest: playing, tapped, turned, replugged, killed now and then; fails if anything grows.

It must never time a note, which the guest's clock is too coarse for, nor judge a process by its first minutes.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from panel.engine.client import ask
from panel.library import load_library
from panel.settings import default_text
from panel.tomltext import with_value
from tests.kernel.client import Box, wait_for
from tests.kernel.glass import SSD1306, Tap
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.guest.load import Held, alsa_clients, held
from tests.kernel.guest.rig import ENCODER, ENCODER_A, ENCODER_B, NEXT, START, TAP
from tests.kernel.lines import Lines
from tests.kernel.pad import Pad

START_S = 120
SAMPLE_S = 5
# What a later median may be above an earlier one, memory in KiB. A new engine takes up to 900 more in its first some
# thousand commands and then as good as none; everything that is not memory is counted out.
ALLOWED = Held(rss=512, pss=512, fds=0, threads=0)


class Sample(NamedTuple):
    """What all hold at one moment."""

    engine: Held
    panel: Held
    alsa_clients: int
    processes: int


class Gig:
    """The box, the hands on it, and what it held."""

    def __init__(self, box: Box, pad: Pad, seed: int) -> None:
        self.box, self.pad, self.lines = box, pad, Lines()
        self.samples: list[Sample] = []
        self.notes = self.kills = 0
        self._chance = random.Random(seed)
        self._patterns = list(load_library(None).patterns.values())
        self._tap, self._glass = Tap(), SSD1306()
        self._glass.power_cut()
        self.panel = self._new_panel()

    def _new_panel(self) -> subprocess.Popen[bytes]:
        panel = self.box.start()
        wait_for(lambda: panel.poll() is not None or (engine_view() and has_pad()), START_S, 0.2)
        assert panel.poll() is None, self.box.log()
        return panel

    def play_on(self, seconds: float) -> None:
        """What hands do for a while; the transport runs all the time but for a moment."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._chance.choice([self._turn, self._tap_it, self._pattern, self._fill, self._menu, self._restart])()
            time.sleep(self._chance.random())
            self._tap.feed(self._glass)
            view = engine_view()
            if view and not view.state.playing:
                self.lines.tap(START)

    def replug(self) -> None:
        """The pad out and in again."""
        self.notes += len(self.pad.note_ons)
        self.pad.forget()
        self.pad.unplug()
        time.sleep(self._chance.random())
        self.pad.plug()

    def kill(self) -> None:
        """The engine or the panel dies; each is there again when this returns."""
        self.kills += 1
        if self.kills % 2:
            view = engine_view()
            assert view
            os.kill(view.pid, signal.SIGKILL)
            wait_for(lambda: (now := engine_view()) and now.pid != view.pid and has_pad(), START_S, 0.2)
        else:
            self.panel.kill()
            self.panel.wait()
            self.panel = self._new_panel()

    def sample(self) -> None:
        """Note what is held."""
        view = engine_view()
        if view is None:
            return
        processes = sum(name.isdecimal() for name in os.listdir("/proc"))
        self.samples.append(Sample(held(view.pid), held(self.panel.pid), len(alsa_clients()), processes))

    def _turn(self) -> None:
        self.lines.turn(ENCODER_A, ENCODER_B, self._chance.randint(-5, 5), edge_ms=5)

    def _tap_it(self) -> None:
        self.lines.tap_steadily(TAP, 4, self._chance.randint(300, 700))

    def _pattern(self) -> None:
        ask("pattern", pattern=self._chance.choice(self._patterns)._asdict())

    def _fill(self) -> None:
        self.lines.tap(NEXT)

    def _menu(self) -> None:
        """Somewhere into the menu and home again."""
        for _ in range(3):
            self.lines.turn(ENCODER_A, ENCODER_B, self._chance.randint(2, 6), edge_ms=5)
            self.lines.tap(ENCODER)
            time.sleep(0.2)
        self.lines.press(ENCODER)
        time.sleep(2)
        self.lines.release(ENCODER)

    def _restart(self) -> None:
        self.lines.tap(START)
        time.sleep(0.3)
        self.lines.tap(START)


def told(minute: int, gig: Gig) -> None:
    """A line of the table."""
    sample, view = gig.samples[-1], engine_view()
    cells = [f"{minute:6}"]
    for process in (sample.engine, sample.panel):
        cells.append(f"{process.rss:7} {process.pss:7} {process.fds:4} {process.threads:4}")
    cells.append(f"{sample.alsa_clients:5} {sample.processes:5} {gig.notes + len(gig.pad.note_ons):7}")
    if view:
        cells.append(f"{view.replugs:8} {view.restarts:8} {view.dropped:8}")
    print(" | ".join(cells), flush=True)


def growth(samples: list[Sample]) -> list[str]:
    """What is more in the last quarter than in the first, by its median and by more than is allowed."""
    quarter = max(1, len(samples) // 4)
    first, last = _medians(samples[:quarter]), _medians(samples[-quarter:])
    allowed = {f"{process} {name}": most for process in ("engine", "panel") for name, most in ALLOWED._asdict().items()}
    for name, before in first.items():
        print(f"{name}: {before:.0f} -> {last[name]:.0f}")
    return [
        f"{name} grew from {before:.0f} to {last[name]:.0f}"
        for name, before in first.items()
        if last[name] - before > allowed.get(name, 0)
    ]


def _medians(samples: list[Sample]) -> dict[str, float]:
    """The middle of each thing that is held."""
    found = {
        f"{process} {name}": statistics.median(getattr(getattr(sample, process), name) for sample in samples)
        for process in ("engine", "panel")
        for name in Held._fields
    }
    alone = ("alsa_clients", "processes")
    return found | {name: statistics.median(getattr(sample, name) for sample in samples) for name in alone}


def main(minutes: float) -> int:
    """Play for so long. Kills come in the first third; what is held is judged in the second half."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_RUNTIME_DIR"] = str(Path(folder) / "run")
        with Box(Path(folder)) as box, Pad() as pad:
            settings = with_value(default_text(), ("click", "clock"), True)
            (box.data / "settings.toml").write_text(settings)
            gig = Gig(box, pad, seed=1)
            began = time.monotonic()
            end, warm, killed, minute = began + 60 * minutes, 0, began, 0
            print("minute | engine: RSS, PSS in KiB, fds, threads | panel: the same | ALSA clients, processes, notes")
            print("       | replugs, restarts, dropped", flush=True)
            while time.monotonic() < end:
                gig.play_on(SAMPLE_S)
                gig.sample()
                if len(gig.samples) % 4 == 0:
                    gig.replug()
                now = time.monotonic()
                if now < began + 20 * minutes and now > killed + 5 * minutes:  # in seconds: a third, a twelfth
                    gig.kill()
                    killed = time.monotonic()
                if now < began + 30 * minutes:
                    warm = len(gig.samples)
                if time.monotonic() >= began + 60 * minute:
                    told(minute, gig)
                    minute += 1
            print(f"{gig.kills} kills in the first third; what was held in the second half:")
            found = growth(gig.samples[warm:])
            heard = gig.notes + len(pad.note_ons)
            log = box.log()
    faults = found + ["nothing was heard"] * (heard == 0) + [log] * ("Traceback" in log)
    print("\n".join(faults) or "nothing grew")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
