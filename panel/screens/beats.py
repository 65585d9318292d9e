"""Beats: what writes itself beside the click is switched on, kept, begun anew; the dials have a screen of their own.

It must never show a beat where none sounds.
"""

from __future__ import annotations

from functools import partial

from panel.screens.edit import Edited
from panel.screens.listing import Line, ListScreen
from panel.session import Session
from panel.settings import BEATS_MENU

DIALS, HOLD, KEEP, STYLE, NEW_SEED = "Dials", "Hold", "Keep", "Store style", "New seed"


class BeatsList(ListScreen):
    """On and off, the dials, what is good, and the settings."""

    title = "Beats"

    def __init__(self, session: Session, edited: Edited) -> None:
        super().__init__(session)
        self._edited = edited

    @property
    def corner(self) -> str:
        """Whether one sounds."""
        beats = self.session.beats
        return "held" if beats.is_held else "off" if not beats.is_on else "" if beats.sounds else "not in a song"

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        session, beats = self.session, self.session.beats
        style = [Line(STYLE, "played")] * beats.composer.learns
        settings = [Line(row.name, row.shown(session.settings[row.id]), "edit") for row in BEATS_MENU]
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

    def enter(self, before: str) -> None:
        """From the menu begin at the top."""
        if before == "menu":
            self.cursor = 0

    def chosen(self, line: Line) -> str | None:
        """Act, or open."""
        session, beats = self.session, self.session.beats
        if line.outcome == "edit":
            row = BEATS_MENU[[each.name for each in BEATS_MENU].index(line.label)]
            self._edited.begin(row, partial(session.settings.__getitem__, row.id), partial(session.set, row.id))
        elif line.label == HOLD:
            self._hold(not beats.is_held)
        elif line.label == KEEP:
            session.answer(beats.store() if beats.shown.strokes() else "Nothing to keep yet")
        elif line.label == STYLE:
            session.answer(beats.store_style())
        elif line.label == NEW_SEED:
            session.set("beats.seed", beats.new_seed())
        elif not line.outcome:
            session.switch_beats(not beats.is_on)
        return line.outcome or None

    def _hold(self, on: bool) -> None:
        self.session.beats.hold(on)
        if on and not self.session.beats.is_held:
            self.session.answer("Nothing to hold yet")
