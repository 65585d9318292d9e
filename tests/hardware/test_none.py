"""A box without a display, and the alarm clock of a select loop."""

from __future__ import annotations

import select
import time

from PIL import Image

from panel.display import Display
from panel.hardware.alarm import Alarm
from panel.hardware.none import NoDisplay


def test_a_display_that_is_none_is_well() -> None:
    display: Display = NoDisplay()
    display.dim(0)
    assert display.show(Image.new("1", (128, 64)))
    display.close()


def test_an_alarm_rings_from_its_moment_until_it_is_quieted() -> None:
    alarm = Alarm()
    hour_ns = 3600 * 1_000_000_000
    alarm.set(time.monotonic_ns() + hour_ns)
    assert not select.select([alarm], [], [], 0)[0]
    for past_ns in (0, 1, time.monotonic_ns()):
        alarm.set(past_ns)
        assert select.select([alarm], [], [], 10)[0]
        alarm.quiet()
        assert not select.select([alarm], [], [], 0)[0]
    alarm.quiet()
    alarm.close()
