"""A sound card that takes blocks of any size as fast as they come, in the place of PortAudio's stream.

It must never touch what stands before it: the output, its FIFO and the desk are those that play.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import sounddevice

from benchmarks.box import BenchError
from benchmarks.sound.timing import RATE
from panel.sound.output import Output, Render
from panel.sound.quantum import Frames

_FACTS = {"name": "offline", "max_output_channels": 2}
_TIMES = SimpleNamespace(outputBufferDacTime=0.0, currentTime=0.0)
_STATUS = SimpleNamespace(output_underflow=False)


class _Stream:
    """What PortAudio is for the output: something that calls back."""

    def __init__(self, callback: Callable[..., None], **_: Any) -> None:
        self.callback = callback
        self.active, self.latency = True, 0.0

    def start(self) -> None:
        """Nothing begins by itself."""


def played(render: Render, frames: int, block: int) -> Frames:
    """What leaves the output in so many frames, in blocks of this size. Raises BenchError with its fault."""
    out = np.zeros((frames + block, 2), np.float32)
    faults: list[str] = []

    def play() -> None:
        with (
            patch.object(sounddevice, "query_devices", lambda _: _FACTS),
            patch.object(sounddevice, "OutputStream", _Stream),
        ):
            output = Output(0, RATE)
        output.start(render)
        for at in range(0, frames, block):
            output._stream.callback(out[at : at + block], block, _TIMES, _STATUS)
        faults.append(output.fault)

    audio = threading.Thread(target=play)  # which asks for real-time scheduling, and has it until its end
    audio.start()
    audio.join()
    if faults != [""]:
        raise BenchError(faults[0] if faults else "the output failed")
    return out[:frames]
