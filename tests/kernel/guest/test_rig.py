"""The rig itself: that the pad, the lines, the encoder and the OLED's bus behave as the real ones do.

It must never import the project: what fails here is the rig, the kernel or a library.
"""

from __future__ import annotations

import os
import select
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rtmidi
from gpiozero import RotaryEncoder
from gpiozero.pins.lgpio import LGPIOFactory
from luma.core.error import DeviceNotFoundError
from luma.core.interface.serial import i2c
from luma.oled.device import ssd1306
from PIL import Image, ImageDraw

from tests.kernel.client import wait_for
from tests.kernel.glass import SSD1306, Tap, fail, set_bus_clock
from tests.kernel.lines import Lines
from tests.kernel.pad import Arrival, Pad
from tests.kernel.sends import Sends

NAME = "SamplePad Pro"
TAP = 17
FREE_PIN_A, FREE_PIN_B = 5, 6  # for gpiozero
KERNEL_PIN_A = 20  # what `run` seats the kernel's encoder on, with the line after it
INPUT_EVENT = struct.Struct("llHHi")
EV_REL, REL_X = 2, 0


def place(midi: Any) -> int:
    """The number of the pad's port in rtmidi's list."""
    return next(number for number, name in enumerate(midi.get_ports()) if NAME in name)


def listed(midi: Any) -> bool:
    return any(NAME in name for name in midi.get_ports())


def clients() -> str:
    """The sequencer's own account of who is connected to whom."""
    return Path("/proc/asound/seq/clients").read_text()


def subscribers() -> list[str]:
    """The clients that send to the pad."""
    behind_pad = clients().split(f': "{NAME}"')[1].split("Client ")[0]
    return [line.strip() for line in behind_pad.splitlines() if "Connected From" in line]


def test_a_message_may_come_in_pieces() -> None:
    from tests.kernel.pad import Parser

    parser = Parser()
    stream = bytes([0x99, 42, 0xF8, 100, 42, 0, 0xFA, 0xF0, 1, 0xF8, 2, 0xF7, 0x20, 0xF2, 1, 2, 0xC9, 5, 6])
    found = [arrival for byte in stream for arrival in parser.feed(bytes([byte]), 7)]
    messages = ["f8", "992a64", "992a00", "fa", "f8", "f00102f7", "f20102", "c905", "c906"]
    assert [arrival.message.hex() for arrival in found] == messages
    assert parser.stray == [0x20]
    assert (found[1].is_note_on, found[2].is_note_on, found[2].is_note_off) == (True, False, True)


@pytest.fixture
def out() -> Iterator[Any]:
    midi = rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name="Rig")
    midi.open_port(place(midi), name="out")
    yield midi
    midi.delete()


def test_a_note_reaches_the_far_end(pad: Pad, out: Any) -> None:
    sent_ns = time.monotonic_ns()
    out.send_message([0x99, 42, 100])
    arrivals = pad.wait_for(lambda arrivals: arrivals, 2)
    assert [arrival.message for arrival in arrivals] == [bytes([0x99, 42, 100])]
    assert sent_ns < arrivals[0].ns < time.monotonic_ns()
    assert pad.stray == []


def test_the_probe_sees_a_note_leave_before_it_arrives(pad: Pad, out: Any) -> None:
    with Sends() as sends:
        sent_us = time.monotonic_ns() // 1000
        out.send_message([0x99, 42, 100])
        out.send_message([0x89, 42, 0])
        arrival = pad.wait_for(lambda arrivals: len(arrivals) == 2 and arrivals[0], 2)
        assert isinstance(arrival, Arrival)
        (send,) = sends.read()
    assert (send.channel, send.note, send.velocity) == (9, 42, 100)
    assert sent_us <= send.us <= arrival.ns // 1000


def test_a_hit_reaches_the_host(pad: Pad) -> None:
    midi = rtmidi.MidiIn(rtmidi.API_LINUX_ALSA, name="Rig")
    midi.open_port(place(midi), name="in")
    pad.hit(38, velocity=99)
    message, _ = wait_for(midi.get_message, 2)
    assert message == [0x99, 38, 99]
    midi.delete()


def test_unplugged_the_port_vanishes_and_plugged_it_is_back(pad: Pad) -> None:
    kept_open = rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name="Rig")
    assert listed(kept_open)
    pad.unplug()
    wait_for(lambda: not listed(kept_open), 2)
    pad.plug()
    wait_for(lambda: listed(kept_open), 2)
    kept_open.delete()


def test_a_subscription_dies_with_the_plug_and_nobody_says_so(pad: Pad, out: Any) -> None:
    client = clients().split(f': "{NAME}"')[0].rsplit("Client", 1)[1]
    assert len(subscribers()) == 1
    pad.unplug()
    out.send_message([0x99, 42, 1])  # raises nothing
    pad.plug()
    wait_for(lambda: listed(out), 2)
    assert clients().split(f': "{NAME}"')[0].rsplit("Client", 1)[1] == client  # the same number again
    assert subscribers() == []
    assert out.is_port_open()  # so rtmidi believes
    out.send_message([0x99, 42, 2])
    out.close_port()
    out.open_port(place(out), name="out")
    out.send_message([0x99, 42, 3])
    arrivals = pad.wait_for(lambda arrivals: arrivals, 2)
    assert [arrival.message[2] for arrival in arrivals] == [3]


