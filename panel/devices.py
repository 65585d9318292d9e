"""Which display, controls and lamps the box has: what the settings name, as far as it is there.

It must never stop for one that is missing, except for a display that was asked for by name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from panel.controls import Button, Controls
from panel.display import Display, Lamps
from panel.failure import NOT_TO_BE_HAD, Failure
from panel.hardware.errors import DeviceMissing
from panel.hardware.none import NoDisplay, NoLamps
from panel.settings import Settings

if TYPE_CHECKING:
    from panel.hardware.gpio import Pins


class Parts(NamedTuple):
    """What the drummer touches and sees."""

    display: Display
    controls: Sequence[Controls]
    lamps: Lamps
    attend: Callable[[bool], None]


def open_parts(settings: Settings, display: str, controls: Sequence[Controls], told: list[str]) -> Parts:
    """The display and the lamps that are there. Raises Failure for a display that was asked for and is not."""
    if display == "none":
        return Parts(NoDisplay(), controls, _lamps(settings), lambda is_list: None)
    if display == "oled" or (display == "auto" and Path(f"/dev/i2c-{settings['display.port']}").exists()):
        try:
            return _oled_parts(settings, controls, must_answer=display == "auto")
        except DeviceMissing as error:
            if display == "oled" or not sys.stdout.isatty():
                raise Failure(str(error), NOT_TO_BE_HAD) from error
            told.append("No OLED: shown here")
    return _terminal_parts(settings, controls)


def _oled_parts(settings: Settings, controls: Sequence[Controls], must_answer: bool) -> Parts:
    from panel.hardware.oled import open_oled

    offset = settings["display.offset"]
    oled = open_oled(
        settings["display.chip"],
        port=settings["display.port"],
        address=settings["display.address"],
        rotation=settings["display.rotation"],
        column_offset=None if offset < 0 else offset,
        must_answer=must_answer,
    )
    return Parts(oled, controls, _lamps(settings), lambda is_list: None)


def _terminal_parts(settings: Settings, controls: Sequence[Controls]) -> Parts:
    from panel.hardware.terminal import TerminalPanel

    lamps = _lamps(settings)
    try:
        terminal = TerminalPanel()
    except DeviceMissing as error:
        raise Failure(str(error), NOT_TO_BE_HAD) from error

    def attend(is_list: bool) -> None:
        terminal.list_mode = is_list

    return Parts(terminal, [*controls, terminal], lamps, attend)


def open_controls(settings: Settings, told: list[str]) -> list[Controls]:
    """The encoder, the buttons and the footswitches, where there are pins.

    One that is not to be had takes no other with it: few have footswitches, and their pins may serve something else.
    """
    if not _has_gpio():
        return []
    from panel.hardware.evdev import open_evdev
    from panel.hardware.gpio import Pins, open_gpio
    from panel.hardware.quadrature import Acceleration

    acceleration = Acceleration() if settings["encoder.acceleration"] else Acceleration(most=1)
    device, edges = settings["encoder.device"], settings["encoder.edges"]
    pins = _pins(settings)
    hands, feet = pins._replace(foot_1=None, foot_2=None), Pins(foot_1=pins.foot_1, foot_2=pins.foot_2)
    ways: list[Callable[[], Controls]] = [lambda: open_gpio(hands, edges_per_detent=edges, acceleration=acceleration)]
    if feet.lines():
        ways.append(lambda: open_gpio(feet))
    if device:
        ways.append(lambda: open_evdev(device, acceleration=acceleration))
    controls: list[Controls] = []
    for way in ways:
        try:
            controls.append(way())
        except DeviceMissing as error:
            print(f"drumassist: {error}", file=sys.stderr)
            told.append(str(error))
    return controls


def _lamps(settings: Settings) -> Lamps:
    if not _has_gpio():
        return NoLamps()
    from panel.hardware.gpio import open_leds

    try:
        return open_leds(_pins(settings))
    except DeviceMissing:
        return NoLamps()


def _has_gpio() -> bool:
    return "GPIOZERO_PIN_FACTORY" in os.environ or any(Path("/dev").glob("gpiochip*"))


def _pins(settings: Settings) -> Pins:
    from panel.hardware.gpio import Pins

    def pin(name: str) -> int | None:
        number: int = settings[f"pins.{name}"]
        return None if number < 0 else number

    a, b = pin("encoder_a"), pin("encoder_b")
    if settings["encoder.device"]:
        a = b = None
    elif settings["encoder.reversed"]:
        a, b = b, a
    rest = ("encoder_switch", "tap", "start", "next", "foot_1", "foot_2", "beat_led", "status_led")
    return Pins(a, b, *map(pin, rest))


def tap_is_held(sources: Sequence[Controls]) -> bool:
    """Whether TAP is down while the box starts: then it starts on defaults."""
    events = [event for controls in sources for event in controls.read()]
    return any(isinstance(event, Button) and event.name == "tap" and event.down for event in events)
