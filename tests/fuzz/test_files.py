"""Settings, choices and profiles, nearly right: read or refused, and what the box edits stays the drummer's file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panel.adjusted import Adjusted, parse_adjusted
from panel.kept import Kept, parse_kept
from panel.music.pattern import ROLES
from panel.pads import FUNCTIONS, Pad, Pads, parse_pads
from panel.profiles import parse_profile
from panel.settings import BY_ID, SETTINGS, Settings, Value, parse_settings
from panel.tomltext import TextError, TomlText, with_value
from tests.fuzz import nearly
from tests.fuzz.check import Parse, grows_with_the_file, read_or_refused
from tests.fuzz.nearly import growing, promptly, spoilt

FILES: dict[str, tuple[Parse[Any], tuple[bytes, ...]]] = {
    "settings": (parse_settings, nearly.SETTINGS),
    "kept": (parse_kept, nearly.KEPT),
    "pads": (parse_pads, nearly.PADS),
    "sounds": (parse_adjusted, nearly.SOUNDS),
    "profile": (parse_profile, nearly.PROFILES),
}
EVERY = st.sampled_from(sorted(FILES))


@st.composite
def wishes(draw: st.DrawFn) -> tuple[str, Value]:
    """A setting and a value that it may have."""
    row = draw(st.sampled_from(SETTINGS))
    if row.choices:
        return row.id, draw(st.sampled_from(row.choices))
    if isinstance(row.default, str):
        return row.id, draw(st.text(max_size=200).filter(str.isprintable))
    return row.id, draw(st.booleans() if isinstance(row.default, bool) else st.integers(row.low, row.high))


def comments(text: str) -> Counter[str]:
    """What stands behind the last # of each line."""
    return Counter(line.rpartition("#")[2].strip() for line in text.splitlines() if "#" in line)


@given(spoilt(nearly.SETTINGS), st.lists(wishes(), min_size=1, max_size=4))
def test_spoilt_settings_are_read_and_edited_or_refused(raw: bytes, changes: list[tuple[str, Value]]) -> None:
    settings = read_or_refused(parse_settings, raw)
    if settings is None:
        return
    wanted = {id: settings[id] for id in BY_ID}
    before = settings.text
    with promptly((raw, changes)):
        for id, value in changes:
            settings.set(id, value)
            wanted[id] = value
        again = parse_settings(settings.text.encode(), "x")
    assert {id: again[id] for id in BY_ID} == wanted
    if '"""' not in before and "'''" not in before and "#" not in "".join(v for _, v in changes if isinstance(v, str)):
        assert not comments(before) - comments(settings.text), "a comment is gone"


@given(spoilt(nearly.KEPT))
def test_spoilt_choices_are_read_or_refused(raw: bytes) -> None:
    kept = read_or_refused(parse_kept, raw)
    if kept:
        assert parse_kept(kept.text.encode(), "x") == kept


@given(spoilt(nearly.PADS), st.sampled_from(["GM", "Nord", "SamplePad Pro", "new one"]), st.integers(0, 127))
def test_spoilt_pads_are_read_and_edited_or_refused(raw: bytes, module: str, note: int) -> None:
    pads = read_or_refused(parse_pads, raw)
    if pads is None:
        return
    with promptly((raw, module)):
        for function in FUNCTIONS[:3]:
            pads.assign(module, function, Pad(note))
        pads.assign(module, "tap", Pad(3, control=True))
        pads.assign(module, "start", None)
        again = parse_pads(pads.text.encode(), "x")
        saved = Pads(pads.edits()(raw.decode("utf-8").removeprefix("\ufeff")))
    for found in (pads, again, saved):
        assert [found.of_function(module, function) for function in ("start", "tap")] == [[], [Pad(3, control=True)]]
        assert found.of_function(module, FUNCTIONS[2]) == [Pad(note)]


