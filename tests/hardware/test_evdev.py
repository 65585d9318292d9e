"""The kernel's encoder: events as bytes, and a pipe in the place of the device."""

from __future__ import annotations

import errno
import os
import select
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.controls import Turn
from panel.hardware.errors import DeviceMissing
from panel.hardware.evdev import EVENT, EvdevControls, Motion, find, motions, open_evdev
from panel.hardware.quadrature import Acceleration

EV_SYN, EV_KEY, EV_REL, EV_ABS = range(4)
OFF = Acceleration(1)


def event(kind: int, value: int, ms: int = 0, axis: int = 0) -> bytes:
    """One event as the kernel writes it, `ms` after the hundredth second."""
    return struct.pack("@llHHi", 100 + ms // 1000, ms % 1000 * 1000, kind, axis, value)


def stamp_ns(ms: int) -> int:
    return (100_000 + ms) * 1_000_000


class Knob:
    """Controls on a pipe, and the end that moves them."""

    def __init__(self) -> None:
        reading, self.writing = os.pipe()
        self.controls = EvdevControls(reading, acceleration=OFF)

    def move(self, data: bytes) -> None:
        os.write(self.writing, data)

    def unplug(self) -> None:
        os.close(self.writing)

    def waits(self) -> bool:
        return bool(select.select([self.controls], [], [], 0)[0])


@pytest.fixture
def knob() -> Iterator[Knob]:
    knob = Knob()
    yield knob
    knob.controls.close()


def test_an_event_is_as_large_as_the_kernels() -> None:
    assert EVENT.size == 2 * struct.calcsize("@l") + 8


events = st.tuples(st.sampled_from((EV_SYN, EV_KEY, EV_REL, EV_ABS)), st.integers(-3, 3))


@given(st.lists(events, max_size=50))
def test_relative_movement_is_all_that_counts(written: list[tuple[int, int]]) -> None:
    data = b"".join(event(kind, value, ms, axis=ms % 9) for ms, (kind, value) in enumerate(written))
    assert motions(data) == [
        Motion(value, stamp_ns(ms)) for ms, (kind, value) in enumerate(written) if kind == EV_REL and value
    ]


def test_turns_have_the_kernels_stamps(knob: Knob) -> None:
    knob.move(event(EV_REL, 1) + event(EV_SYN, 0))
    knob.move(event(EV_REL, -1, 400, axis=7) + event(EV_SYN, 0, 400))
    assert knob.waits()
    assert knob.controls.read() == [Turn(1, stamp_ns(0)), Turn(-1, stamp_ns(400))]
    assert not knob.waits()
    assert knob.controls.read() == []


@given(st.lists(st.integers(1, 60), min_size=1, max_size=20))
def test_events_may_be_cut_anywhere(cuts: list[int]) -> None:
    knob = Knob()
    data = b"".join(event(EV_REL, 1, ms * 400) for ms in range(10))
    found = []
    for length in cuts:
        knob.move(data[:length])
        data = data[length:]
        found += knob.controls.read() if length % 2 else []
    knob.move(data)
    found += knob.controls.read()
    assert found == [Turn(1, stamp_ns(ms * 400)) for ms in range(10)]
    knob.unplug()
    knob.controls.close()


def test_a_fast_turn_is_accelerated() -> None:
    reading, writing = os.pipe()
    controls = EvdevControls(reading)
    os.write(writing, b"".join(event(EV_REL, -1, ms) for ms in (0, 10, 20)))
    assert [turn.steps for turn in controls.read() if isinstance(turn, Turn)] == [-1, -1, -10]
    controls.close()
    os.close(writing)


def test_a_device_that_has_gone_is_quiet(knob: Knob) -> None:
    knob.move(event(EV_REL, 1, 0))
    knob.unplug()
    assert knob.controls.read() == [Turn(1, stamp_ns(0))]
    number = knob.controls.fileno()
    for _ in range(3):
        assert knob.controls.read() == []
    assert knob.controls.fileno() == number
    assert not knob.waits()


def test_an_error_of_the_device_is_quiet_too(knob: Knob, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(fd: int, size: int) -> bytes:
        raise OSError(errno.ENODEV, "No such device")

    with monkeypatch.context() as patched:
        patched.setattr("os.read", gone)
        assert knob.controls.read() == []
    assert not knob.waits()
    assert knob.controls.read() == []
    knob.unplug()


def test_close_gives_everything_back() -> None:
    before = os.listdir("/proc/self/fd")
    knob = Knob()
    knob.unplug()
    knob.controls.read()
    knob.controls.close()
    knob.controls.close()
    assert knob.controls.read() == []
    assert os.listdir("/proc/self/fd") == before


def test_it_is_found_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "by-path").mkdir()
    for name in ("platform-gpio-keys-event", "platform-rotary@11-event"):
        (tmp_path / "by-path" / name).touch()
    (tmp_path / "event0").touch()
    assert find("Rotary@11", tmp_path) == tmp_path / "by-path" / "platform-rotary@11-event"
    assert find("mouse", tmp_path) is None


def test_without_udev_it_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("event0", "event1", "mice"):
        (tmp_path / name).touch()

    def ioctl(fd: int, request: int, name: bytearray) -> None:
        assert request == 0x81004506  # EVIOCGNAME(256)
        called = {"event0": b"Power Button\0", "event1": b"rotary@11\0"}
        name[:16] = called[os.path.basename(os.readlink(f"/proc/self/fd/{fd}"))].ljust(16, b"\0")

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    assert find("rotary", tmp_path) == tmp_path / "event1"


def test_the_kernel_is_asked_for_monotonic_stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("fcntl.ioctl", lambda fd, request, arg: asked.append((request, arg)))
    device = tmp_path / "knob"
    os.mkfifo(device)
    controls = open_evdev(str(device))
    assert asked == [(0x400445A0, b"\x01\0\0\0")]
    controls.close()


def test_a_pipe_by_its_path_will_do(tmp_path: Path) -> None:
    device = tmp_path / "knob"
    os.mkfifo(device)
    controls = open_evdev(str(device), acceleration=OFF)
    writing = os.open(device, os.O_WRONLY)
    os.write(writing, event(EV_REL, 2, 0))
    assert controls.read() == [Turn(2, stamp_ns(0))]
    os.close(writing)
    controls.close()


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("no such knob", "no input device is called 'no such knob': is dtoverlay"),
        ("/no/where", "/no/where can't be opened"),
    ],
)
def test_what_is_missing_is_one_clear_line(wanted: str, says: str) -> None:
    with pytest.raises(DeviceMissing) as caught:
        open_evdev(wanted)
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)
