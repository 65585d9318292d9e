"""A command that can't be done, and what the program's exit code says of it.

It must never carry more than the user can act upon: one line.
"""

from __future__ import annotations

WRONG_INPUT, NOT_TO_BE_HAD = 1, 3  # 2, wrong usage, is argparse's own


class Failure(Exception):  # noqa: N818 - it is what the user is told
    """Why a command can't be done, in one line, and the exit code for it."""

    def __init__(self, what: str, code: int = WRONG_INPUT) -> None:
        super().__init__(what)
        self.code = code
