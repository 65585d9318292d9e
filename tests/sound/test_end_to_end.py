"""From the engine's note to the device's frame, on a JACK server with no card: the real process, recorded."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.engine.wire import encode_notes
from panel.sound.client import SoundClient
from panel.sound.wire import SoundView
from tests.engine.stage import ROOT, TIMEOUT_S, until
from tests.sound.jackd import RATE, Recorder, jackd, needs_jackd, onsets

MS = 1_000_000
SECOND = 1000 * MS
RIM = (0x99, 37, 100)

pytestmark = needs_jackd


class Studio:
    """A runtime folder, an engine's socket that the test speaks for, and the sound's process."""

    def __init__(self, folder: Path, environment: dict[str, str], data: Path) -> None:
        self.engine = socket.socket(socket.AF_UNIX)
        self.engine.bind(str(folder / "engine.sock"))
        self.engine.listen(1)
        self.engine.settimeout(TIMEOUT_S)
        command = [sys.executable, "-m", "panel.sound", "--data", str(data)]
        own = os.environ | environment | {"DRUMASSIST_RUNTIME": str(folder)}
        self.process = subprocess.Popen(command, cwd=ROOT, env=own, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.client = SoundClient(time.monotonic_ns, path=str(folder / "sound.sock"))
        self.line, _ = self.engine.accept()
        self.lead_ms = int(self.line.makefile().readline().rpartition(":")[2].rstrip("}\n"))

    @property
    def view(self) -> SoundView:
        self.client.tend()
        return self.client.view or SoundView()

    def play(self, due_ns: list[int], message: tuple[int, ...] = RIM) -> None:
        for due in due_ns:
            self.line.sendall(encode_notes([message], due, 1))

    def play_ahead(self, due_ns: int) -> None:
        """Send a note no earlier than the lead that was asked for."""
        until(lambda: time.monotonic_ns() >= due_ns - self.lead_ms * MS)
        self.play([due_ns])

    def end(self) -> str:
        self.process.terminate()
        _, errors = self.process.communicate(timeout=TIMEOUT_S)
        self.client.close()
        self.line.close()
        self.engine.close()
        return errors.decode()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[tuple[Studio, Recorder]]:
    with jackd(256) as environment, Recorder(environment["JACK_DEFAULT_SERVER"]) as recorder:
        studio = Studio(tmp_path, environment, tmp_path / "data")
        try:
            recorder.attend("PortAudio")
            until(lambda: studio.view.click_sounds)
            yield studio, recorder
        finally:
            assert studio.end() == ""


def test_scheduled_clicks_have_no_jitter(studio: tuple[Studio, Recorder]) -> None:
    """Twenty seconds of clicks, sent ahead, on a server that runs as fast as it can: even to the frame."""
    sound, recorder = studio
    first_ns = time.monotonic_ns() + 200 * MS
    sound.play([first_ns + click * SECOND // 8 for click in range(160)])
    until(lambda: not sound.view.dropouts)
    recorder.run_free(21 * RATE)
    found = onsets(recorder.sound, apart=RATE // 20)
    assert len(found) == 160
    assert {after - before for before, after in itertools.pairwise(found)} == {RATE // 8}


def test_the_lead_is_what_the_device_needs(studio: tuple[Studio, Recorder]) -> None:
    """In real time: each note sent no earlier than the lead that the sound asked for, and none comes late."""
    sound, recorder = studio
    for _ in range(3):  # a machine that stalls spoils a take, and says so
        before, xruns = sound.view.late, recorder.xruns
        begun = recorder.frames
        first_ns = time.monotonic_ns() + 300 * MS
        for click in range(16):
            sound.play_ahead(first_ns + click * SECOND // 8)
        recorder.wait_for(begun + 3 * RATE)
        if recorder.xruns == xruns:
            break
    found = onsets(recorder.sound[begun:], apart=RATE // 20)
    assert (len(found), sound.view.late - before) == (16, 0)
    assert {after - before for before, after in itertools.pairwise(found)} == {RATE // 8}
