"""The dials of the beat: its bar as a small grid with the play head, and one dial at a time; a press is for the next.

Euclid            next bar
C .  .  .  .  .  .  .  .      cowbell, hat, snare, kick; a stroke is as high as it is loud
H #  |  #  |  ## |  #  |
[S]  .  #  .  .## .  #  .      the dial that is turned is the snare's
K #  .  .  |  .## .  |  .      the play head: a column of light
hits                   2

It must never show another bar than the one that sounds, but after a turn and in a count-in: then it is the one to come.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.beats import Knob
from panel.canvas import Canvas, fitted, text_width
from panel.display import WIDTH
from panel.music.pattern import MAX_VELOCITY, Pattern
from panel.screens.screen import Screen, draw_title
from panel.session import Session

MOST_STEPS = 32  # that are seen at once: of a longer bar so many round the play head

MOST_ROWS = 4
_LEFT, _TOP_Y, _ROW = 8, 13, 8
_DIAL_Y = 48


class _Steps(NamedTuple):
    """The steps of the bar that are seen: from tick `first` on, `seen` ticks in all, `step` each."""

    first: int
    seen: int
    step: int

    @property
    def ticks(self) -> range:
        """Where they begin."""
        return range(self.first, self.first + self.seen, self.step)

    @property
    def width(self) -> int:
        """Of each, in pixels."""
        return max(1, self.step * (WIDTH - _LEFT) // self.seen - 1)

    def x(self, tick: int) -> int:
        """Where one is, in pixels."""
        return _LEFT + (tick - self.first) * (WIDTH - _LEFT) // self.seen


class Dials(Screen):
    """Turn changes what the dial says, heard at the next bar line; press goes to the next one."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._at = 0
        self._rows = Canvas()
        self._drawn: tuple[Pattern, _Steps, list[str], str] | None = None  # what stands on it

    def turn(self, steps: int) -> None:
        """Another value."""
        self._knob.turn(steps)

    def press(self) -> str | None:
        """The next dial."""
        self._at = (self._at + 1) % len(self.session.beats.knobs)
        return None

    def next_change_ns(self, now_ns: int) -> int | None:
        """As every screen; over a bar that sounds the head moves from step to step."""
        moments = [super().next_change_ns(now_ns)]
        if not self.session.beats.is_to_come:
            state = self.session.state
            step = self.session.beats.composer.grid.step_ticks
            tick = state.tempo_map.tick_at(now_ns)
            moments.append(state.tempo_map.time_of(tick - state.place_of(tick).tick % step + step))
        return min(filter(None, moments), default=None)

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """Title, grid, dial."""
        beats = self.session.beats
        draw_title(canvas, self.session, now_ns, beats.composer.title, self._corner)
        head = None if beats.is_to_come else self.session.place(now_ns).tick
        self._draw_grid(canvas, beats.shown, head)
        knob = self._knob
        canvas.text(0, _DIAL_Y, fitted(knob.name, WIDTH // 2, "medium"), "medium")
        canvas.right(
            WIDTH, _DIAL_Y, fitted(knob.shown, WIDTH - text_width(knob.name, "medium") - 8, "medium"), "medium"
        )

    @property
    def _knob(self) -> Knob:
        """What is turned."""
        knobs = self.session.beats.knobs
        return knobs[self._at % len(knobs)]

    @property
    def _is_of_a_voice(self) -> bool:
        """Whether that is one voice's alone, or says whose the others are."""
        dials = self.session.beats.composer.generator.dials
        return self._knob.name in {"voice", *(dial.name for dial in dials if dial.each_voice)}

    @property
    def _corner(self) -> str:
        """What is so of the bar that is seen."""
        session, beats = self.session, self.session.beats
        if silence := beats.silence:
            return silence
        if turn := beats.turn:
            return f"{'you' if turn.is_yours else 'me'} {turn.bar}/{turn.bars}"
        return "next bar" if session.playing and beats.is_to_come else "held" if beats.is_held else beats.composer.place

    def _draw_grid(self, canvas: Canvas, pattern: Pattern, head: int | None) -> None:
        """The rows, and the column of light over them: it moves at every step, the rows stay as they were drawn."""
        bar_ticks, step = pattern.meter.bar_ticks, self.session.beats.composer.grid.step_ticks
        seen = min(bar_ticks, MOST_STEPS * step)
        at = None if head is None else head - head % step
        first = 0 if at is None else max(0, min(bar_ticks - seen, at - seen // 2))
        steps = _Steps(first, seen, step)
        self._draw_rows(pattern, steps)
        canvas.copy(self._rows, _TOP_Y, _ROW * MOST_ROWS)
        if at is not None:
            canvas.invert(steps.x(at), _TOP_Y, steps.width, _ROW * MOST_ROWS)

    def _draw_rows(self, pattern: Pattern, steps: _Steps) -> None:
        """A row for each role, the brightest on top; a stroke is as high as it is loud."""
        beats = self.session.beats
        roles = beats.composer.roles_shown(pattern, MOST_ROWS)
        drawn = (pattern, steps, roles, beats.voice if self._is_of_a_voice else "")
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._rows.clear()
        for row, role in enumerate(reversed(roles)):
            foot = _TOP_Y + (row + 1) * _ROW - 1
            self._draw_label(self._rows, foot, role)
            for tick in steps.ticks:
                beat = tick in pattern.meter.group_starts
                self._rows.box(steps.x(tick), foot, steps.width if beat else 1, 1)
            for stroke in pattern.strokes():
                tick = stroke.tick - (stroke.tick + steps.step // 2) % steps.step + steps.step // 2
                if stroke.role == role and tick in steps.ticks:
                    tall = max(2, (_ROW - 1) * stroke.loudness // MAX_VELOCITY)
                    self._rows.box(steps.x(tick), foot - tall + 1, steps.width, tall)

    def _draw_label(self, canvas: Canvas, foot: int, role: str) -> None:
        """The first letter of a role, inverted where its dials are turned."""
        here = role == self.session.beats.voice and self._is_of_a_voice
        if here:
            canvas.box(0, foot - _ROW + 1, _LEFT - 1, _ROW)
        canvas.text(0, foot - _ROW + 1, role[0].upper(), "tiny", lit=not here)
