"""The beat that writes itself beside the click: switched on, turned, held, kept; and each bar at the engine in time.

It must never stop the click: bars come ahead of need, and without the next one the last goes round.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, Protocol

from panel.dialled import DIALS_FILE, Dialled
from panel.engine.state import PlayerState
from panel.gig import Send
from panel.kept import Kept
from panel.library import PATTERNS, Loaded
from panel.music.chance import below
from panel.music.generators.beat import MAX_SEED, VOICES, Dial
from panel.music.pattern import Pattern
from panel.settings import Settings

if TYPE_CHECKING:
    from panel.composer import Composer
    from panel.learned import Turn

PLAYED = "played"  # the style of what the drummer plays now
ANSWER_NS = 500_000_000  # before a bar line: the panel's loop comes round twice in that time
_ANEW = ("beats.generator", "beats.seed")  # settings with which a beat begins anew


class Player(Protocol):
    """Who plays what is made, and keeps what was chosen: the session."""

    library: Loaded
    settings: Settings
    kept: Kept
    clock: Callable[[], int]

    @property
    def state(self) -> PlayerState:
        """What plays."""

    def add_text(self, kind: str, text: str) -> str:
        """A new pattern, which the library has from now on; its name. Raises ValueError."""

    def keep(self, **changes: str | int) -> None:
        """Keep a choice over a power cut."""

    def keep_file(self, name: str) -> None:
        """The file of that name has another text."""


class Knob(NamedTuple):
    """Something that is turned while it plays: its name, its value as it is shown, and what turning it does."""

    name: str
    shown: str
    turn: Callable[[int], None]


class Beats:
    """What the drummer chose of it. All calls from one thread."""

    def __init__(self, player: Player, send: Send, dialled: Dialled) -> None:
        self.dialled = dialled
        self.voice = VOICES[0]  # whose dials are turned
        self.turned = False  # since the bar that sounds began: what is seen is the bar to come
        self._player, self._send = player, send
        self._coming: Pattern | None = None
        self._bar = 1  # of the run: the one that was made last
        self._run = -1
        self._stale = True
        self._asked = False  # the drummer has struck something more that the bar to come answers

    @cached_property
    def composer(self) -> Composer:
        """What makes the bars."""
        from panel.composer import Composer  # here, so that a start without a beat does not pay for it

        return Composer(self._player, self.dialled)

    # What is so.

    @property
    def is_on(self) -> bool:
        """Whether a beat is wanted beside the click."""
        return bool(self._player.kept.beats)

    @property
    def sounds(self) -> bool:
        """Whether there is one: a song plays what is written, and nothing else."""
        return self.is_on and not self._player.state.parts

    @property
    def silence(self) -> str:
        """Why there is none, "" where there is."""
        return "" if self.sounds else "not in a song" if self.is_on else "off"

    @property
    def listens(self) -> bool:
        """Whether it matters what the drummer plays."""
        return self.sounds and self.composer.learns and not self.composer.style

    @property
    def turn(self) -> Turn | None:
        """Whose turn the bar is that sounds, where the drummer and the box trade bars."""
        state = self._player.state
        playing = state.playing and self.sounds
        return self.composer.turn(max(1, state.place_at(self._player.clock()).bar)) if playing else None

    @property
    def is_held(self) -> bool:
        """Whether one bar goes on and on."""
        return self.composer.course.held is not None

    @property
    def is_to_come(self) -> bool:
        """Whether the bar that is seen does not sound: after a turn, while it counts in, stopped, in a song."""
        state = self._player.state
        if self.turned or not (self.sounds and state.playing):
            return True
        return state.place_at(self._player.clock()).bar < 1

    @property
    def shown(self) -> Pattern:
        """The bar that is to be seen: the one that sounds, or the one to come; what the drummer plays. Where no beat
        sounds, what would come of the dials."""
        player, turn = self._player, self.turn
        if not self.sounds:
            return self._to_come
        if not self.is_to_come:
            now = player.clock()
            if turn and turn.is_yours:
                return self.composer.yours(player.state.place_at(now).bar)
            return player.state.sounding_at(now).pattern
        return self._to_come if self._asked or not self._coming else self._coming

    @property
    def _to_come(self) -> Pattern:
        """The bar that follows, made now; stopped, what a start begins with."""
        return self.composer.composed(self.composer.made(self._bar), self._bar)

    @property
    def knobs(self) -> list[Knob]:
        """All that is turned, one after another."""
        composer = self.composer
        dials, values = composer.generator.dials, composer.values
        return [
            *[Knob("voice", self.voice, self._turn_voice)] * composer.generator.has_voices,
            *[Knob("style", composer.style or PLAYED, self._turn_style)] * composer.learns,
            *(Knob(dial.name, dial.shown(values[dial.key(self.voice)]), self._turn_dial(dial)) for dial in dials),
            Knob("hold", "on" if self.is_held else "off", self._turn_hold),
            Knob("back", self._shown_back, self._turn_back),
        ]

    @property
    def _shown_back(self) -> str:
        back = self.composer.course.back
        return f"{back} bar{'s' * (back != 1)}" if self.is_held else "goes on"

    # What the hands do.

    def switch(self, on: bool) -> None:
        """Play along from the next bar line on, or no more."""
        self._player.keep(beats="on" if on else "")
        self.begin()
        if not on and not self._player.state.parts:
            self._send("pattern", pattern=self.composer.base)

    def beside(self, pattern: Pattern) -> Pattern:
        """What is to be played of a pattern that is chosen now: the bar to come beside it, where a beat is wanted."""
        if not self.is_on:
            return pattern
        self._stale, self._coming = False, self._to_come
        return self._coming

    def changed(self, id: str) -> None:
        """A setting was changed."""
        if id in _ANEW:
            self.composer.begin()
        self._anew()

    def begin(self) -> None:
        """Begin anew, from the first bar of the seed."""
        self.composer.begin()
        self._anew()

    def new_seed(self) -> int:
        """Another seed, as good as at random."""
        return 1 + below(MAX_SEED, self._player.clock())

    def hold(self, on: bool, back: int = 0) -> None:
        """Stay with the bar that is heard, or one before it; or go on from there."""
        if on:
            self.composer.course.hold(back)
        else:
            self.composer.course.go_on()
        self._anew()

    def store(self) -> str:
        """Keep the bar that is seen as a pattern of one's own; what there is to say of it."""
        shown = self.shown
        if not shown.strokes():
            return "Nothing to keep yet"
        return self._store(shown._replace(name=self._free_name(self.composer.title), micro_bpm=0))

    def store_style(self) -> str:
        """Keep what was played lately as a style; what there is to say of it."""
        style = self.composer.style_played(self._bar, self._free_name("Style"))
        return self._store(style) if style else "Nothing was played yet"

    def hear(self, role: str, velocity: int, stamp_ns: int) -> None:
        """The drummer has struck something."""
        state = self._player.state
        if not (self.listens and state.playing):
            return
        place = state.place_at(stamp_ns)
        self.composer.learned.attend(self.composer.grid, self.composer.base)
        self.composer.learned.hear(place.bar, place.tick, role, velocity)
        coming = self.composer.turn(self._bar)
        self._asked = self._asked or (coming is not None and not coming.is_yours and coming.bar == 1)

    def _store(self, pattern: Pattern) -> str:
        try:
            return f"Kept: {self._player.add_text(PATTERNS, self.composer.text_of(pattern))}"
        except ValueError as error:  # TextError is one
            return str(error)

    def _free_name(self, title: str) -> str:
        """A name that no pattern has."""
        taken: Container[str] = self._player.library.patterns
        return next(name for number in count(1) if (name := f"{title} {number}") not in taken)

    def _turn_voice(self, steps: int) -> None:
        self.voice = VOICES[max(0, min(len(VOICES) - 1, VOICES.index(self.voice) + steps))]

    def _turn_style(self, steps: int) -> None:
        styles = ["", *self.composer.styles]
        at = styles.index(self.composer.style) + steps
        self._player.keep(style=styles[max(0, min(len(styles) - 1, at))])
        self._anew()

    def _turn_dial(self, dial: Dial) -> Callable[[int], None]:
        def turn(steps: int) -> None:
            composer, key = self.composer, dial.key(self.voice)
            self.dialled.set(composer.generator.name, key, dial.turned(composer.values[key], steps))
            self._player.keep_file(DIALS_FILE)
            self._anew()

        return turn

    def _turn_hold(self, steps: int) -> None:
        if (steps > 0) != self.is_held:
            self.hold(steps > 0)

    def _turn_back(self, steps: int) -> None:
        """To the left into the past, to the right out of it, and on."""
        back = self.composer.course.back - steps
        self.hold(back > 0, back)

    def _anew(self) -> None:
        self.turned = self._stale = True

    # What happens by itself.

    def tend(self) -> None:
        """Have the bar to come made and sent in time; to be called in every turn of the panel's loop."""
        if not self.sounds:
            return
        state = self._player.state
        if state.playing and state.run != self._run:
            self._run, self._bar = state.run, 1
            self.composer.learned.forget()
        # Bars of a count-in are 0 and below: all of it is before the first.
        bar = max(0, state.place_at(self._player.clock()).bar) if state.playing else 0
        if bar >= self._bar and state.sections[-1].bar <= bar:  # else what was to come came too late for its bar line
            self.composer.course.begun()
            self.turned = False
        if bar != self._bar - 1:  # a slip takes back a bar that had only just begun
            self._bar, self._stale = bar + 1, True
        if (self._stale or (self._asked and self._is_soon)) and not self._waits_for_fill:
            self._send_coming()

    @property
    def _is_soon(self) -> bool:
        """Whether the bar line is so near that what was asked is answered now: no bar is made for every stroke."""
        state, now = self._player.state, self._player.clock()
        line = state.next_bar_line(state.tempo_map.tick_at(now))
        return state.tempo_map.time_of(line) - now < ANSWER_NS

    @property
    def _waits_for_fill(self) -> bool:
        """Whether a pattern that was chosen begins behind a fill, which is the one's that sounds."""
        state = self._player.state
        return state.playing and state.sections[-1].bar == state.fill_last + 1 > self._bar

    def _send_coming(self) -> None:
        """Have the bar to come follow what sounds."""
        self._stale = self._asked = False
        self._coming = self._to_come
        last = self._player.state.sections[-1]
        if last.pattern != self._coming or last.bar > self._bar:
            self._send("vary", pattern=self._coming)
