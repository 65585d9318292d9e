"""The OLED at the wire: what the bytes make of the chip's memory, how many they are, and how it heals."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luma.core.error import DeviceNotFoundError, DevicePermissionError
from luma.oled import device as luma_drivers
from PIL import Image, ImageDraw

from panel.display import HEIGHT, WIDTH
from panel.hardware.errors import DeviceMissing
from panel.hardware.oled import Oled, open_oled, wake_words
from panel.hardware.pages import pack
from tests.hardware.fakes import Bus, Clock, Wire
from tests.kernel.glass import SH1106, SSD1306, Glass

GLASSES: dict[str, type[Glass]] = {"ssd1306": SSD1306, "sh1106": SH1106}
CHIPS = sorted(GLASSES)
chips = st.sampled_from(CHIPS)
rotations = st.sampled_from((0, 2))
lumas_own = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated")

Rectangle = tuple[int, int, int, int, int]
rectangles = st.tuples(
    st.integers(0, WIDTH - 1),
    st.integers(0, HEIGHT - 1),
    st.integers(0, 60),
    st.integers(0, 40),
    st.integers(0, 2),
)


class Box:
    """An OLED with all that is around it."""

    def __init__(self, chip: str, rotation: int = 0, column_offset: int | None = None) -> None:
        self.clock = Clock()
        self.glass = GLASSES[chip]()
        if column_offset is not None:
            self.glass.first_column = column_offset
        self.bus = Bus(self.glass, self.clock)
        self.rotation = rotation
        self.oled = Oled(self.bus.connect, chip, rotation=rotation, column_offset=column_offset, clock=self.clock)

    def sees(self, image: Image.Image) -> bool:
        """Whether an eye in front of the glass sees this picture."""
        shown = image.rotate(180) if self.rotation == 2 else image
        return self.glass.faults() == [] and self.glass.image().tobytes() == shown.tobytes()

    def cost(self, image: Image.Image) -> int:
        """The bytes on the wire that it takes to show it."""
        before = self.glass.wire_bytes
        assert self.oled.show(image)
        return self.glass.wire_bytes - before


def noise(seed: int) -> Image.Image:
    return Image.frombytes("1", (WIDTH, HEIGHT), random.Random(seed).randbytes(WIDTH * HEIGHT // 8))


def drawn_over(image: Image.Image, rectangle: Rectangle) -> Image.Image:
    """The picture with a rectangle black, white or inverted."""
    left, top, width, height, ink = rectangle
    image = image.copy()
    box = (left, top, min(WIDTH - 1, left + width), min(HEIGHT - 1, top + height))
    if ink < 2:
        ImageDraw.Draw(image).rectangle(box, fill=ink)
    else:
        part = image.crop((box[0], box[1], box[2] + 1, box[3] + 1))
        image.paste(part.point(lambda dot: 255 - dot), box[:2])
    return image


def lumas_device(chip: str, bus: Bus) -> Any:
    device = getattr(luma_drivers, chip)(bus.connect())
    device.persist = True  # else it would draw once more at exit
    return device


@lumas_own
@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("seed", range(3))
def test_packed_as_luma_packs(chip: str, seed: int) -> None:
    bus = Bus(GLASSES[chip]())
    device = lumas_device(chip, bus)
    bus.transfers.clear()
    device.display(noise(seed))
    data = b"".join(transfer[1:] for transfer in bus.transfers if transfer[0] == 0x40)
    assert pack(noise(seed)) == data


@lumas_own
@pytest.mark.parametrize("chip", CHIPS)
def test_woken_with_lumas_words(chip: str) -> None:
    bus = Bus(GLASSES[chip]())
    lumas_device(chip, bus)
    to_clear = {b"\x00\x21\x00\x7f\x22\x00\x07"} | {bytes((0, 0xB0 | page, 2, 0x10)) for page in range(8)}
    said = [transfer for transfer in bus.transfers if transfer[0] == 0 and transfer not in to_clear]
    assert [bytes((0, *word)) for word in wake_words(chip) if word] == said


@settings(max_examples=60)
@given(chips, rotations, st.lists(st.one_of(rectangles, st.integers(0, 99)), min_size=1, max_size=12))
def test_the_glass_shows_every_picture(chip: str, rotation: int, edits: list[Rectangle | int]) -> None:
    """From one to the next by a rectangle, or by noise all over."""
    box, image = Box(chip, rotation), Image.new("1", (WIDTH, HEIGHT))
    for edit in edits:
        image = noise(edit) if isinstance(edit, int) else drawn_over(image, edit)
        assert box.oled.show(image)
        assert box.sees(image), box.glass.text()


Step = Rectangle | int | str | float
steps = st.one_of(
    rectangles,
    st.integers(0, 99),
    st.sampled_from(("unplug", "plug in", "dim", "bright", "renew")),
    st.floats(0, 900),  # milliseconds
    st.sampled_from([f"break in {transfers}" for transfers in range(12)]),
)


@settings(max_examples=120)
@given(chips, rotations, st.lists(steps, min_size=4, max_size=30))
def test_whatever_fails_a_picture_that_was_shown_is_on_the_glass(chip: str, rotation: int, walk: list[Step]) -> None:
    """Each fault also cuts the panel's power, the worst that an unplugged wire can do."""
    box, image = Box(chip, rotation), Image.new("1", (WIDTH, HEIGHT))
    for step in walk:
        if step == "unplug":
            box.bus.plugged = False
        elif step == "plug in":
            box.bus.plugged = True
        elif step in ("dim", "bright"):
            box.oled.dim(1 if step == "dim" else 255)
        elif step == "renew":
            box.oled.renew()
        elif isinstance(step, str):
            box.bus.breaks_in = int(step.split()[-1])
        elif isinstance(step, float):
            box.clock.pass_ms(step)
        else:
            image = noise(step) if isinstance(step, int) else drawn_over(image, step)
        if box.oled.show(image):
            assert box.sees(image), box.glass.text()
        elif not box.bus.plugged:
            box.glass.power_cut()
    box.bus.plugged, box.bus.breaks_in = True, None
    box.clock.pass_ms(500)
    assert box.oled.show(image)
    assert box.sees(image)


