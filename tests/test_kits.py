"""The kits that ship: they are what the workshop makes, and they keep what is promised of them, measured.

It must never measure a sound by what made it: the figures are taken from the files.
"""

from __future__ import annotations

import tomllib
from functools import cache
from itertools import combinations, pairwise
from math import log10
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from panel.datafiles import data_folder
from panel.music.pattern import VELOCITY
from panel.music.percussion import NOTES
from workshop import measure, recording, tone
from workshop.bench import TARGET_DB, sheet, struck
from workshop.finish import heard
from workshop.origins import licence, origins
from workshop.plan import Part, Plan
from workshop.recipes import KITS
from workshop.recipes.beeps import pitch_hz
from workshop.tone import RATE, Sound, burst, hiss, instants, low_pass, through

FOLDER = data_folder("kits")
PARTS = [(plan, part) for plan in KITS.values() for part in plan.parts]
FILES = [(plan.slug, name) for plan, part in PARTS if not part.stem for _, _, name in part.files()]

every_kit = pytest.mark.parametrize("slug", KITS)
every_part = pytest.mark.parametrize(("plan", "part"), PARTS, ids=[f"{plan.slug}-{part.name}" for plan, part in PARTS])
every_file = pytest.mark.parametrize(("slug", "name"), FILES, ids=[f"{slug}-{name}" for slug, name in FILES])
click_sounds = pytest.mark.parametrize("part", KITS["click"].parts, ids=lambda part: part.name)
GHOST_HIT_ACCENT = [VELOCITY[strength] for strength in "gxX"]

Pressed = NDArray[np.int16]


@cache
def _shipped(slug: str, name: str) -> Pressed:
    sound: Pressed = soundfile.read(FOLDER / slug / name, dtype="int16")[0]
    return sound


def _heard(slug: str, name: str) -> Sound:
    return heard(_shipped(slug, name))


@cache
def _sheet(slug: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / slug / "kit.toml").read_text())


def _tables(slug: str) -> dict[str, dict[str, Any]]:
    return {name: table for name, table in _sheet(slug).items() if isinstance(table, dict)}


def _layers(table: dict[str, Any]) -> dict[int, list[str]]:
    """The files of a sound by the first velocity of each layer."""
    return {int(key): names for key, names in table.items() if key.isdecimal()}


def _at(table: dict[str, Any], velocity: int) -> list[str]:
    layers = _layers(table)
    return layers[max(first for first in layers if first <= velocity)]


def _click(part: Part) -> list[Sound]:
    return [_heard("click", name) for _, _, name in part.files()]


# The files are what the workshop makes.


def _need_recordings(*parts: Part) -> None:
    if any(part.recordings for part in parts) and not recording.is_there():
        pytest.skip(f"Debian's {recording.PACKAGE} is not installed, from which this is cut")


@every_part
def test_each_sound_is_what_the_workshop_makes(plan: Plan, part: Part) -> None:
    _need_recordings(part)
    for name, made in struck(part).items():
        shipped = _shipped(plan.slug, name)
        assert shipped.shape == made.shape, name
        assert np.abs(shipped.astype(int) - made).max() <= 1, name


@every_kit
def test_a_folder_has_what_its_sheet_names_and_nothing_else(slug: str) -> None:
    named = {name for table in _tables(slug).values() for names in _layers(table).values() for name in names}
    assert {path.name for path in (FOLDER / slug).iterdir()} == named | {"kit.toml", "LICENSE.txt"}


@every_kit
def test_each_sheet_is_what_the_workshop_writes(slug: str) -> None:
    _need_recordings(*KITS[slug].parts)
    assert (FOLDER / slug / "kit.toml").read_text() == sheet(KITS[slug])


@every_kit
def test_licences_and_origins_are_told(slug: str) -> None:
    plan = KITS[slug]
    authors = [recording.CC0[name].author for part in plan.parts for name in part.recordings]
    assert (FOLDER / slug / "LICENSE.txt").read_text() == licence(plan, authors)
    assert (FOLDER / "ORIGINS.md").read_text() == origins(KITS.values())
    assert all(("Debian" in part.origin, "CC0" in part.licence) == (bool(part.recordings),) * 2 for part in plan.parts)


