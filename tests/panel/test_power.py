"""The power is cut at any byte of a save, in a thousand places: each file is the old or the new one, never neither."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from panel import box, changes
from panel.box import _read_belongings, read_settings
from panel.changes import Changes
from panel.kept import KEPT_FILE, Kept, parse_kept
from panel.library import load_library, load_profile
from panel.profiles import parse_profile
from panel.settings import SETTINGS_FILE, Settings, parse_settings
from panel.storage import save
from tests.disk import Disk, Found, after_a_cut, laid_out

CUTS = 1000
PROFILES = ("General MIDI", "Nord Drum")
PARSE: dict[str, Callable[[bytes, str], object]] = {SETTINGS_FILE: parse_settings, KEPT_FILE: parse_kept}


class Saved(NamedTuple):
    """A save: the calls it took, and what it wrote."""

    first: int
    last: int
    path: str
    text: str


class Years:
    """Sessions of a box, one after another, that save every file that is kept."""

    def __init__(self, data: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data, self.disk = data, disk
        self.saves: list[Saved] = []
        self.library = load_library(data)
        self.settings, self.kept = Settings(), Kept()
        for module in (box, changes):
            monkeypatch.setattr(module, "save", self._save)

    def _save(self, path: Path, text: str) -> None:
        first = len(self.disk.calls)
        save(path, text)
        self.saves.append(Saved(first, len(self.disk.calls), str(path), text))

    def live(self) -> None:
        """A first start, sessions in which one thing or everything changes, a start on defaults."""
        assert self.told_at_start() == []
        for session in range(6):
            changed = Changes(self.data)
            if session == 4:
                changed.copy_first = {SETTINGS_FILE, KEPT_FILE}
            self.settings.set("click.gate_ms", 100 + 10 * session)
            self.kept = self.kept._replace(micro_bpm=(90 + session) * 1_000_000, port="x" * 50 * session)
            if session != 1:
                changed.note_file(SETTINGS_FILE, 0)
            changed.note_file(KEPT_FILE, 0)
            for name in PROFILES[: session % 3]:
                changed.note_profile(name, "notes", "rim", 40 + session, 0)
            texts = {SETTINGS_FILE: self.settings.edits(), KEPT_FILE: lambda now: self.kept.text}
            assert changed.write(texts, self.library, 0) == []

    def told_at_start(self) -> list[str]:
        told: list[str] = []
        read_settings(self.data, told)
        return told

    def may_be(self, path: str, cut: int) -> set[str | None]:
        """What a file may hold when the power went after so many calls; None is not there."""
        done = [each for each in self.saves if each.path == path and each.last <= cut]
        under_way = [each for each in self.saves if each.path == path and each.first < cut < each.last]
        return {done[-1].text if done else None, *(each.text for each in under_way)}


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Years:
    """All that was asked of the disk, by a process that is no more."""
    data = tmp_path_factory.mktemp("years") / "home" / "data"
    with pytest.MonkeyPatch.context() as patch:
        process = _process_that_ended()
        patch.setattr(os, "getpid", lambda: process)
        lived = Years(data, Disk(data.parent.parent, patch), patch)
        lived.live()
    return lived


def _process_that_ended() -> int:
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)
    return process


@lru_cache(maxsize=1000)
def _reads(name: str, raw: bytes) -> bool:
    PARSE.get(name, parse_profile)(raw, name)
    return True


def _check(years: Years, found: Found, cut: int) -> None:
    """Every file is one that may be there and is read without a fault, every backup whole, every copy too."""
    for path in {each.path for each in years.saves}:
        raw = found.get(path)
        assert (raw.decode() if raw else raw) in years.may_be(path, cut), f"{path} after {cut} calls"
        assert raw is None or _reads(os.path.basename(path), raw)
        done = [each for each in years.saves if each.path == path and each.last <= cut]
        ever = {each.text.encode() for each in years.saves if each.path == path}
        for beside in (f"{path}.bak", f"{path}.before"):
            assert found.get(beside) in {*ever, None}, beside
        assert len(done) < 2 or f"{path}.bak" in found


def test_a_thousand_cuts(years: Years) -> None:
    root, calls = str(years.disk.folder), years.disk.calls
    weights = [1 + len(call.content) // 100 for call in calls]
    for number in range(CUTS):
        random = Random(number)
        cut = random.choices(range(len(calls)), weights)[0] + 1
        _check(years, after_a_cut(calls, root, cut, number % 2 == 0, random), cut)
    written = sum(len(call.content) for call in calls)
    print(f"\n{CUTS} cuts in {len(calls)} calls and {written} bytes of {len(years.saves)} saves", end="")


def test_a_box_starts_on_what_a_cut_leaves_and_clears_it_away(years: Years, tmp_path: Path) -> None:
    root, left = str(years.disk.folder), 0
    for number in range(15):
        random = Random(number)
        cut = random.randint(1, len(years.disk.calls))
        found = after_a_cut(years.disk.calls, root, cut, number % 2 == 0, random)
        data = laid_out(found, root, tmp_path / f"disk-{number}") / "home" / "data"
        left += len(list(data.glob("**/.*")))
        told: list[str] = []
        texts = {
            SETTINGS_FILE: read_settings(data, told).edits(),
            KEPT_FILE: _kept_of(_read_belongings(data, Settings(), told).kept),
        }
        library = load_library(data)
        assert (told, library.faults) == ([], ())
        changed = Changes(data)
        for name in (SETTINGS_FILE, KEPT_FILE):
            changed.note_file(name, 0)
        changed.note_profile("General MIDI", "notes", "rim", 77, 0)
        assert changed.write(texts, library, 0) == []
        assert list(data.glob("**/.*")) == [], "nothing is left of the saves that were under way"
        assert load_profile(library.sources["profiles", "General MIDI"]).voice("rim").note == 77
    assert left > 3, "there was something to clear away"


def _kept_of(kept: Kept) -> Callable[[str], str]:
    return lambda now: kept.text


def test_a_save_that_has_returned_is_there_whatever_happens_next(years: Years) -> None:
    root, calls = str(years.disk.folder), years.disk.calls
    for number, each in enumerate(years.saves):
        for in_order in (True, False):
            found = after_a_cut(calls, root, each.last, in_order, Random(number))
            assert found.get(each.path) == each.text.encode(), each.path


def test_what_is_copied_aside_is_on_the_disk_before_the_file_is_written(years: Years) -> None:
    root, calls = str(years.disk.folder), years.disk.calls
    copied = next(n for n, call in enumerate(calls) if call.to.endswith(f"{KEPT_FILE}.before"))
    replaced = next(n for n, call in enumerate(calls) if n > copied and call.to.endswith(KEPT_FILE))
    path = calls[copied].to
    for number in range(50):
        found = after_a_cut(calls, root, replaced + 1, number % 2 == 0, Random(number))
        assert found[path] in {each.text.encode() for each in years.saves}


class TestLeftovers:
    """Of other saves: of a process that is gone they are rubbish, of one that lives they are not."""

    @pytest.mark.parametrize("name", [".settings.toml.{}.tmp", ".session.toml.{}.bak.tmp"])
    def test_of_a_process_that_is_gone_are_cleared_away(self, tmp_path: Path, name: str) -> None:
        left = tmp_path / name.format(_process_that_ended())
        left.write_text("half")
        save(tmp_path / "settings.toml", "new")
        assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]

    @pytest.mark.parametrize("process", [os.getppid(), 1])
    def test_of_a_panel_that_lives_stay(self, tmp_path: Path, process: int) -> None:
        left = tmp_path / f".settings.toml.{process}.tmp"
        left.write_text("half")
        save(tmp_path / "settings.toml", "new")
        assert left.read_text() == "half"

    def test_and_nothing_else_is_touched(self, tmp_path: Path) -> None:
        names = [".hidden", ".settings.toml.0.tmp", ".x.99999999999999.tmp", "a.99999.tmp", ".toml.tmp", "mine.toml"]
        for name in names:
            (tmp_path / name).write_text("mine")
        save(tmp_path / "settings.toml", "new")
        assert {path.name for path in tmp_path.iterdir()} == {*names, "settings.toml"}


KILLS = 300


def test_killed_at_any_moment_of_a_save(tmp_path: Path) -> None:
    """Real processes that save every file over and over, and are killed: see tests/killed.py."""
    for name in ("old", "new"):
        (tmp_path / name / "profiles").mkdir(parents=True)
    profile = load_library(None).profiles["General MIDI"]
    for name, gate_ms, port in (("old", 100, "x" * 5000), ("new", 200, "y")):
        (tmp_path / name / SETTINGS_FILE).write_text(_settings(gate_ms))
        (tmp_path / name / KEPT_FILE).write_text(Kept(port=port).text)
        (tmp_path / name / "profiles" / "own.toml").write_text(profile._replace(about=port).text)
    command = [sys.executable, "-m", "tests.killed", str(tmp_path), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told, data = list[str](), tmp_path / "data"
    assert read_settings(data, told)["click.gate_ms"] in (100, 200)
    assert _read_belongings(data, Settings(), told).kept.port[0] in "xy"
    assert (told, load_library(data).faults) == ([], ())
    assert int(done.stdout) > KILLS // 10, "hardly one was killed in the middle of a save"
    assert len(list(data.glob("**/.*.tmp"))) <= 4, "rubbish of hundreds of kills"
    print(f"\n{KILLS} kills, {done.stdout} of them in the middle of a save", end="")


def _settings(gate_ms: int) -> str:
    settings = Settings()
    settings.set("click.gate_ms", gate_ms)
    return settings.text
