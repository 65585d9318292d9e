"""Engine and desk together: what the engine takes back when it has been made already is neither doubled nor lost."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from panel.engine.own_sound import SOUND_KIND
from panel.engine.player import MELODY_CHANNEL, NOTE_ON, Message
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.percussion import PERCUSSION_CHANNEL
from panel.music.tempo import MICRO
from panel.sound.desk import Desk
from panel.sound.quantum import QUANTUM
from tests.box import BASIC, MS, SECOND, Box
from tests.sound.test_desk import Clicks

RATE = 48_000
LATENCY_MS, LEAD_MS = 15, 30  # so long before it is heard a frame is made; so long before that a note is told


class Sound:
    """The box's own sound: a port of the engine's whose desk has made all that is heard within LATENCY_MS."""

    kind, name, lead_ns = SOUND_KIND, "sound", LEAD_MS * MS

    def __init__(self) -> None:
        self.clicks, self.synth = Clicks(), Clicks()
        self.desk = Desk(RATE, {"click": self.clicks, "synth": self.synth})
        self._frame = self._begun_ns = 0
        self.now: Callable[[], int] = lambda: 0
        self._out = np.empty((QUANTUM, 2), np.float32)

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        frame = self.frame_at(due_ns)
        if due_ns <= self.now():  # as Device does: at once, and nothing takes it back
            frame, revision = max(frame, self._frame), 0
        for bus, channel in (("click", PERCUSSION_CHANNEL), ("synth", MELODY_CHANNEL)):
            self.desk.schedule(frame, bus, tuple(m for m in messages if m[0] & 0x0F == channel - 1), revision)

    def recall(self, revision: int, heard_ns: int) -> None:
        self.desk.recall(revision, self.frame_at(heard_ns))

    def close(self) -> None:
        pass

    def frame_at(self, ns: int) -> int:
        return (ns - self._begun_ns) * RATE // SECOND

    def make_until(self, ns: int) -> None:
        """What a device asks for by that moment."""
        self._begun_ns = self._begun_ns or ns
        while self._frame < self.frame_at(ns + LATENCY_MS * MS):
            self.desk.render(self._frame, self._out)
            self._frame += QUANTUM


class Scene:
    def __init__(self, pattern: Pattern = BASIC) -> None:
        self.sound = Sound()
        self.box = Box(pattern, (self.sound,))
        self.sound.now = lambda: self.box.now
        self.sound.make_until(self.box.now)

    def run(self, ms: int) -> None:
        for _ in range(ms):
            self.box.run(MS)
            self.sound.make_until(self.box.now)


@pytest.mark.parametrize("turn", [{"micro_bpm": 126 * MICRO}, {"micro_bpm": 114 * MICRO}])
def test_a_tempo_that_is_turned_at_any_moment_before_a_beat(turn: dict[str, Any]) -> None:
    for before_ms in range(1, 60, 3):
        scene = Scene()
        scene.box.do("start")
        scene.run(2 * 500 + LEAD_MS - before_ms)
        scene.box.do("tempo", **turn)
        scene.run(1100)
        gaps = np.diff(scene.sound.clicks.frames)
        assert len(gaps) >= 3, before_ms
        assert 20_000 < gaps.min() <= gaps.max() < 27_000, before_ms
        assert scene.sound.desk.late == 0


def test_a_stop_and_a_start_at_any_moment_before_a_beat() -> None:
    for before_ms in range(1, 60, 3):
        scene = Scene()
        scene.box.do("start")
        scene.run(2 * 500 + LEAD_MS - before_ms)
        told = scene.sound.frame_at(scene.box.now)
        scene.box.do("start")
        scene.run(1100)
        anew = [frame for frame in scene.sound.clicks.frames if frame >= told + LEAD_MS * RATE // 1000 - 1]
        assert len(anew) == 3, before_ms
        assert set(np.diff(anew)) == {RATE // 2}


SAME = Pattern("Same", Meter.of(4, 4), (Row("hat", "xxxxxxxx", notes=(60,) * 8),), (Row("rim", "x..."),))


def rings(scene: Scene) -> bool:
    """Whether the synthesizer's note rings, by all that its bus has taken."""
    last = [message for _, message in scene.sound.synth.taken if message[0] & 0xF0 in (0x80, NOTE_ON)][-1]
    return last[0] & 0xF0 == NOTE_ON


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("stop", {}),
        ("mute", {"on": True}),
        ("fill", {"bars": 0}),
        ("ports", {"click_to": "module"}),
        ("pattern", {"pattern": BASIC._asdict(), "micro_bpm": 120 * MICRO}),
    ],
)
def test_no_note_of_a_melody_hangs_whenever_it_is_left(name: str, arguments: dict[str, Any]) -> None:
    for before_ms in range(1, 120, 3):
        scene = Scene(SAME)
        scene.box.do("start")
        scene.run(1000 + LEAD_MS - before_ms)
        scene.box.do(name, **arguments)
        if name == "ports":
            scene.run(300)
            scene.box.do("stop")
        scene.run(3000)
        scene.box.do("mute", on=True)
        scene.run(3000)
        assert not rings(scene), before_ms


@pytest.mark.parametrize("turn", [{"micro_bpm": 121 * MICRO}, {"micro_bpm": 119 * MICRO}])
def test_a_tempo_that_is_turned_cuts_no_note_of_a_melody(turn: dict[str, Any]) -> None:
    """Each eighth rings for seven eighths of its time, a little more or less where the tempo has changed within it."""
    for before_ms in range(1, 120, 3):
        scene = Scene(SAME)
        scene.box.do("start")
        scene.run(1000 + LEAD_MS - before_ms)
        scene.box.do("tempo", **turn)
        scene.run(1100)
        taken = scene.sound.synth.taken
        starts = [frame for frame, message in taken if message[0] & 0xF0 == NOTE_ON]
        assert len(starts) >= 7, before_ms
        for frame, after in itertools.pairwise(starts):
            end = next(at for at, message in taken if message[0] & 0xF0 == 0x80 and at > frame)
            assert 0.8 < (end - frame) / (after - frame) < 0.95, before_ms