def test_all_kits_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= 3_000_000


# What any kit keeps.


@every_kit
def test_every_sound_has_a_note_of_its_own(slug: str) -> None:
    sheet_ = _sheet(slug)
    assert sheet_["format"] == 1
    assert sheet_["name"] == KITS[slug].name
    notes = [table.get("note", NOTES.get(name)) for name, table in _tables(slug).items()]
    assert all(isinstance(note, int) and 0 <= note <= 127 for note in notes)
    assert len(set(notes)) == len(notes)
    assert all(_layers(table) and min(_layers(table)) == 1 for table in _tables(slug).values())


@pytest.mark.parametrize("slug", ["acoustic", "analog"])
def test_a_drum_kit_has_its_drums_and_cymbals(slug: str) -> None:
    assert {"kick", "snare", "hat", "openhat", "rim", "crash", "ride", "lowtom", "tom", "hitom"} <= _tables(slug).keys()


def test_the_beeps_have_every_role() -> None:
    assert NOTES.keys() <= _tables("beeps").keys()


@every_kit
def test_hats_choke_one_another(slug: str) -> None:
    hats = [table for name, table in _tables(slug).items() if name in ("hat", "openhat", "pedalhat")]
    assert {table.get("choke") for table in hats} <= {"hats"}
    assert len(hats) in (0, 3)


@every_file
def test_a_file_begins_with_its_stroke_and_ends_in_silence(slug: str, name: str) -> None:
    info = soundfile.info(FOLDER / slug / name)
    assert (info.samplerate, info.channels, info.subtype) == (RATE, 1, "PCM_16")
    sound = _heard(slug, name)
    peak = np.abs(sound).max()
    assert measure.db(peak) == pytest.approx(-1.0, abs=0.05)
    assert measure.db(abs(sound[0]) / peak) >= -46.5  # what the loader would trim has nothing before it
    assert abs(sound[0]) <= 0.25  # no step into it
    assert abs(sound[-1]) <= 1e-3  # and none out of it
    assert np.abs(np.diff(sound[-48:])).max() <= 0.01
    assert measure.steady(sound) <= 1e-3


@every_kit
def test_every_sound_is_as_loud_as_all_others(slug: str) -> None:
    for name, table in _tables(slug).items():
        loud = [measure.loudness_db(_heard(slug, file)) for file in _at(table, VELOCITY["x"])]
        assert -24 <= table["gain"] <= 3, name
        assert float(np.mean(loud)) + table["gain"] == pytest.approx(TARGET_DB, abs=0.1), name
        assert max(loud) - min(loud) <= 1.0, f"{name}: its turns are not even"


@every_kit
def test_a_ghost_a_hit_and_an_accent_are_told_apart(slug: str) -> None:
    """Louder by 4 dB at least, with the sampler's 40 log v/127, and never duller."""
    for name, table in _tables(slug).items():
        loud, sharp = [], []
        for velocity in GHOST_HIT_ACCENT:
            sound = _heard(slug, _at(table, velocity)[0])
            loud.append(measure.loudness_db(sound) + 40 * log10(velocity / 127))
            sharp.append(measure.sharpness(sound))
        assert all(harder - gentler >= 4.0 for gentler, harder in pairwise(loud)), name
        assert all(harder >= gentler - 0.05 for gentler, harder in pairwise(sharp)), name


# What is promised of the clicks.

_HISSES = ("hat", "openhat", "shaker")


def test_the_click_kit_has_its_sounds() -> None:
    assert _tables("click")["beep"]["note"] == 33
    assert _tables("click")["beep high"]["note"] == 34
    roles = {"rim", "block", "clave", "cowbell", "hat", "openhat", "pedalhat", "bell", "agogo", "shaker"}
    assert roles | {"kick", "snare", "clap", "count"} <= _tables("click").keys()


@click_sounds
def test_a_click_is_there_within_a_millisecond(part: Part) -> None:
    most_ms = {"kick": 2.5, "count": 12.0}.get(part.name, 1.0)
    assert max(map(measure.attack_ms, _click(part))) <= most_ms


