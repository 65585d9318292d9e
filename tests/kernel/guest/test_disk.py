"""A real disk at its worst: full, read-only, taken away. The box starts, plays, says so, and saves when it can.

On virtual time. It must never be done by permissions: the box runs as root here, which none of them hinders.
"""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from panel.canvas import Canvas
from panel.changes import RETRY_NS
from panel.screens.live import _BOTTOM
from tests.kernel.client import Box, wait_for
from tests.kernel.guest.engine import has_pad
from tests.kernel.guest.rig import ENCODER_A, ENCODER_B, START_S, Rig
from tests.kernel.lines import Lines
from tests.kernel.pad import Pad
from tests.kernel.sends import Sends

RETRY_S = RETRY_NS / 1e9
OWN = 'name = "General MIDI"\nchannel = 10\nmatch = []\n[notes] # mine\nrim = 60\n'


def run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=60)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A box whose data folder is a disk of 64 KB, read-only while the box starts."""
    folder = tmp_path_factory.mktemp("disk")
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    with Box(folder) as box, Pad() as pad, Sends() as sends:
        run("mount", "-t", "tmpfs", "-o", "size=64k", "disk", str(box.data))
        (box.data / "profiles").mkdir()
        (box.data / "profiles" / "mine.toml").write_text(OWN)
        run("mount", "-o", "remount,ro", str(box.data))
        rig = Rig(box, pad, Lines(), sends)
        rig.tap.read()  # what a box before this one has left
        rig.glass.power_cut()
        panel = box.start()
        wait_for(lambda: panel.poll() is not None or has_pad(), START_S, 0.2)
        assert panel.poll() is None, box.log()
        yield rig
        print(box.log())


def says(rig: Rig, text: str) -> bool:
    """Whether the last line of the glass begins with `text`."""
    canvas = Canvas()
    canvas.text(0, _BOTTOM, text, "tiny")
    place = (0, _BOTTOM, 5 * len(text), 64)
    return rig.picture.crop(place).tobytes() == canvas.image.crop(place).tobytes()


def turn_to(rig: Rig, bpm: int) -> None:
    rig.lines.turn(ENCODER_A, ENCODER_B, bpm - rig.state.beat_micro_bpm // 1_000_000, edge_ms=30)
    wait_for(lambda: rig.state.beat_micro_bpm == bpm * 1_000_000, 5)


def plays(rig: Rig) -> None:
    """START, a bar, and STOP."""
    rig.play()
    assert len(rig.hear(4)) >= 4
    rig.stop()


def files(rig: Rig) -> dict[str, bytes]:
    """All that is on the disk."""
    found = (path for path in rig.box.data.glob("**/*") if path.is_file())
    return {str(path.relative_to(rig.box.data)): path.read_bytes() for path in found}


def saved_bpm(rig: Rig) -> bytes:
    path = rig.box.data / "session.toml"
    return path.read_bytes().partition(b"bpm = ")[2].split(b"\n")[0] if path.exists() else b""


def is_saved(rig: Rig, bpm: int, within_s: float) -> None:
    """Wait for it, and say how long that was."""
    began = time.monotonic()
    wait_for(lambda: saved_bpm(rig) == b"%d.0" % bpm, within_s)
    print(f"\nsaved {time.monotonic() - began:.1f} s after the disk could again", end="")
    wait_for(lambda: says(rig, "Saved"), 5)
    assert not list(rig.box.data.glob("**/.*"))


def test_started_on_a_read_only_disk(rig: Rig) -> None:
    wait_for(lambda: says(rig, "Settings not saved"), 10)
    plays(rig)
    turn_to(rig, 126)
    wait_for(lambda: says(rig, "Not saved: read-only"), 20)
    assert files(rig) == {"profiles/mine.toml": OWN.encode()}
    run("mount", "-o", "remount,rw", str(rig.box.data))
    is_saved(rig, 126, RETRY_S + 5)


def test_read_only_while_it_runs(rig: Rig) -> None:
    before = files(rig)
    run("mount", "-o", "remount,ro", str(rig.box.data))
    turn_to(rig, 122)
    wait_for(lambda: says(rig, "Not saved: read-only"), 20)
    plays(rig)
    assert files(rig) == before
    run("mount", "-o", "remount,rw", str(rig.box.data))
    turn_to(rig, 123)  # what is changed next takes the rest with it, at once
    is_saved(rig, 123, 10)


def test_full_while_it_runs(rig: Rig) -> None:
    before, filler = files(rig), rig.box.data / "filler"
    fill(filler)
    turn_to(rig, 118)
    wait_for(lambda: says(rig, "Not saved: disk full"), 20)
    plays(rig)
    assert {name: content for name, content in files(rig).items() if name != "filler"} == before
    filler.unlink()
    turn_to(rig, 119)
    is_saved(rig, 119, 10)
    assert files(rig)["session.toml.bak"] == before["session.toml"]


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError as full:
            assert full.errno == errno.ENOSPC  # noqa: PT017 - any other is an error of the test


def test_taken_away_while_it_plays(rig: Rig) -> None:
    state = rig.play()
    rig.hear(3)
    run("umount", str(rig.box.data))
    rig.box.data.rmdir()
    turn_to(rig, 121)
    assert len(rig.hear(6)) >= 6
    wait_for(lambda: saved_bpm(rig) == b"121.0", 20)  # beside the music
    assert rig.state.run == state.run
    rig.stop()
