"""Before a patch may play it is heard, and refused with its line for whatever would hurt on stage."""

from __future__ import annotations

import pytest

from panel.sound.audition import audition
from panel.sound.patch import PatchError, load_patch
from tests.sound.playing import HEAD, RATE

W = "w, e, f = saw(), adsr(0.01, 0.1, 0.5, 0.2), lowpass()\n"
FAULTS = [
    (W + "def voice(note):\n    return w(note.hz)\n", 4, "a note never ends: 10 s after the key is up"),
    (W + "e = adsr(0, 1, 1, 40)\ndef voice(note):\n    return w(note.hz) * e(note)\n", 5, "a note never ends"),
    (W + "def voice(note):\n    return e(note) * 0\n", 4, "nothing is heard"),
    (W + "def voice(note):\n    return w(note.hz) * e(note) * 9\n", 4, "far too loud: a note reaches"),
    (
        W + "def voice(note):\n    x = w(note.hz)\n    y = np.log(-1 - e(note))\n    x = x + 1\n    return x * y\n",
        6,
        "voice gives NaN",
    ),
    (W + "def voice(note):\n    return w(note.hz) / (e(note) * 0) * e(note)\n", 5, "voice gives NaN"),
    (
        W + "def voice(note):\n    if note.key > 110:\n        oops\n    return w(note.hz) * e(note)\n",
        5,
        "all voices are",
    ),
    (
        W + "def voice(note):\n    if note.key.max() > 99:\n        oops\n    return w(note.hz) * e(note)\n",
        6,
        "NameError",
    ),
    (
        W + 'a = param("a", 1, 0, 2)\ndef voice(note):\n    x = 1 / a\n    return w(note.hz) * e(note) * x / x\n',
        6,
        "voice gives NaN",
    ),
]


@pytest.mark.parametrize(("text", "line", "what"), FAULTS, ids=[str(n) for n in range(len(FAULTS))])
def test_a_patch_is_refused_with_its_line(text: str, line: int, what: str) -> None:
    patch = load_patch(HEAD + text, "mine.py")
    with pytest.raises(PatchError) as fault:
        audition(patch, RATE)
    assert (fault.value.line, fault.value.what[: len(what)]) == (line, what)


GOOD = [
    "def voice(note):\n    return w(note.hz) * e(note) * note.velocity\n",
    "slow = adsr(2, 3, 0.5, 7)\ndef voice(note):\n    return w(note.hz) * slow(note)\n",
    "thin = highpass()\ndef voice(note):\n    return thin(w(note.hz), 3000) * e(note)\n",
    "polyphony, glide = 1, 0.2\ndef voice(note):\n    return w(note.hz) * e(note) * note.velocity\n",
    "ring = adsr(0, 6, 0, 6)\ndef voice(note):\n    return w(note.hz) * ring(note), w.__class__ and 0.5 * ring(note)\n",
]


@pytest.mark.parametrize("text", GOOD, ids=[str(n) for n in range(len(GOOD))])
def test_an_unusual_patch_may_play(text: str) -> None:
    patch = load_patch(HEAD + W + text, "mine.py")
    audition(patch, RATE)
    assert patch.voice_line > 3