@click_sounds
def test_a_click_is_gone_soon(part: Part) -> None:
    longest_ms = 200 if part.name == "openhat" else 120
    assert all(30 <= measure.gone_ms(sound) <= longest_ms for sound in _click(part))


@click_sounds
def test_a_click_lies_where_the_ear_is_keen_and_a_band_is_not(part: Part) -> None:
    low_hz, high_hz = {"kick": (80, 200), "shaker": (4000, 7500), "hat": (4000, 6500)}.get(part.name, (980, 4000))
    assert all(low_hz <= measure.centroid_hz(sound) <= high_hz for sound in _click(part))
    if part.name not in ("kick", *_HISSES):
        assert all(measure.share(sound, 900, 4500) >= 0.35 for sound in _click(part))


@click_sounds
def test_a_click_is_kind_to_the_ear(part: Part) -> None:
    sharpest = {"hat": 3.3, "openhat": 2.5, "shaker": 4.2}.get(part.name, 1.7)
    for sound in _click(part):
        assert measure.share(sound, 10_000) <= (0.02 if part.name in _HISSES else 0.001)
        assert measure.sharpness(sound) <= sharpest


@click_sounds
def test_a_harder_click_is_brighter(part: Part) -> None:
    soft, hit, hard = (_heard("click", _at(_tables("click")[part.name], v)[0]) for v in GHOST_HIT_ACCENT)
    assert measure.sharpness(soft) * 1.02 < measure.sharpness(hit) * 1.01 < measure.sharpness(hard)


def test_no_two_clicks_are_alike() -> None:
    hits = {name: _heard("click", _at(table, VELOCITY["x"])[0]) for name, table in _tables("click").items()}
    apart = {(one, other): measure.apart_db(hits[one], hits[other]) for one, other in combinations(hits, 2)}
    assert {pair: db for pair, db in apart.items() if db < 7.0} == {}


def test_each_beep_has_its_own_pitch_and_it_is_in_tune() -> None:
    pitches = []
    for part in KITS["beeps"].parts:
        hz, energy = measure.power(np.pad(_heard("beeps", f"{part.name}.flac"), (0, RATE)))
        pitches.append(hz[energy.argmax()])
    assert pitches == pytest.approx([pitch_hz(step) for step in range(len(pitches))], rel=0.003)
    assert all(higher / lower > 1.05 for lower, higher in pairwise(pitches))


# The measures and the tools themselves.


def test_loudness_is_that_of_bs_1770() -> None:
    """ITU-R BS.1770-4 has a sine of 997 Hz at full scale in one channel read -3.01."""
    tone = np.sin(2 * np.pi * 997 * instants(1500))
    assert measure.loudness_db(tone) == pytest.approx(-3.01, abs=0.02)
    assert measure.loudness_db(0.1 * tone) == pytest.approx(-23.01, abs=0.02)


def test_attack_and_decay_are_read_from_a_known_sound() -> None:
    ramp = np.concatenate([np.linspace(0, 1, 481), 10 ** (-instants(300) * 1000 / 20 / 5)])
    assert measure.attack_ms(ramp) == pytest.approx(9.0, abs=0.05)
    assert measure.gone_ms(ramp) == pytest.approx(10 + 200, abs=6)  # a decibel in 5 ms


def test_spectra_differ_by_what_was_filtered() -> None:
    noise = hiss("test", 500)
    assert measure.apart_db(noise, noise) == 0
    assert measure.apart_db(noise, through(noise, low_pass(2000))) > 10
    assert measure.share(through(noise, low_pass(200)), 2000) < 0.01


def test_hiss_is_the_same_everywhere() -> None:
    assert hiss("drum", 1)[:3].tolist() == [-0.040255496767873655, -0.7876935375513281, -0.8120541567354764]


def test_a_burst_is_there_at_once_and_a_soft_stick_is_duller() -> None:
    stroke = burst("test", 80, 60, 2000, 6000)
    assert np.abs(stroke).argmax() < 0.001 * RATE
    assert measure.centroid_hz(tone.struck(stroke, 0.5)) < 0.9 * measure.centroid_hz(stroke)
