"""The mixer of the box's own sound: a fader each for click, kit, synth and master; where the click goes, and what the
pads play.

     ==     ==
     ##     ##     ==     ==
     ##     ##     ##     ##      # how far the fader is open
    click  [kit]  synth  master  [ ] the one that the next press takes hold of
    to auto         pads nothing

It must never move a fader that isn't held, nor show faders that move nothing: where there is no sound it says why.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.canvas import Canvas
from panel.display import WIDTH
from panel.screens.nosound import draw_silence
from panel.screens.screen import Screen, draw_title
from panel.session import Session
from panel.settings import BY_ID, Settings
from panel.sound.wire import BUSES


class Knob(NamedTuple):
    """Something that the mixer turns: its row in the settings, and what it is called in the title."""

    id: str
    name: str

    def shown(self, settings: Settings) -> str:
        """Its value in a word."""
        value = settings[self.id]
        return f"{value}%" if isinstance(value, int) else _SHORT.get(value, value)


FADERS = tuple(Knob(f"mixer.{bus}", bus) for bus in BUSES)
_SHORT = {"nothing": "none"}
CLICK_TO, PADS = Knob("sound.click_to", "click to"), Knob("sound.pads", "pads play")
KNOBS = (*FADERS, CLICK_TO, PADS)

_PITCH, _LABEL_Y, _LABEL_HEIGHT = WIDTH // len(FADERS), 43, 9
_TOP_Y, _FOOT_Y, _LOWEST_Y = 13, 42, 39  # of the knob; it rises a pixel for every step of 4 %
_KNOB_WIDTH, _KNOB_HEIGHT, _BAR_WIDTH = 23, 3, 15
_ROW_Y, _ROW_HEIGHT = 53, 11
_BELOW = ((CLICK_TO, "to", 0), (PADS, "pads", WIDTH // 2))  # the two below the faders: word, and from where on


class AtMixer:
    """Which knob of the mixer the hand is at."""

    def __init__(self) -> None:
        self.knob = 0


class Mixer(Screen):
    """All of it: turn goes to another knob, press takes hold of it."""

    held = False

    def __init__(self, session: Session, at: AtMixer) -> None:
        super().__init__(session)
        self._at = at

    @property
    def knob(self) -> Knob:
        """Where the hand is. Without sound there are only those below the faders."""
        first = len(FADERS) if self.session.sound.silence else 0
        self._at.knob = max(first, min(len(KNOBS) - 1, self._at.knob))
        return KNOBS[self._at.knob]

    def turn(self, steps: int) -> None:
        """Another knob; at the last it ends."""
        self._at.knob += steps

    def press(self) -> str | None:
        """Take hold."""
        return "hold"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The faders, or why there are none, and what stands below them."""
        here, settings, silence = self.knob, self.session.settings, self.session.sound.silence
        draw_title(canvas, self.session, now_ns, "Mixer", f"{here.name} {here.shown(settings)}")
        if silence:
            draw_silence(canvas, silence)
        else:
            for place, fader in enumerate(FADERS):
                self._draw_fader(canvas, place * _PITCH, fader, settings[fader.id], fader is here)
        if self.held and here not in FADERS:
            self._draw_below(canvas, 0, WIDTH, f"{here.name} < {here.shown(settings)} >", here=True)
        else:
            for knob, word, x in _BELOW:
                self._draw_below(canvas, x, WIDTH // 2, f"{word} {knob.shown(settings)}", knob is here)

    def _draw_fader(self, canvas: Canvas, x: int, fader: Knob, percent: int, here: bool) -> None:
        """A knob as far up as it is open, a bar below it, its label; inverted where it is held."""
        middle, lit = x + _PITCH // 2, not (here and self.held)
        if not lit:
            canvas.box(x, _TOP_Y, _PITCH, _LABEL_Y - _TOP_Y)
        knob_y = _LOWEST_Y - percent // 4
        canvas.box(middle, _TOP_Y + 1, 1, _FOOT_Y - _TOP_Y - 1, lit=lit)
        canvas.box(middle - _BAR_WIDTH // 2, knob_y + 1, _BAR_WIDTH, (_FOOT_Y - knob_y - 1) * bool(percent), lit=lit)
        canvas.box(middle - _KNOB_WIDTH // 2, knob_y, _KNOB_WIDTH, _KNOB_HEIGHT, lit=lit)
        if here:
            canvas.box(x, _LABEL_Y, _PITCH, _LABEL_HEIGHT)
        canvas.centre(middle + 1, _LABEL_Y + 1, fader.name, "tiny", lit=not here)

    def _draw_below(self, canvas: Canvas, x: int, width: int, text: str, here: bool) -> None:
        """A word and its value, inverted where the hand is; what is held has the whole row."""
        if here:
            canvas.box(x, _ROW_Y, width, _ROW_HEIGHT)
        canvas.centre(x + width // 2, _ROW_Y - 1, text, lit=not here)


class MixerHeld(Mixer):
    """The knob is held: turn moves it, heard at once; press lets go."""

    held = True

    def turn(self, steps: int) -> None:
        """Up or down, or another place."""
        row = BY_ID[self.knob.id]
        self.session.set(row.id, row.turned(self.session.settings[row.id], steps))

    def press(self) -> str | None:
        """Let go."""
        return "done"
