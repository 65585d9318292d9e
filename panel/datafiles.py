"""Where the files that ship with the box are: inside the package when installed, beside setup.cfg in a checkout.

It must never look anywhere else; a user's own files are the library's business.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """The folder of shipped "fonts", "patterns", "profiles" or "systemd". Raises FileNotFoundError without it."""
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name}/ is missing: the installation is not whole, install it again")
