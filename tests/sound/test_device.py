"""The stream that sounds: opened, lost, opened again; how far ahead notes have to come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from panel.engine.player import Message
from panel.engine.wire import MAX_LEAD_MS, Notes
from panel.sound import device as device_module
from panel.sound.clock import SECOND, FrameClock, Line
from panel.sound.device import CALM_NS, LOOK_NS, MANY_DROPOUTS, PATIENCE_NS, Device
from panel.sound.output import MARGIN_NS, OutputError
from panel.sound.rig import Chosen
from panel.sound.shelf import Shelf

MS = 1_000_000
RATE = 48_000
RIM = (0x99, 37, 100)
SUNG, END = (0x90, 60, 100), (0x80, 60, 64)


class FakeOutput:
    """A stream that plays when it is told to."""

    ahead_frames = 128 + 64
    latency_ns = 5 * MS
    stubborn = False  # it keeps its latency, whatever is asked for

    def __init__(self, name: str, latency: float | str, rate: int) -> None:
        self.name, self.rate, self.latency = name, rate, latency
        self.latency_s = latency if isinstance(latency, float) and not self.stubborn else 0.01
        self.clock = FrameClock(rate)
        self.dropouts = self.next_frame = 0
        self.lives, self.closes, self.closed = True, True, False
        self.started_at = -1

    def start(self, render: Any, frame: int = 0) -> None:
        self.started_at = self.next_frame = frame

    def is_alive(self) -> bool:
        return self.lives

    def close(self) -> bool:
        self.closed = True
        return self.closes

    def tend(self) -> int:
        line, stalls = self.clock.line, self.clock.set_anew
        self.clock.tend()
        if self.clock.set_anew == stalls or not line or not self.clock.line:
            return 0
        return line.frame_of(self.clock.line.ns) - self.clock.line.frame

    def frame_heard_at(self, ns: int) -> int:
        assert self.clock.line
        return self.clock.line.frame_of(ns - self.latency_ns)

    def frame_made_at(self, ns: int) -> int:
        assert self.clock.line
        return self.clock.line.frame_of(ns)


class FakePatchbay:
    """A synthesizer that is silent."""

    active = trying = False

    def __init__(self, rate: int) -> None:
        self.rate, self.closed = rate, False

    def close(self) -> None:
        self.closed = True

    def silence(self, frame: int) -> None:
        pass


class Scene:
    """A device on a fake clock, whose machine has the sound cards that `cards` says."""

    def __init__(self, folder: Path) -> None:
        self.now, self.looks = 10**15, 0
        self.there, self.rate = True, RATE
        self.outputs: list[FakeOutput] = []
        self.patchbays: list[FakePatchbay] = []
        make: Any = self._patchbay
        shelf = Shelf((folder,), lambda: None)
        self.device = Device(lambda: self.now, shelf, Chosen(), make, self._open, self._look)  # type: ignore[arg-type]

    def _patchbay(self, rate: int) -> FakePatchbay:
        self.patchbays.append(FakePatchbay(rate))
        return self.patchbays[-1]

    def _open(self, name: str, latency: float | str) -> FakeOutput:
        if not self.there:
            raise OutputError("no sound card")
        self.outputs.append(FakeOutput(name, latency, self.rate))
        return self.outputs[-1]

    def _look(self) -> None:
        self.looks += 1

    def later(self, ns: int = LOOK_NS) -> bool:
        self.now += ns
        return self.device.tend()

    def settled(self) -> FakeOutput:
        """A stream whose frame 0 was asked for now."""
        self.later()
        output = self.outputs[-1]
        for block in range(300):
            output.clock.observe(block * 128, self.now + block * 128 * SECOND // RATE)
        output.clock.tend()
        output.clock.line = Line(0, self.now, SECOND / RATE)
        return output


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


class TestOpening:
    def test_where_none_is_it_says_so_and_looks_again(self, scene: Scene) -> None:
        scene.there = False
        assert scene.later()
        assert (scene.device.problem, scene.device.lead_ms) == ("no sound card", 0)
        assert not scene.later()  # patience: a look costs
        scene.there = True
        assert scene.later(PATIENCE_NS)
        assert (scene.device.problem, scene.looks) == ("", 2)

    def test_one_that_goes_is_opened_again_where_it_was(self, scene: Scene) -> None:
        first = scene.settled()
        rig, first.next_frame, first.dropouts = scene.device.rig, 6400, 3
        first.lives = False
        scene.later()
        assert first.closed
        assert (scene.outputs[-1].started_at, scene.device.rig, scene.device.dropouts) == (6400, rig, 3)
        assert len(scene.patchbays) == 1

    def test_another_rate_makes_all_anew(self, scene: Scene) -> None:
        first = scene.settled()
        first.next_frame, first.lives, scene.rate = 6400, False, 44_100
        scene.later()
        assert scene.device.rig
        assert (scene.device.rig.rate, scene.outputs[-1].started_at) == (44_100, 0)
        assert [bay.closed for bay in scene.patchbays] == [True, False]

    def test_one_that_cannot_be_given_back_ends_this_process(self, scene: Scene) -> None:
        first = scene.settled()
        first.lives = first.closes = False
        scene.later()
        assert scene.device.is_stuck
        assert len(scene.outputs) == 1

    def test_another_device_is_chosen_by_name(self, scene: Scene) -> None:
        first = scene.settled()
        scene.device.choose("usb")
        assert first.closed
        scene.later(0)
        assert scene.outputs[-1].name == "usb"
        scene.device.choose("usb")
        assert not scene.outputs[-1].closed

    def test_blocks_that_come_too_late_again_and_again_are_made_larger(self, scene: Scene) -> None:
        first = scene.settled()
        first.dropouts = MANY_DROPOUTS - 1
        assert not scene.later()
        first.dropouts += 1
        assert scene.later()
        assert scene.outputs[-1].latency == 0.02

    def test_a_dropout_now_and_then_is_lived_with(self, scene: Scene) -> None:
        first = scene.settled()
        for _ in range(20):
            first.dropouts += MANY_DROPOUTS - 1
            assert not scene.later(CALM_NS)

    def test_a_device_that_gives_no_larger_ones_is_asked_once(self, scene: Scene) -> None:
        scene.settled().dropouts = MANY_DROPOUTS
        assert scene.later()
        second = scene.outputs[-1]
        second.latency_s, second.dropouts = 0.01, MANY_DROPOUTS
        assert not scene.later()
        second.dropouts *= 2
        assert not scene.later(CALM_NS)
        assert scene.outputs[-1] is second

    def test_the_largest_blocks_are_kept(self, scene: Scene) -> None:
        scene.settled()
        for _ in range(10):
            scene.outputs[-1].dropouts = MANY_DROPOUTS
            scene.later()
        assert [output.latency for output in scene.outputs] == ["low", 0.02, 0.04, 0.08, device_module.MAX_LATENCY_S]

    def test_a_device_that_keeps_its_latency_is_not_opened_again_and_again(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A JACK server has its own: each time it would be silent for half a second."""
        monkeypatch.setattr(FakeOutput, "stubborn", True)
        scene.settled()
        for _ in range(10):
            scene.outputs[-1].dropouts += MANY_DROPOUTS
            scene.later()
        assert [output.latency for output in scene.outputs] == ["low", 0.02]


