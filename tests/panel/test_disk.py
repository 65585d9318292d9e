"""A disk that is full, read-only or gone: the box plays on, says so, keeps everything and saves it when it can."""

from __future__ import annotations

import resource
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from panel.box import close_session, open_session, read_settings
from panel.changes import RETRY_NS, SETTLE_NS
from panel.gallery import Scene
from panel.library import load_library, load_profile
from panel.settings import default_text, parse_settings
from panel.storage import in_words, save
from tests.panel.stage import SECOND, Stage


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system takes so many bytes of a file and no more, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def told(scene: Scene) -> list[str]:
    """Every notice that waits."""
    now, found = scene.now, list[str]()
    while notice := scene.session.notice(now):
        found.append(notice.text)
        now = notice.until_ns
    return found


def test_full_at_any_byte(tmp_path: Path) -> None:
    """Not a byte of the old files is lost, nothing is left behind, and once there is room it is saved."""
    path, new = tmp_path / "settings.toml", default_text()
    save(path, "older = 1\n")
    save(path, "old = 1\n")
    for size in (*range(0, len(new.encode()), 61), len(new.encode()) - 1):
        with files_of_at_most(size), pytest.raises(OSError, match="too large") as full:
            save(path, new)
        assert in_words(full.value) == "disk full"
        assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
            "settings.toml": "old = 1\n",
            "settings.toml.bak": "older = 1\n",
        }
    save(path, new)
    assert (path.read_text(), (tmp_path / "settings.toml.bak").read_text()) == (new, "old = 1\n")


@pytest.fixture
def gone(tmp_path: Path) -> Path:
    """A data folder that can't be: its place is below a file."""
    (tmp_path / "card").write_text("no folder")
    return tmp_path / "card" / "data"


def test_what_could_not_be_saved_is_saved_when_it_can_be(gone: Path) -> None:
    with Stage(data=gone) as stage:
        stage.turn(5).run(2 * SECOND)
        assert told(stage.scene) == ["Not saved: no folder"]
        assert stage.session.unsaved
        stage.run(20 * RETRY_NS)
        assert told(stage.scene) == [], "it is not told over and over"
        gone.parent.unlink()
        stage.run(RETRY_NS + SECOND)
        assert told(stage.scene) == ["Saved"]
        assert not stage.session.unsaved
    assert tomllib.loads((gone / "session.toml").read_text())["bpm"] == 125.0


