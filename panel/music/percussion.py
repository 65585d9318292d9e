"""The notes of General MIDI's percussion, and what may stand in for a sound that is not there.

It must never know a module or a kit: those say which notes they have.
"""

from __future__ import annotations

from collections.abc import Container

PERCUSSION_CHANNEL = 10

# Each role's note, as profiles/general-midi.toml has it, which a drummer may copy and change.
NOTES = {
    "rim": 37, "block": 76, "hat": 42, "cowbell": 56, "kick": 36, "snare": 38, "clap": 39, "openhat": 46,
    "pedalhat": 44, "ride": 51, "bell": 53, "crash": 49, "lowtom": 41, "tom": 47, "hitom": 50, "clave": 75,
    "shaker": 70, "tambourine": 54, "agogo": 67, "conga": 63, "count": 77,
}  # fmt: skip

# What stands in for a role that a module or a kit has no note for, nearest first; in the end, anything that sounds.
NEAREST = {
    "rim": ("clave", "block", "snare", "hat"),
    "block": ("clave", "rim", "cowbell", "hat"),
    "clave": ("block", "rim", "cowbell"),
    "cowbell": ("agogo", "block", "bell"),
    "agogo": ("cowbell", "block"),
    "bell": ("ride", "cowbell", "crash"),
    "ride": ("bell", "hat", "crash"),
    "hat": ("pedalhat", "shaker", "rim"),
    "openhat": ("hat", "ride", "crash"),
    "pedalhat": ("hat", "shaker"),
    "shaker": ("hat", "tambourine", "pedalhat"),
    "tambourine": ("shaker", "hat"),
    "clap": ("snare", "rim"),
    "snare": ("clap", "rim"),
    "conga": ("tom", "hitom", "lowtom"),
    "tom": ("hitom", "lowtom", "conga"),
    "hitom": ("tom", "lowtom", "conga"),
    "lowtom": ("tom", "kick", "hitom"),
    "kick": ("lowtom", "tom"),
    "crash": ("openhat", "ride"),
    "count": ("block", "clave", "rim", "hat"),
}

# What General MIDI has beside those notes, each by the role that is nearest to it.
_NEAR_NOTES = {
    "kick": (35,), "snare": (40,), "lowtom": (43,), "tom": (45, 66), "hitom": (48, 65), "crash": (52, 55, 57),
    "ride": (59,), "bell": (80, 81), "shaker": (58, 69, 73, 74), "agogo": (68, 71, 72), "block": (77,),
    "conga": (60, 61, 62, 64, 78, 79),
}  # fmt: skip
NEAR_ROLES = {note: role for role, notes in _NEAR_NOTES.items() for note in notes}

_ROLES = {note: role for role, note in NOTES.items()}


def stand_in(role: str, there: Container[str]) -> str:
    """The role itself where it is `there`, else what is nearest to it of what is; "" where nothing near is."""
    return next((near for near in (role, *NEAREST[role]) if near in there), "")


def role_of(note: int) -> str:
    """The role that has a note in General MIDI, "" where none has."""
    return _ROLES.get(note, "")
