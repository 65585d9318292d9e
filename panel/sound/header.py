"""What the first bytes of a sound file say: WAV or FLAC, how fast, how long, how many channels, whole or cut off.

It must never decode a sound: whether a file can be a kit's is told without one.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

MAX_SECONDS = 30  # of one file
MIN_RATE, MAX_RATE = 4_000, 384_000  # frames a second

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE  # WAVE_FORMAT_* of Microsoft's "Multimedia Programming Interface", 1991
_MAX_CHUNKS = 1000  # before the sound
_STREAMED = 0xFFFFFFFF  # a length that whoever wrote the file did not know


class Header(NamedTuple):
    """The shape of a sound: frames a second, channels, bits of a sample (0: not known) and frames (0: not known)."""

    rate: int
    channels: int
    bits: int
    frames: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.rate


def read_header(path: Path) -> Header:
    """The header of a file that can be a kit's. Raises ValueError, whose text goes on behind the file's name."""
    try:
        if not path.is_file():
            raise ValueError("is no file")
        with path.open("rb") as file:
            header = _header(file, path.stat().st_size)
    except OSError as error:
        raise ValueError(f"can't be read: {error.strerror or error}") from error
    if not 1 <= header.channels <= 2:
        raise ValueError(f"has {header.channels} channels: a kit's files are mono or stereo")
    if not MIN_RATE <= header.rate <= MAX_RATE:
        raise ValueError(f"has {header.rate} frames a second: {MIN_RATE} to {MAX_RATE} are read")
    if header.seconds > MAX_SECONDS:
        raise ValueError(f"lasts {header.seconds:.0f} seconds: a kit's files last {MAX_SECONDS} at most")
    return header


def _header(file: BinaryIO, size: int) -> Header:
    magic = file.read(12)
    if not magic:
        raise ValueError("is empty")
    if magic[:4] in (b"RIFF", b"RF64") and magic[8:] == b"WAVE":
        return _wav(file, size)
    if magic[:4] == b"fLaC":
        return _flac(magic[4:] + file.read(30))
    raise ValueError("is neither WAV nor FLAC, whatever it is called")


def _wav(file: BinaryIO, size: int) -> Header:
    """The chunks of RIFF up to the sound itself; RF64 (EBU Tech 3306) tells lengths beyond 4 GB in one of its own."""
    shape, whole = b"", 0
    for _ in range(_MAX_CHUNKS):
        chunk = file.read(8)
        if len(chunk) < 8:
            break
        kind, length = struct.unpack("<4sI", chunk)
        if kind == b"data":
            there = size - file.tell()
            return _wav_header(shape, there if length == _STREAMED and not whole else whole or length, there)
        body = file.read(min(length, 40))
        if kind == b"fmt ":
            shape = body
        elif kind == b"ds64" and len(body) >= 16:
            whole = int.from_bytes(body[8:16], "little")
        file.seek(length + length % 2 - len(body), 1)
    raise ValueError("is cut off before its sound begins")


def _wav_header(shape: bytes, length: int, there: int) -> Header:
    if len(shape) < 16:
        raise ValueError("has no description of its sound (fmt)")
    kind, channels, rate, _, frame_bytes, bits = struct.unpack("<HHIIHH", shape[:16])
    if kind == _EXTENSIBLE and len(shape) >= 26:
        kind = int.from_bytes(shape[24:26], "little")
    if kind not in (_PCM, _FLOAT) or not frame_bytes:
        raise ValueError(f"is compressed (kind {kind}): save it as PCM or float")
    if length > there:
        raise ValueError(f"is cut off: of {length:,} bytes of sound {there:,} are there")
    if length < frame_bytes:
        raise ValueError("has no sound in it")
    return Header(rate, channels, bits, length // frame_bytes)


def _flac(block: bytes) -> Header:
    """STREAMINFO, the first block of every FLAC (RFC 9639, 8.2)."""
    if len(block) < 38:
        raise ValueError("is cut off before its sound begins")
    packed = int.from_bytes(block[14:22], "big")
    return Header(packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, packed & (1 << 36) - 1)
