"""The bar that comes beside the click: made by the generator that was chosen, of its dials, in the pattern's meter.

It must never decide when a bar is played, nor forget what the drummer has played meanwhile.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from panel.dialled import Dialled
from panel.kept import Kept
from panel.learned import Learned, Turn, turn_of
from panel.library import Loaded
from panel.lighter import lighter
from panel.music.chart import chart_text
from panel.music.generators.beat import VOICES, Generator, Grid, Values, bar_of_rows, grid_of, pattern_of
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.course import Course, Made
from panel.music.generators.fills import with_fill
from panel.music.generators.learn import FAMILY, LEARN, TRADES, Manner, manner_of, style_pattern
from panel.music.generators.melody import Tune, pitched
from panel.music.generators.stylemap import MAP, near
from panel.music.pattern import ROLES, Pattern, Row
from panel.settings import Settings

_FROM_BELOW = (*VOICES, *(role for role in ROLES if role not in VOICES))


class Keeper(Protocol):
    """Who keeps what was chosen: the session."""

    library: Loaded
    settings: Settings
    kept: Kept


class Composer:
    """Makes bars. All calls from one thread. Bars are numbered as in the run, the first is 1."""

    def __init__(self, keeper: Keeper, dialled: Dialled) -> None:
        self.learned = Learned()
        self._keeper, self._dialled = keeper, dialled
        self._base: Pattern | None = None
        self.begin()

    def begin(self) -> None:
        """Begin anew, from the first bar of the seed."""
        self.course = Course(self.generator, self.seed)

    @property
    def generator(self) -> Generator:
        """The one that was chosen."""
        return GENERATORS[self._keeper.settings["beats.generator"]]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.generator.name.capitalize()

    @property
    def learns(self) -> bool:
        """Whether it plays in the manner of somebody."""
        return self.generator is LEARN

    @property
    def values(self) -> Values:
        """What its dials stand at."""
        return self._dialled.values(self.generator.name)

    @property
    def seed(self) -> int:
        """What decides where chance does."""
        return int(self._keeper.settings["beats.seed"])

    @property
    def base(self) -> Pattern:
        """The pattern beside which it plays: the one that was chosen, though the library may have lost it."""
        name, library = self._keeper.kept.pattern, self._keeper.library
        if name in library.patterns or self._base is None or self._base.name != name:
            self._base = library.pattern(name)
        return self._base

    @property
    def place(self) -> str:
        """Where on the map of styles it is, "" for what is on none."""
        return near(self.values["x"], self.values["y"]) if self.generator is MAP else ""

    @property
    def grid(self) -> Grid:
        """The steps of its bars."""
        return grid_of(self.base)

    @property
    def styles(self) -> list[str]:
        """The patterns that say how somebody plays."""
        return [name for name, pattern in self._keeper.library.patterns.items() if pattern.family == FAMILY]

    @property
    def style(self) -> str:
        """The one that was chosen, "" for what the drummer plays now."""
        return self._keeper.kept.style if self._keeper.kept.style in self.styles else ""

    def turn(self, bar: int) -> Turn | None:
        """Whose turn a bar is; None where nobody waits for the other."""
        bars = TRADES[self.values["trade"]] if self.learns else 0
        return turn_of(bar, bars) if bars else None

    def made(self, bar: int) -> Made:
        """What comes as that bar."""
        return self.course.coming(self.grid, self.values, self._manner(bar) if self.learns else None)

    def _manner(self, bar: int) -> Manner | None:
        """In whose manner that bar is, None for nobody's."""
        turn = self.turn(bar)
        if turn and turn.is_yours:
            return Manner(self.grid, 1, {})
        if self.style:
            return _manner_of(self._keeper.library.patterns[self.style])
        return self.learned.question(bar, turn) if turn else self.learned.groove(bar)

    def composed(self, made: Made, bar: int) -> Pattern:
        """A bar as it is played as that one of the run, with its tune and its fill, beside what stays of the click.

        The longest and fullest bars say less: the engine takes no more in one message.
        """
        grid, kept = self.grid, self._kept(bar)
        beat = pitched(made.bar, self._tune, self.seed, made.number, grid)
        pattern = pattern_of(beat, self.base, grid, self.title, kept)
        return lighter(with_fill(pattern, tuple(row.role for row in kept), self.seed, made.number, grid))

    def yours(self, bar: int) -> Pattern:
        """What the drummer has played in a bar so far."""
        grid = self.grid
        return pattern_of(self.learned.bar(bar, grid), self.base, grid, self.title, self._kept(bar))

    def style_played(self, before: int, name: str) -> Pattern | None:
        """What was played lately, before that bar, as a style of that name; None where that is nothing."""
        bars = self.learned.played(before)
        return style_pattern(bars, self.base, self.grid, name) if bars else None

    def text_of(self, pattern: Pattern) -> str:
        """The file of a pattern that was made or played here."""
        return chart_text(pattern, self.grid.step_ticks)

    def roles_shown(self, pattern: Pattern, most: int) -> list[str]:
        """The roles of a bar that are to be seen, the lowest first: the voices, or of what was learned the busiest."""
        if not self.learns:
            return list(VOICES)[:most]
        clicks = {row.role for row in self._kept(1)}
        busiest = sorted(pattern.groove, key=lambda row: (row.role in clicks, -row.strokes))[:most]
        return sorted((row.role for row in busiest), key=_FROM_BELOW.index)

    def _kept(self, bar: int) -> tuple[Row, ...]:
        """What stays of the click in that bar."""
        stays = self._keeper.settings["beats.click"]
        return bar_of_rows(self.base, self.base.groove, bar - 1) if stays else ()

    @property
    def _tune(self) -> Tune:
        said: dict[str, Any] = {key: self._keeper.settings[f"beats.{key}"] for key in ("scale", "root", "octaves")}
        voice = self._keeper.settings["beats.melody"]
        return Tune(voice if voice in VOICES else "", **said)


@lru_cache(maxsize=1)
def _manner_of(style: Pattern) -> Manner:
    return manner_of(style)
