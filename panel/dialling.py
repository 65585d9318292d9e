"""The words of `drumassist generate`: a command for each generator, its dials told, and set.

It must never set a dial to what it can't be turned to.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from panel.arguments import bars, bpm, whole
from panel.failure import Failure
from panel.library import FIRST_PATTERN
from panel.music.generators.beat import MAX_SEED, VOICES, Dial, Generator
from panel.music.generators.catalogue import ABOUT, GENERATORS
from panel.music.generators.learn import LEARN
from panel.music.reading import nearest
from panel.tomltext import printable

DEFAULT_BARS = 4
DEFAULT_SEED = 1
_VOICE = "VOICE"


def add_generators(command: argparse.ArgumentParser, common: argparse.ArgumentParser, epilog: str) -> None:
    """Each as a command of its own; `common` are the options of all commands."""
    about = "how bars are made; with --help behind it, its dials"
    found = command.add_subparsers(title="generators", metavar="GENERATOR", dest="generator", required=True, help=about)
    for name, generator in GENERATORS.items():
        one = found.add_parser(
            name,
            help=ABOUT[name],
            description=ABOUT[name],
            parents=[common],
            epilog=f"{_told(generator)}\n\n{epilog}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if generator is LEARN:
            about = "what to learn from: a MIDI file, or a pattern's name, or its .toml file"
            one.add_argument("source", metavar="FILE.mid", help=about)
        _add_options(one, generator)


def _add_options(one: argparse.ArgumentParser, generator: Generator) -> None:
    default = "what it learns from" if generator is LEARN else FIRST_PATTERN
    for name, kind, metavar, about in (
        (
            "--seed",
            _seed,
            "N",
            f"1 to {MAX_SEED}: another seed is another beat, where chance decides (default: {DEFAULT_SEED})",
        ),
        ("--bars", bars, "N", f"how many to write (default: {DEFAULT_BARS})"),
        ("--pattern", str, "NAME", f"the pattern whose meter, steps, swing and tempo it has (default: {default})"),
        ("--meter", str, "7/8", "a meter instead of a pattern"),
        ("--group", str, "2+2+3", "how that meter is grouped"),
        ("--bpm", bpm, "N", "tempo, 30 to 300 (default: the pattern's)"),
        ("--profile", str, "NAME", "the drum module whose notes a MIDI file has (default: General MIDI)"),
        ("--name", str, "NAME", "what to call the music (default: the generator and the seed)"),
    ):
        one.add_argument(name, type=kind, metavar=metavar, help=about)
    one.set_defaults(seed=DEFAULT_SEED, bars=DEFAULT_BARS)
    one.add_argument("--keep-click", action="store_true", help="let the pattern's own rows sound too, as they are")
    about = "what a dial stands at, once for each that is turned"
    one.add_argument("--set", action="append", default=[], metavar="DIAL=N", help=about)
    about = "the file to write; one that is there gets another number, and stays"
    one.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.mid|FILE.toml", help=about)


def _seed(text: str) -> int:
    """A seed, as the box has them."""
    return whole(text, 1, MAX_SEED, "a seed")


def _told(generator: Generator) -> str:
    """The dials, a line each."""
    rows = [(_key(dial), f"{_range(dial)} ({_first(dial)})", dial.about) for dial in generator.dials]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {key:{wide[0]}}  {span:{wide[1]}}  {about}".rstrip() for key, span, about in rows]
    example = f'--set "{next(iter(generator.defaults))}={generator.dials[0].high}"'
    voice = [f"  {_VOICE} is {_either(VOICES)}, in this order"] if generator.has_voices else []
    return "\n".join([f"dials, such as {example}; in brackets what they stand at by themselves:", *lines, *voice])


def _key(dial: Dial) -> str:
    return dial.key(_VOICE)


def _is_worded(dial: Dial) -> bool:
    """Whether every value has a word: then a number is none of them, but of what the word says."""
    return len(dial.words) == dial.high - dial.low + 1


def _range(dial: Dial) -> str:
    numbers = [] if _is_worded(dial) else [f"{dial.shown(dial.low + len(dial.words))} to {dial.shown(dial.high)}"]
    return ", ".join([*dial.words, *numbers])


def _first(dial: Dial) -> str:
    """What it stands at by itself, voice by voice where they differ."""
    first = list(map(dial.shown, dial.defaults.values()))
    return ", ".join(first if len(set(first)) > 1 else first[:1])


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}"


def values_of(generator: Generator, words: Iterable[str]) -> dict[str, int]:
    """What the dials stand at, after words such as "density=60". Raises Failure."""
    dials, values = generator.by_key, generator.defaults
    for word in words:
        name, equals, value = word.partition("=")
        key = " ".join(name.split()).lower()
        if key not in dials:
            raise Failure(_unknown(generator, key, dials))
        if not equals:
            raise Failure(f"--set needs a value: {key}=N, where N is {_range(dials[key])}")
        values[key] = _value(dials[key], key, value.strip())
    return values


def _unknown(generator: Generator, key: str, dials: Iterable[str]) -> str:
    close = nearest(key[:24], list(dials))
    hint = f", did you mean '{close}'?" if close else ":"
    each = "; ".join(f"{_key(dial)} {_range(dial)}" for dial in generator.dials)
    voice = f"; {_VOICE} is {_either(VOICES)}" if generator.has_voices else ""
    return f"{generator.name} has no dial '{printable(key, 24)}'{hint} it has {each}{voice}"


def _value(dial: Dial, key: str, text: str) -> int:
    """A number, with or without its unit, or a word; of "4 bars" the 4 alone will do."""
    for value, word in enumerate(dial.words, dial.low):
        first, _, rest = word.partition(" ")
        if text == word or (text == first and first.isdecimal() and rest):
            return value
    digits = text.removesuffix(dial.unit).strip()
    counts = digits.removeprefix("-").isdecimal() and len(digits) < 9 and not _is_worded(dial)
    if counts and dial.low <= int(digits) <= dial.high:
        return int(digits)
    raise Failure(f"{key} is {_range(dial)}, not '{printable(text, 24)}'")
