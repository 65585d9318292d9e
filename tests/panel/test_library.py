"""Patterns and profiles on disk: the user's own replace shipped ones, a broken file hides no good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from panel.check import check_file
from panel.datafiles import default_data_folder
from panel.library import KINDS, Loaded, load_library, load_pattern, slug
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
    names = [*SHIPPED.patterns], [*SHIPPED.profiles], [*SHIPPED.songs], [*SHIPPED.sets]
    assert set(SHIPPED.sources) == {(kind, name) for kind, each in zip(KINDS, names, strict=True) for name in each}
    assert all(path.is_file() for path in SHIPPED.sources.values())


def test_numbers_in_names_sort_as_numbers() -> None:
    odd = [name for name, pattern in SHIPPED.patterns.items() if pattern.family == "odd"]
    assert odd.index("5/4 3+2") < odd.index("10/8 3+3+2+2") < odd.index("15/8 3+3+3+3+3")


def test_a_users_pattern_replaces_a_shipped_one_by_name(tmp_path: Path) -> None:
    _write(tmp_path / "patterns", mine=good("4/4 Basic"), other=good("Brand new"))
    loaded = load_library(tmp_path)
    assert loaded.faults == ()
    assert str(loaded.patterns["4/4 Basic"].meter) == "7/8"
    assert loaded.sources["patterns", "4/4 Basic"] == tmp_path / "patterns" / "mine.toml"
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


def test_a_pattern_that_says_too_much_of_its_strokes_is_told_so(tmp_path: Path) -> None:
    row, velocity, late = "x" * 1024, "100 " * 1024, "-100 " * 1024
    tables = f'[groove]\nrim = "{row}"\n[velocity]\nrim = "{velocity}"\n[late]\nrim = "{late}"\n'
    path = _write(tmp_path, long=f'name = "Long"\nmeter = "4/4"\nstep = "1/64"\nbars = 16\n{tables}') / "long.toml"
    assert [fault.what.partition(", ")[2] for fault in check_file(path)] == [
        "at most 8,192 can be played: fewer bars, rows or numbers"
    ]


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


SONG = 'name = "{name}"\n[verse]\npattern = "{pattern}"\nbars = 4\n'


ROLES = ("rim", "hat", "kick", "snare", "bell", "crash", "clave")
ROWS = "".join(f'{role} = "{"x" * 1024}"\n' for role in ROLES)
BIG = f'name = "Big"\nabout = "{"x" * 200}"\nmeter = "4/4"\nstep = "1/64"\nbars = 16\n[groove]\n{ROWS}'


class TestSongsAndSets:
    def test_ones_own_come_first_and_replace_what_ships(self, tmp_path: Path) -> None:
        _write(tmp_path / "patterns", mine=good("Mine"))
        songs = {"z": "Borrowed Boots", "b": "Take 10", "a": "Take 9"}
        _write(tmp_path / "songs", **{file: SONG.format(name=name, pattern="Mine") for file, name in songs.items()})
        _write(tmp_path / "sets", mine='name = "Mine"\nsongs = """\nTake 9\nThe Fifth Kettle\n"""\n')
        loaded = load_library(tmp_path)
        assert loaded.faults == ()
        assert list(loaded.songs)[:4] == ["Borrowed Boots", "Take 9", "Take 10", "Eleven Miles of Gravel"]
        assert loaded.songs["Borrowed Boots"].parts[0].pattern == loaded.patterns["Mine"]
        assert loaded.sources["songs", "Borrowed Boots"] == tmp_path / "songs" / "z.toml"
        assert list(loaded.sets) == ["Mine", "Ten to try"]
        assert len(loaded.songs) == len(SHIPPED.songs) + 2

    def test_a_song_and_a_pattern_of_one_name_are_two_things(self, tmp_path: Path) -> None:
        _write(tmp_path / "songs", a=SONG.format(name="Seven up", pattern="Seven up"))
        loaded = load_library(tmp_path)
        assert loaded.sources["songs", "Seven up"] != loaded.sources["patterns", "Seven up"]

    def test_a_set_loads_without_its_songs_and_tells_each_line(self, tmp_path: Path) -> None:
        folder = _write(tmp_path / "sets", a='name = "A"\nsongs = """\nTake 9\n# x\n  the fifth kettle | !\n"""\n')
        loaded = load_library(tmp_path)
        assert [entry.song for entry in loaded.sets["A"].entries] == ["Take 9", "the fifth kettle"]
        assert [str(fault).removeprefix(f"{folder}/a.toml:") for fault in loaded.faults] == [
            "3:1: there is no song 'Take 9': `drumassist songs` lists what there is",
            "5:3: there is no song 'the fifth kettle', did you mean 'The Fifth Kettle'?",
        ]

    def test_a_broken_song_hides_no_good_one_and_a_broken_pattern_no_song_but_its_own(self, tmp_path: Path) -> None:
        _write(tmp_path / "patterns", p=good("P").replace(b"X", b"?", 1))
        songs = {"p": SONG.format(name="Of P", pattern="P"), "x": "[", "y": SONG.format(name="Y", pattern="Samba")}
        folder = _write(tmp_path / "songs", **songs)
        loaded = load_library(tmp_path)
        assert list(loaded.songs) == ["Y", *SHIPPED.songs]
        told = [
            (Path(fault.source).name, fault.line, fault.column) for fault in loaded.faults if "songs" in fault.source
        ]
        assert told == [("p.toml", 3, 12), ("x.toml", 1, 2)]
        assert [check_file(path) for path in sorted(folder.iterdir())][2] == []

    def test_a_song_of_too_many_large_patterns_is_refused(self, tmp_path: Path) -> None:
        """Each section's sounds make another pattern of the same one: five of them are let through, six are not."""
        _write(tmp_path / "patterns", p=BIG)
        roles = enumerate(("block", "tom", "ride", "clap", "conga", "shaker"))
        section = '[s{0}]\npattern = "Big"\nbars = 16\nsounds = {{ rim = "{1}" }}\n'
        sections = [section.format(number, role) for number, role in roles]
        path = _write(tmp_path / "songs", s='name = "S"\n' + "".join(sections)) / "s.toml"
        _write(tmp_path / "songs", ok='name = "OK"\n' + "".join(sections[:5]))
        loaded = load_library(tmp_path)
        (fault,) = loaded.faults
        assert "OK" in loaded.songs
        assert (fault.source, fault.line, fault.column) == (str(path), 1, 1)
        assert "at most 40,960 can be played" in fault.what

    def test_a_section_that_is_too_large_is_told_at_its_pattern(self, tmp_path: Path) -> None:
        """A pattern that just fits is too much with what a section says of it."""
        _write(tmp_path / "patterns", p=BIG + f'tom = "320: {"x" * 320}"\n')
        path = _write(tmp_path / "songs", s=SONG.format(name="S", pattern="Big")) / "s.toml"
        (fault,) = load_library(tmp_path).faults
        assert (fault.source, fault.line, fault.column) == (str(path), 3, 11)
        assert "at most 8,192 can be played" in fault.what
