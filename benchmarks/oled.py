"""What a detent costs on each screen: bytes on the wire, time to the last one at 400 kHz, and what drawing takes.

It must never count what the wires would not carry: both ways send through luma's own i2c, down to smbus2's calls.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks import budgets
from benchmarks.box import ROOT
from benchmarks.budgets import Verdict
from benchmarks.figures import percentile
from benchmarks.report import progress, table
from panel.canvas import Canvas
from panel.gallery import Scene
from panel.hardware.oled import Oled

BUS_HZ, CLOCKS_PER_BYTE = 400_000, 9
CHIPS = ("ssd1306", "sh1106")
REPEATS = 200


def _live_at(bpm: int) -> Scene:
    return Scene().turned(bpm - 120)


class Detent(NamedTuple):
    """A screen and one detent on it; `digits` of the tempo that change, 0 where none is shown."""

    screen: str
    scene: Callable[[], Scene]
    digits: int = 0
    steps: int = 1


DETENTS = (
    Detent("Live, 1 digit", lambda: _live_at(120), 1),
    Detent("Live, 2 digits", lambda: _live_at(129), 2),
    Detent("Live, 3 digits", lambda: _live_at(199), 3),
    Detent("Menu", lambda: Scene().down()),
    Detent("Patterns", lambda: Scene().down("Patterns")),
    Detent("Levels", lambda: Scene().down("Levels")),
    Detent("Level", lambda: Scene().down("Levels", 1), steps=-1),
    Detent("Voices", lambda: Scene().down("Voices")),
    Detent("Module", lambda: Scene().down("Voices", "Module")),
    Detent("Voice", lambda: Scene().down("Voices", "rim")),
    Detent("Voice, sound", lambda: Scene().down("Voices", "rim", "Sound")),
    Detent("Voice, level", lambda: Scene().down("Voices", "rim", "Level"), steps=-1),
    Detent("Ports", lambda: Scene().down("Ports")),
    Detent("Settings", lambda: Scene().down("Settings")),
    Detent("Setting", lambda: Scene().down("Settings", "Trim")),
    Detent("About", lambda: Scene().down("About")),
)


class Cost(NamedTuple):
    """A detent on a screen; microseconds of this machine, bytes and milliseconds of the wire by chip."""

    screen: str
    digits: int
    draw_us: float  # the screen's own drawing
    send_us: float  # packing and finding what differs, on a bus that takes no time (the ssd1306)
    wire_bytes: dict[str, int]
    percent: dict[str, float]  # of luma's full frame
    last_byte_ms: dict[str, float]  # drawing, packing and the bus at 400 kHz


class Result(NamedTuple):
    """Every screen, beside luma's display() of the same pictures."""

    luma_bytes: dict[str, int]
    luma_ms: dict[str, float]  # to the last byte, its packing included
    luma_us: float  # its packing, on a bus that takes no time
    costs: list[Cost]


def measure() -> Result:
    """Every screen on both chips."""
    progress("OLED: bytes and time of a detent on each screen")
    bus = _bus()
    picture = Scene().picture
    lumas = {chip: _lumas(chip) for chip in CHIPS}
    luma_bytes = {chip: _bytes_of(bus, partial(lumas[chip].display, picture)) for chip in CHIPS}
    luma_us = median_us(lambda: lumas["ssd1306"].display(picture), REPEATS // 4)
    luma_ms = {chip: luma_us / 1000 + _wire_ms(count) for chip, count in luma_bytes.items()}
    return Result(luma_bytes, luma_ms, luma_us, [_cost(bus, detent, luma_bytes) for detent in DETENTS])


def _cost(bus: Any, detent: Detent, luma_bytes: dict[str, int]) -> Cost:
    scene = detent.scene()
    before = scene.picture
    after = scene.turned(detent.steps).picture
    ours = {chip: Oled(_connect, chip) for chip in CHIPS}
    counts = {}
    for chip, oled in ours.items():
        oled.show(before)
        counts[chip] = _bytes_of(bus, partial(oled.show, after))
    canvas = Canvas()
    draw_us = median_us(lambda: scene.machine.draw(canvas, scene.now), REPEATS)
    pictures = [before, after] * REPEATS
    send_us = median_us(lambda: ours["ssd1306"].show(pictures.pop()), REPEATS)
    return Cost(
        screen=detent.screen,
        digits=detent.digits,
        draw_us=draw_us,
        send_us=send_us,
        wire_bytes=counts,
        percent={chip: 100 * count / luma_bytes[chip] for chip, count in counts.items()},
        last_byte_ms={chip: (draw_us + send_us) / 1000 + _wire_ms(count) for chip, count in counts.items()},
    )


def median_us(do: Callable[[], object], repeats: int) -> float:
    """How long it takes, the median of so many times."""
    times = []
    for _ in range(repeats):
        began_ns = time.perf_counter_ns()
        do()
        times.append((time.perf_counter_ns() - began_ns) / 1000)
    return percentile(times, 50)


def _bus() -> Any:
    """Our bus in the place of smbus2, before luma asks for one."""
    sys.path.insert(0, str(ROOT / "benchmarks" / "smbus"))
    import smbus2

    return smbus2.SMBus


def _connect() -> Any:
    from luma.core.interface.serial import i2c

    return i2c(port=1, address=0x3C)


def _lumas(chip: str) -> Any:
    from luma.oled import device

    found = getattr(device, chip)(_connect())
    found.persist = True  # else it would draw once more at exit
    return found


def _bytes_of(bus: Any, send: Callable[[], object]) -> int:
    before: int = bus.wire_bytes
    send()
    return int(bus.wire_bytes) - before


def _wire_ms(count: int) -> float:
    return 1000 * count * CLOCKS_PER_BYTE / BUS_HZ


def show(result: Result) -> str:
    """The table."""
    chips = [f"{chip} {what}" for chip in CHIPS for what in ("bytes", "%", "ms")]
    head = ("One detent", *chips, "draw us", "send us", "draw+send/luma's pack")
    rows = [
        (
            cost.screen,
            *(
                value
                for chip in CHIPS
                for value in (cost.wire_bytes[chip], cost.percent[chip], cost.last_byte_ms[chip])
            ),
            cost.draw_us,
            cost.send_us,
            (cost.draw_us + cost.send_us) / result.luma_us,
        )
        for cost in result.costs
    ]
    luma = [value for chip in CHIPS for value in (result.luma_bytes[chip], 100.0, result.luma_ms[chip])]
    note = "ms: to the last byte at 400 kHz, drawing included; a frame that is just being sent is waited for besides"
    return table(head, [*rows, ("luma's display()", *luma, "", result.luma_us, 1.0)]) + f"\n{note}"


def verdicts(result: Result) -> list[Verdict]:
    """Bytes on Live, time to the last byte on every screen; the dearer chip counts."""
    found = [
        Verdict(f"{cost.screen}, bytes of luma's frame", max(cost.percent.values()), limit, " %")
        for cost in result.costs
        if (limit := budgets.DETENT_PERCENT.get(cost.digits))
    ]
    return found + [
        Verdict(f"{cost.screen}, detent to the last byte", max(cost.last_byte_ms.values()), budgets.DETENT_MS, " ms")
        for cost in result.costs
    ]
