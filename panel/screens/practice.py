"""Practice: begin and end it, and what is practised.

It must never leave a mute unexplained: while a bar is silent by it, the title says so.
"""

from __future__ import annotations

from panel.music.tempo import MICRO
from panel.screens.listing import Line
from panel.screens.rows import SettingRows
from panel.settings import PRACTICE_MENU


class PracticeList(SettingRows):
    """Begin or end, then every setting of it."""

    title, settings, begins_after = "Practice", PRACTICE_MENU, ("menu",)

    @property
    def corner(self) -> str:
        """What comes of it: a silent bar, else the tempo."""
        session = self.session
        silent = session.playing and session.state.is_silent(session.place(session.clock()).bar)
        return "silent" if silent else f"{session.micro_bpm / MICRO:.1f}"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        return [self._switch, *self.setting_lines]

    @property
    def _switch(self) -> Line:
        if not self.session.practising:
            return Line("Begin", "next bar" if self.session.playing else "with START")
        return Line("End", "on" if self.session.playing else "waits for START")

    def chosen(self, line: Line) -> str | None:
        """Begin, end, or edit."""
        if not line.outcome:
            self.session.toggle_practice()
        return super().chosen(line)
