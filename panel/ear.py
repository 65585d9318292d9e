"""What is made of what the module plays: a function of the box, a note to learn, or nothing.

It must never take a hit for two things: a pad that has a function makes no music here.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.engine.wire import Heard
from panel.pads import Pad, Pads

SOFTEST = 8  # a velocity below is crosstalk of another pad
LOCK_NS = 120_000_000  # a pad bounces; TAP looks after its taps itself


class Press(NamedTuple):
    """A pad with a function was hit, or a pedal pressed."""

    function: str
    stamp_ns: int


class Ear:
    """Listens for the session. `learning` is "note" while a voice waits for its note, "pad" while a function waits for
    its pad, else ""; `note` and `pad` are what has come of it, `taken` the function of a pad that is no note to learn.
    `attentive` while a beat learns of what is played.
    """

    def __init__(self, pads: Pads) -> None:
        self.pads = pads
        self.learn("")
        self.attentive = False
        self._presses: list[Press] = []
        self._music: list[Heard] = []
        self._locked: dict[Pad, int] = {}  # until when

    def learn(self, what: str) -> None:
        """Learn a "note" or a "pad" from now on, or "" nothing."""
        self.learning = what
        self.note: int | None = None
        self.pad: Pad | None = None
        self.taken = ""

    def wanted(self, module: str) -> bool:
        """Whether it matters what that module plays."""
        return bool(self.learning) or self.attentive or self.pads.any_of(module)

    def hear(self, heard: Heard, module: str) -> None:
        """A hit, or a pedal, of the module of that name."""
        if not heard.control and heard.velocity < SOFTEST:
            return
        pad = Pad(heard.note, heard.control)
        function = self.pads.function_of(module, pad)
        if self.learning == "pad":
            self.pad = pad
        elif function:
            self.taken = function
            self._press(pad, function, heard.stamp_ns)
        elif self.learning == "note" and not heard.control:
            self.note = heard.note
        elif self.attentive and not heard.control:
            self._music.append(heard)

    def presses(self) -> list[Press]:
        """What was pressed since this was asked last, oldest first."""
        pressed, self._presses = self._presses, []
        return pressed

    def music(self) -> list[Heard]:
        """What was played since this was asked last, oldest first."""
        music, self._music = self._music, []
        return music

    def _press(self, pad: Pad, function: str, stamp_ns: int) -> None:
        if function != "tap":
            if stamp_ns < self._locked.get(pad, stamp_ns):
                return
            self._locked[pad] = stamp_ns + LOCK_NS
        self._presses.append(Press(function, stamp_ns))
