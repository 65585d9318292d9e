"""The synthesizer: its patch, what the patch lets the encoder turn, and the wave it makes.

Synth
Patch             Supersaw
cutoff             1200 Hz
res                    0.3
/\\/\\/\\/\\/\\/\\/\\/\\/\\/\\/\\/\\      the wave; where the patch has a fault, that with file and line

It must never show a value that the patch does not have.
"""

from __future__ import annotations

from panel.canvas import Canvas, fitted, text_width
from panel.detents import shown
from panel.display import HEIGHT, WIDTH
from panel.screens.listing import Line
from panel.screens.nosound import OfSound, draw_silence, draw_told
from panel.screens.screen import Screen, draw_title
from panel.session import Session
from panel.sound.wire import WAVE_POINTS, PatchParam

RESET = "Reset"
_FULL = 100  # of a point of the wave


class AtParam:
    """Which parameter the knob screen is about, by its name."""

    def __init__(self) -> None:
        self.name = ""


class _Synth(OfSound):
    """A list with the wave below; a fault takes its place, and more room."""

    @property
    def rows_shown(self) -> int:  # type: ignore[override]
        """As many as leave room for what is below."""
        return 2 if self.session.sound.view.fault else 3

    def draw_below(self, canvas: Canvas, now_ns: int) -> None:
        """The wave, or the fault."""
        sound = self.session.sound
        if sound.patch_fault:
            draw_told(canvas, sound.patch_fault, now_ns)
        else:
            draw_wave(canvas, 50, HEIGHT - 1, sound.view.wave)


class Synth(_Synth):
    """The patch, its parameters, and the way back to what it says itself."""

    title, begins_after = "Synth", ("sound", "patch")  # another patch, and not back from a parameter

    def __init__(self, session: Session, at: AtParam) -> None:
        super().__init__(session)
        self._at = at

    @property
    def lines(self) -> list[Line]:
        """The rows."""
        sound = self.session.sound
        params = [Line(param.name, shown(param.value, param.unit), "param") for param in sound.params]
        return [Line("Patch", sound.patch, "patch"), *params, *[Line(RESET, "as the patch")] * bool(params)]

    def chosen(self, line: Line) -> str | None:
        """Open the patches, take hold of a parameter, or take all of them back."""
        sound = self.session.sound
        if line.outcome == "param":
            self._at.name = line.label
        elif not line.outcome:
            sound.reset_params()
            sound.hear_patch()
            self.session.answer("As the patch says")
        return line.outcome or None


class Patches(_Synth):
    """Which patch: each is heard as it is turned to; press leaves it."""

    title = "Patches"

    @property
    def lines(self) -> list[Line]:
        """The rows; a star at the one that is there."""
        sound = self.session.sound
        return [Line(name, "*" if name == sound.view.patch else "", "chosen") for name in sound.view.patches] or [
            Line(sound.patch or "none")
        ]

    def enter(self, before: str) -> None:
        """Begin at the one that was chosen."""
        labels = [line.label for line in self.lines]
        self.cursor = labels.index(self.session.sound.patch) if self.session.sound.patch in labels else 0

    def turn(self, steps: int) -> None:
        """Another patch, heard at once."""
        before = self.cursor
        super().turn(steps)
        if steps and self.cursor != before:
            self.session.sound.choose_patch(self.lines[self.cursor].label)


class Param(Screen):
    """A parameter is held: turn changes it, heard at once; press lets go."""

    def __init__(self, session: Session, at: AtParam) -> None:
        super().__init__(session)
        self._at = at

    @property
    def _param(self) -> PatchParam | None:
        """The parameter as it is; None where the patch has been written anew without it."""
        return next((param for param in self.session.sound.params if param.name == self._at.name), None)

    def turn(self, steps: int) -> None:
        """Another value."""
        if param := self._param:
            self.session.sound.turn_param(param, steps)
            self.session.sound.hear_patch()

    def press(self) -> str | None:
        """Let go."""
        return "done"

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The value large, how far it is between its ends, and the wave."""
        sound, param = self.session.sound, self._param
        draw_title(canvas, self.session, now_ns, fitted(self._at.name, WIDTH // 2), sound.view.patch)
        if param is None or sound.silence:
            draw_silence(canvas, sound.silence or "the patch has no such parameter")
            return
        text = shown(param.value, param.unit)
        font = "large" if text_width(text, "large") <= WIDTH else "medium"
        canvas.centre(WIDTH // 2, 14, text, font, bold=font == "large")
        draw_wave(canvas, 40, HEIGHT - 1, sound.view.wave)


def draw_wave(canvas: Canvas, top_y: int, foot_y: int, wave: tuple[int, ...]) -> None:
    """A cycle as a line from edge to edge, between two heights; nothing where the patch has told none."""
    middle, reach, step = (top_y + foot_y) // 2, (foot_y - top_y) // 2, WIDTH // WAVE_POINTS
    heights = [middle - round(point * reach / _FULL) for point in wave]
    for at, (y, before) in enumerate(zip(heights, heights[:1] + heights, strict=False)):
        low, high = min(y, before), max(y, before)
        canvas.box(at * step, low, 1, high - low + 1)  # the jump from the point before, then the point itself
        canvas.box(at * step, y, step, 1)
