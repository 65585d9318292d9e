"""The display model against luma.oled's own drivers and against what the datasheets say of addressing.

It must never draw through the code it checks: pictures go in by luma, or byte by byte.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from luma.oled.device import sh1106, ssd1306
from PIL import Image

from tests.kernel.glass import HEIGHT, RECORD, SH1106, SSD1306, WIDTH, Glass, GlassError, Write, parse_writes

pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated")  # luma's own


class Wire:
    """A luma serial interface that makes of each call the I2C write that luma's own i2c makes."""

    def __init__(self, glass: Glass) -> None:
        self.glass = glass

    def command(self, *commands: int) -> None:
        self.glass.write(bytes([0x00, *commands]))

    def data(self, data: list[int]) -> None:
        self.glass.write(bytes([0x40, *data]))

    def cleanup(self) -> None:
        """Nothing to close."""


def noise(seed: int) -> Image.Image:
    return Image.frombytes("1", (WIDTH, HEIGHT), random.Random(seed).randbytes(WIDTH * HEIGHT // 8))


@pytest.fixture(params=[(SSD1306, ssd1306), (SH1106, sh1106)], ids=["ssd1306", "sh1106"])
def panel(request: pytest.FixtureRequest) -> tuple[Glass, Any]:
    """A model, and luma's driver of the same name writing to it."""
    model, driver = request.param
    glass: Glass = model()
    device = driver(Wire(glass))
    device.persist = True  # else luma's exit hook draws once more
    return glass, device


@pytest.mark.parametrize("seed", range(5))
def test_what_luma_draws_is_what_the_model_holds(panel: tuple[Glass, Any], seed: int) -> None:
    glass, device = panel
    image = noise(seed)
    device.display(image)
    assert glass.image().tobytes() == image.tobytes()
    pixels = [[int(image.getpixel((x, y)) != 0) for x in range(WIDTH)] for y in range(HEIGHT)]
    assert glass.picture() == pixels
    assert glass.faults() == []


def test_a_second_picture_replaces_the_first(panel: tuple[Glass, Any]) -> None:
    glass, device = panel
    device.display(noise(1))
    device.display(noise(2))
    assert glass.image().tobytes() == noise(2).tobytes()


def test_brightness_and_dark(panel: tuple[Glass, Any]) -> None:
    glass, device = panel
    device.contrast(5)
    assert glass.contrast == 5
    device.hide()
    assert glass.faults() == ["display off"]
    device.show()
    assert glass.on


def test_a_power_cut_takes_picture_and_settings(panel: tuple[Glass, Any]) -> None:
    glass, device = panel
    device.display(noise(1))
    glass.power_cut()
    assert "display off" in glass.faults()
    assert glass.image().tobytes() != noise(1).tobytes()


def test_the_bytes_of_a_full_frame() -> None:
    glass = SSD1306()
    device = ssd1306(Wire(glass))
    device.persist = True
    before = glass.wire_bytes
    device.display(noise(1))
    assert glass.wire_bytes - before == 1034


def initialised() -> SSD1306:
    glass = SSD1306()
    glass.write(bytes([0x00, 0x20, 0x00]))
    return glass


def test_a_window_wraps_within_itself_and_touches_nothing_else() -> None:
    glass = initialised()
    glass.write(bytes([0x00, 0x21, 10, 12, 0x22, 3, 4]))
    glass.write(bytes([0x40, 1, 2, 3, 4, 5, 6, 7]))  # the seventh is back at the start
    assert glass.ram[3][9:14] == bytes([0, 7, 2, 3, 0])
    assert glass.ram[4][9:14] == bytes([0, 4, 5, 6, 0])
    assert sum(map(sum, glass.ram)) == 7 + 2 + 3 + 4 + 5 + 6


def test_vertical_addressing_goes_down_first() -> None:
    glass = initialised()
    glass.write(bytes([0x00, 0x20, 0x01, 0x21, 5, 6, 0x22, 6, 7]))
    glass.write(bytes([0x40, 1, 2, 3]))
    assert (glass.ram[6][5], glass.ram[7][5], glass.ram[6][6]) == (1, 2, 3)


def test_page_addressing_stays_on_its_page() -> None:
    glass = SSD1306()  # page addressing is what a reset leaves
    glass.write(bytes([0x00, 0xB2, 0x0E, 0x17]))  # page 2, column 0x7e
    glass.write(bytes([0x40, 1, 2, 3]))
    assert (glass.ram[2][126], glass.ram[2][127], glass.ram[2][0]) == (1, 2, 3)


def test_the_sh1106_shows_its_ram_from_column_two() -> None:
    glass = SH1106()
    glass.write(bytes([0x00, 0xB0, 0x02, 0x10]))
    glass.write(bytes([0x40, 0b101]))
    assert [row[0] for row in glass.picture()[:4]] == [1, 0, 1, 0]
    assert SH1106(first_column=0).first_column == 0


def test_commands_and_data_mix_in_one_write() -> None:
    glass = SSD1306()
    glass.write(bytes([0x80, 0xB1, 0x80, 0x03, 0x80, 0x10, 0xC0, 7, 0x40, 8, 9]))
    assert glass.ram[1][2:7] == bytes([0, 7, 8, 9, 0])


def test_a_command_may_be_cut_between_writes() -> None:
    glass = SSD1306()
    glass.write(bytes([0x00, 0x81]))
    glass.write(bytes([0x00, 0x42]))
    assert glass.contrast == 0x42


@pytest.mark.parametrize(
    ("model", "write", "named"),
    [
        (SSD1306, [0x00, 0x26], "unknown command 0x26"),
        (SSD1306, [0x00, 0xFF], "unknown command 0xff"),
        (SSD1306, [0x00, 0xAD], "unknown command 0xad"),
        (SH1106, [0x00, 0x21], "unknown command 0x21"),
        (SH1106, [0x00, 0xAD, 0x00], "DC-DC converter set to 0x00"),
        (SSD1306, [0x01, 0xAE], "control byte 0x01"),
        (SSD1306, [0x80], "control byte 0x80 announces"),
        (SSD1306, [0x00, 0x20, 0x03], "addressing mode 0x03"),
        (SSD1306, [0x00, 0x21, 0, 127], "command 0x21 in page addressing mode"),
        (SSD1306, [0x00, 0x20, 0x00, 0xB0], "command 0xb0 outside page addressing mode"),
        (SSD1306, [0x00, 0x20, 0x00, 0x05], "command 0x05 outside page addressing mode"),
        (SSD1306, [0x00, 0x20, 0x00, 0x21, 5, 128], "window 5..128 of 128"),
        (SSD1306, [0x00, 0x20, 0x00, 0x22, 4, 3], "window 4..3 of 8"),
        (SSD1306, [0x80, 0x81, 0x40, 1], "data while command 0x81 waits"),
        (SH1106, [0x40, *range(133)], "data for column 132 of 132"),
        (SSD1306, [0x80, 0x0F, 0x80, 0x1F, 0x40, 1], "data for column 255 of 128"),
    ],
)
def test_what_no_controller_understands_raises(model: type[Glass], write: list[int], named: str) -> None:
    with pytest.raises(GlassError, match=named):
        model().write(bytes(write))


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ([0xA7], "inverted"),
        ([0xA5], "every pixel on"),
        ([0xA0], "segments not remapped (A1)"),
        ([0xC0], "rows not remapped (C8)"),
        ([0x43], "start line 3"),
        ([0xD3, 8], "display offset"),
        ([0xA8, 31], "not 64 rows"),
    ],
)
def test_faults_name_what_spoils_it(panel: tuple[Glass, Any], command: list[int], fault: str) -> None:
    glass, _ = panel
    glass.write(bytes([0x00, *command]))
    assert glass.faults() == [fault]


def test_records_are_parsed_as_they_arrive() -> None:
    whole = RECORD.pack(5, 0x3C, 2) + b"\x00\xae" + RECORD.pack(9, 0x3C, 3) + b"\x40ab"
    stream = bytearray()
    writes: list[Write] = []
    for byte in whole:
        stream.append(byte)
        writes += parse_writes(stream)
    assert writes == [Write(5, 0x3C, b"\x00\xae"), Write(9, 0x3C, b"\x40ab")]
    assert stream == b""
