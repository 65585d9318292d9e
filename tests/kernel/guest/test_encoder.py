"""The encoder by the kernel's own rotary-encoder driver, as an overlay on a Pi has it; settings say which device.

It must never touch the lines of the encoder through GPIO: the driver has them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from panel.engine.client import ask
from panel.settings import default_text
from panel.tomltext import with_value
from tests.kernel.client import Box, wait_for
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.guest.grid import Grid
from tests.kernel.guest.hand import turning
from tests.kernel.guest.rig import START_S, on_time
from tests.kernel.lines import Lines
from tests.kernel.pad import Pad
from tests.kernel.sends import Sends

KERNELS_A, KERNELS_B = 20, 21  # as the guest was wired


def bpm() -> int:
    view = engine_view()
    return view.state.beat_micro_bpm // 1_000_000 if view else 0


@contextmanager
def box_with_encoder(folder: Path) -> Iterator[Box]:
    """A running box whose settings name the kernel's device."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    with Box(folder) as box:
        text = with_value(default_text(), ("encoder", "device"), "rotary")
        (box.data / "settings.toml").write_text(text)
        panel = box.start(display="none")
        wait_for(lambda: panel.poll() is not None or has_pad(), START_S, 0.2)
        assert panel.poll() is None, box.log()
        yield box
        assert box.log() == ""


def test_the_kernels_encoder_turns_the_tempo_and_a_storm_of_it_moves_no_note(tmp_path: Path, lines: Lines) -> None:
    with box_with_encoder(tmp_path), Pad(), Sends() as sends:
        lines.turn(KERNELS_A, KERNELS_B, 1, edge_ms=30)  # the driver swallows the first detent after it was loaded
        time.sleep(1)
        before = bpm()
        lines.turn(KERNELS_A, KERNELS_B, 5, edge_ms=30)
        wait_for(lambda: bpm() == before + 5, 5)
        lines.turn(KERNELS_A, KERNELS_B, -2, edge_ms=30)
        wait_for(lambda: bpm() == before + 3, 5)
        with Grid() as grid:
            ask("start")
            time.sleep(1)  # what is slow only once is over
            sends.read()
            with turning(lines, KERNELS_A, KERNELS_B, 1, 25) as turned:
                began_ns = time.monotonic_ns()
                time.sleep(4)
                found, seconds = sends.read(), (time.monotonic_ns() - began_ns) / 1e9
            time.sleep(0.5)
            on_time("under a storm of the kernel's encoder", found, grid.tempo_map)
            print(f"; {4 * sum(turned) / seconds:.0f} edges a second, {grid.tempi} tempi", end="")
            ask("stop")
        ask("tempo", micro_bpm=120_000_000)  # wherever the storm has left it
        lines.turn(KERNELS_A, KERNELS_B, 1, edge_ms=30)  # a storm may end in the middle of a detent
        time.sleep(1)
        before = bpm()
        lines.turn(KERNELS_A, KERNELS_B, 3, edge_ms=30)
        wait_for(lambda: bpm() == before + 3, 5)
