"""The DIN port, on one end of a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.engine.ports import Patchbay, Wish
from panel.engine.serial_port import SerialPort
from panel.engine.wire import PortView
from tests.box import MS, Box

Pty = tuple[int, str]


@pytest.fixture
def pty() -> Iterator[Pty]:
    master, slave = os.openpty()
    name = os.ttyname(slave)
    os.close(slave)
    yield master, name
    try:
        os.close(master)
    except OSError:
        return  # the test has pulled it out


def arrived(master: int, count: int) -> bytes:
    """So many bytes, waited for."""
    found = b""
    while len(found) < count:
        readable, _, _ = select.select([master], [], [], 5)
        assert readable, f"only {found!r} came"
        found += os.read(master, 100)
    return found


def opened(name: str, rate: int = 31250) -> SerialPort:
    port = SerialPort.open(name, rate)
    assert port is not None
    return port


def test_the_bytes_arrive_as_they_are(pty: Pty) -> None:
    port = opened(pty[1])
    port.send([(0xF8,), (0x99, 37, 127), (0x89, 10, 13)], 0, 0)  # 10 and 13 would be changed by a cooked line
    assert arrived(pty[0], 7) == bytes([0xF8, 0x99, 37, 127, 0x89, 10, 13])
    assert port.alive
    port.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="termios2 is Linux's")
@pytest.mark.parametrize("rate", [31250, 38400])
def test_the_rate_is_set(pty: Pty, rate: int) -> None:
    port = opened(pty[1], rate)
    reader = os.open(pty[1], os.O_RDONLY | os.O_NOCTTY)
    flags = struct.unpack("=IIIIB19sII", fcntl.ioctl(reader, 0x802C542A, bytes(44)))  # TCGETS2
    assert flags[-2:] == (rate, rate)
    input_flags, output_flags, control, local, *_ = flags
    assert (input_flags, output_flags, local) == (0, 0, 0)
    assert control & termios.CSIZE == termios.CS8
    assert control & (termios.PARENB | termios.CSTOPB | termios.CRTSCTS) == 0
    os.close(reader)
    port.close()


def test_a_full_line_neither_blocks_nor_dies(pty: Pty) -> None:
    port = opened(pty[1])
    for _ in range(2000):
        port.send([(0x99, 37, 127)] * 20, 0, 0)
    assert port.alive
    port.close()


def test_a_dead_line_is_told(pty: Pty) -> None:
    port = opened(pty[1])
    os.close(pty[0])
    port.send([(0xF8,)], 0, 0)
    assert not port.alive
    port.send([(0xF8,)], 0, 0)
    port.close()


@pytest.mark.parametrize("name", ["/no/such/line", "", "/", "/dev/null", "a\0b", "\ud800", "x" * 200])
def test_what_is_no_line_is_none(name: str) -> None:
    assert SerialPort.open(name) is None


def test_a_file_is_no_line_and_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("mine")
    assert SerialPort.open(str(tmp_path / "f")) is None
    assert (tmp_path / "f").read_text() == "mine"


def test_a_dead_line_is_healed_by_the_next_look(tmp_path: Path) -> None:
    line = tmp_path / "din"
    master, slave = os.openpty()
    line.symlink_to(os.ttyname(slave))
    os.close(slave)
    box = Box(patchbay=Patchbay(lambda: None))
    box.do("ports", din=str(line))
    box.do("start")
    box.run(10 * MS)
    assert arrived(master, 3) == bytes([0x99, 37, 127])
    assert box.engine.view().ports == (PortView("din", str(line), True),)

    os.close(master)
    box.run(100 * MS)  # the note-off finds the line dead
    assert box.engine.view().ports == (PortView("din", str(line), False),)
    box.engine.look(box.now)
    assert box.engine.view().ports == (PortView("din", str(line), False),)

    master, slave = os.openpty()
    line.unlink()
    line.symlink_to(os.ttyname(slave))
    os.close(slave)
    box.engine.look(box.now)
    assert box.engine.view().ports == (PortView("din", str(line), True),)
    box.run(400 * MS)
    assert arrived(master, 3) == bytes([0x99, 37, 96])
    box.engine.stop(box.now)
    box.engine.close()
    os.close(master)


def test_another_wish_closes_it(pty: Pty) -> None:
    patchbay = Patchbay(lambda: None)
    patchbay.wish(Wish(din=pty[1]))
    assert patchbay.look()
    assert len(patchbay.ports) == 1
    patchbay.wish(Wish())
    patchbay.look()
    assert not patchbay.ports
    assert patchbay.views == ()
