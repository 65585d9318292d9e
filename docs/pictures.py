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
    "screens": (("menu", "patterns", "voices", "voice-sound", "settings", "about"), 3, 3),
}

# The Raspberry Pi's 40-pin header: physical pin of each BCM number, and the pins for power and ground that are used.
HEADER = {2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22,
          11: 23, 8: 24, 7: 26, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40}  # fmt: skip
POWER, GROUNDS = 1, (6, 9, 14, 20, 25, 30, 34, 39)
PARTS = (
    ("OLED", "3.3 V, GND, SDA, SCL", (("VCC", "3V3"), ("GND", "GND"), ("SDA", 2), ("SCL", 3))),
    ("Encoder", "with push switch", (("A / CLK", "encoder_a"), ("B / DT", "encoder_b"), ("switch", "encoder_switch"))),
    ("Buttons", "to ground", (("TAP", "tap"), ("START", "start"), ("NEXT (optional)", "next"))),
    ("LEDs", "330 ohm, optional", (("beat", "beat_led"), ("status", "status_led"))),
)


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    frames = {picture.name: picture.scene for picture in PICTURES}
    for name, (wanted, columns, scale) in SHEETS.items():
        pictures: list[Image.Image] = [frames[frame]().picture for frame in wanted]
        sheet(pictures, columns, scale).save(FOLDER / f"{name}.png", optimize=True)
    (FOLDER / "wiring.svg").write_text(wiring())


def wiring() -> str:
    """The wiring as SVG: the header's pins at the left, each part with its wires at the right."""
    body = [_text(20, 30, "Raspberry Pi, 40-pin header", 16, "bold")]
    y = 60
    for name, about, wires in PARTS:
        height = 26 * len(wires) + 34
        body.append(f'<rect x="520" y="{y}" width="250" height="{height}" rx="8" fill="#f4f4f4" stroke="#444"/>')
        body.append(_text(532, y + 20, name, 15, "bold") + _text(620, y + 20, about, 11))
        for row, (label, to) in enumerate(wires):
            body += _wire(y + 44 + 26 * row, label, to)
        y += height + 18
    body += [_pin(pin) for pin in range(1, 41)]  # over the wires, so that their names can be read
    grounds = ", ".join(map(str, GROUNDS[:-1]))
    body.append(_text(250, y + 22, f"GND of encoder, switch, buttons and LEDs: pins {grounds} or {GROUNDS[-1]}", 12))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 610" font-family="sans-serif">'
        '<rect width="800" height="610" fill="white"/>' + "\n".join(body) + "</svg>\n"
    )


def _place(pin: int) -> tuple[int, int]:
    """Odd pins left, even pins right, as the header lies with pin 1 at the top."""
    return (150 if pin % 2 else 180, 60 + (pin - 1) // 2 * 25)


def _pin(pin: int) -> str:
    x, y = _place(pin)
    gpio = next((str(bcm) for bcm, at in HEADER.items() if at == pin), "")
    name = (
        f"GPIO{gpio}"
        if gpio
        else "GND"
        if pin in GROUNDS
        else "3V3"
        if pin in (1, 17)
        else "5V"
        if pin in (2, 4)
        else ""
    )
    side, anchor = (x - 14, "end") if pin % 2 else (x + 14, "start")
    dot = f'<circle cx="{x}" cy="{y}" r="8" fill="#ddd" stroke="#444"/>' + _text(x, y + 3, str(pin), 8, anchor="middle")
    return dot + _text(side, y + 4, name, 11, anchor=anchor)


def _wire(y: int, label: str, to: str | int) -> list[str]:
    if to == "3V3":
        pin, colour, named = POWER, "#c33", "3V3, pin 1"
    elif to == "GND":
        pin, colour, named = GROUNDS[0], "#333", "GND, pin 6"
    else:
        bcm = to if isinstance(to, int) else int(BY_ID[f"pins.{to}"].default)
        pin, colour, named = HEADER[bcm], "#27a", f"GPIO{bcm}, pin {HEADER[bcm]}"
    x, from_y = _place(pin)
    path = f'<path d="M {x + 8} {from_y} C 330 {from_y}, 380 {y}, 520 {y}" stroke="{colour}" fill="none" opacity=".7"/>'
    return [
        path,
        f'<circle cx="520" cy="{y}" r="4" fill="{colour}"/>',
        _text(532, y + 4, label, 12),
        _text(650, y + 4, named, 12),
    ]


def _text(x: int, y: int, text: str, size: int, weight: str = "normal", anchor: str = "start") -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" {look} paint-order="stroke" stroke="white" stroke-width="2">{text}</text>'


if __name__ == "__main__":
    main()
