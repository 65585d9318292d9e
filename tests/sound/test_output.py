"""The stream: blocks of any size from the same quanta, a latency that can be believed, errors in one line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sounddevice

from panel.sound import output as output_module
from panel.sound.clock import SECOND
from panel.sound.output import Output, OutputError, look_for_devices, open_output
from panel.sound.quantum import QUANTUM, Frames

RATE = 48_000
MS = 1_000_000


class FakeStream:
    """PortAudio's stream, that calls when the test has it call."""

    latency, active = 0.01, True

    def __init__(self, *, channels: int, callback: Any, **_: Any) -> None:
        self.channels, self._callback, self.closed = channels, callback, False
        self.fails = False

    def start(self) -> None:
        if self.fails:
            raise sounddevice.PortAudioError("Device unavailable")

    def close(self) -> None:
        self.closed = True

    def ask(self, frames: int, latency_s: float = 0.02, underflow: bool = False) -> Frames:
        """A block of so many frames."""
        out: Frames = np.empty((frames, self.channels), np.float32)
        times = SimpleNamespace(currentTime=100.0, outputBufferDacTime=100.0 + latency_s)
        self._callback(out, frames, times, SimpleNamespace(output_underflow=underflow))
        return out


class Scene:
    """A device of some channels, on a fake clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.channels, self.fault = 10**15, 2, ""
        self.rendered: list[int] = []
        monkeypatch.setattr(sounddevice, "OutputStream", FakeStream)
        monkeypatch.setattr(
            sounddevice, "query_devices", lambda _: {"name": "Card", "max_output_channels": self.channels}
        )
        monkeypatch.setattr(output_module, "time", SimpleNamespace(monotonic_ns=lambda: self.now))
        monkeypatch.setattr(output_module, "_be_punctual", lambda: None)

    def open(self) -> Output:
        self.output = Output(0, RATE)
        self.stream: Any = self.output._stream
        return self.output

    def render(self, frame: int, out: Frames) -> None:
        """Each sample is its own frame, on the left; the right is twice that."""
        self.rendered.append(frame)
        if self.fault:
            raise ValueError(self.fault)
        out[:, 0] = np.arange(frame, frame + QUANTUM)
        out[:, 1] = 2 * out[:, 0]

    def play(self, blocks: int, frames: int = 128, latency_s: float = 0.02) -> int:
        """Blocks at the pace of real time, looked after; how many frames the stream was found to have stalled."""
        stalled = 0
        for _ in range(blocks):
            self.stream.ask(frames, latency_s)
            self.now += frames * SECOND // RATE
            stalled += self.output.tend()
        return stalled


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


class TestBlocks:
    @pytest.mark.parametrize("sizes", [(64,), (128,), (100,), (1,), (1024, 1, 63, 300), (441,)])
    def test_of_any_size_are_the_same_sound(self, scene: Scene, sizes: tuple[int, ...]) -> None:
        scene.open().start(scene.render, 6400)
        sound = np.concatenate([scene.stream.ask(sizes[n % len(sizes)]) for n in range(300)])
        assert np.array_equal(sound[:, 0], np.arange(6400, 6400 + len(sound)))
        assert np.array_equal(sound[:, 1], 2 * sound[:, 0])

    def test_one_channel_is_the_mean_of_both(self, scene: Scene) -> None:
        scene.channels = 1
        scene.open().start(scene.render)
        assert np.array_equal(scene.stream.ask(100)[:, 0], 1.5 * np.arange(100))

    @pytest.mark.parametrize("frames", [64, 100, 128, 441, 1000])
    def test_what_is_told_a_moment_after_its_stamp_is_never_too_late(self, scene: Scene, frames: int) -> None:
        """From any stamp on there is a quarter of a quantum until the quantum is made, at the least."""
        output = scene.open()
        output.start(scene.render)
        scene.play(round(0.6 * RATE / frames) + 2, frames)
        assert output.clock.settled
        for _ in range(16):  # as the blocks lie on the grid
            begun_ns, first = scene.now, output.next_frame - output._left
            for after in range(0, frames, 7):
                frame = output.frame_made_at(begun_ns + after * SECOND // RATE) + output.ahead_frames
                told_in_block = (after + QUANTUM // 4) // frames  # the next block is asked for at `begun_ns`
                made_until = -(-(first + (told_in_block + 1) * frames) // QUANTUM) * QUANTUM
                assert frame >= made_until, after
            scene.play(1, frames)

    def test_what_raises_is_silent_and_told_until_it_is_well_again(self, scene: Scene) -> None:
        scene.open().start(scene.render)
        scene.fault = "no"
        assert not scene.stream.ask(128).any()
        assert scene.output.fault == "ValueError: no"
        scene.fault = ""
        assert scene.stream.ask(128).any()
        assert scene.output.fault == ""


class TestLatency:
    def test_is_measured_once_the_clock_is_settled_and_then_stays(self, scene: Scene) -> None:
        output = scene.open()
        output.start(scene.render)
        assert output.latency_ns == 10 * MS
        scene.play(300, latency_s=0.02)
        assert output.latency_ns == pytest.approx(20 * MS, abs=1000)
        held = output.latency_ns
        scene.play(300, latency_s=0.021)
        assert output.latency_ns == held

    def test_is_measured_anew_when_the_stream_has_stalled(self, scene: Scene) -> None:
        output = scene.open()
        output.start(scene.render)
        assert scene.play(300) == 0
        scene.now += SECOND
        assert scene.play(10) == pytest.approx(RATE, abs=2)
        scene.play(600, latency_s=0.05)
        assert output.latency_ns == pytest.approx(50 * MS, abs=1000)

    @pytest.mark.parametrize("nonsense_s", [0.0, -100.0, 5000.0, float("nan")])
    def test_that_is_none_is_not_believed(self, scene: Scene, nonsense_s: float) -> None:
        output = scene.open()
        output.start(scene.render)
        scene.play(300, latency_s=nonsense_s)
        assert output.clock.settled
        assert output.latency_ns == 10 * MS


class TestErrors:
    def test_a_device_that_does_not_start_is_given_back(self, scene: Scene) -> None:
        output = scene.open()
        scene.stream.fails = True
        with pytest.raises(OutputError, match="Card: Device unavailable"):
            output.start(scene.render)
        assert scene.stream.closed

    def test_a_device_that_has_gone_is_not_alive(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(_: object) -> bool:
            raise sounddevice.PortAudioError("Invalid stream pointer")

        output = scene.open()
        output.start(scene.render)
        scene.play(1)
        assert output.is_alive()
        monkeypatch.setattr(FakeStream, "active", property(gone))
        scene.play(1)
        assert not output.is_alive()

    def test_what_portaudio_can_not_do_is_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise sounddevice.PortAudioError("Unanticipated host error")

        monkeypatch.setattr(sounddevice, "query_devices", fail)
        with pytest.raises(OutputError, match="Unanticipated host error"):
            open_output()
        monkeypatch.setattr(sounddevice, "_terminate", fail)
        monkeypatch.setattr(sounddevice, "_initialize", fail)
        with pytest.raises(OutputError, match="Unanticipated host error"):
            look_for_devices()
