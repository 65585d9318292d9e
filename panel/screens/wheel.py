"""A wheel of characters, to enter a name with one knob: turn to a character, press takes it.

    Song                       6/24
    Blue M_
     j  k  l  m  <  [_]  v  n  o  p     delete, space and done lie where the wheel comes back to

It must never change the name before the check mark is pressed, nor hand out one that a file would not take.
"""

from __future__ import annotations

from collections.abc import Callable

from panel.canvas import FONTS, Canvas, text_width
from panel.display import WIDTH
from panel.music.reading import MAX_NAME
from panel.screens.screen import Screen, draw_title
from panel.session import Session

DELETE, SPACE, DONE, CASE = "delete", " ", "done", "case"
SIGNS = "-'&/.+,!?#()"

# After each character the wheel comes back to the space, in the middle of the alphabet: so every character always lies
# the same number of detents away, none more than half the wheel, and what is wanted most often lies next to the hand.
WHEEL = (SPACE, DONE, *"nopqrstuvwxyz", *"0123456789", *SIGNS, CASE, *"abcdefghijklm", DELETE)

_BEGINS_A_WORD = f"{SPACE}-&/.+("  # a letter behind one of these is a capital by itself

_ART = {
    DELETE: ("...#....", "..##....", ".#######", "########", ".#######", "..##....", "...#...."),
    DONE: (".......#", "......##", ".....##.", "#...##..", "##.##...", ".###....", "..#....."),
    SPACE: ("........", "........", "........", "#......#", "#......#", "########", "........"),
    CASE: ("...##...", "..####..", ".######.", "########", "..####..", "..####..", "..####.."),
}
_ART_WIDTH, _ART_HEIGHT = 8, 7

_NAME_Y, _WHEEL_Y = 13, 40
_HERE_WIDTH, _PITCH, _SIDE = 20, 13, 4  # the character under the hand; how many others on each side of it
_NAME_FONTS = (("large", 0), ("medium", 4))  # and how much lower it stands; what is longer takes two small lines
_SMALL_CELLS = WIDTH // FONTS["small"][0]


class Named:
    """The name that is being entered: what it is the name of, how it reads, and who takes it.

    Whatever leads to the wheel says so first. `text` changes only when the check mark is pressed.
    """

    def __init__(self) -> None:
        self.begin("Name", "")

    def begin(self, title: str, text: str, take: Callable[[str], str] = lambda name: "") -> None:
        """Enter another name, beginning with `text`; `take` does what it is for, or tells why it can't be had."""
        self.title, self.text, self.take = title, text, take


class Wheel(Screen):
    """The wheel and the name so far."""

    def __init__(self, session: Session, named: Named) -> None:
        super().__init__(session)
        self._named = named
        self.enter("")

    def enter(self, before: str) -> None:
        """Begin at the end of the name as it is."""
        self.draft = self._named.text
        self._at = 0
        self._capitals: bool | None = None  # where the case was switched, until the word ends

    def turn(self, steps: int) -> None:
        """Another character, round and round."""
        self._at = (self._at + steps) % len(WHEEL)

    def press(self) -> str | None:
        """Take the character, or do what the sign says."""
        here = WHEEL[self._at]
        if here == DONE:
            return self._finish()
        if here == DELETE:  # and stay there, for it is rarely one
            self.draft = self.draft[:-1]
            return None
        if here == CASE:
            self._capitals = not self._upper
        else:
            self._take(self._shown(here))
        self._at = 0
        return None

    def _take(self, character: str) -> None:
        if len(self.draft) >= MAX_NAME:
            self.session.answer(f"{MAX_NAME} characters at most")
        elif character == SPACE and not self.draft:
            self.session.answer("Turn to a letter")
        else:
            self.draft += character
            self._capitals = None if character == SPACE else self._capitals

    def _finish(self) -> str | None:
        name = self.draft.strip()
        fault = self._named.take(name) if name else "Turn to a letter"
        if fault:
            self.session.answer(fault)
            return None
        self._named.text = name
        return "done"

    @property
    def _upper(self) -> bool:
        """Whether the next letter is a capital: the first of a word, unless the case was switched."""
        return self._capitals if self._capitals is not None else self.draft[-1:] in _BEGINS_A_WORD

    def _shown(self, symbol: str) -> str:
        """A symbol of the wheel as it would be taken now."""
        return symbol.upper() if len(symbol) == 1 and self._upper else symbol

    def draw(self, canvas: Canvas, now_ns: int) -> None:
        """The name so far with its cursor, and the wheel."""
        draw_title(canvas, self.session, now_ns, self._named.title, f"{len(self.draft)}/{MAX_NAME}")
        self._draw_name(canvas)
        canvas.box((WIDTH - _HERE_WIDTH) // 2, _WHEEL_Y, _HERE_WIDTH, FONTS["large"][1])
        for place in range(-_SIDE, _SIDE + 1):
            symbol = self._shown(WHEEL[(self._at + place) % len(WHEEL)])
            away = (_HERE_WIDTH + _PITCH) // 2 + (abs(place) - 1) * _PITCH if place else 0
            _draw_symbol(canvas, WIDTH // 2 + (away if place > 0 else -away), symbol, here=place == 0)

    def _draw_name(self, canvas: Canvas) -> None:
        """As large as it fits into a line with its cursor; else in two lines."""
        for font, lower in _NAME_FONTS:
            if text_width(self.draft, font) + FONTS[font][0] <= WIDTH:
                return _draw_line(canvas, _NAME_Y + lower, self.draft, font, cursor=True)
        cut = self.draft.rfind(SPACE, 0, _SMALL_CELLS) + 1
        cut = cut if len(self.draft) - cut < _SMALL_CELLS and cut else _SMALL_CELLS
        _draw_line(canvas, _NAME_Y, self.draft[:cut], "small")
        return _draw_line(canvas, _NAME_Y + FONTS["small"][1], self.draft[cut:], "small", cursor=True)


def _draw_line(canvas: Canvas, y: int, text: str, font: str, *, cursor: bool = False) -> None:
    """Text from the left, and behind it the cursor."""
    width, height = FONTS[font]
    canvas.text(0, y, text, font, bold=font == "large")
    if cursor:
        canvas.box(text_width(text, font) + 1, y + height - 3, width - 2, 2)


def _draw_symbol(canvas: Canvas, x: int, symbol: str, *, here: bool) -> None:
    """A character or sign around x, large and dark where the hand is."""
    font, y, scale = ("large", _WHEEL_Y, 2) if here else ("medium", _WHEEL_Y + 4, 1)
    if symbol in _ART:
        middle_y = y + FONTS[font][1] // 2
        canvas.art(x - _ART_WIDTH * scale // 2, middle_y - _ART_HEIGHT * scale // 2, _ART[symbol], scale, lit=not here)
    else:
        canvas.centre(x, y, symbol, font, bold=here, lit=not here)
