"""A stick is copied in: what is ours and whole, nothing else; whatever is on it, and whenever it is pulled."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from panel import stick
from panel.gallery import Scene
from panel.library import load_library, load_pattern
from panel.mounts import LOOK_NS, Sticks
from panel.stick import MAX_FILES, Copied, copy_in
from panel.storage import save
from tests.fuzz.nearly import promptly
from tests.panel.broken import good
from tests.panel.midi import midi, notes, tempo, track
from tests.panel.stage import SECOND, Stage
from tests.panel.test_backup import found, lay

PROFILE = load_library(None).profiles["Nord Drum"].text.replace("Nord Drum", "Mine").encode()
MIDI = midi(track(tempo(0, 90), *notes([(0, 36, 127), (480, 38, 96), (960, 33, 96)])))
BROKEN = good("Broken").replace(b"X. x.", b"X. ?.")

SONG = b'format = 1\nname = "Our song"\ntempo = 100\n\n[verse]\npattern = "Root"\nbars = 4\n'
SET = b'format = 1\nname = "Our set"\nsongs = """\nOur song\nNot written yet\n"""\n'
SEVEN = {f"patterns/{number}.toml": good(f"P{number}") for number in range(7)}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The user's folder, which is not there yet."""
    return tmp_path / "data"


def plugged(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """A stick with these files."""
    (tmp_path / "stick").mkdir(exist_ok=True)
    return lay(tmp_path / "stick", files)


def there(data: Path) -> dict[str, bytes]:
    """What is in the user's folder, but for the list of what was taken."""
    return {name: content for name, content in found(data).items() if name != "taken.txt"}


def test_every_place_on_a_stick(tmp_path: Path, data: Path) -> None:
    folder = plugged(
        tmp_path,
        {
            "root.toml": good("Root"),
            "song.toml": SONG,
            "sets/friday.toml": SET,
            "Patterns/UPPER.TOML": good("Upper"),
            "DrumAssist/x.toml": good("X"),
            "DrumAssist/patterns/deep.toml": good("Deep"),
            "module.toml": PROFILE,
            "Groove 1.MID": MIDI,
        },
    )
    copied = copy_in(folder, data)
    assert copied.lines == ["Stick: 1 song, 1 set, 5 patterns, 1 profile"]
    files = there(data)
    assert set(files) == {
        "patterns/root.toml",
        "patterns/UPPER.toml",
        "patterns/deep.toml",
        "patterns/x.toml",
        "profiles/module.toml",
        "patterns/groove-1.toml",
        "songs/song.toml",
        "sets/friday.toml",
    }
    assert files["patterns/root.toml"] == good("Root")
    library = load_library(data)
    assert library.songs["Our song"].parts[0].pattern.name == "Root"
    assert "Our set" in library.sets
    assert [Path(fault.source).name for fault in library.faults] == ["friday.toml"], "a song that is not written yet"


def test_a_song_whose_pattern_is_nowhere_is_left(tmp_path: Path, data: Path) -> None:
    copied = copy_in(plugged(tmp_path, {"songs/song.toml": SONG}), data)
    assert copied.lines[0] == "Stick: nothing new"
    assert "Root" in copied.lines[1]
    lay(data, {"patterns/own.toml": good("Root")})
    assert copy_in(tmp_path / "stick", data).lines == ["Stick: 1 song"]


def test_a_midi_file_becomes_a_pattern_that_says_what_it_could_not_keep(tmp_path: Path, data: Path) -> None:
    copied = copy_in(plugged(tmp_path, {"Song.mid": MIDI, "bad.mid": b"MThd"}), data)
    assert copied.lines[0] == "Stick: 1 pattern"
    assert copied.lines[1].startswith("bad.mid:1 the file is spoilt or cut short")
    path = data / "patterns" / "song.toml"
    assert (load_pattern(path).name, load_pattern(path).micro_bpm) == ("Song", 90_000_000)
    assert "\n# note 33 has no role: 1 hit left out\n" in path.read_text()
    assert copy_in(tmp_path / "stick", data).known == 1


def test_what_is_not_ours_stays_there(tmp_path: Path, data: Path) -> None:
    folder = plugged(
        tmp_path,
        {
            "pyproject.toml": b"[project]\nname = 'x'\n",
            "settings.toml": b"[pins]\ntap = 4\n",
            "drumassist/session.toml": b"bpm = 97\n",
            "drumassist/beats.toml": b"[map]\nx = 3\n",
            "drumassist/sounds.toml": b"format = 1\n",
            "patterns/._groove.toml": b"\x00\x05\x16\x07",
            "run.sh": b"#!/bin/sh\n",
            "autorun.inf": b"",
            "patterns/deeper/x.toml": good("X"),
            "other/x.toml": good("X"),
        },
    )
    copied = copy_in(folder, data)
    assert (copied.lines, copied.found) == (["Stick: nothing for the box"], 0)
    assert there(data) == {}


def test_a_broken_file_is_named_with_its_line_and_the_rest_is_taken(tmp_path: Path, data: Path) -> None:
    files = {"patterns/a.toml": good("A"), "patterns/b.toml": BROKEN, "c.toml": b"name = "}
    copied = copy_in(plugged(tmp_path, files), data)
    assert copied.lines[0] == "Stick: 1 pattern"
    assert {line.split()[0] for line in copied.lines[1:]} == {"b.toml:8", "c.toml:1"}
    assert there(data) == {"patterns/a.toml": good("A")}


def test_the_same_again_is_nothing_new(tmp_path: Path, data: Path) -> None:
    folder = plugged(tmp_path, {"patterns/a.toml": good("A")})
    assert copy_in(folder, data).lines == ["Stick: 1 pattern"]
    before = found(data)
    assert copy_in(folder, data).lines == ["Stick: nothing new"]
    assert found(data) == before


def test_ours_is_kept_before_it_is_replaced(tmp_path: Path, data: Path) -> None:
    lay(data, {"patterns/a.toml": good("Ours"), "patterns/a.toml.before": b"older"})
    copied = copy_in(plugged(tmp_path, {"patterns/a.toml": good("Theirs")}), data)
    assert copied.lines == ["Stick: 1 pattern", "a.toml replaced, yours is kept"]
    kept = {name: content for name, content in there(data).items() if not name.endswith(".bak")}
    assert kept == {
        "patterns/a.toml": good("Theirs"),
        "patterns/a.toml.before": b"older",
        "patterns/a.toml.before1": good("Ours"),
    }


def test_a_stick_that_stays_in_undoes_no_change_that_was_made_here(tmp_path: Path, data: Path) -> None:
    folder = plugged(tmp_path, {"patterns/a.toml": good("A"), "patterns/b.toml": good("B")})
    copy_in(folder, data)
    lay(data, {"patterns/a.toml": good("Changed here")})
    (data / "patterns" / "b.toml").unlink()
    assert copy_in(folder, data).lines == ["Stick: nothing new"]
    assert there(data) == {"patterns/a.toml": good("Changed here")}
    plugged(tmp_path, {"patterns/a.toml": good("Changed there")})
    assert copy_in(folder, data).taken == ("patterns/a.toml",)


def test_two_files_for_one_place(tmp_path: Path, data: Path) -> None:
    copied = copy_in(plugged(tmp_path, {"a.toml": good("A"), "patterns/a.toml": good("Other")}), data)
    assert copied.lines == [
        "Stick: 1 pattern",
        "a.toml:1 there is another patterns/a.toml on the stick, which was taken",
    ]
    assert there(data) == {"patterns/a.toml": good("A")}


class TestHarm:
    """What may lie on a stick."""

    def test_pipes_links_devices_sockets_and_loops(self, tmp_path: Path, data: Path) -> None:
        folder = plugged(tmp_path, {"patterns/a.toml": good("A")})
        secret = tmp_path / "secret.toml"
        secret.write_bytes(good("Secret"))
        os.mkfifo(folder / "pipe.toml")
        (folder / "link.toml").symlink_to(secret)
        (folder / "loop.toml").symlink_to(folder / "loop.toml")
        (folder / "zero.toml").symlink_to("/dev/zero")
        (folder / "songs").symlink_to(tmp_path)
        (folder / "drumassist").symlink_to(folder)
        (folder / "dir.toml").mkdir()
        if os.geteuid() == 0:
            os.mknod(folder / "device.toml", 0o600 | 0o020000, os.makedev(1, 5))
        with socket.socket(socket.AF_UNIX) as plug:
            plug.bind(str(folder / "s.toml"))
        with promptly("stick"):
            copied = copy_in(folder, data)
        assert (copied.lines, copied.found) == (["Stick: 1 pattern"], 1)
        assert there(data) == {"patterns/a.toml": good("A")}

    def test_a_pipe_that_takes_a_files_place_after_it_was_seen(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.toml")
        with promptly("pipe"), pytest.raises(ValueError, match="no plain file"):
            stick._read(tmp_path / "pipe.toml", 100)

    def test_a_gigabyte_and_a_deep_tree(self, tmp_path: Path, data: Path) -> None:
        folder = plugged(tmp_path, {"patterns/a.toml": good("A")})
        for name in ("huge.toml", "huge.mid"):
            with open(folder / name, "wb") as file:
                file.truncate(1 << 30)
        deep = folder
        for _ in range(60):
            deep = deep / "patterns"
            deep.mkdir(exist_ok=True)
        (deep / "x.toml").write_bytes(good("X"))
        with promptly("stick"):
            copied = copy_in(folder, data)
        assert copied.lines[0] == "Stick: 1 pattern"
        assert [line.split(" at most ")[1] for line in copied.lines[1:]] == ["512 KB", "64 KB"]
        assert there(data) == {"patterns/a.toml": good("A")}

    def test_very_many_files(self, tmp_path: Path, data: Path) -> None:
        folder = plugged(tmp_path, {f"patterns/{number}.toml": b"x" for number in range(MAX_FILES + 5)})
        copied = copy_in(folder, data)
        assert copied.found == MAX_FILES
        assert "more than 400 files" in copied.lines[1]
        assert there(data) == {}

    def test_names(self, tmp_path: Path, data: Path) -> None:
        folder = plugged(tmp_path, {"patterns/..toml": good("A"), "patterns/\n.toml": good("B")})
        (folder / "patterns" / ("x" * 120 + ".toml")).write_bytes(good("C"))
        with open(os.fsencode(folder) + b"/patterns/\xe9.toml", "wb") as file:
            file.write(good("D"))
        copied = copy_in(folder, data)
        assert [line.split(":")[0] for line in copied.lines[1:]] == ["\\u000a.toml", "x" * 40 + "...", "\\udce9.toml"]
        assert all("\n" not in line for line in copied.lines)
        assert there(data) == {}


class TestPulled:
    """The stick is pulled, or the disk is full, in the middle."""

    @pytest.mark.parametrize("error", [errno.EIO, errno.ENODEV, errno.ENOENT, errno.ESTALE])
    @pytest.mark.parametrize("at", range(7))
    def test_while_files_are_read(
        self, error: int, at: int, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def pulled(path: Path) -> int:
            if int(path.stem) >= at:
                raise OSError(error, os.strerror(error))
            return opened(path)

        opened = stick._opened
        monkeypatch.setattr(stick, "_opened", pulled)
        assert copy_in(plugged(tmp_path, SEVEN), data).lines == [f"Stick pulled out: {at} of 7 copied"]
        assert there(data) == dict(list(SEVEN.items())[:at])

    def test_in_the_middle_of_a_file(self, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def opens_and_fails(path: Path) -> int:
            return os.open("/proc/self/mem", os.O_RDONLY) if path.stem == "3" else opened(path)

        opened = stick._opened
        monkeypatch.setattr(stick, "_opened", opens_and_fails)
        assert copy_in(plugged(tmp_path, SEVEN), data).lines == ["Stick pulled out: 3 of 7 copied"]
        assert there(data) == dict(list(SEVEN.items())[:3])

    @pytest.mark.parametrize("at", range(3))
    def test_while_one_looks_round(self, at: int, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def pulled(path: Any) -> Any:
            calls.append(path)
            if len(calls) > at:
                raise OSError(errno.EIO, "I/O error")
            return scan(path)

        calls, scan = list[Any](), os.scandir
        folder = plugged(tmp_path, SEVEN)
        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", pulled)
            assert copy_in(folder, data).lines == ["Stick pulled out: 0 of 0 copied"]

    def test_one_file_that_may_not_be_read_stops_nothing(
        self, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(path: Path) -> int:
            if path.name == "3.toml":
                raise PermissionError(errno.EACCES, "Permission denied")
            return opened(path)

        opened = stick._opened
        monkeypatch.setattr(stick, "_opened", refused)
        copied = copy_in(plugged(tmp_path, SEVEN), data)
        assert copied.lines == ["Stick: 6 patterns", "3.toml:1 the file can't be read: Permission denied"]

    def test_a_disk_that_is_full(self, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(path: Path, content: str | bytes) -> None:
            if path.name == "3.toml":
                raise OSError(errno.ENOSPC, "No space left on device")
            keep(path, content)

        keep = save
        monkeypatch.setattr(stick, "save", full)
        copied = copy_in(plugged(tmp_path, SEVEN), data)
        assert copied.lines == ["Stick: disk full: 3 of 7 copied"]
        assert there(data) == dict(list(SEVEN.items())[:3])

    def test_a_folder_that_can_not_be(self, tmp_path: Path) -> None:
        (tmp_path / "card").write_text("no folder")
        copied = copy_in(plugged(tmp_path, SEVEN), tmp_path / "card" / "data")
        assert copied.lines == ["Stick: no folder: 0 of 7 copied"]


# Sticks that come and go.


class Kernel:
    """Mounts and block devices as /proc and /sys tell of them."""

    def __init__(self, folder: Path) -> None:
        self.mounts, self.sys = folder / "mountinfo", folder / "sys"
        self.media = folder / "me dia"
        self.lines: list[str] = []
        for number, disk, partition, removable in (
            ("8:1", "pci0/usb1/1-1/block/sda", "sda1", "0"),
            ("8:16", "pci0/ata1/block/sdb", "", "1"),
            ("179:1", "platform/mmc0/block/mmcblk0", "mmcblk0p1", "0"),
        ):
            place = self.sys / "devices" / disk
            (place / partition).mkdir(parents=True)
            (place / "removable").write_text(removable + "\n")
            if partition:
                (place / partition / "partition").write_text("1\n")
            (self.sys / "dev" / "block").mkdir(parents=True, exist_ok=True)
            (self.sys / "dev" / "block" / number).symlink_to(place / partition)
        self.mount("0:21", "/proc")

    def mount(self, device: str, point: Path | str) -> Path:
        """Something is mounted."""
        written = str(point).replace(" ", "\\040")
        self.lines.append(f"{30 + len(self.lines)} 1 {device} / {written} ro,nosuid shared:1 - vfat /dev/x ro")
        self.mounts.write_text("\n".join(self.lines) + "\n")
        Path(point).mkdir(parents=True, exist_ok=True)
        return Path(point)

    def unmount(self) -> None:
        """The last one is gone."""
        self.lines.pop()
        self.mounts.write_text("\n".join(self.lines) + "\n")

    def sticks(self, data: Path) -> Sticks:
        """Who looks for sticks here; what they bring is copied at once."""
        sticks = Sticks(data, self.mounts, self.sys, (self.media,), lambda: True)
        sticks.behind = at_once
        return sticks


def at_once(work: Callable[[], None]) -> Callable[[], None]:
    """No thread."""
    work()
    return lambda: None


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """A kernel of its own."""
    return Kernel(tmp_path)


def brought(sticks: Sticks, now: int) -> list[Copied]:
    """What comes of a few looks within a second."""
    found = [sticks.tend(now + step) for step in range(6)]
    return [copied for copied in found if copied]


def test_a_stick_is_taken_once_and_again_when_it_comes_again(kernel: Kernel, data: Path) -> None:
    folder = lay(kernel.mount("8:1", kernel.media / "MY STICK"), {"patterns/a.toml": good("A")})
    sticks = kernel.sticks(data)
    assert [copied.lines for copied in brought(sticks, 0)] == [["Stick: 1 pattern"]]
    assert brought(sticks, 10 * SECOND) == []
    kernel.unmount()
    assert brought(sticks, 20 * SECOND) == []
    lay(folder, {"patterns/b.toml": good("B")})
    kernel.mount("8:1", folder)
    assert brought(sticks, 20 * SECOND + LOOK_NS - 10) == [], "one looks once a second"
    assert [copied.taken for copied in brought(sticks, 30 * SECOND)] == [("patterns/b.toml",)]


def test_what_is_no_stick(kernel: Kernel, tmp_path: Path, data: Path) -> None:
    kernel.mount("179:1", kernel.media / "card")
    kernel.mount("8:1", tmp_path / "elsewhere")
    kernel.mount("9:9", kernel.media / "unknown")
    own = kernel.mount("8:16", kernel.media / "own")
    assert brought(kernel.sticks(own / "data"), 0) == []
    assert len(brought(kernel.sticks(data), 0)) == 1, "the disk that can be taken out, as nothing of ours lies there"


def test_two_sticks_come_one_after_the_other(kernel: Kernel, data: Path) -> None:
    for number, device in enumerate(("8:1", "8:16")):
        lay(kernel.mount(device, kernel.media / f"{number}"), {f"patterns/{number}.toml": good(f"P{number}")})
    assert [copied.taken for copied in brought(kernel.sticks(data), 0)] == [("patterns/0.toml",), ("patterns/1.toml",)]


def test_without_the_files_of_a_linux_kernel_there_are_no_sticks(tmp_path: Path, data: Path) -> None:
    assert brought(Sticks(data, tmp_path / "none", tmp_path / "none"), 0) == []


def test_the_kernels_own_list_of_mounts_is_asked(data: Path) -> None:
    sticks = Sticks(data)
    assert brought(sticks, 0) == []
    assert sticks._changed() is False, "nothing has changed since"


def test_a_fault_of_our_own_is_told_and_the_next_stick_is_read(
    kernel: Kernel, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sticks = kernel.sticks(data)
    kernel.mount("8:1", kernel.media / "a")
    with monkeypatch.context() as patch:
        patch.setattr("panel.stick.copy_in", lambda *_: 1 / 0)
        assert [copied.lines for copied in brought(sticks, 0)] == [["Stick: division by zero: 0 of 0 copied"]]
    kernel.mount("8:16", kernel.media / "b")
    assert [copied.lines for copied in brought(sticks, 10 * SECOND)] == [["Stick: nothing for the box"]]


def told(scene: Scene) -> list[str]:
    """Every notice that waits."""
    now, lines = scene.now, list[str]()
    while notice := scene.session.notice(now):
        lines.append(notice.text)
        now = notice.until_ns
    return lines


@pytest.mark.parametrize("playing", [False, True])
def test_on_the_screen_and_in_the_lists_while_what_plays_goes_on(playing: bool, kernel: Kernel, data: Path) -> None:
    with Stage("Samba", data) as stage:
        session = stage.session
        session.sticks = kernel.sticks(data)
        if playing:
            stage.button("start")
        files = {"patterns/a.toml": good("New one"), "module.toml": PROFILE, "patterns/b.toml": BROKEN}
        lay(kernel.mount("8:1", kernel.media / "x"), files)
        stage.run(2 * SECOND)
        assert told(stage.scene)[:2] == [
            "Stick: 1 pattern, 1 profile",
            "b.toml:8 unknown step '?', a step is one of X x g .",
        ]
        assert {"New one", "Samba"} <= set(session.library.patterns)
        assert "Mine" in session.library.profiles
        assert (session.playing, session.pattern.name) == (playing, "Samba")


def test_what_the_hand_changes_meanwhile_is_not_lost(kernel: Kernel, data: Path) -> None:
    """The library was loaded while the hand still turned: it is loaded anew when all is on the disk."""

    def later(work: Callable[[], None]) -> Callable[[], None]:
        works.append(work)
        return lambda: None

    works: list[Callable[[], None]] = []
    with Stage("Samba", data) as stage:
        session = stage.session
        session.choose_profile("Nord Drum")
        stage.run(3 * SECOND)
        sticks = session.sticks = kernel.sticks(data)
        sticks.behind = later
        lay(kernel.mount("8:1", kernel.media / "x"), {"patterns/a.toml": good("New one")})
        stage.run(2 * SECOND)
        works.pop()()  # it is copied
        stage.run(SECOND)
        assert len(works) == 1
        session.set_level("kick", 55)
        works.pop()()
        stage.run(SECOND // 10)
        assert "New one" not in session.library.patterns, "the library that was loaded has the old level"
        assert session.library.profiles["Nord Drum"].levels["kick"] == 55
        stage.run(3 * SECOND)
        assert len(works) == 1, "once the level is on the disk"
        works.pop()()
        stage.run(SECOND)
        assert "New one" in session.library.patterns
        assert session.library.profiles["Nord Drum"].levels["kick"] == 55
        stage.run(5 * SECOND)
        assert works == []
