"""Whatever of the user's files it is: what is wrong in it.

It must never judge by other rules than the box does when it reads that file.
"""

from __future__ import annotations

from pathlib import Path

from panel.kept import KEPT_FILE, parse_kept
from panel.library import load_pattern, load_profile, read
from panel.settings import SETTINGS_FILE, parse_settings
from panel.tomltext import Fault, TextError


def check_file(path: Path) -> list[Fault]:
    """Every fault in a pattern, profile, settings or session file."""
    try:
        raw = read(path)
        if path.name == SETTINGS_FILE:
            parse_settings(raw, str(path))
        elif path.name == KEPT_FILE:
            parse_kept(raw, str(path))
        elif path.parent.name == "profiles" or b"\n[notes]" in raw:
            load_profile(path)
        else:
            load_pattern(path)
    except TextError as error:
        return error.faults
    return []
