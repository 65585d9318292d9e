"""Beats: what writes itself beside the click is switched on, kept, begun anew; the dials have a screen of their own.

It must never show a beat where none sounds.
"""

from __future__ import annotations

from panel.screens.listing import Line
from panel.screens.rows import SettingRows
from panel.settings import BEATS_MENU

DIALS, HOLD, KEEP, STYLE, NEW_SEED = "Dials", "Hold", "Keep", "Store style", "New seed"


class BeatsList(SettingRows):
    """On and off, the dials, what is good, and the settings."""

    title, settings, begins_after = "Beats", BEATS_MENU, ("menu",)

    @property
    def corner(self) -> str:
        """Whether one sounds."""
        beats = self.session.beats
        return "held" if beats.is_held else beats.silence

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        beats, settings = self.session.beats, self.setting_lines
        style = [Line(STYLE, "played")] * beats.composer.learns
        return [
            self._switch,
            Line(DIALS, beats.composer.title, "dials"),
            Line(HOLD, "on" if beats.is_held else "off"),
            Line(KEEP, "as a pattern"),
            settings[0],  # the generator; below it what only one has, so that no row moves under the hand
            *style,
            *settings[1:],
            Line(NEW_SEED),
        ]

    @property
    def _switch(self) -> Line:
        """Begin or end, and when that is."""
        playing = self.session.playing
        if not self.session.beats.is_on:
            return Line("Begin", "next bar" if playing else "with START")
        return Line("End", "next bar" if playing else "waits for START")

    def chosen(self, line: Line) -> str | None:
        """Act, or open."""
        session, beats = self.session, self.session.beats
        if line.label == HOLD:
            self._hold(not beats.is_held)
        elif line.label == KEEP:
            session.answer(beats.store())
        elif line.label == STYLE:
            session.answer(beats.store_style())
        elif line.label == NEW_SEED:
            session.set("beats.seed", beats.new_seed())
        elif not line.outcome:
            session.switch_beats(not beats.is_on)
        return super().chosen(line)

    def _hold(self, on: bool) -> None:
        self.session.beats.hold(on)
        if on and not self.session.beats.is_held:
            self.session.answer("Nothing to hold yet")
