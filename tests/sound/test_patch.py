"""A patch is loaded, or it is said what is wrong with it and in which line."""

from __future__ import annotations

import numpy as np
import pytest

from panel.sound.knob import Knob
from panel.sound.patch import PatchError, load_patch
from panel.sound.synth import Synth
from tests.sound.playing import HEAD, played, rendered, synth

GOOD = '''"""Bass: a saw through a filter
that closes."""
from panel.sound.patch import param, saw, lowpass, adsr

cutoff = param("cutoff", 1200, 80, 12000, unit="Hz")
wave = saw()
dark = lowpass()
loud = adsr(0.003, 0.2, 0.7, 0.15)
polyphony = 8
glide = 0.1


def voice(note):
    return dark(wave(note.hz), cutoff * 2 ** (3 * loud(note)), 0.3) * loud(note) * note.velocity
'''


def test_a_patch_says_what_it_is() -> None:
    patch = load_patch(GOOD, "patches/bass.py")
    assert (patch.name, patch.about) == ("Bass", "a saw through a filter that closes.")
    assert patch.knobs == (Knob("cutoff", 1200.0, 80.0, 12000.0, "Hz"),)
    assert (patch.polyphony, patch.glide_s, patch.voice_line) == (8, 0.1, 13)


def test_without_a_name_it_is_called_as_its_file() -> None:
    patch = load_patch('"""Nothing."""\n' + GOOD.split('"""\n', 1)[1], "my/warm-pad.py")
    assert (patch.name, patch.about) == ("Warm pad", "Nothing.")


def test_two_synths_of_one_patch_share_nothing() -> None:
    patch = load_patch(GOOD, "x.py")
    one, other = Synth(patch, 48_000), Synth(patch, 48_000)
    one.set_param("cutoff", 200)
    alone = played(Synth(patch, 48_000), [("note_on", 0, 0, 60, 100)], 0.1)
    one.note_on(0, 0, 60, 100)
    rendered(one, 0.05)
    np.testing.assert_array_equal(played(other, [("note_on", 0, 0, 60, 100)], 0.1), alone)


