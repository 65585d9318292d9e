"""A patch is saved and sounds, or is refused and the old one sounds on. Real files, real trial processes."""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from panel.sound.examiner import Limits
from panel.sound.patchbay import Patchbay, Trouble
from panel.sound.patchfile import LARGEST, PERHAPS_WRITING_NS, PatchFile, patches_in
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.wire import WAVE_POINTS, PatchParam

RATE = 48000
PATIENCE_S = 30.0
TONE = '''"""Tone: it is {ratio} times the note."""
from panel.sound.patch import *

level = param("level", 1, 0, {most})
osc, env = sine(), adsr(0.001, 0.1, 1.0, 0.05)


def voice(note):
    return osc(note.hz * {ratio}) * env(note) * level
'''


def tone(ratio: int = 1, most: int = 2) -> str:
    return TONE.format(ratio=ratio, most=most)


BAD = tone().replace("* level", "* levle")


class Box:
    """A patch bay over two folders, and a hand that saves files."""

    def __init__(self, folder: Path) -> None:
        self.shipped, self.own = folder / "shipped", folder / "own"
        for made in (self.shipped, self.own):
            made.mkdir()
        (self.shipped / "tone.py").write_text(tone())
        (self.shipped / "organ.py").write_text(tone(3))
        self.bay = Patchbay([self.shipped, self.own], RATE, 16, Limits(own_s=0.5))
        self.pid = self.bay._examiner.pid
        self.frame = 0

    def until(self, true: Callable[[], bool]) -> None:
        """Tend and play until something is so."""
        given_up_s = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < given_up_s, self.bay.fault
            self.bay.tend(time.monotonic_ns())
            self.play(4)
            select.select(self.bay.filenos(), [], [], 0.005)

    def play(self, quanta: int) -> Frames:
        """The next quanta."""
        out = np.zeros((quanta * QUANTUM, 2), np.float32)
        for n in range(quanta):
            self.bay.render(self.frame, out[n * QUANTUM : (n + 1) * QUANTUM])
            self.frame += QUANTUM
        return out

    def hertz(self) -> int:
        """The pitch that sounds, once the crossfade is over."""
        self.play(40)
        sound = self.play(RATE // 4 // QUANTUM)[:, 0]
        return int(((sound[:-1] < 0) & (sound[1:] >= 0)).sum() * 4)

    def sounds(self, ratio: int) -> bool:
        return f"{ratio} times" in self.bay.about

    def save(self, text: str, name: str = "tone") -> Path:
        path = self.own / f"{name}.py"
        path.write_text(text)
        return path


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A tone sounds, an A is held."""
    box = Box(tmp_path)
    box.bay.choose("Tone")
    box.until(lambda: box.sounds(1))
    box.bay.note_on(box.frame, 0, 69, 100)
    assert box.hertz() == pytest.approx(440, rel=0.02)
    yield box
    box.bay.close()
    with pytest.raises(ProcessLookupError):
        os.kill(box.pid, 0)


def test_a_saved_patch_takes_over_the_held_note(box: Box) -> None:
    box.save(tone(2))
    box.until(lambda: box.sounds(2))
    assert box.hertz() == pytest.approx(880, rel=0.02)
    assert box.bay.trouble is None


def test_a_bad_one_is_told_with_its_line_and_the_old_one_sounds_on_until_a_good_one_comes(box: Box) -> None:
    path = box.save(BAD)
    box.until(lambda: box.bay.trouble is not None)
    what = "NameError: name 'levle' is not defined, did you mean 'level'?"
    assert box.bay.trouble == Trouble(str(path), 9, what)
    assert not box.bay.trying
    assert box.hertz() == pytest.approx(440, rel=0.02)
    assert path.read_text() == BAD
    box.save(tone(2))
    box.until(lambda: box.sounds(2))
    assert box.bay.trouble is None
    assert box.hertz() == pytest.approx(880, rel=0.02)


def test_the_user_s_patch_replaces_the_shipped_one_of_its_name_and_gives_way_when_it_is_gone(box: Box) -> None:
    path = box.save(tone(2))
    box.until(lambda: box.sounds(2))
    path.unlink()
    box.until(lambda: box.sounds(1))
    assert (box.shipped / "tone.py").read_text() == tone()


def test_a_patch_that_is_gone_altogether_sounds_on(box: Box) -> None:
    box.save(tone(5), "mine")
    box.bay.choose("Mine")
    box.until(lambda: box.sounds(5))
    (box.own / "mine.py").unlink()
    box.until(lambda: box.bay.trouble is not None)
    assert str(box.bay.trouble) == f"{box.own / 'mine.py'}: the file is gone"
    assert box.hertz() == pytest.approx(2200, rel=0.02)


def test_an_editor_that_renames_is_seen(box: Box) -> None:
    for ratio in (2, 3):
        draft = box.own / ".tone.py.swp"
        draft.write_text(tone(ratio))
        draft.replace(box.own / "tone.py")
        box.until(lambda ratio=ratio: box.sounds(ratio))  # type: ignore[misc]
    assert box.hertz() == pytest.approx(1320, rel=0.02)


def test_another_patch_is_chosen(box: Box) -> None:
    assert box.bay.names == ("Organ", "Tone")
    box.bay.choose("Organ")
    assert (box.bay.chosen, box.bay.name, box.bay.trying) == ("Organ", "Tone", True)
    box.until(lambda: box.bay.name == "Organ")
    assert box.hertz() == pytest.approx(1320, rel=0.02)


def test_a_name_without_a_patch_is_told(box: Box) -> None:
    box.bay.choose("Flute")
    box.until(lambda: box.bay.trouble is not None)
    assert str(box.bay.trouble) == "Flute: there is no patch of this name, there are Organ, Tone"
    assert box.bay.name == "Tone"


@pytest.mark.parametrize("name", ["organ", "ORGAN", "organ.py", "Warm pad", "warm_pad", "warm pad", "Warm-Pad.py"])
def test_a_patch_is_found_by_its_name_or_its_file_s_capitals_or_not(box: Box, name: str) -> None:
    box.save(tone(5), "Warm-Pad")
    box.bay.choose(name)
    assert box.bay.chosen == ("Organ" if "organ" in name.lower() else "Warm Pad")
    box.until(lambda: not box.bay.trying)
    assert (box.bay.trouble, box.bay.name) == (None, box.bay.chosen)


def test_a_terminal_is_told_what_sounds_and_what_a_patch_prints(box: Box) -> None:
    (line,) = box.bay.news
    assert re.fullmatch(r"Tone sounds; all its voices take \d+% of the time there is", line)
    box.bay.news.clear()
    box.save(tone(2).replace("    return", "    print('wheel\\n', note.wheel.max(), end='')\n    return"))
    box.until(lambda: box.sounds(2))
    assert box.bay.news[0] == "Tone prints: wheel 0.0"
    assert re.match(r"Tone sounds; ", box.bay.news[-1])


def test_a_turned_param_stays_over_a_reload_within_the_new_range(box: Box) -> None:
    loud = float(np.abs(box.play(20)).max())
    box.bay.set_params("Tone", {"level": 1.5, "another": 3})
    box.save(tone(2))
    box.until(lambda: box.sounds(2))
    assert box.bay.params == (PatchParam("level", 1.5, 1.0, 0.0, 2.0, ""),)
    box.play(40)
    assert np.abs(box.play(20)).max() == pytest.approx(1.5 * loud, rel=0.01)
    box.save(tone(3, most=1).replace('"level", 1,', '"level", 0.5,'))
    box.until(lambda: box.sounds(3))
    assert box.bay.params[0].value == 1.0
    box.play(40)
    assert np.abs(box.play(20)).max() == pytest.approx(loud, rel=0.01)
    box.save(tone(4))
    box.until(lambda: box.sounds(4))
    assert box.bay.params[0].value == 1.5  # as it was turned


def test_a_param_may_be_turned_before_its_patch_is_chosen(box: Box) -> None:
    loud = float(np.abs(box.play(20)).max())
    box.bay.set_params("Organ", {"level": 0.5})
    box.bay.choose("Organ")
    box.until(lambda: box.bay.name == "Organ")
    assert box.bay.params[0].value == 0.5
    box.play(40)
    assert np.abs(box.play(20)).max() == pytest.approx(loud / 2, rel=0.01)


def test_the_wave_is_drawn_as_it_was_tried(box: Box) -> None:
    assert len(box.bay.wave) == WAVE_POINTS
    turns = sum(before < 0 <= after for before, after in pairwise(box.bay.wave))
    assert turns in (1, 2)
    assert max(map(abs, box.bay.wave)) == 100


FAILS_LATER = """
count = memory()


def voice(note):
    count[:] = count[:] + 1
    {line}
    return osc(note.hz * 2) * env(note) * level
"""


def later(line: str) -> str:
    """A patch that a trial finds good: it goes wrong in a voice's 450th quantum."""
    return tone(2).split("\n\n\n")[0] + FAILS_LATER.format(line=line)


def test_a_patch_that_fails_while_it_plays_gives_way_to_the_one_before(box: Box) -> None:
    path = box.save(later("1 / (0 if count[:].max() > 450 else 1)"))
    box.until(lambda: box.sounds(2))
    box.until(lambda: box.bay.trouble is not None)
    assert box.bay.trouble == Trouble(str(path), 11, "ZeroDivisionError: division by zero")
    assert box.sounds(1)
    assert box.hertz() == pytest.approx(440, rel=0.02)
    box.save(tone(3))
    box.until(lambda: box.sounds(3))
    assert box.bay.trouble is None


def test_nothing_waits_in_the_control_thread_for_a_trial_that_hangs(box: Box) -> None:
    box.save(tone(2) + "\nwhile True:\n    pass\n")
    box.until(lambda: box.bay.trying)
    rounds = [0]

    def told() -> bool:
        rounds[0] += 1
        return box.bay.trouble is not None

    box.until(told)
    assert "not done after" in box.bay.fault
    assert rounds[0] > 20


def test_a_mark_at_the_beginning_of_a_text_is_no_fault(box: Box) -> None:
    (box.own / "tone.py").write_bytes(b"\xef\xbb\xbf" + tone(2).encode())
    box.until(lambda: box.sounds(2))


def test_a_file_that_is_no_text_or_too_large_is_told(box: Box) -> None:
    (box.own / "tone.py").write_bytes(b"# one\n# \xff\n")
    box.until(lambda: box.bay.trouble is not None)
    what = "byte 0xff is not UTF-8 text: save the file as UTF-8"
    assert box.bay.trouble == Trouble(str(box.own / "tone.py"), 2, what)
    box.save("#" * (LARGEST + 1))
    box.until(lambda: "larger than 64 KB" in str(box.bay.trouble))


class Look:
    """A PatchFile, looked at every 20 ms of a clock of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "my.py"
        self.path.write_text("1")
        self.file, self.now_ns = PatchFile("My", "my", [folder]), 0

    def __call__(self, looks: int = 1) -> list[str]:
        seen = []
        for _ in range(looks):
            self.now_ns += 20_000_000
            if saved := self.file.look(self.now_ns):
                seen.append(saved.fault or saved.text)
        return seen


@pytest.fixture
def look(tmp_path: Path) -> Look:
    look = Look(tmp_path)
    assert look(5) == ["1"]
    return look


def test_a_file_that_is_still_being_written_is_not_taken(look: Look) -> None:
    look.path.write_text("2")
    assert look() == []
    look.path.write_text("2 and more")
    assert look() == []
    assert look(10) == ["2 and more"]


def test_an_empty_or_missing_file_is_given_some_time(look: Look) -> None:
    looks = PERHAPS_WRITING_NS // 20_000_000
    look.path.write_text("")
    assert look(looks) == []
    look.path.write_text("3")
    assert look(10) == ["3"]
    look.path.unlink()
    assert look(looks) == []
    look.path.write_text("4")
    assert look(10) == ["4"]
    look.path.unlink()
    assert look(3 * looks) == ["the file is gone"]
    look.path.write_text("4")
    assert look(10) == ["4"]


def test_a_file_that_was_only_touched_is_nothing_new(look: Look) -> None:
    os.utime(look.path, (1, 1))
    assert look(10) == []


def test_looks_that_come_too_soon_are_left_out(look: Look) -> None:
    look.path.write_text("2")
    assert look() == []
    assert [look.file.look(look.now_ns + n) for n in range(10)] == [None] * 10


def test_hidden_files_and_others_are_no_patches(tmp_path: Path) -> None:
    for name in ("b-side_2.py", "A.py", ".b.py", "_c.py", "d.txt"):
        (tmp_path / name).write_text("")
    assert list(patches_in([tmp_path, tmp_path / "missing"])) == ["A", "B side 2"]
