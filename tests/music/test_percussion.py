"""General MIDI's notes, and what stands in for what is missing."""

from panel.datafiles import data_folder
from panel.library import load_profile
from panel.music.pattern import ROLES
from panel.music.percussion import NEAR_ROLES, NEAREST, NOTES, PERCUSSION_CHANNEL, role_of, stand_in


def test_the_notes_are_those_of_the_profile_that_ships() -> None:
    profile = load_profile(data_folder("profiles") / "general-midi.toml")
    assert (profile.notes, profile.channel) == (NOTES, PERCUSSION_CHANNEL)


def test_every_role_has_a_note_and_something_near_it() -> None:
    assert set(NOTES) == set(NEAREST) == set(ROLES)
    assert all(role_of(note) == role for role, note in NOTES.items())


def test_what_is_there_stands_in_for_what_is_not() -> None:
    assert stand_in("hat", {"hat", "rim"}) == "hat"
    assert stand_in("hat", {"rim", "shaker"}) == "shaker"
    assert stand_in("kick", {"crash"}) == ""


def test_a_pad_on_a_note_beside_those_is_heard_as_what_is_near_it() -> None:
    profile = load_profile(data_folder("profiles") / "samplepad-pro.toml")
    assert set(NEAR_ROLES.values()) <= set(ROLES)
    assert [profile.role_of(note) for note in (40, 57, 3)] == ["snare", "crash", ""]