@pytest.fixture(scope="module")
def factory() -> Iterator[LGPIOFactory]:
    factory = LGPIOFactory()
    yield factory
    factory.close()


def test_gpiozero_takes_the_chip_for_a_pi(factory: LGPIOFactory) -> None:
    assert factory.board_info.model == "4B"


def test_a_pressed_line_bears_the_kernels_stamp(factory: LGPIOFactory, lines: Lines) -> None:
    edges: list[tuple[float, int, int]] = []
    pin = factory.pin(TAP)
    pin.function, pin.pull, pin.edges = "input", "up", "both"

    def note_edge(stamp_s: float, level: int) -> None:
        edges.append((stamp_s, level, time.monotonic_ns()))

    pin.when_changed = note_edge
    try:
        before_ns = lines.press(TAP)
        after_ns = time.monotonic_ns()
        wait_for(lambda: edges, 2)
        lines.release(TAP)
        wait_for(lambda: len(edges) == 2, 2)
    finally:
        pin.when_changed = None
        pin.close()
    stamp_s, level, heard_ns = edges[0]
    # The edge belongs to the press and not to the moment when a thread of lgpio's came round to look.
    assert before_ns <= stamp_s * 1e9 <= min(after_ns + 1e6, heard_ns)
    assert (level, edges[1][1]) == (0, 1)


def test_gpiozero_counts_the_detents(factory: LGPIOFactory, lines: Lines) -> None:
    encoder = RotaryEncoder(FREE_PIN_A, FREE_PIN_B, max_steps=0, pin_factory=factory)
    lines.turn(FREE_PIN_A, FREE_PIN_B, 3)
    wait_for(lambda: encoder.steps == 3, 2)
    lines.turn(FREE_PIN_A, FREE_PIN_B, -5)
    wait_for(lambda: encoder.steps == -2, 2)
    encoder.close()


def test_the_kernels_encoder_counts_the_detents(lines: Lines) -> None:
    names = Path("/sys/class/input").glob("event*/device/name")
    (found,) = [path for path in names if path.read_text().strip() == f"rotary@{KERNEL_PIN_A:x}"]
    file = os.open(f"/dev/input/{found.parts[-3]}", os.O_RDONLY | os.O_NONBLOCK)
    lines.turn(KERNEL_PIN_A, KERNEL_PIN_A + 1, 1)  # the driver swallows the first detent after it was loaded
    for detents in (3, -2):
        lines.turn(KERNEL_PIN_A, KERNEL_PIN_A + 1, detents)
    steps: list[int] = []
    while len(steps) < 5:
        assert select.select([file], [], [], 2)[0], f"no more than {steps}"
        for *_, kind, code, value in INPUT_EVENT.iter_unpack(os.read(file, 64 * INPUT_EVENT.size)):
            steps += [value] if (kind, code) == (EV_REL, REL_X) else []
    os.close(file)
    assert steps == [1, 1, 1, -1, -1]


@pytest.fixture
def tap() -> Iterator[Tap]:
    tap = Tap()
    tap.read()
    yield tap
    fail(False)
    set_bus_clock(0)
    tap.close()


def drawing() -> Image.Image:
    image = Image.new("1", (128, 64))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 8, 88, 56), outline=1)
    draw.text((52, 26), "120", fill=1)
    return image


pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated")  # luma's own


def test_what_luma_draws_is_in_the_displays_ram(tap: Tap) -> None:
    glass = SSD1306()
    device = ssd1306(i2c(port=1, address=0x3C))
    device.persist = True
    device.display(drawing())
    writes = tap.feed(glass)
    assert {write.address for write in writes} == {0x3C}
    assert [write.ns for write in writes] == sorted(write.ns for write in writes)
    assert glass.image().tobytes() == drawing().tobytes(), glass.text()
    assert glass.faults() == []


def test_a_failing_bus_is_an_absent_display(tap: Tap) -> None:
    device = ssd1306(i2c(port=1, address=0x3C))
    device.persist = True
    tap.read()
    fail(True)
    with pytest.raises(DeviceNotFoundError):
        device.command(0xA6)
    with pytest.raises(OSError, match="Remote I/O error"):  # luma lets this one through
        device.data([0])
    fail(False)
    device.command(0xA6)
    assert [write.data for write in tap.read()] == [b"\x00\xa6"]


def test_no_other_address_answers() -> None:
    with pytest.raises(DeviceNotFoundError):
        ssd1306(i2c(port=1, address=0x3D))


def test_the_bus_takes_its_time(tap: Tap) -> None:
    serial = i2c(port=1, address=0x3C)
    set_bus_clock(100_000)
    start_ns = time.monotonic_ns()
    serial.data([0] * 1024)  # with address and control byte: 1026 bytes of 9 bits
    assert time.monotonic_ns() - start_ns >= 1026 * 9 * 10_000
