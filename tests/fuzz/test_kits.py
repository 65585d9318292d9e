"""Kits, nearly right: a kit.toml is read or refused where it is wrong, a sound is read or refused by its name."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import soundfile
from hypothesis import given

from panel.sound.kit import load_kit
from panel.sound.kitsheet import parse_sheet
from panel.tomltext import TextError
from tests.fuzz.check import Parse, grows_with_the_file, read_or_refused
from tests.fuzz.nearly import growing, promptly, spoilt
from tests.sound.kits import RATE, tone

SHEETS = (
    b'format = 1\nname = "A"\nabout = "near"\n\n[snare] # my\ngain = -3.0\n1 = ["a.wav", "b.flac"]\n90 = ["c.wav"]\n',
    b'[zap]\nnote = 61\nchoke = "zaps"\n1 = ["a.wav",\n "b.flac"]\n[hihat]\nchoke = ""\n1 = [ "c.wav" ]\n',
)
PARSE: Parse[object] = partial(parse_sheet, files={name: Path(name) for name in ("a.wav", "b.flac", "c.wav")})


def alone(raw: bytes, source: str) -> object:
    """The sheet with the faults of kit.toml alone: files without a place are told by their own names."""
    try:
        return PARSE(raw, source)
    except TextError as error:
        if in_it := [fault for fault in error.faults if fault.source == source]:
            raise TextError(in_it) from error
        return None


@given(spoilt(SHEETS))
def test_a_spoilt_sheet_is_read_or_refused(raw: bytes) -> None:
    read_or_refused(alone, raw)


def written(kind: str, subtype: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, tone(seconds=0.01), 44_100, format=kind, subtype=subtype)
    return file.getvalue()


KINDS = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAVEX", "PCM_24"), ("RF64", "PCM_16"), ("FLAC", "PCM_16")]
SOUNDS = tuple(written(*kind) for kind in KINDS)


@given(spoilt(SOUNDS))
def test_a_spoilt_sound_is_read_or_refused(raw: bytes) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "snare.wav"
        path.write_bytes(raw)
        with promptly(raw):
            try:
                (sound,) = load_kit(path.parent, RATE).sounds
            except TextError as error:
                (fault,) = error.faults
                assert fault[:3] == (str(path), 1, 1)
                assert fault.what.isprintable()
            else:
                assert sound.name == "snare"


@pytest.mark.parametrize("raw", SHEETS)
def test_an_unspoilt_sheet_is_read(raw: bytes) -> None:
    assert PARSE(raw, "x.toml")


@given(growing(SHEETS))
def test_a_sheet_costs_as_much_as_it_is_long(of_size: Callable[[int], bytes]) -> None:
    grows_with_the_file(alone, of_size)
