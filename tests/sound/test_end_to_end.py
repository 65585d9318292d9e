"""From the engine's note to the device's frame, on a JACK server with no card: the real process, recorded."""

from __future__ import annotations

import fcntl
import itertools
import os
import pty
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from panel.engine.wire import encode_notes
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.percussion import NOTES
from panel.music.tempo import MICRO
from panel.sound.client import SoundClient
from panel.sound.wire import SoundView
from tests.engine.stage import ROOT, TIMEOUT_S, Stage, until
from tests.sound.jackd import RATE, Recorder, jackd, needs_jackd, onsets

MS = 1_000_000
SECOND = 1000 * MS
RIM = (0x99, 37, 100)

pytestmark = needs_jackd


class Studio:
    """A runtime folder, and the sound's process in it on a JACK server with no card."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "panel.sound", "--data", str(folder / "data")]
        own = os.environ | environment | {"DRUMASSIST_RUNTIME": str(folder)}
        self.process = subprocess.Popen(command, cwd=ROOT, env=own, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.client = SoundClient(time.monotonic_ns, path=str(folder / "sound.sock"))

    @property
    def view(self) -> SoundView:
        self.client.tend()
        return self.client.view or SoundView()

    def slips(self) -> tuple[int, int]:
        """Drop-outs and late notes up to now."""
        told = self.view
        self.client.send("view")
        until(lambda: self.view is not told)
        return self.view.dropouts, self.view.late

    def end(self) -> str:
        """End it by its id; what it complained of."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=TIMEOUT_S)
        self.client.close()
        return errors.decode()


class FakeEngine:
    """An engine's socket that the test speaks for."""

    def __init__(self, folder: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "engine.sock"))
        self._listener.listen(1)
        self._listener.settimeout(TIMEOUT_S)

    def meet(self) -> None:
        """Let the sound come, and hear how far ahead it wants its notes."""
        self._line, _ = self._listener.accept()
        self.lead_ms = int(self._line.makefile().readline().rpartition(":")[2].rstrip("}\n"))

    def play(self, due_ns: list[int], message: tuple[int, ...] = RIM) -> None:
        for due in due_ns:
            self._line.sendall(encode_notes([message], due, 1))

    def play_ahead(self, due_ns: int) -> None:
        """Send a note no earlier than the lead that was asked for."""
        until(lambda: time.monotonic_ns() >= due_ns - self.lead_ms * MS)
        self.play([due_ns])

    def close(self) -> None:
        self._line.close()
        self._listener.close()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[tuple[Studio, Recorder]]:
    with jackd(256) as environment, Recorder(environment["JACK_DEFAULT_SERVER"]) as recorder:
        studio = Studio(tmp_path, environment)
        try:
            recorder.attend("PortAudio")
            until(lambda: studio.view.click_sounds and studio.view.device)
            yield studio, recorder
        finally:
            assert studio.end() == ""


@pytest.fixture
def engine(studio: tuple[Studio, Recorder]) -> Iterator[FakeEngine]:
    engine = FakeEngine(studio[0].folder)
    engine.meet()
    yield engine
    engine.close()


