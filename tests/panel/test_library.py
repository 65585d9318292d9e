"""Patterns and profiles on disk: the user's own replace shipped ones, a broken file hides no good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.check import check_file
from panel.datafiles import default_data_folder
from panel.library import Loaded, load_library, load_pattern, slug
from panel.tomltext import TextError
from tests.panel.broken import broken_files, good

SHIPPED = load_library(None)


def _write(folder: Path, **files: bytes | str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.toml").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_what_ships_loads_without_a_fault() -> None:
    assert SHIPPED.faults == ()
    assert len(SHIPPED.patterns) >= 40
    assert {"4/4 Basic", "4/4 Subdivisions", "6/8 Feel", "3/4 Waltz", "Prog Rock 7/8"} <= set(SHIPPED.patterns)
    assert {"SamplePad Pro", "General MIDI", "Nord Drum", "DTX-Multi 12"} == set(SHIPPED.profiles)
    assert all(SHIPPED.sources[name].is_file() for name in (*SHIPPED.patterns, *SHIPPED.profiles))


def test_numbers_in_names_sort_as_numbers() -> None:
    odd = [name for name, pattern in SHIPPED.patterns.items() if pattern.family == "odd"]
    assert odd.index("5/4 3+2") < odd.index("10/8 3+3+2+2") < odd.index("15/8 3+3+3+3+3")


def test_a_users_pattern_replaces_a_shipped_one_by_name(tmp_path: Path) -> None:
    _write(tmp_path / "patterns", mine=good("4/4 Basic"), other=good("Brand new"))
    loaded = load_library(tmp_path)
    assert loaded.faults == ()
    assert str(loaded.patterns["4/4 Basic"].meter) == "7/8"
    assert loaded.sources["4/4 Basic"] == tmp_path / "patterns" / "mine.toml"
    assert set(loaded.patterns) == {*SHIPPED.patterns, "Brand new"}
    assert list(loaded.patterns)[-1] == "Brand new", "one's own come last"


def test_a_users_profile_replaces_a_shipped_one_by_name(tmp_path: Path) -> None:
    _write(tmp_path / "profiles", mine='name = "SamplePad Pro"\n[notes]\nrim = 60\n')
    loaded = load_library(tmp_path)
    assert loaded.faults == ()
    assert loaded.profiles["SamplePad Pro"].voice("rim").note == 60


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    folder = _write(tmp_path / "patterns", a=good("Twice"), b=good("Twice"))
    loaded = load_library(tmp_path)
    assert [str(fault) for fault in loaded.faults] == [f"{folder / 'b.toml'}:1:1: 'Twice' is the name of a.toml too"]
    assert "Twice" in loaded.patterns


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 200 broken files and a few good ones between them."""
    data = tmp_path_factory.mktemp("data")
    broken = broken_files()
    assert len(broken) >= 200
    _write(data / "patterns", **{f"broken-{number:03}": content for number, content in enumerate(broken)})
    _write(data / "patterns", **{f"broken-{number:03}-good": good(f"Good {number}") for number in range(0, 200, 20)})
    (data / "patterns" / "a-folder.toml").mkdir()
    (data / "patterns" / "a-broken-link.toml").symlink_to("nowhere")
    return data


@pytest.fixture(scope="module")
def loaded(hurt: Path) -> Loaded:
    """What the library makes of it."""
    return load_library(hurt)


def test_every_broken_file_gives_a_fault_with_its_place(hurt: Path, loaded: Loaded) -> None:
    files = {str(path): path for path in (hurt / "patterns").iterdir() if "good" not in path.name}
    assert {fault.source for fault in loaded.faults} == set(files)
    for fault in loaded.faults:
        assert fault.line >= 1
        assert fault.column >= 1
        assert fault.what
        assert fault.what.isprintable(), fault
        assert len(fault.what) < 200, fault
        path = files[fault.source]
        lines = path.read_bytes().count(b"\n") + 1 if path.is_file() else 1
        assert fault.line <= lines + 1, fault


def test_no_good_file_is_lost_for_them(loaded: Loaded) -> None:
    own = {f"Good {number}" for number in range(0, 200, 20)}
    assert set(loaded.patterns) == {*SHIPPED.patterns, *own}
    assert all(loaded.patterns[name] == SHIPPED.patterns[name] for name in SHIPPED.patterns)


def test_check_finds_the_same_faults_as_the_library(hurt: Path, loaded: Loaded) -> None:
    checked = [fault for path in sorted((hurt / "patterns").glob("*.toml")) for fault in check_file(path)]
    assert sorted(checked) == sorted(loaded.faults)


def test_a_pattern_that_is_too_large_for_the_engine_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    roles = ("rim", "block", "hat", "cowbell", "kick", "snare", "clap", "openhat", "ride", "bell", "crash", "clave")
    rows = "\n".join(f'{role} = "{"x" * 1024}"' for role in roles)
    text = f'format = 1\nname = "Huge"\nmeter = "4/4"\nstep = "1/64"\nbars = 16\n[groove]\n{rows}\n'
    path = _write(tmp_path, huge=text) / "huge.toml"
    with pytest.raises(TextError, match="at most 8,192 can be played"):
        load_pattern(path)


def test_the_data_folder_is_systemds_then_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_data_folder() == tmp_path / ".local" / "share" / "drumassist"
    monkeypatch.setenv("XDG_DATA_HOME", "/x")
    assert default_data_folder() == Path("/x/drumassist")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/drumassist:/other")
    assert default_data_folder() == Path("/var/lib/drumassist")


@pytest.mark.parametrize(
    ("name", "file"),
    [("Seven up", "seven-up"), ("Prog Rock 7/8", "prog-rock-7-8"), ("../../etc", "etc"), ("!", "unnamed")],
)
def test_a_name_makes_a_file_name(name: str, file: str) -> None:
    assert slug(name) == file
