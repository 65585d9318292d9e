"""From raw button edges to what the hand meant: press, hold, hold on; and taps at once.

It must never delay TAP or START, nor read a clock: time comes with the edges and with `tend`.
"""

from __future__ import annotations

from panel.controls import Button, Gesture, Input, Meant, Turn
from panel.music.tempo import NEVER

HOLD_NS = 600_000_000  # the encoder: back
HOME_NS = 1_600_000_000

# What a button means when it goes down, and what when it has been held.
_AT_ONCE = {"tap": Gesture.TAP, "start": Gesture.START, "next": Gesture.NEXT}
_HELD = {"encoder": ((HOLD_NS, Gesture.BACK), (HOME_NS, Gesture.HOME))}


class _Down:
    """A button that is held: since when, and which of its holds are still to come."""

    def __init__(self, button: Button) -> None:
        self.since_ns = button.stamp_ns
        self.holds = list(_HELD.get(button.name, ()))
        self.used = False  # a hold or a turn came of it: letting go is no press


class Gestures:
    """Reads gestures from inputs.

    The encoder presses when it is let go before 600 ms; held to 600 ms it means back, to 1600 ms home; turning while it
    is held is no press. TAP, START and NEXT act when they go down.
    """

    def __init__(self) -> None:
        self._down: dict[str, _Down] = {}

    @property
    def due_ns(self) -> int:
        """When `tend` has something to say; NEVER while nothing is held."""
        return min((down.since_ns + down.holds[0][0] for down in self._down.values() if down.holds), default=NEVER)

    def feed(self, event: Input) -> list[Turn | Meant]:
        """What an input means, holds included that came to their time before it."""
        meant: list[Turn | Meant] = [*self.tend(event.stamp_ns)]
        if isinstance(event, Button):
            return meant + (self._pressed(event) if event.down else self._released(event))
        if isinstance(event, Turn) and "encoder" in self._down:
            self._down["encoder"].used = True
            self._down["encoder"].holds = []
        return [*meant, event]

    def tend(self, now_ns: int) -> list[Meant]:
        """The holds that have come to their time."""
        meant = []
        for down in self._down.values():
            while down.holds and down.since_ns + down.holds[0][0] <= now_ns:
                after_ns, gesture = down.holds.pop(0)
                down.used = True
                meant.append(Meant(gesture, down.since_ns + after_ns))
        return meant

    def _pressed(self, button: Button) -> list[Turn | Meant]:
        self._down[button.name] = _Down(button)
        return [Meant(_AT_ONCE[button.name], button.stamp_ns)] if button.name in _AT_ONCE else []

    def _released(self, button: Button) -> list[Turn | Meant]:
        down = self._down.pop(button.name, None)
        if button.name == "encoder" and down and not down.used:
            return [Meant(Gesture.PRESS, button.stamp_ns)]
        return []
