"""Where engine and panel meet: the runtime folder with the socket and the lock.

It must never be a folder that others can write: the socket obeys whoever can open it.
"""

from __future__ import annotations

import os

SYSTEM_FOLDER = "/run/drumassist"
SOCKET = "engine.sock"
LOCK = "engine.lock"


def runtime_folder() -> str:
    """The folder of this user's box: $DRUMASSIST_RUNTIME, systemd's $RUNTIME_DIRECTORY, or the user's own."""
    for name in ("DRUMASSIST_RUNTIME", "RUNTIME_DIRECTORY"):
        if folder := os.environ.get(name, ""):
            return folder.split(":")[0]
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if base and os.path.isdir(base):
        return os.path.join(base, "drumassist")
    return f"/tmp/drumassist-{os.getuid()}"


def make_runtime_folder() -> str:
    """The runtime folder, made if need be, for its owner alone. Raises OSError where others can write to it."""
    folder = runtime_folder()
    os.makedirs(folder, mode=0o700, exist_ok=True)
    found = os.stat(folder)
    if found.st_uid not in (os.getuid(), 0) or found.st_mode & 0o022:
        raise PermissionError(f"others can write to {folder}: remove it, or set DRUMASSIST_RUNTIME")
    return folder


def find_socket() -> str:
    """The socket of a running engine: this user's, else the one of the box that the system runs."""
    own = os.path.join(runtime_folder(), SOCKET)
    system = os.path.join(SYSTEM_FOLDER, SOCKET)
    return system if not os.path.exists(own) and os.path.exists(system) else own