@given(spoilt(nearly.SOUNDS), st.sampled_from(["Acoustic", "A", "Saw", 'a "new" one']), st.integers(0, 100))
def test_spoilt_adjustments_are_read_and_edited_or_refused(raw: bytes, name: str, level: int) -> None:
    adjusted = read_or_refused(parse_adjusted, raw)
    if adjusted is None:
        return
    with promptly((raw, name)):
        adjusted.set_level(name, "snare", level)
        adjusted.set_choke(name, "kick", None)
        adjusted.set_choke(name, "snare", "")
        adjusted.set_value(name, "cutoff", level / 7)
        again = parse_adjusted(adjusted.text.encode(), "x")
        saved = Adjusted(adjusted.edits()(raw.decode("utf-8").removeprefix("\ufeff")))
    for found in (adjusted, again, saved):
        assert (found.levels(name)["snare"], found.chokes(name)["snare"]) == (level, "")
        assert "kick" not in found.chokes(name)
        assert found.values(name)["cutoff"] == level / 7


WORDS = st.text(max_size=40) | st.text(st.characters(exclude_categories=()), max_size=10)


@example("half of \udc80", 0, "", "", "")
@given(WORDS, st.integers(30_000_000, 300_000_000) | st.just(0), WORDS, WORDS, WORDS)
def test_whatever_was_chosen_comes_back(pattern: str, micro_bpm: int, profile: str, port: str, remembered: str) -> None:
    """What is half a character can't be written down, and hinders nothing else."""
    kept = Kept(pattern, micro_bpm, profile, port, remembered)
    again = parse_kept(kept.text.encode(), "x")
    assert again.micro_bpm == micro_bpm
    for before, after in zip(kept._replace(micro_bpm=0), again._replace(micro_bpm=0), strict=True):
        if isinstance(before, str):
            assert after == re.sub("[\ud800-\udfff]", "\ufffd", before)


@given(spoilt(nearly.PROFILES), st.sampled_from(ROLES), st.integers(0, 127))
def test_spoilt_profiles_are_read_and_edited_or_refused(raw: bytes, role: str, note: int) -> None:
    profile = read_or_refused(parse_profile, raw)
    if profile is None:
        return
    assert {voice.role for voice in profile.voices} == set(ROLES)
    assert parse_profile(profile.text.encode(), "x") == profile
    try:
        with promptly((raw, role)):
            text = with_value(TomlText(raw, "x").text, ("notes", role), note)
    except (TextError, ValueError) as error:
        assert "line of its own" in str(error)  # noqa: PT017 - a table where a note was
        return
    after = read_or_refused(parse_profile, text.encode())
    if after:  # a table in braces over many lines is left alone by the box
        assert after == profile._replace(notes=profile.notes | {role: note})


@given(
    EVERY.flatmap(lambda name: st.tuples(st.just(name), spoilt([raw for _, raws in FILES.values() for raw in raws])))
)
def test_whatever_else_is_read_or_refused(drawn: tuple[str, bytes]) -> None:
    read_or_refused(FILES[drawn[0]][0], drawn[1])


@given(EVERY, st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_or_refused(name: str, raw: bytes) -> None:
    read_or_refused(FILES[name][0], raw)


@given(EVERY.flatmap(lambda name: st.tuples(st.just(name), growing(FILES[name][1]))))
def test_the_time_grows_with_the_file(drawn: tuple[str, Callable[[int], bytes]]) -> None:
    grows_with_the_file(FILES[drawn[0]][0], drawn[1])


@pytest.mark.parametrize("raw", nearly.SETTINGS)
def test_line_ends_and_a_mark_change_nothing(raw: bytes) -> None:
    plain = parse_settings(raw, "x")
    for same in (raw.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + raw):
        read = parse_settings(same, "x")
        assert {id: read[id] for id in BY_ID} == {id: plain[id] for id in BY_ID}


def test_the_file_as_it_is_first_written_has_all_comments_after_any_edit() -> None:
    for row in SETTINGS:
        settings = Settings()
        settings.set(row.id, row.default)
        assert settings.text == Settings().text