class TestFrames:
    def test_nothing_is_promised_before_the_clock_is_known(self, scene: Scene) -> None:
        scene.later()
        assert scene.device.lead_ms == 0

    def test_is_looked_after_often_only_while_something_is_under_way(self, scene: Scene) -> None:
        scene.later()
        assert scene.device.is_lively  # the clock is not known
        scene.device.close()
        scene.settled()
        assert not scene.device.is_lively
        scene.patchbays[-1].active = True
        assert scene.device.is_lively

    def test_the_lead_holds_device_blocks_limiter_and_a_margin(self, scene: Scene) -> None:
        output = scene.settled()
        assert scene.device.rig
        frames = output.ahead_frames + scene.device.rig.desk.latency_frames
        needed = output.latency_ns + frames * SECOND // RATE + MARGIN_NS
        assert needed <= scene.device.lead_ms * MS < needed + 5 * MS
        output.latency_ns = 3 * SECOND
        assert scene.device.lead_ms == MAX_LEAD_MS

    def test_a_note_is_heard_when_it_is_due(self, scene: Scene) -> None:
        output = scene.settled()
        desk, taken = _listen(scene)
        due_ns = scene.now + 40 * MS
        scene.device.schedule(Notes(due_ns, 1, (RIM,)))
        _render(desk, 40)
        frame = taken[0] + desk.latency_frames
        assert frame == round((due_ns - output.latency_ns - scene.now) * RATE / SECOND)

    def test_hits_sound_a_constant_time_after_their_stamp(self, scene: Scene) -> None:
        output = scene.settled()
        output.next_frame = 1024
        desk, taken = _listen(scene)
        stamps = [scene.now + us * 1000 for us in (0, 1_234, 5_000, 17_321)]
        for stamp_ns in stamps:
            scene.device.hit("click", RIM, stamp_ns)
        _render(desk, 40)
        delays = [frame - round((ns - scene.now) * RATE / SECOND) for frame, ns in zip(taken, stamps, strict=True)]
        assert set(delays) == {output.ahead_frames}

    def test_a_test_hit_of_the_engine_sounds_at_once_and_nothing_takes_it_back(self, scene: Scene) -> None:
        """It is due when it is sent: by its frame it would be as late as the device's buffer is long."""
        output = scene.settled()
        output.latency_ns, output.next_frame = 100 * MS, 128
        desk, taken = _listen(scene)
        scene.device.schedule(Notes(scene.now, 7, (RIM,)))
        scene.device.recall(8, scene.now)
        _render(desk, 10)
        assert taken == [output.ahead_frames]
        assert desk.late == 0

    def test_what_a_stopped_process_missed_is_passed_over(self, scene: Scene) -> None:
        """It reads all at once when it goes on, and its stream's clock does not know yet how long it stood still."""
        scene.settled()
        desk, taken = _listen(scene)
        for beat in range(1, 20):
            scene.device.schedule(Notes(scene.now + beat * SECOND, 7, (RIM,)))
        scene.now += 20 * SECOND
        for beat in range(20):
            scene.device.schedule(Notes(scene.now - SECOND - beat * SECOND, 7, (RIM,)))
        due_ns = scene.now + 35 * MS
        scene.device.schedule(Notes(due_ns, 7, (RIM,)))
        _stumble(scene)
        _render(desk, 40 * RATE // 64)
        assert taken == [round((35 - 5) * RATE / 1000) - desk.latency_frames]  # 5 ms: the device's buffer
        assert scene.device.late == 20 + 19  # what it had missed, and what it had taken before it was stopped

    def test_hits_on_a_stream_that_stood_still_are_not_kept_for_later(self, scene: Scene) -> None:
        output = scene.settled()
        desk, taken = _listen(scene)
        scene.device.hit("click", RIM, scene.now + 3 * SECOND)
        _render(desk, 20)
        assert taken == [2 * output.ahead_frames]

    def test_what_was_to_sound_when_a_stream_went_does_not_on_the_next(self, scene: Scene) -> None:
        first = scene.settled()
        desk, taken = _listen(scene)
        scene.device.schedule(Notes(scene.now + 40 * MS, 1, (RIM,)))
        scene.device.hit("click", RIM, scene.now)
        first.lives = False
        scene.later()
        assert len(scene.outputs) == 2
        _render(desk, 100)
        assert taken == []

    def test_a_melody_goes_to_the_synth_the_click_to_its_own_bus(self, scene: Scene) -> None:
        scene.settled()
        taken = _take(scene)
        scene.device.schedule(Notes(scene.now + 40 * MS, 1, (RIM, SUNG, (0x89, 37, 64), END)))
        _render(scene.device.rig.desk, 40)  # type: ignore[union-attr]
        assert taken == [("click", RIM), ("click", (0x89, 37, 64)), ("synth", SUNG), ("synth", END)]

    def test_the_end_of_a_note_is_never_too_late(self, scene: Scene) -> None:
        scene.settled()
        taken = _take(scene)
        scene.device.schedule(Notes(scene.now - SECOND, 1, (RIM, SUNG, END)))
        _render(scene.device.rig.desk, 10)  # type: ignore[union-attr]
        assert taken == [("synth", END)]
        assert scene.device.late == 2

    def test_what_came_too_late_is_counted_on_at_another_rate(self, scene: Scene) -> None:
        first = scene.settled()
        scene.device.schedule(Notes(scene.now - SECOND, 1, (RIM, SUNG)))
        scene.rate, first.lives = 2 * RATE, False
        scene.later()
        assert scene.device.rig
        assert scene.device.rig.rate == 2 * RATE
        assert scene.device.late == 2

    def test_what_an_engine_leaves_ringing_is_ended_behind_all_that_it_sent(self, scene: Scene) -> None:
        scene.settled()
        taken = _take(scene)
        scene.device.schedule(Notes(scene.now + scene.device.lead_ms * MS, 1, (SUNG,)))
        scene.device.end_melody()
        _render(scene.device.rig.desk, 60)  # type: ignore[union-attr]
        assert taken == [("synth", SUNG), ("synth", (0xB0, 123, 0))]

    def test_what_nothing_can_sound_is_passed_over(self, scene: Scene) -> None:
        scene.device.schedule(Notes(scene.now, 1, (RIM,)))
        scene.device.hit("click", RIM, scene.now)
        scene.device.recall(2, scene.now)
        assert scene.device.rig is None


def _take(scene: Scene) -> list[tuple[str, Message]]:
    """What its buses take from now on."""
    assert scene.device.rig
    taken: list[tuple[str, Message]] = []
    for name, source in scene.device.rig.desk.sources.items():
        bus: Any = source
        bus.take = lambda frame, message, name=name: taken.append((name, message))
    return taken


def _listen(scene: Scene) -> tuple[Any, list[int]]:
    """The desk, and the frames at which its click bus is struck from now on."""
    assert scene.device.rig
    desk, taken = scene.device.rig.desk, []
    bus: Any = desk.sources["click"]
    bus.take = lambda frame, message: taken.append(frame)
    return desk, taken


def _stumble(scene: Scene) -> None:
    """The stream, which stood still at its beginning, goes on now."""
    output = scene.outputs[-1]
    for block in range(8):
        output.clock.observe(block * 128, scene.now + block * 128 * SECOND // RATE)
    scene.device.tend()


def _render(desk: Any, quanta: int) -> None:
    import numpy as np

    out = np.empty((64, 2), np.float32)
    for quantum in range(quanta):
        desk.render(quantum * 64, out)
