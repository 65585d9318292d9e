"""The menu: what a stage needs first, panic last.

It must never ask a question.
"""

from __future__ import annotations

from panel.music.density import DENSE
from panel.music.tempo import MICRO
from panel.screens.listing import Line, ListScreen
from panel.screens.table import HOME
from panel.session import Session
from panel.sound.wire import CLICK

MUTE, FILL, NEXT_SONG, GO_ON, STORE, PANIC = "Mute", "Fill", "Next song", "Go on", "Store tempo", "Panic"


class Menu(ListScreen):
    """Mute, Fill, the next song, the nudge and Panic act where they stand; the rest opens."""

    title = "Menu"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._was_nudged = False
        self._left_at = ""

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
            Line(MUTE, "on" if session.state.muted else "off"),
            Line(FILL, self._fill),
            *self._gig,
            Line("Patterns", session.chosen_name, "patterns"),
            Line("Beats", self._beats, "beats"),
            Line("Practice", self._practice, "practice"),
            Line("Levels", self._levels, "levels"),
            Line("Sound", self._sound, "sound"),
            Line("Voices", session.profile.name, "voices"),
            Line("Ports", module, "ports"),
            Line("Settings", "", "settings"),
            Line("Time", "", "time"),
            Line("About", "", "about"),
            Line(PANIC, "all notes off"),
        ]

    @property
    def _gig(self) -> list[Line]:
        """What comes next, what was nudged, and the way to all other songs."""
        session, gig = self.session, self.session.gig
        if not gig.is_open:
            return [Line("Set list", "no set", "sets")]
        following = gig.following
        coming = following.entry.song if following else "none"
        next_song = Line(GO_ON, self._behind) if session.waits_for_next else Line(NEXT_SONG, coming)
        nudged = f"{session.nudged_micro_bpm / MICRO:+.1f}" if session.nudged_micro_bpm else "stored"
        return [next_song, *[Line(STORE, nudged)] * self._was_nudged, Line("Set list", gig.set_name, "set list")]

    @property
    def _behind(self) -> str:
        """What the section that waits goes on to."""
        part = self.session.part_behind(self.session.clock())
        return part.name or part.pattern.name if part else "the end"

    @property
    def _beats(self) -> str:
        beats = self.session.beats
        return beats.silence or beats.composer.title

    @property
    def _practice(self) -> str:
        session = self.session
        return "" if not session.practising else "on" if session.playing else "waits for START"

    @property
    def _fill(self) -> str:
        now = self.session.clock()
        if not self.session.pattern_to_fill(now).fill:
            return "none"
        if not self.session.playing:
            return "when playing"
        bars = self.session.fills_left(now)
        return f"{bars} bar{'s' * (bars != 1)}" if bars else "next bar"

    @property
    def _levels(self) -> str:
        """What is not heard as it is written, if anything."""
        density = self.session.settings["levels.density"]
        if density < DENSE:
            return f"density {density}%"
        return "turned down" if min(self.session.levels) < DENSE else ""

    @property
    def _sound(self) -> str:
        """The kit of the click where that goes to the box; why nothing goes there is told inside."""
        sound = self.session.sound
        return sound.kit_of(CLICK) if self.session.box_clicks else "none" if sound.silence else ""

    def enter(self, before: str) -> None:
        """Coming from Live begin at the top: the stage's rows are always in the same place.

        Whether there is a nudge to store is looked at here alone, so that no row moves under the hand.
        """
        self._was_nudged = bool(self.session.nudged_micro_bpm)
        labels = [line.label for line in self.lines]
        self.cursor = labels.index(self._left_at) if before != HOME and self._left_at in labels else 0

    def leave(self) -> None:
        """Remember the row, which may stand elsewhere later."""
        self.turn(0)
        self._left_at = self.lines[self.cursor].label

    def chosen(self, line: Line) -> str | None:
        """Act, or open."""
        session = self.session
        actions = {
            MUTE: session.toggle_mute,
            FILL: session.fill,
            NEXT_SONG: self._next_song,
            GO_ON: session.go_on,
            STORE: session.store_tempo,
            PANIC: session.panic,
        }
        if line.label in actions:
            actions[line.label]()
        return line.outcome or None

    def _next_song(self) -> None:
        """Load it; while another plays, have it loaded at its end, or, pressed again, not."""
        session = self.session
        following = session.gig.following
        if following is None:
            session.answer("End of the set")
            return
        session.choose_song(following.number)
        if session.playing:
            session.answer(f"> {following.entry.song}" if session.gig.cued else "Called off")
