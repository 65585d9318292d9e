"""Every state of the panel as a picture: for the docs, for golden frames, for looking at.

It must never show what the box would not: each picture comes of a session that was brought there by its own controls.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from panel.canvas import Canvas
from panel.controls import Gesture, Meant, Turn
from panel.engine.client import EngineClient, News
from panel.engine.state import stopped_state
from panel.engine.wire import Heard, PortView, View
from panel.kept import Kept
from panel.library import load_library
from panel.music.tempo import MICRO
from panel.screens.machine import Machine
from panel.screens.table import STATES
from panel.session import Session
from panel.settings import Settings

PAD = "SamplePad Pro:SamplePad Pro MIDI 1"
_START_NS = 1_000_000_000_000
_BEAT_NS = 500_000_000


class StillClient(EngineClient):
    """An engine client without an engine: what is sent happens at once, and only on paper."""

    def __init__(self, pattern_name: str, clock: Callable[[], int]) -> None:
        pattern = load_library(None).patterns[pattern_name]
        super().__init__(stopped_state(pattern, 120 * MICRO, clock()), clock)
        self.there = True
        self.ports: tuple[PortView, ...] = (PortView("module", PAD, True), PortView("virtual", "DrumAssist", True))
        self.sent: list[str] = []

    @property
    def connected(self) -> bool:
        """Whether there would be an engine."""
        return self.there

    def send(self, name: str, stamp_ns: int = 0, /, **arguments: object) -> None:
        """Change the state as the engine would."""
        self.sent.append(name)
        super().send(name, stamp_ns, **arguments)

    def tend(self) -> News | None:
        """Bring the View up to date."""
        self.view = View(self.state, self.ports, (PAD,), "fifo", (24, 61, 140), pid=1)
        return None


class Scene:
    """A panel on a clock that stands still, to be brought into a state by its controls."""

    def __init__(self, pattern: str = "4/4 Basic", **settings: bool | int | str) -> None:
        self.now = _START_NS
        self.client = StillClient(pattern, lambda: self.now)
        kept = Kept(pattern, 120 * MICRO, remembered=PAD)
        self.session = Session(self.client, load_library(None), Settings(), kept, None, lambda: self.now)
        self.session.version, self.session.address = lambda: "1.0", lambda: "192.168.1.20"
        for name, value in settings.items():
            self.session.set(name.replace("__", "."), value)
        self.machine = Machine(self.session)
        self.session.tend()

    def pressed(self, *gestures: Gesture) -> Scene:
        """Gestures, one after another."""
        for gesture in gestures:
            self.machine.handle(Meant(gesture, self.now))
            self.session.tend()
        return self

    def turned(self, steps: int) -> Scene:
        """The encoder."""
        self.machine.handle(Turn(steps, self.now))
        self.session.tend()
        return self

    def later(self, ns: int) -> Scene:
        """Time passes."""
        self.now += ns
        self.session.tend()
        return self

    def tapped(self, *gaps_ms: int) -> Scene:
        """TAP, and again after each gap."""
        self.pressed(Gesture.TAP)
        for gap_ms in gaps_ms:
            self.later(gap_ms * 1_000_000).pressed(Gesture.TAP)
        return self

    def down(self, *rows: int) -> Scene:
        """From Live into the menu, to a row and in; then to a row there and in, and so on."""
        self.pressed(Gesture.PRESS)
        for row in rows:
            self.turned(row).pressed(Gesture.PRESS)
        return self

    @property
    def picture(self) -> Image.Image:
        """The frame."""
        canvas = Canvas()
        self.machine.draw(canvas, self.now)
        return canvas.image


class Picture(NamedTuple):
    """A picture of a state of the table: its file's name, the state, and how the panel gets there."""

    name: str
    state: str
    scene: Callable[[], Scene]


def _playing(pattern: str = "4/4 Basic", beats: int = 0, **settings: bool | int | str) -> Scene:
    return Scene(pattern, **settings).pressed(Gesture.START).later(beats * _BEAT_NS)


def _faulty(ports: tuple[PortView, ...], there: bool = True) -> Scene:
    scene = Scene()
    scene.client.ports, scene.client.there = ports, there
    return scene.later(0)


