"""The texts that tell where each sound comes from: kits/ORIGINS.md for all, and a LICENSE.txt in every kit.

It must never name a licence that a plan doesn't.
"""

from __future__ import annotations

from collections.abc import Iterable

from workshop.plan import Part, Plan
from workshop.recording import PACKAGE

_HEAD = f"""# Where the sounds come from

Every file in these folders is made by `make kits` (the folder `workshop/` of the source). What is made from a formula
is DrumAssist's own work, under its licence (MIT). What is cut from a recording is in the public domain: its author has
waived all rights with [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/), and the copyright file of Debian's
package `{PACKAGE}` says so for each file. "Edited" means: brought to 48 kHz, cut, filtered, levelled, faded.

| Kit | Sound | Files | Origin | Licence |
|---|---|---|---|---|
"""

_OWN = """The sounds in this folder are made from formulas. They are DrumAssist's own work, under its licence:
MIT, Copyright (c) 2026 the DrumAssist authors; the text is LICENSE in the source, or comes with the package.
"""

_CC0 = """
Cut from recordings in the public domain (CC0 1.0 Universal, https://creativecommons.org/publicdomain/zero/1.0/):
the sounds {names}.
To the extent possible under law, their authors have waived all copyright and related rights to them:
{authors}.
../ORIGINS.md names author and page of each.
"""


def origins(plans: Iterable[Plan]) -> str:
    """The text of ORIGINS.md."""
    return _HEAD + "".join(_row(plan, part) for plan in plans for part in plan.parts)


def _row(plan: Plan, part: Part) -> str:
    files = ", ".join(f"`{name}`" for _, _, name in part.files())
    return f"| {plan.name} | {part.name} | {files} | {part.origin} | {part.licence} |\n"


def licence(plan: Plan, authors: Iterable[str]) -> str:
    """The text of a kit's LICENSE.txt; `authors` are those of its recordings."""
    recorded = [part.name for part in plan.parts if part.recordings]
    if not recorded:
        return _OWN
    own = _OWN.replace("The sounds in this folder are", "The sounds in this folder that are not named below are")
    return own + _CC0.format(names=", ".join(recorded), authors=", ".join(sorted(set(authors))))
