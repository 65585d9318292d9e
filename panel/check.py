"""Whatever of the user's files it is: what is wrong in it.

It must never judge by other rules than the box does when it reads that file.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from panel.kept import KEPT_FILE, parse_kept
from panel.library import load_pattern, load_profile, read
from panel.settings import SETTINGS_FILE, parse_settings
from panel.tomltext import Fault, TextError, TomlText

FOLDERS = ("patterns", "songs", "sets", "profiles")  # of the user's folder, and the files beside them
FILES = (SETTINGS_FILE, KEPT_FILE, "pads.toml")


def own_files(data: Path) -> list[str]:
    """What the drummer has in his folder, as paths in it: not the copies that the box keeps. Raises OSError."""
    paths = [data / name for name in FILES]
    for folder in FOLDERS:
        paths += sorted((data / folder).glob("*.toml")) if (data / folder).is_dir() else []
    return [str(path.relative_to(data)) for path in paths if path.is_file() and not path.name.startswith(".")]


def check_together(contents: Mapping[str, bytes], data: Path) -> dict[str, list[Fault]]:
    """Every fault in files that are to lie in the user's folder beside what is there; all by their path in it.

    Raises OSError where there is no room to lay them out.
    """
    with TemporaryDirectory(prefix="drumassist-") as name:
        folder = Path(name)
        for path in own_files(data):
            if path not in contents:
                with suppress(TextError):  # it is not what is asked about
                    _lay_out(folder / path, read(data / path))
        for path, raw in contents.items():
            _lay_out(folder / path, raw)
        faults = {path: check_file(folder / path) for path in contents}
    return {path: [fault._replace(source=path) for fault in found] for path, found in faults.items()}


def _lay_out(path: Path, raw: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)


def check_file(path: Path) -> list[Fault]:
    """Every fault in a pattern, profile, settings or session file."""
    try:
        raw = read(path)
        if path.name == SETTINGS_FILE:
            parse_settings(raw, str(path))
        elif path.name == KEPT_FILE:
            parse_kept(raw, str(path))
        else:
            (load_profile if kind_of(path, raw) == "profiles" else load_pattern)(path)
    except TextError as error:
        return error.faults
    return []


def kind_of(path: Path, raw: bytes) -> str:
    """What a file is to be, as one of FOLDERS: what it holds says it, else its folder. Raises TextError."""
    data = TomlText(raw, str(path)).data
    if "notes" in data:
        return "profiles"
    if path.parent.name in FOLDERS:
        return path.parent.name
    if "songs" in data:
        return "sets"
    parts = [value for value in data.values() if isinstance(value, dict)]
    return "songs" if "form" in data or any("pattern" in part for part in parts) else "patterns"
