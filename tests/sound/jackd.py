"""A JACK server of the test's own with no card, and a recorder on it.

It must never be one that is there already, nor be left behind: it has a name of its own, and is ended by its own id.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import jack
import numpy as np
import pytest

from panel.sound.quantum import Frames
from tests.engine.stage import TIMEOUT_S, until

RATE = 48_000

jack.set_error_function(lambda _: None)  # of what it knocks at before it is there
jack.set_info_function(lambda _: None)

needs_jackd = pytest.mark.skipif(shutil.which("jackd") is None, reason="there is no jackd: apt install jackd2")


@contextmanager
def jackd(period: int = 128) -> Iterator[dict[str, str]]:
    """A server with the dummy driver; yields the environment in which clients find it."""
    name = f"drumassist-{os.getpid()}-{period}"
    environment = {"JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1", "JACK_NO_START_SERVER": "1"}
    command = ["jackd", "-R", "-n", name, "-d", "dummy", "-r", str(RATE), "-p", str(period)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: server.poll() is None and _answers(name))
        yield environment
    finally:
        server.terminate()
        server.wait(TIMEOUT_S)


def _answers(name: str) -> bool:
    try:
        jack.Client("knock", no_start_server=True, servername=name).close()
    except jack.JackOpenError:
        return False
    return True


class Recorder:
    """Keeps what is connected to it, from frame 0 of its own on."""

    def __init__(self, server: str) -> None:
        self._blocks: list[Frames] = []
        self.client = jack.Client("recorder", no_start_server=True, servername=server)
        self._port = self.client.inports.register("in")
        self.client.set_process_callback(self._process)
        self.xruns = 0
        self.client.set_xrun_callback(self._xrun)

    def __enter__(self) -> Recorder:
        self.client.activate()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.deactivate()
        self.client.close()

    def attend(self, client: str) -> None:
        """Record the first output of a client whose name begins so, as soon as it is there; it may have done so."""
        ports = until(lambda: self.client.get_ports(f"{client}.*", is_audio=True, is_output=True))
        if not self._port.is_connected_to(ports[0]):
            self.client.connect(ports[0], self._port)

    @property
    def frames(self) -> int:
        """How many there are."""
        return sum(map(len, self._blocks))

    @property
    def sound(self) -> Frames:
        """All that was recorded until now."""
        return np.concatenate(self._blocks)

    def peak(self, frames: int) -> float:
        """The largest of the last so many."""
        return float(np.abs(self.sound[-frames:]).max()) if self._blocks else 0.0

    def run_free(self, frames: int) -> None:
        """Have the server run as fast as it can for so many frames."""
        end = self.frames + frames
        self.client.set_freewheel(True)
        self.wait_for(end)
        self.client.set_freewheel(False)

    def wait_for(self, frames: int) -> None:
        """Return when so many have been recorded."""
        until(lambda: self.frames >= frames)

    def _process(self, frames: int) -> None:
        self._blocks.append(self._port.get_array().copy())

    def _xrun(self, delay_us: float) -> None:
        self.xruns += 1


def onsets(sound: Frames, apart: int) -> list[int]:
    """The frames at which there is sound after at least `apart` frames of silence."""
    loud = np.flatnonzero(np.abs(sound) > 1e-6)
    if not len(loud):
        return []
    first = np.concatenate([[True], np.diff(loud) > apart])
    return [int(frame) for frame in loud[first]]
