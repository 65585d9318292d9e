"""Kits from files: what becomes of the sound in them, and which of them are refused."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from panel.sound import kit as kit_module
from panel.sound.kit import Kit, load_kit
from panel.sound.kitsheet import check_kit
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.sampler import Sampler
from panel.sound.samples import PEAK
from panel.tomltext import TextError
from tests.sound.kits import RATE, Array, rendered, tone, write

SILENT = np.zeros(1000)


def samples_of(kit: Kit, name: str = "snare") -> list[Frames]:
    """The sound of each file of a sound."""
    sound = next(sound for sound in kit.sounds if sound.name == name)
    pieces = (kit.pool.frames[sample.start :][: sample.frames] for layer in sound.layers for sample in layer.samples)
    return [np.stack([piece.real, piece.imag], axis=1) for piece in pieces]


def told(folder: Path) -> list[str]:
    """What is wrong with a kit, without the folder's path."""
    with pytest.raises(TextError) as error:
        load_kit(folder, RATE)
    return [str(fault).replace(f"{folder}/", "").replace(str(folder), "") for fault in error.value.faults]


@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("snare.wav", "PCM_U8", 1e-2), ("snare.wav", "PCM_16", 1e-4), ("snare.wav", "PCM_24", 1e-6),
        ("snare.wav", "PCM_32", 1e-7), ("snare.wav", "FLOAT", 1e-7), ("snare.wav", "DOUBLE", 1e-7),
        ("snare.flac", "PCM_S8", 1e-2), ("snare.flac", "PCM_16", 1e-4), ("snare.flac", "PCM_24", 1e-6),
    ],
)  # fmt: skip
def test_every_kind_of_file_is_heard_as_it_is(tmp_path: Path, name: str, subtype: str, error: float) -> None:
    write(tmp_path, name, 0.9 * tone(), subtype=subtype)
    (sound,) = samples_of(load_kit(tmp_path, RATE))
    meant = PEAK * tone()[: len(sound)]
    assert len(sound) > 1000
    assert np.abs(sound - meant[:, None]).max() < error


def test_stereo_stays_stereo(tmp_path: Path) -> None:
    write(tmp_path, "snare.wav", np.stack([tone(), 0.5 * tone()], axis=1), subtype="FLOAT")
    (sound,) = samples_of(load_kit(tmp_path, RATE))
    assert np.allclose(sound[:, 1], sound[:, 0] / 2, atol=1e-6)
    assert np.abs(sound).max() == pytest.approx(PEAK)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000, 192_000])
