"""Patches tried before anybody plays them: what `drumassist check` says of them.

It must never run one in the process that asks, nor import what makes sound there: it may have no numpy.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from panel.failure import NOT_TO_BE_HAD, Failure
from panel.sound.examiner import Examiner, Limits, Verdict
from panel.sound.patchfile import read_patch
from panel.tomltext import Fault

RATE, VOICES = 48_000, 16  # as the box plays them
NO_NUMPY = "patches can't be tried without numpy: pip install 'drumassist[sound]'"
_LOOK_S = 0.1  # a trial that has died and was started anew has another descriptor


def faults_of(paths: Iterable[Path], say: Callable[[str], None]) -> Iterator[Fault]:
    """What is wrong with each patch: the first thing, with its line and no column. Waits for each, seconds at most.

    `say` is told what they print. Raises Failure where they can't be tried.
    """
    if not find_spec("numpy"):
        raise Failure(NO_NUMPY, NOT_TO_BE_HAD)
    try:
        examiner = Examiner(RATE, VOICES, Limits())
    except OSError as error:
        raise Failure(f"patches can't be tried: {error.strerror}", NOT_TO_BE_HAD) from error
    try:
        for path in paths:
            yield from _faults(examiner, path, say)
    finally:
        examiner.close()


def _faults(examiner: Examiner, path: Path, say: Callable[[str], None]) -> Iterator[Fault]:
    saved = read_patch(path)
    if saved.fault:
        yield Fault(saved.path, saved.line or 1, 0, saved.fault)
        return
    examiner.ask(saved.text, saved.path)
    verdict = _verdict(examiner)
    for line in verdict.printed:
        say(f"{saved.path} prints: {line}")
    if verdict.what:
        yield Fault(saved.path, verdict.line, 0, verdict.what)


def _verdict(examiner: Examiner) -> Verdict:
    while not (verdict := examiner.verdict()):
        select.select([examiner], [], [], _LOOK_S)
    return verdict
