"""The patches that ship: each sounds, all as loud as each other, every param does something, and a chord never clips.

And what docs/patches.md shows is so: each example plays, each fault in it is told as it says.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from panel.datafiles import data_folder
from panel.sound import patch as patch_words
from panel.sound.audition import audition
from panel.sound.note import Note
from panel.sound.patch import Patch, PatchError, load_patch
from panel.sound.quantum import Frames
from panel.sound.synth import Synth
from tests.sound.playing import RATE, loudness_lufs, rendered

PATCHES = {path.stem: load_patch(path.read_text(), path.name) for path in sorted(data_folder("patches").glob("*.py"))}
EVERY = pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
CHORD = (48, 55, 60, 64, 67, 72)


def take(patch: Patch, keys: tuple[int, ...], velocity: int, seconds: float, **turned: float) -> Frames:
    player = Synth(patch, RATE)
    for name, value in turned.items():
        player.set_param(name, value)
    for key in keys:
        player.note_on(0, 0, key, velocity)
    for key in keys:
        player.note_off(int(0.8 * seconds * RATE), 0, key)
    return rendered(player, seconds)


def test_the_seed_s_three_and_five_more_ship() -> None:
    assert {"square", "organ", "supersaw"} < set(PATCHES)
    assert len(PATCHES) == 8
    assert len({patch.name for patch in PATCHES.values()}) == 8


@EVERY
def test_each_may_play_and_says_what_it_is(patch: Patch) -> None:
    audition(patch, RATE)
    assert patch.about
    assert 3 <= len(patch.knobs) <= 6
    assert all(re.fullmatch(r"[a-z]{2,8}", knob.name) for knob in patch.knobs)


@EVERY
def test_each_is_as_loud_as_the_others(patch: Patch) -> None:
    keys = (36, 45) if patch.name == "Bass" else (48, 67)
    loud = [loudness_lufs(take(patch, (key,), 100, 1.1)) for key in keys]
    assert np.mean(loud) == pytest.approx(-26, abs=1.2)
    assert max(loud) - min(loud) < 4


@EVERY
def test_a_hard_chord_of_six_does_not_clip(patch: Patch) -> None:
    heard = take(patch, CHORD, 127, 0.5)
    assert 0.05 < np.abs(heard).max() < 1
    assert np.abs(heard.mean(axis=0)).max() < 0.01


@EVERY
def test_every_param_is_heard(patch: Patch) -> None:
    for knob in patch.knobs:
        low, high = (take(patch, (48,), 100, 0.2, **{knob.name: end}) for end in (knob.low, knob.high))
        assert np.sqrt(np.mean((low - high) ** 2)) > 0.02 * np.sqrt(np.mean(high**2)), knob.name


@EVERY
@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_each_plays_at_any_rate(patch: Patch, rate: int) -> None:
    player = Synth(patch, rate)
    player.note_on(0, 0, 60, 100)
    assert 0.005 < np.abs(rendered(player, 0.1)).max() < 0.5


# --- the document ---

PAGE = (Path(__file__).parents[2] / "docs" / "patches.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
FAULT = re.compile(r"  # (\d+): (.+)")


@pytest.mark.parametrize("text", EXAMPLES, ids=[str(n) for n in range(len(EXAMPLES))])
def test_every_example_plays_or_is_refused_as_it_says(text: str) -> None:
    said = FAULT.search(text)
    if said is None:
        audition(load_patch(text, "example.py"), RATE)
        assert text.startswith('"""')
        return
    with pytest.raises(PatchError) as fault:
        audition(load_patch(text, "example.py"), RATE)
    assert (str(fault.value.line), fault.value.what[: len(said[2])]) == (said[1], said[2])


def test_there_are_examples_of_both() -> None:
    assert [bool(FAULT.search(text)) for text in EXAMPLES] == [False] * 4 + [True] * 4


def test_every_word_that_a_patch_may_use_is_told() -> None:
    words = set(patch_words.__all__) - {"Knob", "Patch", "PatchError", "load_patch"}
    table = PAGE.split("## What there is")[1].split("## The rules")[0]
    assert [word for word in sorted(words) if f"`{word}(" not in table] == []
    told = set(re.findall(r"`note\.(\w+)`", table))
    has = {name for name in dir(Note) if not name.startswith("_")} | set(Note.__annotations__) | {"rate"}
    assert told == has - {"begin"}
