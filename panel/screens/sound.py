"""The box's own sound: the way to mixer, kits and synth, and the sound card.

It must never hide that there is no sound, nor why.
"""

from __future__ import annotations

from panel.canvas import Canvas
from panel.screens.kit import AtKit
from panel.screens.listing import Line, ListScreen
from panel.screens.nosound import draw_silence
from panel.screens.screen import draw_title
from panel.session import Session
from panel.sound.wire import CLICK, KIT

KITS = {"Click kit": CLICK, "Kit": KIT}  # the rows of the kits, and for whom each is


class SoundList(ListScreen):
    """What can be turned of it."""

    title, begins_after = "Sound", ("menu",)

    def __init__(self, session: Session, kit: AtKit) -> None:
        super().__init__(session)
        self._kit = kit

    @property
    def corner(self) -> str:
        """Where the click goes now, as far as the box knows."""
        session = self.session
        if session.sound.silence:
            return "no sound"
        return " ".join(["module"] * session.module_clicks + ["box"] * session.box_clicks)

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        sound, settings = self.session.sound, self.session.settings
        return [
            Line("Mixer", f"click to {settings['sound.click_to']}", "mixer"),
            *(Line(name, sound.kit_of(bus), "kit") for name, bus in KITS.items()),
            Line("Synth", sound.patch, "synth"),
            Line("Sound card", sound.view.device or "none", "device"),
        ]

    def chosen(self, line: Line) -> str | None:
        """Open it."""
        self._kit.bus = KITS.get(line.label, self._kit.bus)
        return line.outcome


class Devices(ListScreen):
    """Which sound card: the system's choice, or one of those that are there."""

    title = "Sound card"
    _AUTO = "The system's"

    @property
    def _wanted(self) -> str:
        return str(self.session.settings["sound.device"])

    @property
    def _names(self) -> list[str]:
        """What may be chosen, and what was chosen and is not there."""
        names = ["", *self.session.sound.view.devices]
        return names if self._wanted in names else [*names, self._wanted]

    @property
    def lines(self) -> list[Line]:
        """The rows; a star at what was chosen."""
        there = ("", *self.session.sound.view.devices)
        marks = {name: "" if name in there else "away" for name in self._names}
        marks[self._wanted] = marks[self._wanted] or "*"
        return [Line(name or self._AUTO, mark, "chosen") for name, mark in marks.items()]

    def enter(self, before: str) -> None:
        """Begin at what was chosen."""
        self.cursor = self._names.index(self._wanted)

    def chosen(self, line: Line) -> str | None:
        """Sound there."""
        self.session.set("sound.device", self._names[self.cursor])
        return line.outcome

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The list; where there is no process that could tell of cards, why."""
        silence = self.session.sound.silence
        if silence and not self.session.sound.view.devices and not self._wanted:
            draw_title(canvas, self.session, now_ns, self.title)
            draw_silence(canvas, silence)
        else:
            super().draw(canvas, now_ns)
