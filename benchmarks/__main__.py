"""`make bench`: everything that is measured, as tables on stdout and as JSON in a file.

It must never stop because a tool is missing: what could not be measured is named, like what misses its budget.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import beats, footprint, instructions, lateness, oled, plot, report
from benchmarks.box import BenchError
from benchmarks.budgets import Verdict, ending

RESULTS = Path(__file__).parent / "results"
PARTS = ("lateness", "oled", "footprint", "instructions", "beats", "sound")


class Found(NamedTuple):
    """What a part has to say."""

    text: str
    values: Any
    verdicts: list[Verdict]


def main() -> int:
    """Measure, show, write. Returns 0 also where budgets are missed: this is no test; 2 for wrong usage."""
    options = _options()
    if options.plot:
        return _plot(options.out, options.plot)
    machine, warning = report.machine(), report.neighbours()
    found = {part: _measured(part, options) for part in options.parts}
    print(", ".join(f"{name} {value}" for name, value in machine.items()), end="\n\n")
    if warning:
        print(warning, end="\n\n")
    print("\n\n".join(part.text for part in found.values()), end="\n\n")
    verdicts = [verdict for part in found.values() for verdict in part.verdicts]
    print(ending(verdicts))
    _write(options.out, machine, found, verdicts)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__, allow_abbrev=False)
    what = f"what to measure: {', '.join(PARTS)} (default: all)"
    parser.add_argument("parts", nargs="*", type=_part, default=PARTS, metavar="PART", help=what)
    parser.add_argument("--rounds", type=_count, default=3, metavar="N", help="rounds of lateness (default 3)")
    parser.add_argument("--seconds", type=_count, default=2, metavar="N", help="of each contestant in one (default 2)")
    parser.add_argument("--spin-us", type=_count, metavar="N", help="another spin for our engine than its usual one")
    parser.add_argument("--minutes", type=_count, default=1, metavar="N", help="of sound under each load (default 1)")
    parser.add_argument("--out", type=Path, default=RESULTS / "last.json", metavar="FILE", help="where the JSON goes")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the lateness of --out, measure nothing")
    return parser.parse_args()


def _part(text: str) -> str:
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"one of {', '.join(PARTS)} is wanted, not {text}")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number above 0 is wanted, not {text}")
    return int(text)


def _measured(part: str, options: argparse.Namespace) -> Found:
    """A part, or why there is none."""
    measure: dict[str, Callable[[], Found]] = {
        "lateness": lambda: _lateness(options.rounds, options.seconds, options.spin_us),
        "oled": _oled,
        "footprint": _footprint,
        "instructions": _instructions,
        "beats": _beats,
        "sound": lambda: _sound(options.minutes),
    }
    try:
        return measure[part]()
    except (BenchError, OSError) as error:
        return Found(f"{part.capitalize()}: not measured, {error}", None, _unknown(part, "see above"))


def _lateness(rounds: int, seconds: int, spin_us: int | None) -> Found:
    results, realtime = lateness.measure(rounds, seconds, spin_us)
    values = {
        name: result._asdict() | {"figures": {who: figures._asdict() for who, figures in result.figures.items()}}
        for name, result in results.items()
    }
    return Found(
        lateness.show(results, realtime),
        {"loads": values, "scheduling": realtime, "seconds": seconds},
        lateness.verdicts(results, realtime),
    )


def _oled() -> Found:
    result = oled.measure()
    values = result._asdict() | {"costs": [cost._asdict() for cost in result.costs]}
    return Found(oled.show(result), values, oled.verdicts(result))


def _footprint() -> Found:
    result = footprint.measure()
    values = result._asdict() | {"memory": {name: one._asdict() for name, one in result.memory.items()}}
    return Found(footprint.show(result), values, footprint.verdicts(result))


def _instructions() -> Found:
    result = instructions.measure()
    return Found(instructions.show(result), result._asdict(), instructions.verdicts(result))


def _beats() -> Found:
    result = beats.measure()
    return Found(beats.show(result), [cost._asdict() for cost in result.costs], beats.verdicts(result))


def _sound(minutes: int) -> Found:
    try:
        from benchmarks.sound import parts  # here, so that the others need no library for sound
    except ImportError as error:
        raise BenchError(f"{error}: pip install -e '.[sound,bench]'") from error
    return Found(*parts.measure(minutes))


def _unknown(part: str, why: str) -> list[Verdict]:
    """The budgets of a part that could not be measured."""
    if part == "lateness":
        nothing = {load.name: lateness.result_of([]) for load in lateness.LOADS}
        return [one._replace(measured=None, why=why) for one in lateness.verdicts(nothing, {lateness.OURS: "fifo"})]
    if part == "instructions":
        return instructions.verdicts(None, why)
    return [Verdict(f"all of {part}", None, 0, why=why)]


def _write(out: Path, machine: dict[str, object], found: dict[str, Found], verdicts: list[Verdict]) -> None:
    named = [{"what": one.what, "measured": one.measured, "limit": one.limit, "missed": one.missed} for one in verdicts]
    everything = {"machine": machine, "budgets": named} | {part: one.values for part, one in found.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(_rounded(everything), indent=1) + "\n")


def _rounded(value: Any) -> Any:
    """Four digits that count: more are noise, and make results hard to compare."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


def _plot(source: Path, target: Path) -> int:
    try:
        target.write_text(plot.drawing(json.loads(source.read_text())["lateness"]["loads"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{source} can't be drawn: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # however it is ended, it ends what it started
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