def _told(text: str) -> Scene:
    scene = Scene()
    scene.session.tell(text)
    return scene


def _learned() -> Scene:
    scene = Scene().down(3, 1).turned(3).pressed(Gesture.PRESS)
    scene.client.heard.append(Heard(45, 10, 90, scene.now))
    scene.later(0).machine.draw(Canvas(), scene.now)
    return scene


def _muted() -> Scene:
    return _playing(beats=2).down(0).pressed(Gesture.BACK)


def _waiting() -> Scene:
    return _playing("4/4 Basic", 5).down(2).turned(4).pressed(Gesture.PRESS)


_NO_PAD = (PortView("module", PAD, False), PortView("virtual", "DrumAssist", True))

PICTURES = (
    Picture("live-stopped", "live", Scene),
    Picture("live-playing", "live", lambda: _playing(beats=6)),
    Picture("live-seven", "live", lambda: _playing("Prog Rock 7/8", 9, click__clock=True)),
    Picture("live-fast", "live", lambda: _playing("Sixteenths").turned(180).later(3_350_000_000)),
    Picture("live-dotted", "live", lambda: _playing("12/8 Blues", 1)),
    Picture("live-count-in", "live", lambda: _playing(beats=1, click__count_in=2)),
    Picture("live-tapped", "live", lambda: Scene().tapped(498, 505, 500, 497)),
    Picture("live-nudged", "live", lambda: _playing(beats=2).turned(12)),
    Picture("live-muted", "live", _muted),
    Picture("live-fill", "live", lambda: _playing("Prog Rock 7/8", 2).pressed(Gesture.NEXT, Gesture.NEXT)),
    Picture("live-waiting", "live", _waiting),
    Picture("live-locked", "live", lambda: Scene(panel__lock=True).turned(1)),
    Picture("live-no-pad", "live", lambda: _faulty(_NO_PAD)),
    Picture("live-no-midi", "live", lambda: _faulty(())),
    Picture("live-no-engine", "live", lambda: _faulty(_NO_PAD, there=False)),
    Picture("live-notice", "live", lambda: _told("settings.toml:7 broken")),
    Picture("menu", "menu", lambda: Scene().down()),
    Picture("menu-end", "menu", lambda: Scene().down().turned(7)),
    Picture("patterns", "patterns", lambda: Scene().down(2)),
    Picture("patterns-turned", "patterns", lambda: Scene().down(2).turned(30)),
    Picture("voices", "voices", lambda: Scene().down(3)),
    Picture("voices-end", "voices", lambda: Scene().down(3).turned(30)),
    Picture("module", "module", lambda: Scene().down(3, 0)),
    Picture("voice", "voice", lambda: Scene().down(3, 1)),
    Picture("voice-sound", "voice sound", lambda: Scene().down(3, 1, 0)),
    Picture("voice-level", "voice level", lambda: Scene().down(3, 1, 1).turned(-5)),
    Picture("voice-learn", "voice learn", lambda: Scene().down(3, 1, 3)),
    Picture("voice-learned", "voice", _learned),
    Picture("ports", "ports", lambda: Scene().down(4)),
    Picture("settings", "settings", lambda: Scene().down(5)),
    Picture("setting", "setting", lambda: Scene().down(5, 2)),
    Picture("setting-words", "setting", lambda: Scene().down(5, 4)),
    Picture("about", "about", lambda: Scene().down(6)),
)
assert {picture.state for picture in PICTURES} == set(STATES)


def save_gallery(folder: Path) -> int:
    """Write a PNG of every picture; how many there are. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        picture.scene().picture.save(folder / f"{picture.name}.png")
    return len(PICTURES)


def sheet(pictures: list[Image.Image], columns: int, scale: int = 4, gap: int = 12) -> Image.Image:
    """Pictures side by side, enlarged, lit pixels on a dark ground."""
    width, height = pictures[0].width * scale + gap, pictures[0].height * scale + gap
    rows = -(-len(pictures) // columns)
    found = Image.new("L", (columns * width + gap, rows * height + gap), 60)
    for index, picture in enumerate(pictures):
        large = picture.convert("L").resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
        found.paste(large, (gap + index % columns * width, gap + index // columns * height))
    return found
