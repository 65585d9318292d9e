"""Pads and pedals of the module as buttons of the box: which one is what.

It must never take a pad for a function without saying so.
"""

from __future__ import annotations

from panel.canvas import Canvas, fitted
from panel.display import WIDTH
from panel.pads import Pad
from panel.screens.listing import Line, ListScreen
from panel.screens.screen import Screen, draw_title
from panel.screens.voices import sound_name
from panel.session import Session

_ROWS = ("tap", "start", "next", "mute", "fill")


class ChosenFunction:
    """Which function the learn screen is about."""

    def __init__(self) -> None:
        self.name = _ROWS[0]


def pad_name(session: Session, pad: Pad) -> str:
    """What the module calls a pad, else its note; a pedal by its controller."""
    return f"pedal {pad.number}" if pad.control else sound_name(session, pad.number)


def _names(session: Session, function: str) -> str:
    return " ".join(pad_name(session, pad) for pad in session.pads_of(function))


class PadsList(ListScreen):
    """Each function with the pad that has it."""

    title, begins_after = "Pads", ("settings",)

    def __init__(self, session: Session, chosen: ChosenFunction) -> None:
        super().__init__(session)
        self._chosen = chosen

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return [Line(name.upper(), _names(self.session, name) or "-", "learn") for name in _ROWS]

    def chosen(self, line: Line) -> str | None:
        """Learn it."""
        self._chosen.name = _ROWS[self.cursor]
        return line.outcome


class PadLearn(Screen):
    """Hit the pad that shall be it; a press takes the function from the pad that has it."""

    def __init__(self, session: Session, chosen: ChosenFunction) -> None:
        super().__init__(session)
        self._chosen = chosen

    def enter(self, before: str) -> None:
        """Listen."""
        self.session.learn("pad")

    def leave(self) -> None:
        """Listen no longer."""
        self.session.learn("")

    def press(self) -> str | None:
        """No pad is it any more; where none was, only leave."""
        name = self._chosen.name
        if self.session.pads_of(name):
            self.session.assign_pad(name, None)
            self.session.answer(f"No pad is {name.upper()}")
        return "done"

    def arrived(self) -> str | None:
        """A pad was hit, or a pedal pressed."""
        pad = self.session.ear.pad
        if pad is None:
            return None
        name, before = self._chosen.name, self.session.function_of(pad)
        self.session.assign_pad(name, pad)
        no_longer = f", not {before.upper()}" if before not in ("", name) else ""
        self.session.answer(f"{pad_name(self.session, pad)} is {name.upper()}{no_longer}")
        return "done"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """What to do."""
        name = self._chosen.name
        draw_title(canvas, self.session, now_ns, name.upper(), "learn")
        canvas.centre(WIDTH // 2, 15, "Hit the pad", "medium")
        canvas.centre(WIDTH // 2, 31, f"for {name.upper()}", "medium")
        canvas.centre(WIDTH // 2, 50, fitted(self._below(name), WIDTH))

    def _below(self, name: str) -> str:
        module, pads = self.session.module, self.session.pads_of(name)
        if module is None or not module.connected:
            return "no module is there"
        if module.kind == "din":
            return "DIN is not heard"
        return f"press: free {pad_name(self.session, pads[0])}" if pads else "press: leave it"
