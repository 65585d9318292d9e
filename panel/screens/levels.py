"""The faders of a click: one for each note value, and under them the knob from sparse to dense.

     ==                  ==
     ##    ==            ||           = how far the fader is open
     ##    ##    ==      ||           # what is heard of it at this density
     ##    ##    ||      ||    ==
    acc  [beat]  8th    16th    3     [ ] the one that the next press takes hold of
    dens  |    |    |   # |  | | |||

It must never move a fader that isn't held, nor show as heard what the density takes away.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.canvas import Canvas
from panel.display import WIDTH
from panel.music.meter import LEVELS
from panel.screens.screen import Screen, draw_title
from panel.session import Session
from panel.settings import BY_ID

DENSITY = "density"


class Fader(NamedTuple):
    """A setting of the table "levels": its key, what stands under it, and its whole name."""

    key: str
    label: str
    name: str


FADERS = (
    Fader("one", "acc", "accent"),
    Fader("beat", "beat", "beats"),
    Fader("eighth", "8th", "8ths"),
    Fader("sixteenth", "16th", "16ths"),
    Fader("triplet", "3", "triplets"),
    Fader(DENSITY, "dens", "density"),
)

_PITCH, _LABEL_Y, _LABEL_HEIGHT = 25, 42, 11
_TOP_Y, _FOOT_Y = 13, 41
_LOWEST_Y = 38  # of the knob; it rises a pixel for every step of 4 %
_KNOB_WIDTH, _KNOB_HEIGHT, _BAR_WIDTH = 19, 3, 11
_DENSITY_Y, _DENSITY_HEIGHT, _DENSITY_X = 53, 11, 27
# Marks that come closer and closer, in percent of the way.
_MARKS = (0, 20, 37, 51, 63, 73, 81, 87, 92, 96, 100)


class Reached:
    """Which fader the hand is at."""

    def __init__(self) -> None:
        self.fader = 0


class Levels(Screen):
    """All faders: turn goes to another, press takes hold of it."""

    held = False

    def __init__(self, session: Session, reached: Reached) -> None:
        super().__init__(session)
        self._reached = reached

    def turn(self, steps: int) -> None:
        """Another fader; at the last it ends."""
        self._reached.fader = max(0, min(len(FADERS) - 1, self._reached.fader + steps))

    def press(self) -> str | None:
        """Take hold."""
        return "hold"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """Five faders and the knob."""
        at, settings, heard = FADERS[self._reached.fader], self.session.settings, self.session.levels
        draw_title(canvas, self.session, now_ns, "Levels", f"{at.name} {settings[f'levels.{at.key}']}%")
        for place, fader in enumerate(FADERS[:-1]):
            percent = settings[f"levels.{fader.key}"]
            self._draw_fader(canvas, 1 + place * _PITCH, fader, percent, heard[LEVELS.index(fader.key)], fader is at)
        self._draw_density(canvas, settings["levels.density"], at is FADERS[-1])

    def _draw_fader(self, canvas: Canvas, x: int, fader: Fader, percent: int, heard: int, here: bool) -> None:
        """Its knob as far up as it is open, a bar as far up as it is heard, its label; inverted where it is held."""
        middle, lit = x + _PITCH // 2, not (here and self.held)
        if not lit:
            canvas.box(x, _TOP_Y, _PITCH, _LABEL_Y - _TOP_Y)
        canvas.box(middle, _TOP_Y + 2, 1, _FOOT_Y - _TOP_Y - 2, lit=lit)
        top = _knob_y(heard) + 1
        canvas.box(middle - _BAR_WIDTH // 2, top, _BAR_WIDTH, (_FOOT_Y - top) * bool(heard), lit=lit)
        canvas.box(middle - _KNOB_WIDTH // 2, _knob_y(percent), _KNOB_WIDTH, _KNOB_HEIGHT, lit=lit)
        if here:
            canvas.box(x, _LABEL_Y, _PITCH, _LABEL_HEIGHT)
        canvas.centre(middle + 1, _LABEL_Y - 1, fader.label, lit=not here)

    def _draw_density(self, canvas: Canvas, percent: int, here: bool) -> None:
        """Marks from sparse to dense, tall as far as the knob."""
        lit = not (here and self.held)
        if here:
            canvas.box(0, _DENSITY_Y, WIDTH if self.held else _DENSITY_X - 1, _DENSITY_HEIGHT)
        canvas.text(1, _DENSITY_Y - 1, FADERS[-1].label, lit=not here)
        for mark in _MARKS:
            tall = mark <= percent
            y, height = (_DENSITY_Y + 2, 7) if tall else (_DENSITY_Y + 5, 1)
            canvas.box(_density_x(mark), y, 1, height, lit=lit)
        canvas.box(_density_x(percent) - 2, _DENSITY_Y + 1, 5, 9, lit=lit)


class Level(Levels):
    """The fader is held: turn moves it, heard at once; press lets go."""

    held = True

    def turn(self, steps: int) -> None:
        """Up or down."""
        row = BY_ID[f"levels.{FADERS[self._reached.fader].key}"]
        self.session.set(row.id, row.turned(self.session.settings[row.id], steps))

    def press(self) -> str | None:
        """Let go."""
        return "done"


def _knob_y(percent: int) -> int:
    return _LOWEST_Y - percent // 4


def _density_x(percent: int) -> int:
    return _DENSITY_X + 2 + percent * (WIDTH - 5 - _DENSITY_X) // 100
