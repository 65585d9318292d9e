"""Engine and desk together: what the engine takes back when it has been made already is neither doubled nor lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from panel.engine.own_sound import SOUND_KIND
from panel.engine.player import Message
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
        self.clicks = Clicks()
        self.desk = Desk(RATE, {"click": self.clicks})
        self._frame = self._begun_ns = 0
        self._out = np.empty((QUANTUM, 2), np.float32)

    def send(self, messages: list[Message], due_ns: int, revision: int) -> None:
        self.desk.schedule(self.frame_at(due_ns), "click", tuple(messages), revision)

    def recall(self, revision: int) -> None:
        self.desk.recall(revision)

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
    def __init__(self) -> None:
        self.sound = Sound()
        self.box = Box(BASIC, (self.sound,))
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
