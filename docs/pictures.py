"""Makes the pictures of README and docs from the panel's own frames, and the wiring drawing from the default pins.

Run by `make pictures`; it must never show what the box would not.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from panel.gallery import PICTURES, sheet
from panel.settings import BY_ID

FOLDER = Path(__file__).parent / "img"
SHEETS = {
    "panel": (("live-playing",), 1, 5),
    "live": (("live-stopped", "live-seven", "live-tapped", "live-fill", "live-no-pad", "live-waiting"), 3, 3),
    "gig": (("set-list-waits", "menu-song-nudged", "song-move", "song-name", "practice-silent", "time"), 3, 3),
    "screens": (("menu", "patterns", "levels-mixed", "voices", "settings", "about-no-fifo"), 3, 3),
}

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
    frames = {picture.name: picture.scene for picture in PICTURES}
    for name, (wanted, columns, scale) in SHEETS.items():
        pictures: list[Image.Image] = [frames[frame]().picture for frame in wanted]
        sheet(pictures, columns, scale).save(FOLDER / f"{name}.png", optimize=True)
    (FOLDER / "wiring.svg").write_text(wiring())


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