VOICE = "def voice(note):\n    return note.time\n"
FAULTS = [
    ("def voice(note)\n    return 1\n", 3, "not Python: expected ':'"),
    ("x = '\0'\n" + VOICE, 1, "not Python"),
    ("import nothing_of_this_name\n" + VOICE, 3, "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
    ("x = 1\ny = 1 / 0\n" + VOICE, 4, "ZeroDivisionError: division by zero"),
    ("def deep():\n    return {}['a']\nx = deep()\n" + VOICE, 4, "KeyError: 'a'"),
    ("raise SystemExit(3)\n" + VOICE, 3, "SystemExit: 3"),
    ("x = 1\n", 1, "there is no function voice(note)"),
    ("x = 1\nvoice = 3\n", 4, "there is no function voice(note)"),
    ("def voice():\n    return 5\n", 3, "voice takes the note, and nothing else: def voice(note):"),
    ("def voice(note, hz):\n    return 5\n", 3, "voice takes the note, and nothing else: def voice(note):"),
    ('a = param("a", 1, 2, 3)\n' + VOICE, 3, "a: the default 1 is outside 2 to 3"),
    ('a = param("a", 1, 3, 3)\n' + VOICE, 3, "a: the low end 3 is not below the high end 3"),
    ('a = param("a", "x", 3, 3)\n' + VOICE, 3, "a: default, low and high are numbers, not 'x'"),
    ('a = param("a", float("nan"), 0, 3)\n' + VOICE, 3, "a: default, low and high are numbers, not nan"),
    ('a = param("", 1, 0, 3)\n' + VOICE, 3, "a param's name is 1 to 12 characters, not ''"),
    ('a = param("a", 1, 0, 3, unit="semitones")\n' + VOICE, 3, "the unit of a is at most 4 characters"),
    ('a = param("a", 1, 0, 3)\nb = param("a", 1, 0, 3)\n' + VOICE, 4, "there are two params called 'a'"),
    ('for n in range(17):\n    param(f"p{n}", 1, 0, 3)\n' + VOICE, 4, "a patch has 16 params at most"),
    ('a = param("a", 1, 0, 3)\nb = a * 2\n' + VOICE, 4, "TypeError: the param 'a' has a value only inside voice"),
    ("polyphony = 0\n" + VOICE, 3, "polyphony is 1 to 32, not 0"),
    ("x = 1\npolyphony: int = 0\n" + VOICE, 4, "polyphony is 1 to 32, not 0"),
    ("x = 1\npolyphony, glide = 0, 0\n" + VOICE, 4, "polyphony is 1 to 32, not 0"),
    ("glide = 'slow'\n" + VOICE, 3, "glide is 0 to 10 seconds, not slow"),
    ('glide = param("glide", 0, 0, 1)\n' + VOICE, 3, "glide is 0 to 10 seconds, not the param 'glide'"),
    ('a = lfo("sine")\n' + VOICE, 3, "the pitch of an lfo is a number or a param, not 'sine'"),
    ("a = adsr(0.1, saw(), 1, 0.1)\n" + VOICE, 3, "decay is a number or a param, not <panel"),
    ('a = lfo(3, "round")\n' + VOICE, 3, "an lfo is one of sine, triangle, square, saw, random, not 'round'"),
    ("a = adsr(0.1, 0.1, 2, 0.1)\n" + VOICE, 3, "sustain is 0 to 1, not 2"),
    ("a = adsr(0.1, -1, 1, 0.1)\n" + VOICE, 3, "decay is 0 to 60 seconds, not -1"),
    ("a = harmonics([])\n" + VOICE, 3, "harmonics takes a list of 1 to 1024 levels"),
    ("a = table([1])\n" + VOICE, 3, "table takes one cycle as a list of 2 to 8192 numbers"),
    ("a = supersaw(99)\n" + VOICE, 3, "supersaw takes 2 to 16 saws, not 99"),
    ("a = saw(7)\n" + VOICE, 3, 'a phase is a number from 0 to 1, or "random", not 7'),
    ("a = partials([])\n" + VOICE, 3, "partials takes a list of 1 to 32 multiples of the pitch"),
]


@pytest.mark.parametrize(("text", "line", "what"), FAULTS, ids=lambda value: str(value)[:30])
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(PatchError) as fault:
        load_patch(HEAD + text, "patches/mine.py")
    assert (fault.value.path, fault.value.line) == ("patches/mine.py", line)
    assert fault.value.what.startswith(what)
    assert str(fault.value) == f"patches/mine.py:{line}: {fault.value.what}"
    assert "\n" not in str(fault.value)


WHILE_PLAYING = [
    ("wave = saw()\ndef voice(note):\n    x = wave(note.hz)\n    return x + nothing\n", 6, "NameError"),
    (
        "def voice(note):\n    return None\n",
        3,
        "voice gives nothing: it should be (voices, 64), now (1, 64); is return missing?",
    ),
    (
        "def voice(note):\n    return note.hz\n",
        3,
        "voice gives an array of (1, 1) (float32): it should be (voices, 64), now (1, 64); multiply it by what moves",
    ),
    (
        "w = saw()\ndef voice(note):\n    return w\n",
        4,
        "voice gives saw() itself: it should be (voices, 64), now (1, 64)",
    ),
    (
        "def voice(note):\n    return note.time.T\n",
        3,
        "voice gives an array of (64, 1) (float32): it should be (voices, 64), now (1, 64)",
    ),
    ("def voice(note):\n    return note.time * 1j\n", 3, "voice gives an array of (1, 64) (complex64)"),
    ("def voice(note):\n    return note.time, 5\n", 3, "voice gives int"),
    ("def voice(note):\n    return note.time / 0\n", 3, "voice gives NaN"),
    (
        "def voice(note):\n    return 1e30 * (1 + note.time)\n",
        3,
        "voice gives NaN (not a number) or something endlessly",
    ),
    ("wave = saw()\ndef voice(note):\n    return wave(note.hz * np.nan)\n", 4, "voice gives NaN"),
    ("def voice(note):\n    return saw()(note.hz)\n", 4, "saw() is declared at the top of the patch, not inside voice"),
    ("def voice(note):\n    a = param('a', 1, 0, 3)\n", 4, "a param is declared at the top of a patch"),
    ("w = saw()\ndef voice(note):\n    return w(note.hz) + w(note.hz)\n", 5, "this saw() is used twice in voice"),
    ("f = lowpass()\ndef voice(note):\n    return f(f(note.time, 9), 9)\n", 5, "this lowpass() is used twice in voice"),
    ("def voice(note):\n    note.hz *= 2\n    return note.time\n", 4, "what a note or a unit gives can't be"),
    ("p = partials([1, 2])\ndef voice(note):\n    return p(note.hz, [1])\n", 5, "there are 1 levels for 2 partials"),
]


@pytest.mark.parametrize(("text", "line", "what"), WHILE_PLAYING, ids=lambda value: str(value)[:30])
def test_what_goes_wrong_while_playing_is_told_with_its_line(text: str, line: int, what: str) -> None:
    player = synth(text)
    player.note_on(7, 0, 60, 100)
    out = np.full((64, 2), 0.25, np.float32)
    with pytest.raises(PatchError) as fault:
        player.render(0, out)
    assert (fault.value.path, fault.value.line) == ("test.py", line)
    assert fault.value.what.startswith(what)
    assert (out == 0.25).all()


def test_a_param_calculates_as_an_array_does() -> None:
    text = (
        'p = param("p", 3, 0, 9)\nq = param("q", 2, 0, 9)\n'
        "def voice(note):\n"
        "    sums = [p + 1, 1 + p, p - 1, 9 - p, p * 2, 2 * p, p / 2, 6 / p, p**2, 2**p, p % 2, 7 % p, -p, abs(p)]\n"
        "    sums += [p // 2, 7 // p, p * q, np.sin(p), np.maximum(p, q), note.hz * p, float(p), int(p)]\n"
        "    sums += [p > q, p <= 3, p < q]\n"
        "    wanted = [4, 4, 2, 6, 6, 6, 1.5, 2, 9, 8, 1, 1, -3, 3]\n"
        "    wanted += [1, 2, 6, np.sin(3), 3, note.hz * 3, 3, 3, True, True, False]\n"
        "    for one, other in zip(sums, wanted, strict=True):\n"
        "        assert np.allclose(one, other), (one, other)\n"
        "    return note.gate * 0.5\n"
    )
    assert played(synth(text), [("note_on", 0, 0, 60, 127)], 0.01).max() == pytest.approx(0.5)


def test_a_turned_param_glides_and_stays_in_its_range() -> None:
    text = 'p = param("p", 0, 0, 1)\ndef voice(note):\n    return p * note.gate\n'
    player = synth(text)
    player.note_on(0, 0, 60, 127)
    rendered(player, 0.02)
    player.set_param("p", 7)
    heard = rendered(player, 0.1, 64 * 15)[:, 0] / 0.2
    assert np.abs(np.diff(heard)).max() < 0.005
    assert heard[int(0.005 * 48_000)] == pytest.approx(1 - np.exp(-1), abs=0.1)
    assert heard[-1] == pytest.approx(1, abs=1e-6)
    with pytest.raises(KeyError):
        player.set_param("q", 1)
    with pytest.raises(ValueError, match="p can't be nan"):
        player.set_param("p", float("nan"))


def test_a_state_of_one_s_own_belongs_to_each_voice() -> None:
    text = (
        "count = memory(10)\n"
        "def voice(note):\n"
        "    count[:] = count[:] + 1\n"
        "    return count[:] * (note.key == 62) + 0 * note.time\n"
    )
    events = [("note_on", 0, 0, 60, 127), ("note_on", 64 * 3, 0, 62, 127)]
    heard = played(synth(text), events, 0.01)
    assert heard[64 * 3 :: 64][:4] == pytest.approx([11, 12, 13, 14])