def seven_segments(number: str, top: int) -> Image.Image:
    """A number in cells of 16x32, drawn as a clock does, 12 dots wide and 24 high."""
    segments = {
        "a": (3, 4, 12, 6), "b": (11, 4, 13, 15), "c": (11, 16, 13, 27), "d": (3, 25, 12, 27),
        "e": (2, 16, 4, 27), "f": (2, 4, 4, 15), "g": (3, 15, 12, 17),
    }  # fmt: skip
    lit = ["abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcfgd"]
    image = Image.new("1", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    for place, digit in enumerate(number):
        for segment in lit[int(digit)]:
            left, above, right, below = segments[segment]
            x = 40 + 16 * place
            draw.rectangle((x + left, top + above, x + right, top + below), fill=1)
    return image


def cells_of_noise(count: int, seed: int) -> Image.Image:
    """Digits as unlike as can be: every byte of their 16x32 changes, save a blank column on either side."""
    image = Image.new("1", (WIDTH, HEIGHT))
    for place in range(count):
        ink = Image.frombytes("1", (14, 32), random.Random(seed * 10 + place).randbytes(64))
        image.paste(ink, (40 + 16 * place + 1, 16))
    return image


def full_frame_of_luma(chip: str) -> int:
    """What luma's display() sends: 1034 bytes, or 1080."""
    bus = Bus(GLASSES[chip]())
    device = lumas_device(chip, bus)
    before = bus.glass.wire_bytes
    device.display(noise(1))
    return bus.glass.wire_bytes - before


@lumas_own
@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize(("digits", "percent"), [(1, 15), (2, 15), (3, 20)])
def test_a_detent_of_the_worst_digits_keeps_to_its_bytes(chip: str, digits: int, percent: int) -> None:
    box, full = Box(chip), full_frame_of_luma(chip)
    box.oled.show(cells_of_noise(digits, 0))
    for seed in range(1, 30):
        assert box.cost(cells_of_noise(digits, seed)) <= full * percent / 100


@lumas_own
@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("top", [16, 21])
def test_a_detent_of_real_digits_keeps_to_its_bytes_also_between_pages(chip: str, top: int) -> None:
    box, full = Box(chip), full_frame_of_luma(chip)
    box.oled.show(seven_segments("300", top))
    for tempo in range(299, 29, -1):
        before, now = f"{tempo + 1:03}", f"{tempo:03}"
        changed = sum(one != other for one, other in zip(before, now, strict=True))
        assert box.cost(seven_segments(now, top)) <= full * (20 if changed == 3 else 15) / 100


@lumas_own
@pytest.mark.parametrize("chip", CHIPS)
def test_no_picture_costs_more_than_lumas_and_chunks(chip: str) -> None:
    box, full = Box(chip), full_frame_of_luma(chip)
    box.oled.show(noise(0))
    for seed in range(1, 20):
        assert box.cost(noise(seed)) <= full + 3 * 2
    before = Image.new("1", (WIDTH, HEIGHT))
    box.oled.show(before)
    after = Image.new("1", (WIDTH, HEIGHT), 1)
    for page in range(8):  # two runs a page, and no two pages alike
        after.paste(0, (10 + 13 * page, 8 * page, 10 + 13 * page + 11, 8 * page + 8))
    assert box.cost(after) <= full + 3 * 2


@pytest.mark.parametrize("chip", CHIPS)
def test_the_same_picture_again_costs_nothing(chip: str) -> None:
    box = Box(chip)
    box.oled.show(noise(1))
    assert box.cost(noise(1)) == 0


@pytest.mark.parametrize("chip", CHIPS)
def test_no_transfer_holds_the_bus_for_long(chip: str) -> None:
    box = Box(chip)
    box.oled.show(noise(1))
    assert max(map(len, box.bus.transfers)) <= 257


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize(
    "error", [OSError(121, "Remote I/O error"), DeviceNotFoundError("not found"), TimeoutError(110, "late")]
)
def test_after_an_error_the_whole_frame_is_sent(chip: str, error: Exception) -> None:
    box = Box(chip)
    box.oled.show(noise(1))
    box.bus.breaks_in, box.bus.error = 1, error
    assert not box.oled.show(noise(2))
    assert box.oled.fault == str(error)
    box.clock.pass_ms(500)
    box.bus.transfers.clear()
    assert box.oled.show(noise(2))
    assert box.oled.fault == ""
    assert sum(len(transfer) - 1 for transfer in box.bus.transfers if transfer[0] == 0x40) == 1024
    assert box.sees(noise(2))


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("level", [None, 8])
def test_renewed_it_shows_again_after_a_power_cut_that_nobody_told(chip: str, level: int | None) -> None:
    box = Box(chip)
    assert box.oled.show(noise(1))
    if level is not None:
        box.oled.dim(level)
    contrast = box.glass.contrast
    box.glass.power_cut()
    assert box.oled.show(noise(1))  # nothing has changed, so nothing is sent
    assert not box.sees(noise(1))
    box.oled.renew()
    assert box.oled.show(noise(1))
    assert box.sees(noise(1))
    assert box.glass.contrast == contrast
    assert box.cost(noise(1)) == 0


def test_to_renew_does_not_hurry_a_bus_that_fails() -> None:
    box = Box("ssd1306")
    box.bus.plugged = False
    assert not box.oled.show(noise(1))
    box.oled.renew()
    box.bus.plugged = True
    assert not box.oled.show(noise(1))
    box.clock.pass_ms(500)
    assert box.oled.show(noise(1))


def test_it_is_tried_again_twice_a_second_and_no_file_is_left_open() -> None:
    box = Box("ssd1306")
    box.bus.plugged = False
    for _ in range(200):
        assert not box.oled.show(noise(1))
        box.clock.pass_ms(25)
    assert box.bus.tries == 10
    assert box.bus.open == 0
    box.bus.plugged = True
    box.clock.pass_ms(500)
    assert box.oled.show(noise(1))
    assert box.bus.open == 1


def test_a_bus_that_blocks_is_tried_less_often() -> None:
    box = Box("ssd1306")
    box.bus.plugged, box.bus.transfer_ms = False, 1000
    box.oled.show(noise(1))
    box.clock.pass_ms(3900)
    box.oled.show(noise(1))
    assert box.bus.tries == 1
    box.clock.pass_ms(200)
    box.oled.show(noise(1))
    assert box.bus.tries == 2


def test_a_command_that_broke_in_its_middle_swallows_nothing_of_the_next() -> None:
    box = Box("ssd1306")
    box.oled.show(noise(1))
    box.glass.write(b"\x00\xd5")  # its argument never came
    box.bus.breaks_in = 0
    assert not box.oled.show(noise(2))
    box.clock.pass_ms(500)
    box.bus.transfers.clear()
    assert box.oled.show(noise(2))
    assert box.sees(noise(2))
    longest = len(b"\x21\x00\x7f\x22\x00\x07") - 1
    assert box.bus.transfers[0] == b"\x00" + b"\xe3" * longest


def test_a_frame_on_an_sh1106_begins_at_the_offset() -> None:
    box = Box("sh1106", column_offset=0)
    box.oled.show(noise(1))
    assert box.sees(noise(1))


@pytest.mark.parametrize("chip", CHIPS)
def test_brightness_and_dark(chip: str) -> None:
    box = Box(chip)
    box.oled.dim(9)
    box.oled.show(noise(1))
    assert box.glass.contrast == 9, "asked before the OLED was reached"
    box.oled.dim(0)
    box.oled.show(noise(2))
    assert box.glass.faults() == ["display off"]
    box.oled.dim(999)
    assert box.glass.contrast == 255
    assert box.sees(noise(2))


@pytest.mark.parametrize("chip", CHIPS)
def test_dark_stays_dark_through_a_fault(chip: str) -> None:
    box = Box(chip)
    box.oled.show(noise(1))
    box.oled.dim(0)
    box.bus.breaks_in = 0
    box.oled.show(noise(2))
    box.glass.power_cut()
    box.clock.pass_ms(500)
    assert box.oled.show(noise(2))
    assert box.glass.faults() == ["display off"]


def test_a_fault_while_dimming_is_no_exception() -> None:
    box = Box("ssd1306")
    box.oled.show(noise(1))
    box.bus.plugged = False
    box.oled.dim(3)
    box.bus.plugged = True
    box.clock.pass_ms(500)
    assert box.oled.show(noise(1))
    assert box.glass.contrast == 3


@pytest.mark.parametrize("chip", CHIPS)
def test_close_leaves_the_glass_dark_and_empty(chip: str) -> None:
    box = Box(chip)
    box.oled.show(noise(1))
    box.oled.close()
    box.oled.close()
    assert box.glass.faults() == ["display off"]
    assert box.glass.image().getbbox() is None
    assert box.bus.open == 0
    assert not box.oled.show(noise(1))


def test_close_of_an_oled_that_has_gone_is_silent() -> None:
    box = Box("ssd1306")
    box.oled.show(noise(1))
    box.bus.plugged = False
    box.oled.close()
    assert box.bus.open == 0


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"chip": "ssd1309"}, "unknown OLED chip 'ssd1309': ssd1306 or sh1106"),
        ({"rotation": 1}, "rotation 1: 128x64 fits only as 0 or 2"),
        ({"column_offset": 2}, "column offset 2: an ssd1306 has 128 columns, so 0 to 0"),
        ({"chip": "sh1106", "column_offset": 5}, "column offset 5: an sh1106 has 132 columns, so 0 to 4"),
        ({"address": 0x78}, "0x78 .printed on the board; 0x3C is meant.: 0x08 to 0x77"),
    ],
)
def test_what_there_is_not_is_refused(wrong: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        open_oled(**wrong)


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (DeviceNotFoundError("I2C device not found: /dev/i2c-1"), "switch I2C on with dtparam=i2c_arm=on"),
        (DevicePermissionError("I2C device permission denied: /dev/i2c-1"), "add this user to the group i2c"),
        (DeviceNotFoundError("I2C device not found on address: 0x3D"), "check its four wires"),
    ],
)
def test_an_oled_that_is_missing_is_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, advice: str
) -> None:
    bus = Bus(SSD1306())
    bus.plugged, bus.error = False, fault
    monkeypatch.setattr("luma.core.interface.serial.i2c", lambda port, address: bus.connect())
    with pytest.raises(DeviceMissing) as caught:
        open_oled(address=0x3D)
    assert str(caught.value).startswith("no OLED at 0x3D on I2C bus 1 (")
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_that_may_come_later_is_shown_to_when_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, opened = Clock(), []
    bus = Bus(SH1106(), clock)

    def i2c(port: int, address: int) -> Wire:
        opened.append((port, address))
        return bus.connect()

    monkeypatch.setattr("luma.core.interface.serial.i2c", i2c)
    bus.plugged = False
    oled = open_oled("sh1106", port=3, address=0x3D, must_answer=False, clock=clock)
    assert not oled.show(noise(1))
    bus.plugged = True
    clock.pass_ms(500)
    assert oled.show(noise(1))
    assert bus.glass.image().tobytes() == noise(1).tobytes()
    assert opened == [(3, 0x3D)] * 2
    oled.close()


def test_lumas_own_interface_is_what_is_opened() -> None:
    """Without an I2C bus here: luma's error, as our one line."""
    with pytest.raises(DeviceMissing, match=r"no OLED at 0x3C on I2C bus 250 \(.*/dev/i2c-250\)"):
        open_oled(port=250)
