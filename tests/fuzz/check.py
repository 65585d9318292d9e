"""What holds for every loader of a file: it reads, or refuses with places, in a time that grows as the file does.

It must never know which file it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from panel.tomltext import MAX_BYTES, TextError
from tests.fuzz.nearly import promptly

T = TypeVar("T")
Parse = Callable[[bytes, str], T]

SMALL, LARGE = MAX_BYTES // 8, MAX_BYTES
NOTHING_S = 0.25  # below this nobody waits, and a ratio says little
MOST = 8 * 3  # what eight times the size may cost; by the square it would be 64


def read_or_refused(parse: Parse[T], raw: bytes) -> T | None:
    """What a loader makes of a file; None where it was refused, and every fault was well made."""
    with promptly(raw):
        try:
            return parse(raw, "x.toml")
        except TextError as error:
            refused = error
    lines = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n")
    assert refused.faults
    for fault in refused.faults:
        assert fault.source == "x.toml"
        assert 1 <= fault.line <= len(lines), fault
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1, fault
        assert 10 < len(fault.what) < 240, fault
        assert fault.what.isprintable()
    assert len(str(refused).split("\n")) == len(refused.faults)
    return None


def cost_s(parse: Parse[T], raw: bytes, best_of: int) -> float:
    """This process' own time for a file."""
    found = []
    for _ in range(best_of):
        start = time.process_time()
        read_or_refused(parse, raw)
        found.append(time.process_time() - start)
    return min(found)


def grows_with_the_file(parse: Parse[T], of_size: Callable[[int], bytes]) -> None:
    """Eight times the file costs about eight times as much, where it costs anything at all."""
    if cost_s(parse, of_size(LARGE), 1) > NOTHING_S:
        small, large = cost_s(parse, of_size(SMALL), 3), cost_s(parse, of_size(LARGE), 2)
        assert large < NOTHING_S or large < MOST * small, f"{SMALL} bytes {small:.3f} s, {LARGE} bytes {large:.3f} s"
