"""From raw button edges to what the hand meant: press, hold, hold on; and taps at once.

It must never delay TAP or START, nor read a clock: time comes with the edges and with `tend`.
"""

from __future__ import annotations

from collections.abc import Callable

from panel.controls import Button, Gesture, Input, Meaning, Meant, Slip, Turn
from panel.music.tempo import NEVER

HOLD_NS = 600_000_000  # the encoder: back; TAP: that was the one
HOME_NS = 1_600_000_000

# What a button does, where the drummer has no choice; the encoder does nothing when it goes down.
_FIXED = {"encoder": "", "tap": "tap", "start": "start"}
_CHOSEN = {"next": "next", "foot 1": "tap", "foot 2": "next"}

# What it means that a button has been held, by what it does; all others mean nothing more.
_HOLDS = {"": ((HOLD_NS, Gesture.BACK), (HOME_NS, Gesture.HOME)), "tap": ((HOLD_NS, Gesture.ONE),)}


class _Down:
    """A button that is held: since when, and which of its holds are still to come."""

    def __init__(self, function: str, since_ns: int) -> None:
        self.since_ns = since_ns
        self.slips = function in _HOLDS  # turning meanwhile slips the click
        self.holds = list(_HOLDS.get(function, ()))
        self.used = False  # a hold or a turn came of it: letting go is no press


class Gestures:
    """Reads gestures from inputs. `function_of` tells what a button does just now, by its name: "tap", "start", "next",
    "mute" or "fill"; the encoder, TAP and START are never asked for.

    The encoder presses when it is let go before 600 ms; held to 600 ms it means back, to 1600 ms home. All others act
    when they go down; TAP held to 600 ms means besides that this press was the one. Turning while the encoder or a TAP
    is held slips the click, and then the hold and the press mean nothing.
    """

    def __init__(self, function_of: Callable[[str], str] = lambda name: _CHOSEN[name]) -> None:
        self._function_of = function_of
        self._down: dict[str, _Down] = {}

    @property
    def due_ns(self) -> int:
        """When `tend` has something to say; NEVER while nothing is held."""
        return min((down.since_ns + down.holds[0][0] for down in self._down.values() if down.holds), default=NEVER)

    def feed(self, event: Input) -> list[Meaning]:
        """What an input means, holds included that came to their time before it."""
        meant: list[Meaning] = [*self.tend(event.stamp_ns)]
        if isinstance(event, Button):
            return meant + (self._pressed(event) if event.down else self._released(event))
        return [*meant, self._turned(event) if isinstance(event, Turn) else event]

    def tend(self, now_ns: int) -> list[Meant]:
        """The holds that have come to their time."""
        meant = []
        for down in self._down.values():
            while down.holds and down.since_ns + down.holds[0][0] <= now_ns:
                after_ns, gesture = down.holds.pop(0)
                down.used = True
                meant.append(Meant(gesture, down.since_ns + (0 if gesture is Gesture.ONE else after_ns)))
        return meant

    def _turned(self, turn: Turn) -> Turn | Slip:
        held = [down for down in self._down.values() if down.slips]
        for down in held:
            down.used, down.holds = True, []
        return Slip(*turn) if held else turn

    def _pressed(self, button: Button) -> list[Meaning]:
        function = _FIXED[button.name] if button.name in _FIXED else self._function_of(button.name)
        self._down[button.name] = _Down(function, button.stamp_ns)
        return [Meant(Gesture(function), button.stamp_ns)] if function else []

    def _released(self, button: Button) -> list[Meaning]:
        down = self._down.pop(button.name, None)
        if button.name == "encoder" and down and not down.used:
            return [Meant(Gesture.PRESS, button.stamp_ns)]
        return []
