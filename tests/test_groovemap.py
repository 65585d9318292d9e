"""The map of styles: it is what the workshop makes of the patterns, and the workshop reads them as a drummer would."""

from __future__ import annotations

import pytest

from panel.datafiles import data_folder
from panel.music.generators.groovemap import NODES, SIDE
from panel.music.notation import parse_pattern
from workshop.groovemap import FILE, FIRST, GROOVES, LAST, module
from workshop.grooves import SIXTEENTHS, TRIPLETS, Groove, groove_of, unlikeness


def _groove(slug: str) -> Groove:
    path = data_folder("patterns") / f"{slug}.toml"
    return groove_of(slug, parse_pattern(path.read_bytes(), path.name))


def _chart(groove: Groove, voice: str, parts: int = SIXTEENTHS) -> str:
    cells = [cell or "." for cell in groove.strokes(voice, parts)]
    return " ".join("".join(cells[at : at + parts]) for at in range(0, len(cells), parts))


def test_the_module_is_what_the_script_makes_byte_for_byte() -> None:
    assert FILE.read_bytes() == module().encode()


def test_every_groove_is_on_the_map_once() -> None:
    assert sorted(name for name, _ in NODES) == sorted(_groove(slug).name for slug in GROOVES)
    assert len(NODES) == SIDE * SIDE


def test_the_map_lies_the_way_it_is_turned() -> None:
    names = [name for name, _ in NODES]
    first, last = (sum(divmod(names.index(_groove(slug).name), SIDE)) for slug in (FIRST, LAST))
    assert first < last


@pytest.mark.parametrize(
    ("slug", "voice", "chart"),
    [
        ("funk", "kick", "X..x ..x. ..x. ...."),  # as it stands
        ("baiao", "kick", "X..x .... X..x ...."),  # two beats, twice
        ("son-clave-3-2", "cowbell", "X..x ..x. ..x. x..."),  # eight beats at double speed
        ("disco", "hat", "xxxx xxxx xxxx xxxx"),  # two roles in one voice
        ("jazz-ride", "hat", "X... x..x x... x..x"),  # swung so far that it is triplets
        ("one-drop", "hat", "x.x. X.x. x.x. X.x."),  # swung, but not so far
        ("blues-shuffle", "hat", "x..x x..x x..x x..x"),
        ("one-drop", "snare", ".... .... X... ...."),  # a stick across the snare
        ("cascara-3-2", "cowbell", "X.xX .X.x x.X. xX.x"),  # a rim on its own is a bell
        ("afro-cuban-6-8", "snare", ".... x... .... x..."),
        ("samba", "hat", "xggx xggx xggx xggx"),  # the shaker, not the foot beside it
    ],
)
def test_a_chart_is_read_in_four_beats(slug: str, voice: str, chart: str) -> None:
    assert _chart(_groove(slug), voice) == chart


@pytest.mark.parametrize(
    ("slug", "voice", "chart"),
    [
        ("blues-shuffle", "hat", "x.x x.x x.x x.x"),
        ("12-8-blues", "kick", "X.. ..x x.. ..."),
        ("afro-cuban-6-8", "cowbell", "X.x .xx .x. x.x"),
        ("money-beat", "hat", "X.x x.x x.x x.x"),  # eighths shuffle
    ],
)
def test_and_in_triplets(slug: str, voice: str, chart: str) -> None:
    assert _chart(_groove(slug), voice, TRIPLETS) == chart


def test_a_voice_that_a_groove_has_not_is_left_out() -> None:
    assert _groove("son-clave-3-2").strokes("kick", SIXTEENTHS) == ()
    assert _groove("bossa-nova").strokes("cowbell", SIXTEENTHS) == ()  # its rim is the snare


def test_likes_are_less_unlike() -> None:
    funk, money, rumba, son = map(_groove, ("funk", "money-beat", "rumba-clave-3-2", "son-clave-3-2"))
    assert unlikeness(funk, funk) == 0
    assert unlikeness(funk, money) == unlikeness(money, funk) < unlikeness(funk, son)
    assert unlikeness(rumba, son) < unlikeness(money, son)
