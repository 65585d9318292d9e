"""A USB stick and its plug: a mass storage gadget on the guest's second controller, with a FAT file system on it.

It must never mount it as another than the box's own unit does: read-only, and nothing on it can be run.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Mapping
from pathlib import Path

from tests.kernel.client import wait_for

GADGET = Path("/sys/kernel/config/usb_gadget/stick")
CONTROLLER = "dummy_udc.1"
DISK = Path("/dev/sda")
POINT = Path("/run/media/drumassist/sda")
SECTORS = 32_768  # of 512 bytes: 16 MB
FAT_SECTORS, ROOT_ENTRIES, CLUSTER_SECTORS = 64, 512, 2

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MNT_DETACH = 1, 2, 4, 8, 2
_libc = ctypes.CDLL(None, use_errno=True)


def formatted() -> bytes:
    """The beginning of an empty FAT16 file system: boot sector, two tables, the root folder."""
    shape = struct.pack(
        "<3s8sHBHBHHBHHHIIBBBI11s8s",
        b"\xeb\x3c\x90", b"STICK   ", 512, CLUSTER_SECTORS, 1, 2, ROOT_ENTRIES, SECTORS, 0xF8, FAT_SECTORS, 32, 64,
        0, 0, 0x80, 0, 0x29, 0x5EED, b"STICK      ", b"FAT16   ",
    )  # fmt: skip
    table = b"\xf8\xff\xff\xff".ljust(FAT_SECTORS * 512, b"\0")
    return shape.ljust(510, b"\0") + b"\x55\xaa" + 2 * table + bytes(ROOT_ENTRIES * 32)


class Stick:
    """A stick with these files on it, by their paths there; a context manager. It is not plugged in yet."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self._image = folder / "stick.img"
        self._files = files

    def __enter__(self) -> Stick:
        with open(self._image, "wb") as image:
            image.write(formatted())
            image.truncate(SECTORS * 512)
        lun = GADGET / "functions" / "mass_storage.usb0" / "lun.0"
        (lun / "removable").write_text("1")
        (lun / "file").write_text(f"{self._image}\n")
        self.plug()
        self.mount(0)
        for path, text in self._files.items():
            (POINT / path).parent.mkdir(parents=True, exist_ok=True)
            (POINT / path).write_text(text)
        self.unmount()
        self.pull()
        return self

    def __exit__(self, *_: object) -> None:
        if POINT.is_mount():
            self.unmount()
        self.pull()
        (GADGET / "functions" / "mass_storage.usb0" / "lun.0" / "file").write_text("\n")

    def plug(self) -> None:
        """Into the box; the kernel has found the disk."""
        (GADGET / "UDC").write_text(CONTROLLER)
        wait_for(DISK.exists, 30)

    def pull(self) -> None:
        """Out of it, whatever is going on."""
        if (GADGET / "UDC").read_text().strip():
            (GADGET / "UDC").write_text("\n")
        wait_for(lambda: not DISK.exists(), 30)

    def mount(self, flags: int = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC) -> None:
        """As the box's unit does."""
        POINT.mkdir(parents=True, exist_ok=True)
        if _libc.mount(str(DISK).encode(), str(POINT).encode(), b"vfat", flags, None):
            raise OSError(ctypes.get_errno(), "mount")

    def unmount(self) -> None:
        """Lazily, as for one that has gone."""
        if _libc.umount2(str(POINT).encode(), MNT_DETACH):
            raise OSError(ctypes.get_errno(), "umount")
