"""Where files are: those that ship with the box, inside the package or beside setup.cfg; and the user's own.

It must never open one.
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """The folder of shipped "fonts", "kits", "patches", "patterns", "profiles", "sets", "songs" or "systemd".

    Raises FileNotFoundError where it is missing.
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name}/ is missing: the installation is not whole, install it again")


def default_data_folder() -> Path:
    """The user's own files: systemd's $STATE_DIRECTORY, else $XDG_DATA_HOME/drumassist, else ~/.local/share/..."""
    if state := os.environ.get("STATE_DIRECTORY", ""):
        return Path(state.split(":")[0])
    base = os.environ.get("XDG_DATA_HOME", "") or str(Path.home() / ".local" / "share")
    return Path(base) / "drumassist"
