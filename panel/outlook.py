"""What plays, as it is asked for all over the panel: bar and beat, the section, what is left of it and what follows.

It must never change anything, nor know more than the engine's state and the time.
"""

from __future__ import annotations

from math import gcd

from panel.engine.client import EngineClient
from panel.engine.plan import following
from panel.engine.state import PlayerState, Section
from panel.engine.transport import MAX_FILL_BARS
from panel.music.meter import Place
from panel.music.song import Part


class Outlook:
    """Questions of what the engine of a client plays, as far as is known."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client

    @property
    def state(self) -> PlayerState:
        """What plays, as far as is known."""
        return self.client.state

    @property
    def playing(self) -> bool:
        """Whether the transport runs."""
        return self.state.playing

    def place(self, now_ns: int) -> Place:
        """The bar and beat at `now_ns`."""
        return self.state.place_at(now_ns)

    def section(self, now_ns: int) -> Section:
        """The section that sounds at `now_ns`."""
        return self.state.sounding_at(now_ns)

    def beat_ns(self, now_ns: int) -> tuple[int, int]:
        """When the counted beat that sounds at `now_ns` began, and when it ends; the first one before the start."""
        state = self.state
        tempo_map = state.tempo_map
        tick = tempo_map.tick_at(max(now_ns, tempo_map.time_of(state.first_tick)))
        count_ticks = state.section_at(tick).pattern.count_ticks
        began = tick - state.place_of(tick).tick % count_ticks
        return tempo_map.time_of(began), tempo_map.time_of(began + count_ticks)

    def off_beat_ns(self, stamp_ns: int) -> int:
        """How far behind the nearest beat of what plays a moment lies; below 0 before it."""
        tempo_map, section = self.state.tempo_map, self.section(stamp_ns)
        pattern = section.pattern
        grid = gcd(pattern.beat_ticks, pattern.meter.bar_ticks)  # in 7/8 a quarter's tap may lie on any eighth
        place = section.place_of(tempo_map.tick_at(stamp_ns)).tick
        tick = tempo_map.tick_at(stamp_ns) - place + (2 * place + grid) // (2 * grid) * grid
        return stamp_ns - tempo_map.time_of(tick)

    def bars_left(self, now_ns: int) -> int:
        """How many bars of the section are left, the one that sounds included; 0 where the drummer says when."""
        return max(0, self.section(now_ns).end_bar - self.place(now_ns).bar)

    def part_behind(self, now_ns: int) -> Part | None:
        """What follows the section that sounds; None at the end of the song."""
        state, section = self.state, self.section(now_ns)
        behind = following(state, section) if section in state.sections else ()
        return behind[0] if behind else None

    def fills_left(self, now_ns: int) -> int:
        """How many bars of fill are still to be played, the one that sounds included; some patterns have no fill."""
        state = self.state
        if not state.playing:
            return 0
        section, here = self.section(now_ns), self.place(now_ns).bar
        bars = range(max(state.fill_first, here), min(state.fill_last, here + MAX_FILL_BARS) + 1)
        asked = sum(bool(state.section_of(bar).pattern.fill) for bar in bars)
        return max(asked, state.fills(section, here) and bool(section.pattern.fill))
