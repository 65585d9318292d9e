"""Which notes of a MIDI file are drums, and whose role each of them is struck in.

It must never leave a note of the drums out in silence.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from panel.failure import Failure
from panel.midiread import Music, Note
from panel.music.percussion import NEAR_ROLES, PERCUSSION_CHANNEL
from panel.profiles import FALLBACK_PROFILE, Profile

NOTE_NAMES = (
    "acoustic bass drum", "bass drum", "side stick", "acoustic snare", "hand clap", "electric snare",
    "low floor tom", "closed hi-hat", "high floor tom", "pedal hi-hat", "low tom", "open hi-hat", "low-mid tom",
    "hi-mid tom", "crash", "high tom", "ride", "chinese cymbal", "ride bell", "tambourine", "splash", "cowbell",
    "crash 2", "vibraslap", "ride 2", "hi bongo", "low bongo", "mute hi conga", "open hi conga", "low conga",
    "high timbale", "low timbale", "high agogo", "low agogo", "cabasa", "maracas", "short whistle", "long whistle",
    "short guiro", "long guiro", "claves", "hi wood block", "low wood block", "mute cuica", "open cuica",
    "mute triangle", "open triangle",
)  # fmt: skip
FIRST_NOTE = 35  # of those names, which are General MIDI's


class Struck(NamedTuple):
    """A note-on of a role, 1 to 127 loud."""

    tick: int
    role: str
    velocity: int


class Drums(NamedTuple):
    """The hits by time; a line for each kind of note that has no role, or gets another's, and for the rest."""

    hits: list[Struck]
    roleless: list[str]
    others: list[str]


def drums_of(music: Music, profile: Profile, source: str) -> Drums:
    """The drums of a file, by a module's notes. Raises Failure where there are none."""
    notes, others = _drum_notes(music, profile, source)
    hits, roleless = _hits_of(notes, profile)
    if not hits:
        raise Failure(f"{source}: none of its {len(notes)} drum notes is a sound of {profile.name}")
    return Drums(hits, roleless, others)


def _drum_notes(music: Music, profile: Profile, source: str) -> tuple[list[Note], list[str]]:
    """The drum notes: of the profile's channels, of channel 10, or of the only track that has notes."""
    every = [note for notes in music.notes.values() for note in notes]
    channels = {voice.channel for voice in profile.voices}
    for wanted in (channels, {PERCUSSION_CHANNEL}):
        if found := [note for note in every if note.channel in wanted]:
            left = len(every) - len(found)
            return found, [f"{left} notes of other instruments are left out"] if left else []
    if len(music.notes) == 1:
        return every, [
            f"nothing is on channel {PERCUSSION_CHANNEL}: the only track that has notes is taken for the drums"
        ]
    if not every:
        raise Failure(f"{source}: there is no note in it")
    count = len(music.notes)
    raise Failure(
        f"{source}: there is no drum track: nothing is on channel {PERCUSSION_CHANNEL}, and {count} tracks have notes"
    )


def _hits_of(notes: list[Note], profile: Profile) -> tuple[list[Struck], list[str]]:
    """The hits by time, and what is lost on the way to them."""
    roles, near = profile.roles, _near_roles(profile)
    hits, unknown, instead = [], Counter[int](), Counter[int]()
    for note in notes:
        role = roles.get(note.note) or near.get(note.note)
        if role is None:
            unknown[note.note] += 1
            continue
        instead[note.note] += note.note not in roles
        hits.append(Struck(note.tick, role, note.velocity))
    lost = [f"note {_named(note)} has no role: {times(count)} left out" for note, count in sorted(unknown.items())]
    lost += [f"note {_named(note)} becomes {near[note]}: {times(count)}" for note, count in sorted((+instead).items())]
    return sorted(hits), lost


def _near_roles(profile: Profile) -> dict[int, str]:
    return NEAR_ROLES if profile.name == FALLBACK_PROFILE else {}


def _named(note: int) -> str:
    known = 0 <= note - FIRST_NOTE < len(NOTE_NAMES)
    return f"{note} ({NOTE_NAMES[note - FIRST_NOTE]})" if known else f"{note}"


def times(count: int) -> str:
    """So many hits, in words."""
    return "1 hit" if count == 1 else f"{count} hits"
