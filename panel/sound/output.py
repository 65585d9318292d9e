"""The way out: a PortAudio stream that asks for blocks, and quanta that fill them.

It must never raise out of the audio thread, nor let a device's block size be heard.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import sounddevice

from panel.sound.clock import SECOND, FrameClock
from panel.sound.quantum import QUANTUM, Frames

FIFO_PRIORITY = 60  # below the engine's: the click by MIDI goes first
RATES = (48_000, 44_100)  # what kits were made at comes first
MARGIN_NS = 5_000_000  # on top of what the lead has to be: the engine's line has to be read
CLOSES_S = 1.0
MAX_LATENCY_S = 1.0  # what is told beyond it is no latency
_LOAD_BLOCKS = 256

Render = Callable[[int, Frames], None]


class OutputError(Exception):
    """Why there is no device, in one line."""


class Output:
    """A stream on a device, from `start` to `close`. `render(frame, out)` makes a quantum.

    All calls from one thread; PortAudio's own calls `_fill`.
    """

    def __init__(self, device: int, rate: int, latency: float | str = "low") -> None:
        facts = sounddevice.query_devices(device)
        self.device, self.rate = str(facts["name"]), rate
        self.clock = FrameClock(rate)
        self.dropouts = 0
        self.fault = ""  # what `render` raises
        self._render: Render | None = None
        self._frame = 0  # of the next quantum
        self._quantum = np.zeros((QUANTUM, 2), np.float32)
        self._left = 0  # frames of it that no block has had
        self._block = QUANTUM  # the largest that was asked for
        self._latencies = np.zeros(_LOAD_BLOCKS)  # in seconds; 0 where a block did not tell
        self._busy = np.zeros(_LOAD_BLOCKS)
        self._blocks = 0
        self._blocks_before = -1
        self._stream = sounddevice.OutputStream(
            samplerate=rate,
            device=device,
            channels=min(2, facts["max_output_channels"]),
            dtype="float32",
            latency=latency,
            callback=self._called,
        )
        self.latency_ns = round(min(self.latency_s, MAX_LATENCY_S) * SECOND)

    def start(self, render: Render, frame: int = 0) -> None:
        """Let it sound, from a frame on. Raises OutputError, and has given the device back then."""
        self._render, self._frame = render, frame
        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self.close()
            raise OutputError(f"{self.device}: {error}") from error

    def tend(self) -> int:
        """Follow the stream's clock; to be called every 20 to 50 ms. How many frames the stream has stalled meanwhile.

        `latency_ns`, how long after it is asked for a frame is at the output, is what PortAudio guesses at first. When
        the clock is sure it is measured, once: were it measured on and on, even clicks would not stay even.
        """
        clock = self.clock
        had_agreed, stalls, line = clock.agreed, clock.set_anew, clock.line
        clock.tend()
        told = self._latencies[self._latencies > 0]
        if clock.agreed and not had_agreed and len(told):
            self.latency_ns = round(float(np.median(told)) * SECOND)
        if clock.set_anew == stalls or line is None or clock.line is None:
            return 0
        return line.frame_of(clock.line.ns) - clock.line.frame

    def is_alive(self) -> bool:
        """Whether the device has asked for blocks since this was asked last; not every one that goes says so."""
        before, self._blocks_before = self._blocks_before, self._blocks
        with suppress(sounddevice.PortAudioError):  # of a device that has gone
            return bool(self._stream.active) and self._blocks != before
        return False

    @property
    def next_frame(self) -> int:
        """Where another stream may go on."""
        return self._frame

    @property
    def latency_s(self) -> float:
        """What PortAudio says of the device's buffers, in seconds."""
        return float(self._stream.latency)

    @property
    def ahead_frames(self) -> int:
        """How long before it is asked for a frame's events must be known: the rest of a block is made with it.

        A quantum's time is left to tell them in; and one that reaches beyond its block is made whole.
        """
        return self._block + QUANTUM + (QUANTUM if self._block % QUANTUM else 0)

    @property
    def load(self) -> int:
        """Thousandths of real time that rendering has taken of late."""
        made = self._busy[: min(self._blocks, _LOAD_BLOCKS)]
        return round(1000 * float(made.mean())) if len(made) else 0

    def frame_heard_at(self, ns: int) -> int:
        """The frame that is at the output at a moment of CLOCK_MONOTONIC."""
        assert self.clock.line
        return self.clock.line.frame_of(ns - self.latency_ns)

    def frame_made_at(self, ns: int) -> int:
        """The frame that the stream asks for at a moment of CLOCK_MONOTONIC."""
        assert self.clock.line
        return self.clock.line.frame_of(ns)

    def close(self) -> bool:
        """Give the device back; False where that can't be done: PortAudio waits for ever for a JACK that was killed."""
        closing = threading.Thread(target=self._stream.close, daemon=True)  # errors of a device that has gone: ignored
        closing.start()
        closing.join(CLOSES_S)
        return not closing.is_alive()

    def _called(self, out: Frames, frames: int, times: Any, status: Any) -> None:
        """PortAudio's callback."""
        begun_ns = time.monotonic_ns()
        if not self._blocks:
            _be_punctual()
        self.clock.observe(self._frame - self._left, begun_ns)
        latency_s = times.outputBufferDacTime - times.currentTime  # 0, or anything, where a system does not know it
        self._latencies[self._blocks % _LOAD_BLOCKS] = latency_s if 0 < latency_s < MAX_LATENCY_S else 0
        self.dropouts += bool(status.output_underflow) and self.clock.settled  # while it opens, all devices stumble
        self._block = max(self._block, frames)
        self._fill(out, frames)
        self._busy[self._blocks % _LOAD_BLOCKS] = (time.monotonic_ns() - begun_ns) * self.rate / SECOND / frames
        self._blocks += 1

    def _fill(self, out: Frames, frames: int) -> None:
        done = 0
        while done < frames:
            if not self._left:
                self._make()
            size = min(frames - done, self._left)
            piece = self._quantum[QUANTUM - self._left : QUANTUM - self._left + size]
            if out.shape[1] == 1:
                np.mean(piece, axis=1, keepdims=True, out=out[done : done + size])
            else:
                out[done : done + size] = piece
            done, self._left = done + size, self._left - size

    def _make(self) -> None:
        """The next quantum; what raises is silent, and told for as long as it does."""
        assert self._render
        try:
            self._render(self._frame, self._quantum)
            self.fault = ""
        except Exception as error:  # whatever it is: a stream that ends would be worse
            self._quantum.fill(0)
            self.fault = f"{type(error).__name__}: {error}"
        self._frame, self._left = self._frame + QUANTUM, QUANTUM