def test_a_new_change_is_tried_at_once_and_told_again(gone: Path) -> None:
    with Stage(data=gone) as stage:
        for steps in (5, 1):
            stage.turn(steps).run(SETTLE_NS + SECOND // 2)
            assert told(stage.scene) == ["Not saved: no folder"]
            stage.run(8 * SECOND)
            assert told(stage.scene) == []


def test_it_is_tried_again_while_playing_too(gone: Path) -> None:
    with Stage(data=gone) as stage:
        stage.turn(5).run(2 * SECOND)
        stage.button("start").run(SECOND)
        gone.parent.unlink()
        stage.run(2 * RETRY_NS)
        assert (gone / "session.toml").exists()
        assert stage.session.playing


def test_a_folder_that_is_taken_away_while_playing_is_made_again(tmp_path: Path) -> None:
    """With the drummer's own copy of a profile, whose only other place is the box's memory."""
    data, scene = tmp_path / "data", Scene(data=tmp_path / "data")
    scene.session.set_note("rim", 50)
    scene.session.save()
    (own,) = (data / "profiles").glob("*.toml")
    scene.session.library.profiles.update(load_library(data).profiles)
    shutil.rmtree(data)
    scene.session.start_stop()
    scene.session.set_level("hat", 70)
    scene.session.set("click.gate_ms", 90)
    scene.session.save()
    assert told(scene) == []
    assert load_profile(own) == scene.session.profile
    assert scene.session.profile.notes["rim"] == 50
    assert parse_settings((data / "settings.toml").read_bytes(), "x")["click.gate_ms"] == 90


class TestEditedByHand:
    """While the box runs: what the box then saves is one line of it, and the rest stays the drummer's."""

    def test_both_edits_are_kept(self, tmp_path: Path) -> None:
        scene, path = Scene(data=tmp_path), tmp_path / "settings.toml"
        save(path, scene.session.settings.text)
        scene.session.set("click.gate_ms", 90)
        path.write_bytes(default_text().replace("tap = 17", "tap = 4").replace("\n", "\r\n").encode())
        scene.session.save()
        settings = parse_settings(path.read_bytes(), "x")
        assert (settings["click.gate_ms"], settings["pins.tap"]) == (90, 4)
        assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")

    @pytest.mark.parametrize("text", [b"[click\n", b"[click]\ngate_ms = 9999\n", b"\xff # gone\n", b"", b"click = 5\n"])
    def test_a_mistake_is_in_the_backup(self, tmp_path: Path, text: bytes) -> None:
        scene, path = Scene(data=tmp_path), tmp_path / "settings.toml"
        path.write_bytes(text)
        scene.session.set("click.count_in", 2)
        scene.session.save()
        assert told(scene) == []
        assert parse_settings(path.read_bytes(), "x")["click.count_in"] == 2
        assert (tmp_path / "settings.toml.bak").read_bytes() == text

    def test_a_start_on_defaults_takes_nothing_of_the_file_however_often_it_is_tried(self, tmp_path: Path) -> None:
        scene, path = Scene(data=tmp_path), tmp_path / "settings.toml"
        path.write_text("[pins]\ntap = 4\n")
        scene.session.changes.copy_first = {"settings.toml"}
        scene.session.set("click.count_in", 2)
        with files_of_at_most(100):
            scene.session.save()
        assert told(scene) == ["Not saved: disk full"]
        scene.later(RETRY_NS)
        assert parse_settings(path.read_bytes(), "x")["pins.tap"] == 17
        assert (tmp_path / "settings.toml.before").read_text() == "[pins]\ntap = 4\n"
        assert not (tmp_path / "settings.toml.before1").exists()


def test_another_profile_in_a_file_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    """Whoever follows the README begins with a copy of a shipped file, and may give the profile alone a new name."""
    (tmp_path / "profiles").mkdir()
    mine = tmp_path / "profiles" / "samplepad-pro.toml"
    mine.write_text('name = "Mine"\n[notes]\nrim = 60\n')
    scene = Scene(data=tmp_path)
    for note in (50, 51):
        scene.session.set_note("rim", note)
        scene.session.save()
    assert mine.read_text() == 'name = "Mine"\n[notes]\nrim = 60\n'
    assert load_profile(tmp_path / "profiles" / "samplepad-pro-2.toml").notes["rim"] == 51
    assert set(load_library(tmp_path).profiles) == {*load_library(None).profiles, "Mine"}


def test_a_profile_of_a_very_long_name_is_saved(tmp_path: Path) -> None:
    (tmp_path / "long.toml").write_text(f'name = "{"long " * 200}"\n[notes]\nrim = 60\n')
    scene = Scene(data=tmp_path / "data")
    profile = load_profile(tmp_path / "long.toml")
    scene.session.library.profiles[profile.name] = profile
    scene.session.library.sources["profiles", profile.name] = tmp_path / "long.toml"
    scene.session.choose_profile(profile.name)
    scene.session.set_note("rim", 50)
    scene.session.save()
    assert told(scene) == []
    assert load_library(tmp_path / "data").profiles[profile.name].notes["rim"] == 50


@pytest.mark.parametrize("name", load_library(None).profiles)
def test_a_profile_from_memory_says_all_that_its_file_said(tmp_path: Path, name: str) -> None:
    profile = load_library(None).profiles[name]
    (tmp_path / "p.toml").write_text(profile.text)
    assert load_profile(tmp_path / "p.toml") == profile


@pytest.mark.parametrize("folder", ["x" * 300, "card/data"], ids=["a name too long", "below a file"])
def test_the_box_starts_without_a_disk_and_says_so(
    tmp_path: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "card").write_text("no folder")
    lines: list[str] = []
    session = open_session(tmp_path / folder, read_settings(tmp_path / folder, lines), lines, no_engine=True)
    assert lines[0].startswith("Settings not saved: ")
    assert len(session.library.patterns) == len(load_library(None).patterns)
    session.nudge(3)
    close_session(session, end_engine=False)
    assert capsys.readouterr().err == "drumassist: what was changed last could not be saved\n"


@pytest.mark.parametrize(
    ("number", "words"),
    [(28, "disk full"), (30, "read-only"), (5, "disk error"), (2, "no folder"), (13, "not allowed")],
)
def test_a_fault_of_the_disk_fits_on_the_screen(number: int, words: str) -> None:
    assert in_words(OSError(number, "whatever")) == words
    assert len(f"Not saved: {words}") <= 24, "beside the mark"
