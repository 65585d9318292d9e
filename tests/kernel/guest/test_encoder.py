"""The encoder by the kernel's own rotary-encoder driver, as an overlay on a Pi has it; settings say which device.

It must never touch the lines of the encoder through GPIO: the driver has them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from panel.settings import default_text
from panel.tomltext import with_value
from tests.kernel.client import Box, wait_for
from tests.kernel.guest.engine import engine_view, has_pad
from tests.kernel.lines import Lines

KERNELS_A, KERNELS_B = 20, 21  # as the guest was wired
START_S = 600


def bpm() -> int:
    view = engine_view()
    return view.state.beat_micro_bpm // 1_000_000 if view else 0


def test_the_kernels_encoder_turns_the_tempo(tmp_path: Path, lines: Lines) -> None:
    os.environ["XDG_RUNTIME_DIR"] = str(tmp_path / "run")
    with Box(tmp_path) as box:
        text = with_value(default_text(), ("encoder", "device"), "rotary")
        (box.data / "settings.toml").write_text(text)
        panel = box.start(display="none")
        wait_for(lambda: panel.poll() is not None or has_pad(), START_S, 0.2)
        assert panel.poll() is None, box.log()
        lines.turn(KERNELS_A, KERNELS_B, 1, edge_ms=30)  # the driver swallows the first detent after it was loaded
        time.sleep(1)
        before = bpm()
        lines.turn(KERNELS_A, KERNELS_B, 5, edge_ms=30)
        wait_for(lambda: bpm() == before + 5, 5)
        lines.turn(KERNELS_A, KERNELS_B, -2, edge_ms=30)
        wait_for(lambda: bpm() == before + 3, 5)
        assert box.log() == ""
