"""The sound's process on a JACK server, and whoever talks to it.

It must never be helped: it is started as the panel starts it, and asked over its own socket.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.box import ROOT, BenchError, end, watch
from panel.sound.client import SoundClient
from panel.sound.wire import SOCKET, SoundView

PATIENCE_S = 30.0


class Sound:
    """The process, in the runtime folder `home`. BenchError where it does not come up."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        data = home / "sound"
        data.mkdir(exist_ok=True)
        own = os.environ | environment | {"DRUMASSIST_RUNTIME": str(home)}
        self.began_ns = time.monotonic_ns()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "panel.sound", "--data", str(data)],
            cwd=ROOT,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        self.client = SoundClient(time.monotonic_ns, path=str(home / SOCKET))

    @property
    def view(self) -> SoundView:
        """What it said last."""
        return self.client.view or SoundView()

    def wait(self) -> float:
        """Until it could sound: a stream, and the click's kit. How long after its start that was, in seconds."""
        deadline = time.monotonic() + PATIENCE_S
        while not (self.view.device and self.view.click_sounds):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"the sound does not come up: {self.view.problem or 'it says nothing'}")
            self.client.tend()
            time.sleep(0.005)
        return (time.monotonic_ns() - self.began_ns) / 1e9

    def watch(self, seconds: float) -> None:
        """Take in what it says for so long."""
        watch(self.client, seconds)

    def close(self) -> None:
        """End it."""
        self.client.close()
        end(self.process)
