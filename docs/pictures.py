"""Makes the pictures of README and docs from the panel's own frames, and the wiring drawing from the default pins.

Run by `make pictures`; it must never show what the box would not.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from panel.canvas import FONTS, Canvas, text_width
from panel.gallery import PICTURES, sheet
from panel.settings import BY_ID

FOLDER = Path(__file__).parent / "img"
SHEETS = {
    "panel": (("live-playing",), 1, 5),
    "live": (("live-stopped", "live-seven", "live-tapped", "live-fill", "live-no-pad", "live-waiting"), 3, 3),
    "menu": (("menu", "menu-end", "menu-song-nudged"), 3, 3),
    "taps": (("live-tapped", "live-tapped-once-more"), 2, 3),
    "count-in": (("live-count-in", "setting-count-voice"), 2, 3),
    "count-off": (("live-song", "live-song-counted"), 2, 3),
    "patterns": (("patterns", "live-waiting"), 2, 3),
    "fill": (("live-fill", "menu-fill"), 2, 3),
    "set-list": (("set-list", "live-song-next", "set-list-waits"), 3, 3),
    "sections": (("live-song-playing", "live-song-until-told", "live-song-goes-on"), 3, 3),
    "edit": (("set-edit-end", "set-song", "song-move"), 3, 3),
    "wheel": (("name", "song-name"), 2, 3),
    "levels": (("levels-mixed", "levels-sparse"), 2, 3),
    "voices": (("voices", "voice", "voice-learn"), 3, 3),
    "sound": (("mixer-held", "kit-turned", "param"), 3, 3),
    "no-sound": (("live-box-no-pad", "mixer-none", "synth-fault"), 3, 3),
    "beats": (("beats", "beat-dials", "beat-dials-turned", "beat-dials-held"), 2, 3),
    "generators": (("beat-dials", "beat-dials-map", "beat-dials-drift", "beat-dials-me"), 2, 3),
    "practice": (("practice-silent", "live-gap"), 2, 3),
    "time": (("time",), 1, 3),
    "pads": (("pads-given", "pad-learn"), 2, 3),
    "faults": (("live-no-pad", "live-no-midi", "live-no-engine"), 3, 3),
    "about": (("about", "about-faults"), 2, 3),
}

# Pictures with numbers: the frame, and for each part of it the side from which a line leads there, and the pixel where
# the line ends. They are numbered in this order, which is that of the clock.
NUMBERED = {
    "parts": ("live-song-filled", (
        ("top", 45, 0), ("top", 118, 0), ("right", 128, 17), ("right", 100, 26), ("right", 128, 36), ("right", 126, 48),
        ("bottom", 112, 64), ("bottom", 20, 64), ("left", 31, 53), ("left", 0, 37), ("left", 35, 31), ("left", 0, 18),
    )),
}  # fmt: skip
_SCALE, _MARGIN, _LINE, _GROUND, _INK = 6, 54, 2, (60, 60, 60), (255, 160, 40)

# The Raspberry Pi's 40-pin header: the physical pin of each BCM number, and the pins for ground.
HEADER = {2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22,
          11: 23, 8: 24, 7: 26, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40}  # fmt: skip
GROUNDS = (6, 9, 14, 20, 25, 30, 34, 39)

# A part, its place in the drawing, and its wires: to a pin of the header, a BCM number or a setting's pin. Parts at the
# left use the header's left pins alone, those at the right its right ones, so that no wire crosses a pin.
PARTS = (
    ("OLED", 60, (("VCC", "pin 1"), ("SDA", 2), ("SCL", 3), ("GND", "pin 9"))),
    ("Buttons", 215, (("TAP", "tap"), ("START", "start"), ("NEXT (optional)", "next"), ("GND", "pin 25"))),
    ("Encoder", 370, (("A", "encoder_a"), ("B", "encoder_b"), ("push switch", "encoder_switch"), ("GND", "pin 39"))),
    ("LEDs, 330 ohm each, optional", 190, (("beat", "beat_led"), ("GND", "pin 14"), ("status", "status_led"))),
    ("Footswitches, optional", 340, (("first", "foot_1"), ("GND", "pin 20"), ("second", "foot_2"))),
)  # fmt: skip
_LEFT_EDGE, _RIGHT_EDGE, _BOX_WIDTH = 270, 610, 250


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name in (*SHEETS, *NUMBERED):
        drawn(name).save(FOLDER / f"{name}.png", optimize=True)
    (FOLDER / "wiring.svg").write_text(wiring())


def drawn(name: str) -> Image.Image:
    """A picture of SHEETS or of NUMBERED as it is to be."""
    if name in NUMBERED:
        return _numbered(*NUMBERED[name])
    wanted, columns, scale = SHEETS[name]
    return sheet([_frame(frame) for frame in wanted], columns, scale)


def _frame(name: str) -> Image.Image:
    """A golden frame."""
    return next(picture for picture in PICTURES if picture.name == name).scene().picture


def _numbered(frame: str, parts: tuple[tuple[str, int, int], ...]) -> Image.Image:
    """A frame in a wide margin, where a number stands for each of its parts with a line to it."""
    large = sheet([_frame(frame)], 1, _SCALE, _MARGIN).convert("RGB")
    for number, (side, x, y) in enumerate(parts, 1):
        _lead(large, number, side, _MARGIN + x * _SCALE, _MARGIN + y * _SCALE)
    return large


def _lead(large: Image.Image, number: int, side: str, x: int, y: int) -> None:
    """A number at the middle of the margin, and a straight line from there to (x, y)."""
    middle = _MARGIN // 2
    from_x = {"left": middle, "right": large.width - middle}.get(side, x)
    from_y = {"top": middle, "bottom": large.height - middle}.get(side, y)
    box = (min(x, from_x), min(y, from_y), max(x, from_x) + _LINE, max(y, from_y) + _LINE)
    large.paste(_INK, box)
    digits = Canvas()
    digits.text(0, 0, str(number), "medium", bold=True)
    width, height = (size * 2 for size in (text_width(str(number), "medium") + 1, FONTS["medium"][1]))
    glyphs = (
        digits.image.crop((0, 0, width // 2, height // 2))
        .convert("L")
        .resize((width, height), Image.Resampling.NEAREST)
    )
    at = (from_x - width // 2, from_y - height // 2)
    large.paste(_GROUND, (at[0] - 4, at[1], at[0] + width + 4, at[1] + height))
    large.paste(_INK, at, glyphs)


def wiring() -> str:
    """The wiring as SVG: the header in the middle, a wire from each pin that is used to the part at its side."""
    body = [_text(440, 30, "Raspberry Pi, 40-pin header", 16, "bold", "middle")]
    for name, y, wires in PARTS:
        left = all(_pin_of(to) % 2 for _, to in wires)
        x = _LEFT_EDGE - _BOX_WIDTH if left else _RIGHT_EDGE
        height = 26 * len(wires) + 34
        body.append(
            f'<rect x="{x}" y="{y}" width="{_BOX_WIDTH}" height="{height}" rx="8" fill="#f4f4f4" stroke="#444"/>'
        )
        body.append(_text(x + 12, y + 20, name, 14, "bold"))
        for row, (label, to) in enumerate(wires):
            body += _wire(y + 44 + 26 * row, label, _pin_of(to), left)
    body += [_pin(pin) for pin in range(1, 41)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 570" font-family="sans-serif">'
        '<rect width="880" height="570" fill="white"/>' + "\n".join(body) + "</svg>\n"
    )


def _pin_of(to: str | int) -> int:
    """The physical pin of a wire."""
    if isinstance(to, str) and to.startswith("pin "):
        return int(to[4:])
    return HEADER[to if isinstance(to, int) else int(BY_ID[f"pins.{to}"].default)]


def _name_of(pin: int) -> str:
    gpio = next((str(bcm) for bcm, at in HEADER.items() if at == pin), "")
    return f"GPIO{gpio}" if gpio else {1: "3V3", 17: "3V3", 2: "5V", 4: "5V"}.get(pin, "GND" if pin in GROUNDS else "")


def _place(pin: int) -> tuple[int, int]:
    """Odd pins left, even pins right, as the header lies with pin 1 at the top."""
    return (425 if pin % 2 else 455, 60 + (pin - 1) // 2 * 25)


def _pin(pin: int) -> str:
    x, y = _place(pin)
    fill = {"3V3": "#fcc", "5V": "#f88", "GND": "#bbb"}.get(_name_of(pin), "#fff")
    return f'<circle cx="{x}" cy="{y}" r="9" fill="{fill}" stroke="#444"/>' + _text(
        x, y + 3, str(pin), 8, anchor="middle"
    )


def _wire(y: int, label: str, pin: int, left: bool) -> list[str]:
    """The wire to a part's row, what the row is called, and the pin's own name beside it."""
    x, from_y = _place(pin)
    edge, away, anchor = (_LEFT_EDGE, -12, "end") if left else (_RIGHT_EDGE, 12, "start")
    colour = {"3V3": "#c33", "GND": "#333"}.get(_name_of(pin), "#27a")
    bend = (x + edge) // 2
    path = f'<path d="M {x} {from_y} C {bend} {from_y}, {bend} {y}, {edge} {y}" stroke="{colour}" fill="none"/>'
    dot = f'<circle cx="{edge}" cy="{y}" r="4" fill="{colour}"/>'
    row = _text(edge + away, y + 4, f"{label}:  {_name_of(pin)}, pin {pin}", 12, anchor=anchor)
    return [path, dot, row]


def _text(x: int, y: int, text: str, size: int, weight: str = "normal", anchor: str = "start") -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" {look} paint-order="stroke" stroke="white" stroke-width="2">{text}</text>'


if __name__ == "__main__":
    main()