def test_scheduled_clicks_have_no_jitter(studio: tuple[Studio, Recorder], engine: FakeEngine) -> None:
    """Twenty seconds of clicks, sent ahead, on a server that runs as fast as it can: even to the frame."""
    _, recorder = studio
    first_ns = time.monotonic_ns() + 200 * MS
    engine.play([first_ns + click * SECOND // 8 for click in range(160)])
    recorder.run_free(21 * RATE)
    found = onsets(recorder.sound, apart=RATE // 20)
    assert len(found) == 160
    assert {after - before for before, after in itertools.pairwise(found)} == {RATE // 8}


def test_the_lead_is_what_the_device_needs(studio: tuple[Studio, Recorder], engine: FakeEngine) -> None:
    """In real time: each note sent no earlier than the lead that the sound asked for, and none comes late."""
    sound, recorder = studio

    def play() -> None:
        first_ns = time.monotonic_ns() + 300 * MS
        for click in range(16):
            engine.play_ahead(first_ns + click * SECOND // 8)
        recorder.wait_for(recorder.frames + RATE // 2)

    found = take(sound, recorder, play)
    assert len(found) == 16
    assert_even(found, RATE // 8)


def assert_even(found: list[int], apart: int) -> None:
    """Clicks a beat apart. On a busy machine JACK's timer loses a millisecond now and then, which the sound follows
    over four seconds; what it does to the frame is seen where JACK runs free."""
    assert [
        after - before for before, after in itertools.pairwise(found) if abs(after - before - apart) > apart / 500
    ] == []


def take(sound: Studio, recorder: Recorder, play: Callable[[], None]) -> list[int]:
    """The onsets of what is played, in a take in which the machine kept up: JACK, and the sound's blocks, tell."""
    for _ in range(5):
        recorder.attend("PortAudio")  # where blocks came too late, its stream may have been opened anew
        before, begun = (recorder.xruns, *sound.slips()), recorder.frames
        play()
        if (recorder.xruns, *sound.slips()) == before:
            return onsets(recorder.sound[begun:], apart=RATE // 20)
    pytest.skip("this machine did not keep up with real time in five takes")


def test_hits_by_hand_sound_on_each_bus(studio: tuple[Studio, Recorder]) -> None:
    sound, recorder = studio
    until(lambda: sound.view.kit_sounds and sound.view.params)
    for bus, note in (("click", NOTES["rim"]), ("kit", NOTES["snare"]), ("synth", 60)):
        recorder.attend("PortAudio")
        sound.client.send("audition", bus=bus, note=note)
        until(lambda: recorder.peak(RATE // 10) > 0.01)
        sound.client.send("panic")
        until(lambda: recorder.peak(RATE // 10) == 0)


def test_notes_are_typed_where_the_sound_runs(tmp_path: Path) -> None:
    """`drumassist sound` in the foreground of a terminal, from the first word to Ctrl-C."""
    hand, terminal = pty.openpty()
    command = [sys.executable, "-m", "panel", "--data", str(tmp_path), "sound", "--patch", "organ"]
    with jackd(256) as environment, Recorder(environment["JACK_DEFAULT_SERVER"]) as recorder:
        own = os.environ | environment | {"DRUMASSIST_RUNTIME": str(tmp_path)}
        process = subprocess.Popen(
            command, cwd=ROOT, env=own, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        told: list[str] = []

        def tells(words: str) -> bool:
            with suppress(BlockingIOError):
                told.append(os.read(hand, 1000).decode())
            return words in "".join(told)

        try:
            os.set_blocking(hand, False)
            recorder.attend("PortAudio")
            until(lambda: tells("Organ sounds; all its voices take"))
            until(lambda: tells("sounds on"))
            assert recorder.peak(recorder.frames) == 0
            os.write(hand, b"57\n")
            until(lambda: recorder.peak(RATE) > 0.01)
            os.write(hand, b"\x03")
            assert process.wait(TIMEOUT_S) == 0
        finally:
            process.kill()
            process.wait()
            os.close(hand)
            os.close(terminal)
    assert "".join(told).startswith("Enter strikes a note, 48 55 60 these; Ctrl-C ends")


def test_with_no_module_the_engines_click_is_heard(studio: tuple[Studio, Recorder]) -> None:
    """The whole way: START at a panel's client, a real engine, the real sound; on the grid the engine tells."""
    sound, recorder = studio
    stage = Stage(sound.folder)
    try:
        panel = stage.panel()
        until(lambda: panel.tend() and panel.connected)
        until(lambda: panel.tend() or any(port.kind == "sound" for port in panel.view.ports))  # type: ignore[union-attr]

        def play() -> None:
            panel.send("start")
            recorder.wait_for(recorder.frames + 3 * RATE)
            panel.send("stop")
            recorder.wait_for(recorder.frames + RATE // 2)

        found = take(sound, recorder, play)
        assert len(found) >= 5  # 120 BPM for three seconds
        assert_even(found, RATE // 2)
    finally:
        stage.end()


def test_an_engines_melody_is_heard_on_the_synth_and_its_click_on_the_click(
    studio: tuple[Studio, Recorder],
) -> None:
    """A real engine, the real sound, and the mixer's faders to tell the buses apart."""
    sound, recorder = studio
    until(lambda: sound.view.params)
    stage = Stage(sound.folder)
    pattern = Pattern("Sung", Meter.of(4, 4), (Row("rim", "x..."), Row("hat", "..x.", notes=(60,))))
    try:
        panel = stage.panel()
        until(lambda: panel.tend() and panel.connected)
        until(lambda: panel.tend() or any(port.kind == "sound" for port in panel.view.ports))  # type: ignore[union-attr]
        panel.send("pattern", pattern=pattern._asdict(), micro_bpm=240 * MICRO)
        panel.send("start")
        heard = {}
        for silent in ("click", "synth"):
            sound.client.send("mix", levels={"click": 100, "synth": 100, silent: 0})
            recorder.wait_for(recorder.frames + RATE // 2)
            begun = recorder.frames
            recorder.wait_for(begun + 3 * RATE)
            heard[silent] = len(onsets(recorder.sound[begun:], apart=RATE // 10))
        panel.send("stop")
        sound.client.send("mix", levels={"click": 100, "synth": 100})
        until(lambda: recorder.peak(RATE // 2) == 0)
    finally:
        stage.end()
    assert all(count in (2, 3, 4) for count in heard.values()), heard  # a bar is a second


def test_an_engine_that_dies_leaves_no_note_of_its_melody(studio: tuple[Studio, Recorder], engine: FakeEngine) -> None:
    sound, recorder = studio
    until(lambda: sound.view.params)
    recorder.attend("PortAudio")
    engine.play([time.monotonic_ns() + 100 * MS], (0x90, 60, 100))
    until(lambda: recorder.peak(RATE // 10) > 0.01)
    recorder.wait_for(recorder.frames + 3 * RATE // 2)
    assert recorder.peak(RATE // 10) > 0.01  # it would ring for as long as it is held
    engine.close()
    until(lambda: recorder.peak(RATE // 10) == 0)


def test_a_server_that_dies_is_left_and_the_next_one_found(tmp_path: Path) -> None:
    environment, sound = {}, None
    try:
        with jackd(256) as environment:
            sound = Studio(tmp_path, environment)
            until(lambda: sound.view.device)
        until(lambda: sound.view.problem == "no sound card")
        with jackd(256):
            until(lambda: sound.view.device)
        assert sound.process.poll() is None
    finally:
        if sound:
            sound.end()
