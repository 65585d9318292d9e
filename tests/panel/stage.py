"""A whole panel on a fake clock: App, Machine, Session, an engine on paper, and hands that come when they are told.

It must never sleep: `wait` stands in for select, and moves the clock.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image

from panel.app import App
from panel.controls import Button, Gesture, Input, Meant, Turn
from panel.gallery import Scene, turns_to
from panel.music.pattern import Pattern
from panel.screens.machine import Machine
from panel.screens.table import ANY, WAYS

MS = 1_000_000
SECOND = 1000 * MS
TABLE = {(way.state, way.on) for way in WAYS}


class Glass:
    """A display that keeps what it was shown, and fails when it is told to."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.frames: list[tuple[int, Image.Image]] = []
        self.tried_ns: list[int] = []
        self.levels: list[tuple[int, int]] = []
        self.renewed = 0
        self.broken = False
        self.takes_ns = 0  # for a frame

    def show(self, image: Image.Image) -> bool:
        """Take a picture."""
        assert (image.mode, image.size) == ("1", (128, 64))
        self.tried_ns.append(self._stage.now)
        self._stage.scene.now += self.takes_ns
        if not self.broken:
            self.frames.append((self._stage.now, image.copy()))
        return not self.broken

    def dim(self, level: int) -> None:
        """Take a brightness."""
        assert 0 <= level <= 255
        self.levels.append((self._stage.now, level))

    def renew(self) -> None:
        """Count how often all was to be shown anew."""
        self.renewed += 1

    def close(self) -> None:
        """Nothing is open."""


class Hands:
    """Controls whose inputs are put there, each with the time at which it comes."""

    def __init__(self) -> None:
        self.coming: list[Input] = []
        self.now = 0

    def fileno(self) -> int:
        """Never asked by the stand-in of select."""
        return 99

    def read(self) -> list[Input]:
        """What has come by now."""
        come = [event for event in self.coming if event.stamp_ns <= self.now]
        self.coming = [event for event in self.coming if event.stamp_ns > self.now]
        return come

    def close(self) -> None:
        """Nothing is open."""


class Lights:
    """Lamps that keep when they changed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.changes: list[tuple[int, bool, bool]] = []

    def set(self, beat: bool, status: bool) -> None:
        """Take a change."""
        self.changes.append((self._stage.now, beat, status))

    def close(self) -> None:
        """Nothing is open."""


class WatchedMachine(Machine):
    """A Machine that keeps where it has been, and refuses an outcome that the table does not know."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.session)
        self.been: set[str] = {self.state}

    def _follow(self, outcome: str | None) -> None:
        known = outcome is None or {(self.state, outcome), (ANY, outcome)} & TABLE
        assert known or (self.state, outcome) == ("live", "back"), f"{self.state} gave {outcome}"
        super()._follow(outcome)
        self.been.add(self.state)


class Stage:
    """Plays time: `hand` puts inputs in, `run` lets time pass, `glass` keeps the frames. A context manager."""

    def __init__(self, pattern: str | Pattern = "4/4 Basic", data: Path | None = None, **settings: Any) -> None:
        self.scene = Scene(pattern, data, **settings)
        self.session, self.client = self.scene.session, self.scene.client
        self.machine = WatchedMachine(self.scene)
        self.glass, self.lights, self.hands = Glass(self), Lights(self), Hands()
        self.steps = 0
        self._end_ns = self.now
        self.app = App(self.machine, self.glass, [self.hands], self.lights, lambda: self.now, self._wait)

    def __enter__(self) -> Stage:
        self.run(SECOND)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.app.close()

    @property
    def now(self) -> int:
        """The fake clock, in ns."""
        return self.scene.now

    @property
    def state(self) -> str:
        """The state of the table."""
        return self.machine.state

    @property
    def picture(self) -> Image.Image:
        """The last frame."""
        return self.glass.frames[-1][1]

    def sent(self, name: str) -> list[dict[str, Any]]:
        """The arguments of every command of that name."""
        return [arguments for sent, arguments in self.client.sent if sent == name]

    def run(self, ns: int) -> Stage:
        """Let time pass."""
        self._end_ns = self.now + ns
        before = self.steps
        while self.now < self._end_ns:
            self.app.step()
            self.steps += 1
            assert self.steps - before < 1000 + ns // MS, "the loop spins"
        return self

    def hand(self, *events: Input) -> Stage:
        """Inputs that come at their stamps."""
        self.hands.coming += events
        return self

    def turn(self, steps: int) -> Stage:
        """The encoder, now."""
        return self.hand(Turn(steps, self.now)).run(40 * MS)

    def button(self, name: str, down_ms: int = 50) -> Stage:
        """A button pressed now and let go after a while."""
        return self.hand(Button(name, True, self.now), Button(name, False, self.now + down_ms * MS)).run(
            (down_ms + 40) * MS
        )

    def press(self, times: int = 1) -> Stage:
        """The encoder, pressed and let go."""
        for _ in range(times):
            self.button("encoder")
        return self

    def mean(self, gesture: Gesture) -> Stage:
        """A gesture that comes whole."""
        return self.hand(Meant(gesture, self.now)).run(40 * MS)

    def down(self, *rows: int | str) -> Stage:
        """From Live into the menu, to a row and in, and so on."""
        self.press()
        for row in rows:
            self.turn(turns_to(row, self.machine.screen)).press()
        return self

    def _wait(self, sources: list[Any], _w: list[Any], _x: list[Any], patience_s: float) -> tuple[Any, Any, Any]:
        assert patience_s >= 0
        coming = self.hands.coming if self.hands in sources else []
        next_ns = min([event.stamp_ns for event in coming], default=self._end_ns)
        until_ns = min(self.now + max(1, round(patience_s * 1e9)), self._end_ns, max(next_ns, self.now))
        self.scene.now = self.hands.now = until_ns
        ready = [self.hands] if next_ns <= until_ns and coming else []
        return ready, [], []
