"""`python -m workshop`: makes all that ships in kits/ anew, or tells its measurements with --report.

It must never touch a file that says the same already: an encoder of another year would write other bytes for it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import soundfile

from workshop import recording
from workshop.bench import sheet, struck
from workshop.finish import Pressed
from workshop.origins import licence, origins
from workshop.plan import Plan
from workshop.recipes import KITS
from workshop.report import report
from workshop.tone import RATE

FOLDER = Path(__file__).parent.parent / "kits"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m workshop", description="Makes the kits that ship.")
    parser.add_argument("--report", action="store_true", help="print the measurements of every sound, write nothing")
    parser.add_argument("kits", nargs="*", metavar="KIT", help=f"which ones: {', '.join(KITS)} (all)")
    arguments = parser.parse_args()
    if unknown := [slug for slug in arguments.kits if slug not in KITS]:
        parser.error(f"there is no kit {unknown[0]!r}: {', '.join(KITS)}")
    if not recording.is_there():
        parser.error(f"the recordings are missing: sudo apt install --no-install-recommends {recording.PACKAGE}")
    plans = [KITS[slug] for slug in arguments.kits or KITS]
    if arguments.report:
        print(report(plans))
        return 0
    for plan in plans:
        make(plan)
    _write(FOLDER / "ORIGINS.md", origins(KITS.values()))
    return 0


def make(plan: Plan) -> None:
    """Writes a kit's folder, and takes out of it what is no longer made."""
    folder = FOLDER / plan.slug
    folder.mkdir(exist_ok=True)
    sounds = {name: sound for part in plan.parts for name, sound in struck(part).items()}
    for path in folder.glob("*.flac"):
        if path.name not in sounds:
            path.unlink()
    for name, sound in sounds.items():
        _press(folder / name, sound)
    _write(folder / "kit.toml", sheet(plan))
    _write(folder / "LICENSE.txt", licence(plan, (recording.CC0[n].author for p in plan.parts for n in p.recordings)))
    print(f"{plan.slug}: {len(sounds)} files, {sum(p.stat().st_size for p in folder.iterdir()) / 1000:.0f} KB")


def _press(path: Path, sound: Pressed) -> None:
    if path.exists() and np.array_equal(soundfile.read(path, dtype="int16")[0], sound):
        return
    soundfile.write(path, sound, RATE, subtype="PCM_16", format="FLAC")


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
