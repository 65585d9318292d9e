"""The beat that writes itself beside the click: which generator, its dials, and bar after bar to the engine in time.

It must never stop the click: bars come ahead of need, and without the next one the last goes round.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import count
from typing import NamedTuple, Protocol

from panel.dialled import DIALS_FILE, Dialled
from panel.engine.state import PlayerState
from panel.gig import Send
from panel.kept import Kept
from panel.library import PATTERNS, Loaded
from panel.music.chart import chart_text
from panel.music.generators.beat import (
    MAX_SEED,
    VOICES,
    Dial,
    Generator,
    Grid,
    Values,
    bar_of_rows,
    grid_of,
    pattern_of,
)
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.chance import below
from panel.music.generators.course import Course, Made
from panel.music.pattern import ROLES, Pattern
from panel.settings import Settings

SETTING = "beats.generator"
MOST_ROWS = 4  # of a grid on the screen


_FROM_BELOW = (*VOICES, *(role for role in ROLES if role not in VOICES))


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
        self.turned = False  # since the bar that sounds began: what is shown is the bar to come
        self._player, self._send = player, send
        self._course = Course(self.generator, self._seed)
        self._coming: Pattern | None = None
        self._bar = 1  # of the run: the one that was made last
        self._run = -1
        self._stale = True

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
    def generator(self) -> Generator:
        """The one that was chosen."""
        return GENERATORS[self._player.settings[SETTING]]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.generator.name.capitalize()

    @property
    def values(self) -> Values:
        """What its dials stand at."""
        return self.dialled.values(self.generator.name)

    @property
    def base(self) -> Pattern:
        """The pattern beside which it plays: the one that was chosen."""
        player = self._player
        return player.library.patterns.get(player.kept.pattern) or next(iter(player.library.patterns.values()))

    @property
    def is_held(self) -> bool:
        """Whether one bar goes on and on."""
        return self._course.held is not None

    @property
    def shown(self) -> Pattern:
        """The bar that is to be seen: the one that sounds, or after a turn the one to come."""
        player = self._player
        if player.state.playing and not self.turned and not player.state.parts:
            return player.state.sounding_at(player.clock()).pattern
        return self._coming or self._composed(self._made(), 1)

    @property
    def step_ticks(self) -> int:
        """The steps of its grid."""
        return self._grid.step_ticks

    def roles_shown(self, pattern: Pattern) -> list[str]:
        """The roles of a bar that are to be seen, the lowest first: the voices, or of what was learned the busiest."""
        if self.has_voices:
            return list(VOICES)
        busiest = sorted(pattern.groove, key=lambda row: -row.strokes)[:MOST_ROWS]
        return sorted((row.role for row in busiest), key=_FROM_BELOW.index)

    @property
    def has_voices(self) -> bool:
        """Whether it is made for voices, each with dials of its own or not."""
        return self.generator.name != "learn"

    @property
    def knobs(self) -> list[Knob]:
        """All that is turned, one after another."""
        dials = self.generator.dials
        voiced = any(dial.each_voice for dial in dials)
        return [
            *[Knob("voice", self.voice, self._turn_voice)] * voiced,
            *(Knob(dial.name, dial.shown(self.values[dial.key(self.voice)]), self._turn(dial)) for dial in dials),
            Knob("hold", "on" if self.is_held else "off", self._turn_hold),
            Knob("back", self._shown_back, self._turn_back),
        ]

    @property
    def _shown_back(self) -> str:
        back = self._course.back
        return f"{back} bar{'s' * (back != 1)}" if self.is_held else "goes on"

    @property
    def _seed(self) -> int:
        return int(self._player.settings["beats.seed"])

    @property
    def _grid(self) -> Grid:
        return grid_of(self.base)

    # What the hands do.

    def switch(self, on: bool) -> None:
        """Play along from the next bar line on, or no more."""
        self._player.keep(beats="on" if on else "")
        self.begin()
        if not on and not self._player.state.parts:
            self._send("pattern", pattern=self.base)

    def beside(self, pattern: Pattern) -> Pattern:
        """What is to be played of a pattern that is chosen now: the bar to come beside it, where a beat is wanted."""
        if not self.is_on:
            return pattern
        self._stale, self._coming = False, self._composed(self._made(), self._bar)
        return self._coming

    def changed(self, id: str) -> None:
        """A setting was changed."""
        if id in (SETTING, "beats.seed"):
            self.begin()
        self._anew()

    def store(self) -> str:
        """Keep the bar that is seen as a pattern of one's own; what there is to say of it."""
        name = _free_name(self.title, self._player.library.patterns)
        text = chart_text(self.shown._replace(name=name, micro_bpm=0), self.step_ticks)
        try:
            return f"Kept: {self._player.add_text(PATTERNS, text)}"
        except ValueError as error:  # TextError is one
            return str(error)

    def begin(self) -> None:
        """Begin anew, from the first bar of the seed."""
        self._course = Course(self.generator, self._seed)
        self._anew()

    def new_seed(self) -> int:
        """Another seed, as good as at random."""
        return 1 + below(MAX_SEED, self._player.clock())

    def hold(self, on: bool, back: int = 0) -> None:
        """Stay with the bar that is heard, or one before it; or go on from there."""
        if on:
            self._course.hold(back)
        else:
            self._course.go_on()
        self._anew()

    def _turn_voice(self, steps: int) -> None:
        self.voice = VOICES[max(0, min(len(VOICES) - 1, VOICES.index(self.voice) + steps))]

    def _turn(self, dial: Dial) -> Callable[[int], None]:
        def turn(steps: int) -> None:
            key = dial.key(self.voice)
            self.dialled.set(self.generator.name, key, dial.turned(self.values[key], steps))
            self._player.keep_file(DIALS_FILE)
            self._anew()

        return turn

    def _turn_hold(self, steps: int) -> None:
        if (steps > 0) != self.is_held:
            self.hold(steps > 0)

    def _turn_back(self, steps: int) -> None:
        """To the left into the past, to the right out of it, and on."""
        back = self._course.back - steps
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
        bar = state.place_at(self._player.clock()).bar if state.playing else self._bar - 1
        if bar >= self._bar or bar < self._bar - 1:
            self._next(bar)
        elif self._stale:
            self._send_coming()

    def _next(self, bar: int) -> None:
        """Bar `bar` of the run has begun."""
        self._course.begun()
        self._bar, self.turned = max(0, bar) + 1, False
        self._send_coming()

    def _send_coming(self) -> None:
        """Have the bar to come follow what sounds."""
        self._stale = False
        self._coming = self._composed(self._made(), self._bar)
        if self._player.state.sections[-1].pattern != self._coming:
            self._send("vary", pattern=self._coming)

    def _made(self) -> Made:
        return self._course.coming(self._grid, self.values)

    def _composed(self, made: Made, bar: int) -> Pattern:
        """A bar as it is played as bar `bar` of the run, beside what stays of the click."""
        base = self.base
        kept = bar_of_rows(base, base.groove, bar - 1) if self._player.settings["beats.click"] else ()
        return pattern_of(made.bar, base, self._grid, self.title, kept)


def _free_name(title: str, taken: Container[str]) -> str:
    """A name that no pattern has."""
    return next(name for number in count(1) if (name := f"{title} {number}") not in taken)