def open_output(name: str = "", latency: float | str = "low") -> Output:
    """The device that has `name` in its name, else the system's choice. Raises OutputError."""
    try:
        device = _device(name)
        facts = sounddevice.query_devices(device)
    except sounddevice.PortAudioError as error:
        raise OutputError(str(error)) from error
    problems = []
    for rate in dict.fromkeys((*RATES, int(facts["default_samplerate"]))):
        try:
            return Output(device, rate, latency)
        except sounddevice.PortAudioError as error:
            problems.append(str(error))
    raise OutputError(f"{facts['name']}: {problems[0]}")


def look_for_devices() -> None:
    """Have PortAudio look again: what was plugged in since it last did is not there for it. Raises OutputError."""
    with _quiet():
        with suppress(sounddevice.PortAudioError):  # it was not there
            sounddevice._terminate()
        try:
            sounddevice._initialize()
        except sounddevice.PortAudioError as error:
            raise OutputError(str(error)) from error


def device_names() -> tuple[str, ...]:
    """The devices that can sound, as PortAudio knew them when it looked last."""
    return tuple(dict.fromkeys(name for _, name in _outputs()))


def _outputs() -> list[tuple[int, str]]:
    """By their numbers."""
    devices = enumerate(sounddevice.query_devices())
    return [(number, str(facts["name"])) for number, facts in devices if facts["max_output_channels"] > 0]


def _device(name: str) -> int:
    found = _outputs()
    if not found:
        raise OutputError("no sound card")
    if name:
        for number, called in found:
            if name.lower() in called.lower():
                return number
        raise OutputError(f"no device '{name}'; there are: {', '.join(called for _, called in found)}")
    jack = next((api for api in sounddevice.query_hostapis() if "JACK" in api["name"]), None)
    if jack and jack["default_output_device"] >= 0:  # a JACK server that runs has the card
        return int(jack["default_output_device"])
    default = int(sounddevice.default.device[1])
    return default if default >= 0 else found[0][0]


def _be_punctual() -> None:
    """Ask for real-time scheduling of the audio thread, which calls this; without it the blocks must be larger."""
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(
                threading.get_native_id(), os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(FIFO_PRIORITY)
            )


class _quiet:  # noqa: N801 - reads as a verb
    """ALSA's library writes what it tries to standard error; nobody can act upon it."""

    def __enter__(self) -> None:
        sys.stderr.flush()
        self._kept = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)

    def __exit__(self, *_: object) -> None:
        os.dup2(self._kept, 2)
        os.close(self._kept)
