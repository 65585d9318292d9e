"""The command line: `drumassist` and `python -m panel` are the same thing.

It must never do more than read the words, put the parts together, and turn a failure into a line and an exit code.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from panel.arguments import bar_range, bars, bpm
from panel.datafiles import default_data_folder
from panel.failure import NOT_TO_BE_HAD, WRONG_INPUT, Failure
from panel.tomltext import TextError

Command = Callable[[argparse.Namespace], int]

_EXIT_CODES = "exit codes: 0 done, 1 the input was wrong, 2 wrong usage, 3 the device or engine was not to be had"


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser(words).parse_args(words)
    options.data = getattr(options, "data", None) or default_data_folder()
    verbose = getattr(options, "verbose", False)
    try:
        code: int = options.do(options)
        sys.stdout.flush()  # here, where a reader that has gone is no error
        return code
    except TextError as error:
        return _fail(str(error), WRONG_INPUT, verbose)
    except Failure as error:
        return _fail(f"drumassist: {error}", error.code, verbose)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does: what is left goes nowhere, and Python is quiet
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fail(f"drumassist: {error}", NOT_TO_BE_HAD, verbose)
    except KeyboardInterrupt:
        return 130


def _fail(text: str, code: int, verbose: bool) -> int:
    if verbose:
        traceback.print_exc()
    print(text, file=sys.stderr)
    return code


def _later(module: str, name: str) -> Command:
    """The command `name` of a module that is imported when it is run: `status` does not pay for patterns."""

    def do(options: argparse.Namespace) -> int:
        code: int = getattr(import_module(module), name)(options)
        return code

    return do


def _panel(options: argparse.Namespace) -> int:
    from panel.box import run_panel

    return run_panel(options.data, options.display, options.port, options.no_engine, options.no_sound)


def _screens(options: argparse.Namespace) -> int:
    from panel.gallery import save_gallery

    count = save_gallery(options.folder)
    print(f"{count} pictures in {options.folder}")
    return 0


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: it takes longer than most commands."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from panel.identity import box_version

        print(f"drumassist {box_version()}")
        parser.exit(0)


def _parser(words: list[str]) -> argparse.ArgumentParser:
    # A default would overwrite what stands before the command, as in `drumassist -v status`.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--data", type=Path, metavar="DIR", help="the folder of your own patterns, songs, sets, profiles and settings"
    )
    common.add_argument("-v", "--verbose", action="store_true", help="show the whole traceback of an error")
    parser = argparse.ArgumentParser(
        prog="drumassist",
        description="A drummer's click and groove box. Without a command the panel opens; in a terminal a line below "
        "the picture names the keys. `drumassist COMMAND --help` tells more of a command.",
        epilog=_EXIT_CODES,
        parents=[common],
    )
    parser.add_argument("--version", action=_Version, help="show which version this is, and end")
    parser.add_argument(
        "--display",
        choices=("auto", "oled", "terminal", "none"),
        default="auto",
        help="where the panel is shown (auto: the OLED where there is one, else this terminal)",
    )
    parser.add_argument("--port", default="", metavar="NAME", help="part of the name of the MIDI port to play to")
    parser.add_argument("--no-engine", action="store_true", help="leave the engine, which keeps time, to systemd")
    parser.add_argument(
        "--no-sound", action="store_true", help="start no sound of the box's own; one that runs is used all the same"
    )
    parser.set_defaults(do=_panel)
    _add_commands(parser, common, words)
    return parser


def _add_commands(parser: argparse.ArgumentParser, common: argparse.ArgumentParser, words: list[str]) -> None:
    found = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, do: Command, about: str) -> argparse.ArgumentParser:
        command = found.add_parser(name, help=about, description=about, parents=[common], epilog=_EXIT_CODES)
        command.set_defaults(do=do)
        return command

    play = add("play", _later("panel.play", "do_play"), "play a pattern or a song without the panel")
    play.add_argument("name", metavar="NAME", help="of a pattern or a song, or a .toml file")
    play.add_argument("--bpm", type=bpm, metavar="N", help="tempo, 30 to 300 (default: its own)")
    play.add_argument("--bars", type=bars, metavar="N", help="stop a pattern after N bars (default: go on)")
    play.add_argument("--port", default="", metavar="NAME", help="part of the name of the MIDI port")

    _add_exchange(add)
    about = "let a beat write itself, from dials and a seed, and write it as a standard MIDI file or a pattern"
    generate = add("generate", _later("panel.generate", "do_generate"), about)
    if "generate" in words:  # each generator has its own dials: only who asks for one pays for them
        from panel.dialling import add_generators

        add_generators(generate, common, _EXIT_CODES)
    for name, do, about in (
        ("patterns", _later("panel.commands", "do_patterns"), "list the patterns"),
        ("songs", _later("panel.commands", "do_songs"), "list the songs"),
        ("sets", _later("panel.commands", "do_sets"), "list the sets and their songs"),
        ("ports", _later("panel.commands", "do_ports"), "list the MIDI ports that can be played to"),
        (
            "status",
            _later("panel.status", "do_status"),
            "tell what is playing, on which ports, how punctually, and how the own sound fares",
        ),
    ):
        add(name, do, about).add_argument("--json", action="store_true", help="as JSON, for other programs")
    add(
        "stop",
        _later("panel.status", "do_stop"),
        "end the engine, which keeps time in the background, and the box's own sound",
    )

    about = "make the box's own sound, in the foreground: kits, patches, the click; Enter strikes a note, Ctrl-C ends"
    sound = add("sound", _later("panel.sound.__main__", "do_sound"), about)
    sound.add_argument("--kit", metavar="NAME", help="the kit for the click and for what is played (default: Click)")
    sound.add_argument("--patch", metavar="NAME", help="the synthesizer's patch; saving its file swaps it in")
    sound.add_argument("--device", metavar="NAME", help="part of the name of the sound card (default: the system's)")

    check = add(
        "check",
        _later("panel.commands", "do_check"),
        "check pattern, song, set, profile and settings files, kits and patches, and tell file:line:column of each"
        " mistake; a patch is tried",
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of them")

    screens = add("screens", _screens, "draw every state of the panel as a PNG")
    screens.add_argument("folder", type=Path, metavar="DIR", help="where to put them")


def _add_exchange(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    about = "write a pattern, a song, or each song of a set as a standard MIDI file, with its tempos and meters"
    render = add("render", _later("panel.exchange", "do_render"), about)
    render.add_argument("name", metavar="NAME", help="of a pattern, a song or a set, or a .toml file")
    render.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE.mid", help="the file to write; for a set, a folder"
    )
    render.add_argument("--bpm", type=bpm, metavar="N", help="a pattern's tempo, 30 to 300 (default: its own)")
    about = "of a pattern (default: 4, or its length), or of a section that lasts until it is told (default: 8)"
    render.add_argument("--bars", type=bars, metavar="N", help=about)
    about = "the drum module whose notes are written (default: General MIDI)"
    render.add_argument("--profile", metavar="NAME", help=about)

    about = "make a pattern of the drums of a standard MIDI file, and tell what of them could not be kept"
    found = add("import", _later("panel.exchange", "do_import"), about)
    found.add_argument("file", type=Path, metavar="FILE.mid", help="a MIDI file of type 0 or 1")
    found.add_argument(
        "-o", "--output", type=Path, metavar="FILE.toml", help="where to write it (default: your patterns)"
    )
    found.add_argument("--name", metavar="NAME", help="what to call the pattern (default: as the file)")
    found.add_argument("--profile", metavar="NAME", help="whose notes they are (default: General MIDI)")
    found.add_argument("--bars", type=bar_range, metavar="A-B", help="which bars (default: from the first hit on)")
    about = "keep how it is played, every velocity and lateness of the last bars: a style for the beat that learns"
    found.add_argument("--style", action="store_true", help=about)

    about = "write everything of your own (settings, patterns, songs, sets, profiles) into a zip"
    backup = add("backup", _later("panel.exchange", "do_backup"), about)
    backup.add_argument("file", type=Path, metavar="FILE.zip", help="the zip to write")

    about = "put the files of a backup back, all or none; what they replace is kept beside them. End the box before"
    restore = add("restore", _later("panel.exchange", "do_restore"), about)
    restore.add_argument("file", type=Path, metavar="FILE.zip", help="a zip that `drumassist backup` wrote")
    restore.add_argument("--dry-run", action="store_true", help="only tell what would be changed")


if __name__ == "__main__":
    sys.exit(main())
