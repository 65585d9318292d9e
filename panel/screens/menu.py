"""The menu: what a stage needs first, panic last.

It must never ask a question.
"""

from __future__ import annotations

from panel.music.density import DENSE
from panel.music.tempo import MICRO
from panel.screens.listing import Line, ListScreen
from panel.screens.table import HOME


class Menu(ListScreen):
    """Mute and Fill act where they stand; the rest opens."""

    title = "Menu"

    @property
    def corner(self) -> str:
        """The tempo."""
        return f"{self.session.micro_bpm / MICRO:.1f}"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        session = self.session
        module = session.module.name.split(":")[0] if session.module else ""
        return [
            Line("Mute", "on" if session.state.muted else "off"),
            Line("Fill", self._fill),
            Line("Patterns", session.pattern.name, "patterns"),
            Line("Levels", self._levels, "levels"),
            Line("Voices", session.profile.name, "voices"),
            Line("Ports", module, "ports"),
            Line("Settings", "", "settings"),
            Line("About", "", "about"),
            Line("Panic", "all notes off"),
        ]

    @property
    def _fill(self) -> str:
        if not self.session.pattern.fill:
            return "none"
        if not self.session.playing:
            return "when playing"
        bars = self.session.fills_left(self.session.clock())
        return f"{bars} bar{'s' * (bars != 1)}" if bars else "next bar"

    @property
    def _levels(self) -> str:
        """What is not heard as it is written, if anything."""
        density = self.session.settings["levels.density"]
        if density < DENSE:
            return f"density {density}%"
        return "turned down" if min(self.session.levels) < DENSE else ""

    def enter(self, before: str) -> None:
        """Coming from Live begin at the top: the stage's rows are always in the same place."""
        if before == HOME:
            self.cursor = 0

    def chosen(self, line: Line) -> str | None:
        """Act, or open."""
        actions = {"Mute": self.session.toggle_mute, "Fill": self.session.fill, "Panic": self.session.panic}
        if line.label in actions:
            actions[line.label]()
        return line.outcome or None
