"""All of the sound's benchmarks, one after another: texts, values for the JSON, verdicts.

It must never stop because one of them can't be had: that one is named, and the rest is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.box import BenchError
from benchmarks.budgets import Verdict
from benchmarks.sound import capacity, dropouts, footing, load, quality

Measured = tuple[str, Any, list[Verdict]]  # what is shown, what is written, what is judged


def measure(minutes: int) -> Measured:
    """Everything; `minutes` is how long it is listened for drop-outs under each load."""
    ways: dict[str, Callable[[], Measured]] = {
        "voices": lambda: _all_of(capacity, capacity.measure()),
        "load": lambda: _all_of(load, load.measure()),
        "quality": lambda: _all_of(quality, quality.measure()),
        "start and memory": lambda: _all_of(footing, footing.measure()),
        "drop-outs": lambda: _all_of(dropouts, dropouts.measure(minutes)),
    }
    found = {name: _tried(name, way) for name, way in ways.items()}
    texts, values, verdicts = zip(*found.values(), strict=True)
    return "\n\n".join(texts), dict(zip(found, values, strict=True)), [one for some in verdicts for one in some]


def _all_of(part: Any, result: Any) -> Measured:
    return part.show(result), plain(result), part.verdicts(result)


def _tried(name: str, way: Callable[[], Measured]) -> Measured:
    try:
        return way()
    except (BenchError, OSError, ValueError) as error:
        why = f"The sound's {name}: not measured, {error}"
        return why, None, [Verdict(f"the sound's {name}", None, 0, why=str(error))]


def plain(value: Any) -> Any:
    """For JSON: what has names as an object, everything else that is made of parts as a list."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value