def test_a_file_of_any_rate_begins_with_its_onset_and_keeps_its_pitch(tmp_path: Path, rate: int) -> None:
    late = np.concatenate([np.zeros(rate // 10), tone(440, 0.5, rate)])
    write(tmp_path, "snare.wav", late, rate, "FLOAT")
    (sound,) = samples_of(load_kit(tmp_path, RATE))
    assert np.abs(sound[0]).max() > 0.3 * PEAK
    found = np.abs(np.fft.rfft(sound[:, 0], 1 << 18)).argmax() * RATE / (1 << 18)
    assert found == pytest.approx(440, abs=1.0)
    assert len(sound) == pytest.approx(0.5 * RATE, rel=0.02)


@pytest.mark.parametrize("silence", [0, 1, 777, 20_000])
def test_a_note_of_a_file_sounds_at_exactly_its_frame(tmp_path: Path, silence: int) -> None:
    faint = 2e-4 * np.ones(silence)  # 68 dB below the peak
    write(tmp_path, "snare.wav", np.concatenate([faint, 0.7 * tone(), SILENT]), subtype="FLOAT")
    kit = load_kit(tmp_path, RATE)
    (sound,) = samples_of(kit)
    assert len(sound) == pytest.approx(len(tone()), abs=1)  # the end is trimmed too
    sampler = Sampler(RATE)
    sampler.use(kit)
    sampler.play(100, 38, 127)
    out = rendered(sampler, 8192)
    assert np.flatnonzero(out.any(axis=1))[0] == 100
    assert out[100, 0] == pytest.approx(PEAK)


def test_8_bit_files_whose_last_bit_is_never_still_are_trimmed(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).choice([-1 / 128, 0.0, 1 / 128], 3000)
    write(tmp_path, "snare.wav", np.concatenate([noise, 0.9 * tone()]), subtype="PCM_U8")
    (sound,) = samples_of(load_kit(tmp_path, RATE))
    assert sound[0, 0] == pytest.approx(PEAK, abs=0.01)


def test_every_file_has_the_same_peak_whatever_its_own(tmp_path: Path) -> None:
    for name, level in (("snare.wav", 0.01), ("snare 2.wav", 1.0), ("kick.wav", 20.0)):
        write(tmp_path, name, level * tone(), subtype="FLOAT")
    kit = load_kit(tmp_path, RATE)
    peaks = [np.abs(sound).max() for name in ("snare", "kick") for sound in samples_of(kit, name)]
    assert peaks == pytest.approx([PEAK] * 3, rel=1e-6)


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "a.wav", tone())
    (tmp_path / "kit.toml").write_text('[snare]\n1 = ["a.wav", "a.wav"]\n[rim]\ngain = -6\n1 = ["a.wav"]\n')
    kit = load_kit(tmp_path, RATE)
    assert len(kit.pool.samples) == 1
    assert [len(sound.layers[0].samples) for sound in kit.sounds] == [2, 1]


def test_hats_choke_one_another_and_levels_and_groups_can_be_changed(tmp_path: Path) -> None:
    for name in ("hat.wav", "openhat.wav", "snare.wav"):
        write(tmp_path, name, tone())
    kit = load_kit(tmp_path, RATE)
    assert {sound.name: sound.choke for sound in kit.sounds} == {"hat": "hats", "openhat": "hats", "snare": ""}
    other = kit.with_chokes({"openhat": "", "snare": "s"}).with_levels({"snare": 50})
    assert {sound.name: sound.choke for sound in other.sounds} == {"hat": "hats", "openhat": "", "snare": "s"}
    assert {sound.name: sound.percent for sound in other.sounds} == {"hat": 100, "openhat": 100, "snare": 50}


def test_the_pool_has_silence_around_every_sample_and_tells_what_is_to_come(tmp_path: Path) -> None:
    for name in ("snare.wav", "kick.wav", "rim.wav"):
        write(tmp_path, name, tone(seconds=0.0123), subtype="FLOAT")
    pool = load_kit(tmp_path, RATE).pool
    for sample in pool.samples:
        end = sample.start + sample.frames
        assert sample.start % QUANTUM == 0
        assert not pool.frames[sample.start - QUANTUM : sample.start].any()
        assert not pool.frames[end : end + QUANTUM].any()
        for at in range(sample.start, end, QUANTUM):
            rest = pool.frames[at:end]
            assert pool.tails[at // QUANTUM] == max(np.abs(rest.real).max(), np.abs(rest.imag).max())


def wav(sound: Array, subtype: str = "PCM_16", rate: int = RATE) -> bytes:
    """The bytes of a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def with_value(sound: Array, at: int, value: float) -> Array:
    changed = sound.copy()
    changed[at] = value
    return changed


def with_length(raw: bytes, length: int) -> bytes:
    """A WAV whose header says another length of its sound."""
    at = raw.index(b"data") + 4
    return raw[:at] + struct.pack("<I", length) + raw[at + 4 :]


BROKEN = {
    "empty": (b"", "is empty"),
    "a text": (b"This is not a sound at all, whatever they say.\n", "is neither WAV nor FLAC, whatever it is called"),
    "one byte": (b"R", "is neither WAV nor FLAC"),
    "a header only": (wav(tone())[:30], "is cut off before its sound begins"),
    "cut off": (wav(tone())[:5000], "is cut off: of 9,600 bytes of sound 4,956 are there"),
    "no frames": (wav(SILENT[:0]), "has no sound in it"),
    "silent": (wav(SILENT), "is silent from end to end"),
    "NaN": (wav(with_value(tone(), 300, np.nan), "FLOAT"), "has no number in its frame 300 (NaN or infinite)"),
    "infinite": (wav(with_value(tone(), 7, -np.inf), "DOUBLE"), "has no number in its frame 7"),
    "six channels": (wav(np.zeros((100, 6))), "has 6 channels: a kit's files are mono or stereo"),
    "compressed": (wav(tone(), "IMA_ADPCM"), "is compressed (kind 17): save it as PCM or float"),
    "a slow one": (wav(tone(), rate=1_000), "has 1000 frames a second: 4000 to 384000 are read"),
    "half a minute and more": (wav(np.ones(31 * 8_000), rate=8_000), "lasts 31 seconds: a kit's files last 30 at most"),
    "ten minutes": (
        with_length(wav(tone(), rate=8_000), 600 * 16_000) + bytes(600 * 16_000),
        "lasts 600 seconds: a kit's files last 30 at most",
    ),
    "the head of a FLAC": (b"fLaC\x00\x00\x00\x22" + bytes(10), "is cut off before its sound begins"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "what"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told_by_its_name(tmp_path: Path, raw: bytes, what: str) -> None:
    (tmp_path / "snare.wav").write_bytes(raw)
    write(tmp_path, "kick.wav", tone())
    (fault,) = told(tmp_path)
    assert fault.startswith(f"snare.wav:1:1: {what}")
    (tmp_path / "kit.toml").write_text('[snare]\n1 = [ "snare.wav" ]\n')
    (fault,) = told(tmp_path)
    assert fault.startswith(f"kit.toml:2:8: 'snare.wav' {what}")


@pytest.mark.parametrize("name", [name for name in BROKEN if name not in ("silent", "NaN", "infinite")])
def test_the_check_finds_it_without_decoding(tmp_path: Path, name: str) -> None:
    raw, what = BROKEN[name]
    (tmp_path / "snare.wav").write_bytes(raw)
    (fault,) = check_kit(tmp_path)
    assert fault.what.startswith(what)


def test_a_flac_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "snare.flac", np.random.default_rng(1).uniform(-0.9, 0.9, 40_000))
    path.write_bytes(path.read_bytes()[:30_000])
    (fault,) = told(tmp_path)
    assert fault.startswith("snare.flac:1:1: ")


def test_all_broken_files_are_told_at_once(tmp_path: Path) -> None:
    for name in ("snare.wav", "kick.wav"):
        (tmp_path / name).write_bytes(b"")
    assert sorted(told(tmp_path)) == ["kick.wav:1:1: is empty", "snare.wav:1:1: is empty"]


def test_a_recording_that_never_learnt_its_length_is_read(tmp_path: Path) -> None:
    (tmp_path / "snare.wav").write_bytes(with_length(wav(tone()), 0xFFFFFFFF))
    assert check_kit(tmp_path) == []
    assert len(samples_of(load_kit(tmp_path, RATE))[0]) == pytest.approx(len(tone()), rel=0.01)


def test_a_kit_that_needs_too_much_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "snare.wav", tone(seconds=1.0))
    monkeypatch.setattr(kit_module, "MAX_BYTES", 300_000)
    assert told(tmp_path) == [":1:1: the kit needs 0 MB of memory, at most 0 MB are had: shorten its files"]


def test_a_single_frame_is_a_sound(tmp_path: Path) -> None:
    write(tmp_path, "snare.wav", np.ones(1) * 0.3, 44_100)
    (sound,) = samples_of(load_kit(tmp_path, RATE))
    assert sound[0, 0] == pytest.approx(PEAK)
