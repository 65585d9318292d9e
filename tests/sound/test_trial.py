"""A patch is tried in a process of its own: fine, or refused with the line that is to blame. Real processes."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator

import pytest

from panel.sound.examiner import Examiner, Limits, Verdict

GOOD = '''"""Test: a saw."""
from panel.sound.patch import *

cutoff = param("cutoff", 1200, 80, 12000, unit="Hz")
osc, cut, env = saw(), lowpass(), adsr(0.01, 0.1, 0.7, 0.1)


def voice(note):
    sound = cut(osc(note.hz), cutoff)
    return sound * env(note)
'''
QUICK = Limits(own_s=0.4)
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    examiner = Examiner(48000, 16, QUICK)
    yield examiner
    pid = examiner.pid
    examiner.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def tried(examiner: Examiner, text: str) -> Verdict:
    """The verdict on a text."""
    examiner.ask(text, "my.py")
    return heard(examiner)


def heard(examiner: Examiner) -> Verdict:
    given_up_s = time.monotonic() + PATIENCE_S
    while not (verdict := examiner.verdict()):
        select.select([examiner], [], [], 0.02)
        assert time.monotonic() < given_up_s, "no verdict"
    return verdict


def voice_with(line: str) -> str:
    """The good patch with another line before its last."""
    return GOOD.replace("    return sound", f"    {line}\n    return sound")


def top_with(*lines: str) -> str:
    """The good patch with more lines behind its fifth."""
    head, tail = GOOD.split("\n\n\n")
    return "\n".join([head, *lines]) + "\n\n\n" + tail


def test_a_good_patch_is_fine_and_its_share_of_time_is_told(examiner: Examiner) -> None:
    verdict = tried(examiner, GOOD)
    assert (verdict.line, verdict.what) == (0, "")
    assert 0 < verdict.share < QUICK.share
    assert verdict.took_s > 0


BAD = {
    "not Python": (GOOD.replace("def voice(note):", "def voice(note)"), 8, "not Python"),
    "nothing in it": ("", 1, "no function voice"),
    "an import of what is not there": (top_with("import fuzzbox"), 6, "No module named 'fuzzbox'"),
    "raises at its top": (top_with("x = 1 / 0"), 6, "ZeroDivisionError"),
    "raises in voice": (voice_with("sound = sound[99]"), 10, "IndexError"),
    "an unknown name": (voice_with("sound = sound * gian"), 10, "'gian'"),
    "not a number": (voice_with("sound = sound * float('nan')"), 10, "NaN"),
    "far too loud": (voice_with("sound = sound * 1000"), 8, "far too loud"),
    "silent": (voice_with("sound = sound * 0"), 8, "nothing is heard"),
    "never ends": (GOOD.replace(" * env(note)", ""), 8, "never ends"),
    "a loop at its top": (top_with("while True:", "    pass"), (6, 7), "not done after"),
    "a loop in voice": (voice_with("while True: pass"), 10, "not done after"),
    "a calculation without an end": (top_with("x = 10 ** 10 ** 9"), 6, "not done after"),
    "a loop that catches all": (
        top_with("while True:", "    try:", "        while True: pass", "    except BaseException: pass"),
        (6, 7, 8, 9),
        "not done after",
    ),
    "too slow": (voice_with("for _ in range(5000 * len(note.hz)): note.hz"), 8, "too slow: 16 voices take"),
    "all the memory": (top_with("import numpy", "x = numpy.ones(1 << 34)"), 7, "MemoryError"),
    "memory bit by bit": (top_with("x = [bytearray(1 << 20) for _ in range(1 << 20)]"), 6, "MemoryError"),
    "ends the program": (top_with("raise SystemExit"), 6, "SystemExit"),
    "ends the process": (top_with("import os", "os._exit(0)"), 1, "ends the whole process"),
    "crashes the process": (top_with("import ctypes", "ctypes.string_at(0)"), 7, "ends the whole process"),
    "prints no end": (top_with("while True:", "    print('x' * 1000)"), (6, 7), "not done after"),
    "a line that is no text": ("\0", 1, "not Python"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_patch_is_refused_with_its_line(examiner: Examiner, kind: str) -> None:
    text, lines, what = BAD[kind]
    verdict = tried(examiner, text)
    assert what in verdict.what
    assert verdict.line in (lines if isinstance(lines, tuple) else (lines,))


def test_after_all_that_a_good_patch_is_still_fine(examiner: Examiner) -> None:
    for _ in range(3):
        assert tried(examiner, GOOD).what == ""


def test_asking_again_ends_the_trial_before(examiner: Examiner) -> None:
    examiner.ask(top_with("import time", "time.sleep(1000)"), "slow.py")
    assert examiner.verdict() is None
    assert tried(examiner, GOOD).what == ""
    assert examiner.verdict() is None


def test_a_large_patch_goes_through_in_pieces(examiner: Examiner) -> None:
    assert tried(examiner, GOOD + "# é\n" * 16000).what == ""


def test_a_patch_that_waits_is_refused_though_it_takes_no_time_of_its_own() -> None:
    examiner = Examiner(48000, 16, Limits(own_s=5, limit_s=0.3))
    verdict = tried(examiner, top_with("import time", "time.sleep(1000)"))
    assert (verdict.line, verdict.what) == (7, "not done after 0.3 s")
    examiner.close()


def test_ctrl_c_at_the_terminal_is_not_for_the_trial(examiner: Examiner) -> None:
    """While it still imports what it needs, it would end with a traceback on that terminal."""
    assert os.getpgid(examiner.pid) != os.getpgid(0)


def test_a_trial_that_dies_is_started_anew_and_asked_again() -> None:
    examiner = Examiner(48000, 16, QUICK)
    first = examiner.pid
    os.kill(first, signal.SIGKILL)
    assert tried(examiner, GOOD).what == ""
    assert examiner.pid != first
    examiner.close()


def test_a_trial_that_always_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    examiner = Examiner(48000, 16, QUICK)
    assert "could not be tried" in tried(examiner, GOOD).what
    examiner.close()


def test_what_a_patch_prints_is_told_the_first_lines_each_once(examiner: Examiner) -> None:
    assert tried(examiner, GOOD).printed == ()
    verdict = tried(examiner, voice_with("print('keys', note.key.ravel().astype(int), sep=': ', flush=True); oops"))
    assert (verdict.line, verdict.printed) == (10, ("keys [24]",))
    many = tried(examiner, top_with("for n in range(2000): print(n // 2)"))
    assert (many.what, many.printed) == ("", tuple("01234567"))


def test_only_the_voices_that_a_patch_has_are_measured(examiner: Examiner) -> None:
    slow = BAD["too slow"][0]
    assert tried(examiner, slow.replace("osc,", "polyphony = 4\nosc,")).what == ""
