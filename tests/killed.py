"""Saves the files of FOLDER/old and FOLDER/new by turns into FOLDER/data, in processes that are killed, COUNT times.

It must never import more than it needs: it forks hundreds of times. Prints how many were in the middle of a save.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path
from random import Random

from panel.storage import save


def main(folder: Path, kills: int) -> None:
    """Kill, look, and again: each file is the old or the new one, and so is its backup."""
    names = [path.relative_to(folder / "old") for path in (folder / "old").glob("**/*.toml")]
    texts = {folder / "data" / name: [(folder / age / name).read_text() for age in ("old", "new")] for name in names}
    random, midway = Random(1), 0
    for path, (old, new) in texts.items():
        save(path, new)
        save(path, old)
    for _ in range(kills):
        begun, tell = os.pipe()
        process = os.fork()
        if process == 0:
            save_for_ever(texts, tell)
        os.read(begun, 1)
        for _ in range(random.randint(0, 300_000)):  # some milliseconds: about as long as a round of saves
            pass
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(begun)
        os.close(tell)
        midway += any((folder / "data").glob("**/.*.tmp"))
        for path, both in texts.items():
            assert path.read_text() in both, path
            assert path.with_name(f"{path.name}.bak").read_text() in both, path
    print(midway, end="")


def save_for_ever(texts: dict[Path, list[str]], tell: int) -> None:
    """In the child, which says that it begins."""
    try:
        os.write(tell, b"x")
        for number in count(1):
            for path, both in texts.items():
                save(path, both[number % 2])
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
