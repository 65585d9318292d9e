"""What the board tells of itself: how hot its processor is, and whether its power supply holds.

It must never invent a value, nor wait: only what the kernel knows already is read, and at most once a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

LOOK_NS = 1_000_000_000  # the kernel asks the firmware every two seconds, so nothing is missed
HOT_CELSIUS = 80.0  # from here on a Raspberry Pi slows down
_PROCESSOR = ("cpu", "soc", "pkg")  # what the kernel calls the thermal zone of a processor contains one of these


class Health(NamedTuple):
    """How the board is. None for what it does not tell.

    `weak_power` is an under-voltage within the last seconds, `was_weak` one since this program began.
    """

    celsius: float | None = None
    weak_power: bool | None = None
    was_weak: bool = False

    @property
    def hot(self) -> bool:
        """Whether it is so hot that it slows down."""
        return self.celsius is not None and self.celsius >= HOT_CELSIUS


class Board:
    """The files in which the kernel tells it, below `root`. All calls from one thread.

    /sys/class/hwmon/hwmon*/in0_lcrit_alarm of the driver `rpi_volt` is 1 while the voltage is too low. The older file
    `get_throttled` is left alone: to read it asks the firmware, and the kernel complains of whoever does.
    """

    def __init__(self, root: Path = Path("/sys")) -> None:
        self._root = root
        self._found = False
        self._looked_ns: int | None = None
        self._temperatures: list[Path] = []
        self._alarm: Path | None = None
        self._health = Health()

    def find(self) -> None:
        """See which files there are; drivers may come late, and this takes a few milliseconds."""
        zones = sorted(self._root.glob("class/thermal/thermal_zone*"))
        self._temperatures = [
            zone / "temp" for zone in zones if any(part in _word(zone / "type") for part in _PROCESSOR)
        ]
        drivers = sorted(self._root.glob("class/hwmon/hwmon*"))
        self._alarm = next((at / "in0_lcrit_alarm" for at in drivers if _word(at / "name") == "rpi_volt"), None)
        self._found, self._looked_ns = True, None

    def look(self, now_ns: int) -> Health:
        """How the board is, as of a second ago at most."""
        if not self._found:
            self.find()
        if self._looked_ns is None or not 0 <= now_ns - self._looked_ns < LOOK_NS:
            self._looked_ns = now_ns
            degrees = [thousandths / 1000 for path in self._temperatures if (thousandths := _number(path)) is not None]
            alarm = _number(self._alarm) if self._alarm else None
            weak = None if alarm is None else alarm != 0
            self._health = Health(max(degrees, default=None), weak, self._health.was_weak or weak is True)
        return self._health


def _word(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip().lower()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    try:
        return int(_word(path))
    except ValueError:
        return None
