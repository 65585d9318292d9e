"""The music of the shipped patterns: lengths, accents and the published rhythms, read by the project's own loader.

It must never compare a file with itself: what is expected stands here, written out by hand.
"""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from panel.music.notation import parse_pattern
from panel.music.pattern import Pattern, Stroke

FILES = sorted((Path(__file__).parent.parent / "patterns").glob("*.toml"))
QUARTER = 5040
EIGHTH = QUARTER // 2
SIXTEENTH = QUARTER // 4
TRIPLET = QUARTER // 3

CLASSICS = ("4/4 Basic", "4/4 Subdivisions", "6/8 Feel", "3/4 Waltz", "Prog Rock 7/8")
# What is silent on the one, and why the drummer isn't lost: the last click before the one is the loud one.
SILENT_ON_THE_ONE = ("Offbeats only", "2 and 4", "Last triplet")


def _load(file: Path) -> Pattern:
    return parse_pattern(file.read_bytes(), file.name)


PATTERNS = {pattern.name: pattern for pattern in map(_load, FILES)}
GROUPED = [file for file in FILES if "group" in tomllib.loads(file.read_text())]
every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def _steps(name: str, role: str, step: int, strengths: str = "Xxg", fill: bool = False) -> list[int]:
    """Where a role is struck, counted in steps from the start of the pattern; fails for a stroke off the grid."""
    found = []
    for stroke in PATTERNS[name].strokes(fill):
        if stroke.role == role and stroke.strength in strengths:
            index, off_grid = divmod(stroke.tick, step)
            assert off_grid == 0, f"{name}: {role} at tick {stroke.tick} is off the grid"
            found.append(index)
    return found


def _indices(chart: str) -> list[int]:
    """The steps that are struck in a chart such as "x..x..x."."""
    return [index for index, cell in enumerate(re.sub("[ |]", "", chart)) if cell != "."]


def _ticks(name: str, role: str) -> list[int]:
    return [stroke.tick for stroke in PATTERNS[name].strokes() if stroke.role == role]


def _sound(strokes: tuple[Stroke, ...]) -> frozenset[tuple[int, str, str]]:
    return frozenset((stroke.tick, stroke.role, stroke.strength) for stroke in strokes)


# ------------------------------------------------------------------------------------------------ the shelf


def test_enough_is_shipped_and_a_good_part_has_fills() -> None:
    assert len(FILES) >= 48
    assert sum(bool(pattern.fill) for pattern in PATTERNS.values()) >= 20
    assert set(CLASSICS) <= set(PATTERNS)


def test_names_are_unique_without_regard_to_case() -> None:
    assert len({name.casefold() for name in PATTERNS}) == len(FILES)


def test_no_two_grooves_are_the_same_music() -> None:
    seen: dict[object, str] = {}
    for pattern in PATTERNS.values():
        music = (pattern.length_ticks, frozenset((s.tick, s.role) for s in pattern.strokes()))
        assert music not in seen, f"{pattern.name} is {seen[music]}"
        seen[music] = pattern.name


@every_file
def test_a_file_is_named_as_a_drummer_would_find_it(file: Path) -> None:
    pattern = _load(file)
    assert file.stem == re.sub("[^a-z0-9]+", "-", pattern.name.lower()).strip("-")
    assert len(pattern.name) <= 20
    assert pattern.family != "own"
    assert 20 <= len(pattern.about) <= 120
    assert file.read_text().isascii()  # the screen's fonts have no more


@every_file
def test_every_bar_of_every_row_has_exactly_its_meters_length(file: Path) -> None:
    chart = tomllib.loads(file.read_text())
    bar, bars = Fraction(chart["meter"]), chart.get("bars", 1)
    for rows in (chart["groove"], chart.get("fill", {})):
        for role, row in rows.items():
            if ":" not in row:
                lengths = [len(part.replace(" ", "")) * Fraction(chart["step"]) for part in row.split("|")]
                assert lengths == [bar] * bars, f"{file.name}: {role}"
    assert _load(file).length_ticks == bars * bar * 4 * QUARTER


@every_file
def test_rows_of_one_table_are_aligned_like_a_chart(file: Path) -> None:
    chart = tomllib.loads(file.read_text())
    for rows in (chart["groove"], chart.get("fill", {})):
        shapes = {re.sub("[Xxg.]", "x", row) for row in rows.values() if ":" not in row}
        assert len(shapes) <= 1, shapes


# ------------------------------------------------------------------------------------------------ the one


@every_file
def test_the_one_cannot_be_mistaken(file: Path) -> None:
    """Starting the loop on any other unit of the meter would give another music."""
    pattern = _load(file)
    sound, length = _sound(pattern.strokes()), pattern.length_ticks
    for shift in range(pattern.meter.unit_ticks, length, pattern.meter.unit_ticks):
        turned = frozenset(((tick + shift) % length, role, strength) for tick, role, strength in sound)
        assert turned != sound, f"{file.name} sounds the same from tick {shift}"


@pytest.mark.parametrize("name", CLASSICS)
def test_the_classics_accent_the_one_and_nothing_louder(name: str) -> None:
    strokes = PATTERNS[name].strokes()
    accents = {s.tick for s in strokes if s.strength == "X" and s.role in ("rim", "kick")}
    assert accents == {0}


@pytest.mark.parametrize("name", SILENT_ON_THE_ONE)
def test_a_click_that_leaves_the_one_out_leads_into_it_and_its_fill_gives_it_back(name: str) -> None:
    strokes = PATTERNS[name].strokes()
    assert strokes[0].tick > 0
    assert [s for s in strokes if s.strength == "X"] == [strokes[-1]]
    assert PATTERNS[name].strokes(fill=True)[0].strength == "X"
    assert PATTERNS[name].strokes(fill=True)[0].tick == 0


# ------------------------------------------------------------------------------------------------ fills


@pytest.mark.parametrize("name", [name for name, pattern in PATTERNS.items() if pattern.fill])
def test_a_fill_differs_starts_with_its_bar_and_leads_back_to_the_one(name: str) -> None:
    pattern = PATTERNS[name]
    fill = pattern.strokes(fill=True)
    assert _sound(fill) != _sound(pattern.strokes())
    assert fill[0].tick < QUARTER
    assert pattern.length_ticks - QUARTER <= fill[-1].tick < pattern.length_ticks


def test_the_cascara_s_fill_is_an_abanico() -> None:
    assert _steps("Cascara 3-2", "snare", SIXTEENTH, fill=True) == [26, 28, 29, 30, 31]
    assert _steps("Cascara 3-2", "snare", SIXTEENTH, "X", fill=True) == [26]


# ------------------------------------------------------------------------------------------------ groups


@pytest.mark.parametrize("file", GROUPED, ids=lambda file: file.stem)
def test_the_groups_are_heard_where_the_file_says(file: Path) -> None:
    """In every odd meter one voice marks exactly the group starts: by its accents, else by striking nothing else."""
    pattern = _load(file)
    starts = set(pattern.meter.group_starts)
    strokes = pattern.strokes()
    by_accent = [{s.tick for s in strokes if s.role == role and s.strength == "X"} for role in pattern.roles]
    by_stroke = [{s.tick for s in strokes if s.role in roles} for roles in (("rim",), ("kick",))]
    assert starts in by_accent + by_stroke or file.stem == "karsilama-9-8"


def test_the_karsilama_goes_low_high_low_and_three_times_high() -> None:
    assert _steps("Karsilama 9/8", "kick", EIGHTH) == [0, 4]
    assert _steps("Karsilama 9/8", "rim", EIGHTH) == [2, 6, 7, 8]


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("5/4 3+2", (3, 2)),
        ("5/4 2+3", (2, 3)),
        ("7/4 4+3", (4, 3)),
        ("5/8 3+2", (3, 2)),
        ("5/8 2+3", (2, 3)),
        ("7/8 2+2+3", (2, 2, 3)),
        ("7/8 3+2+2", (3, 2, 2)),
        ("7/8 2+3+2", (2, 3, 2)),
        ("9/8 3+3+3", (3, 3, 3)),
        ("9/8 2+2+2+3", (2, 2, 2, 3)),
        ("10/8 3+3+2+2", (3, 3, 2, 2)),
        ("11/8 2+2+3+2+2", (2, 2, 3, 2, 2)),
        ("13/8 3+3+3+2+2", (3, 3, 3, 2, 2)),
        ("15/8 3+3+3+3+3", (3, 3, 3, 3, 3)),
    ],
)
def test_an_odd_click_has_the_groups_of_its_name_and_the_rim_has_the_one(name: str, groups: tuple[int, ...]) -> None:
    pattern = PATTERNS[name]
    starts = [sum(groups[:index]) * pattern.meter.unit_ticks for index in range(len(groups))]
    assert pattern.meter.groups == groups
    assert _ticks(name, "rim") == starts
    assert _steps(name, "rim", EIGHTH, "X") == [0]
    assert [s.tick for s in pattern.strokes() if s.role == "hat" and s.strength == "X"] == starts


# ------------------------------------------------------------------------------------------------ published rhythms

SON = "x..x..x.|..x.x..."
RUMBA = "x..x...x|..x.x..."


@pytest.mark.parametrize(
    ("name", "role", "step", "chart"),
    [
        ("Son clave 3-2", "clave", EIGHTH, SON),
        ("Son clave 2-3", "clave", EIGHTH, "..x.x...|x..x..x."),
        ("Rumba clave 3-2", "clave", EIGHTH, RUMBA),
        ("Rumba clave 2-3", "clave", EIGHTH, "..x.x...|x..x...x"),
        ("Bossa clave", "clave", EIGHTH, "x..x..x.|..x..x.."),
        ("Bossa nova", "rim", EIGHTH, "x..x..x.|..x..x.."),
        ("Tresillo", "rim", EIGHTH, "x..x..x."),
        ("Cinquillo", "block", SIXTEENTH, "x.xx.xx."),
        ("Habanera", "block", SIXTEENTH, "x..xx.x."),
        ("6/8 Bembe bell", "cowbell", EIGHTH, "x.x.xx|.x.x.x"),
        ("6/8 Rumba clave", "clave", EIGHTH, "x.x..x|.x.x.."),
        ("Afro-Cuban 6/8", "cowbell", EIGHTH, "x.x.xx|.x.x.x"),
        ("Cascara 3-2", "rim", EIGHTH, "x.xx.x.x|x.x.xx.x"),
        ("Mambo bell 2-3", "cowbell", EIGHTH, "x.x.xxxx|.xxxx.xx"),
        ("Mambo bell 2-3", "conga", EIGHTH, "..x...xx|..x...xx"),
        ("Songo", "kick", EIGHTH, "...x..x.|...x..x."),
        ("Samba", "rim", SIXTEENTH, "x.x..x.x|.x..x.x."),
        ("Samba", "kick", SIXTEENTH, "x..xx..x|x..xx..x"),
        ("Cha-cha", "shaker", EIGHTH, "x.xxx.xx"),
        ("Reggaeton", "snare", SIXTEENTH, "...x..x....x..x."),
        ("Maqsum", "kick", EIGHTH, "x...x..."),
        ("Maqsum", "rim", EIGHTH, ".x.x..x."),
        ("One drop", "kick", EIGHTH, "....x..."),
        ("D-beat", "kick", EIGHTH, "x..x.x.."),
        ("Bolero 3/4", "snare", TRIPLET // 2, "x..xxxx..xxxx..x..|x..xxxx..xxxxxxxxx"),
        ("Half-time shuffle", "hat", TRIPLET, "x.xx.xx.xx.x"),
        ("Half-time shuffle", "snare", TRIPLET, ".x..x.xx..x."),
        ("Blues shuffle", "hat", TRIPLET, "x.xx.xx.xx.x"),
    ],
)
def test_a_published_rhythm_has_its_published_strokes(name: str, role: str, step: int, chart: str) -> None:
    assert _steps(name, role, step) == _indices(chart)


def test_the_second_line_accents_the_clave_and_the_big_four() -> None:
    accents = [s for s in PATTERNS["Second line"].strokes() if s.strength == "X"]
    unswung = [round(s.tick / EIGHTH) for s in accents if s.role == "snare"]
    assert unswung == _indices(SON)
    assert [s.tick for s in accents if s.role == "kick"] == [0, 7 * QUARTER]


def test_the_clave_lives_inside_its_relatives() -> None:
    assert set(_indices(RUMBA)) < set(_steps("Cascara 3-2", "rim", EIGHTH))
    clave = _steps("6/8 Rumba clave", "clave", EIGHTH)
    assert set(clave) < set(_steps("6/8 Bembe bell", "cowbell", EIGHTH))


@pytest.mark.parametrize(
    ("name", "step", "backbeats"),
    [
        ("Money beat", QUARTER, [1, 3]),
        ("Disco", QUARTER, [1, 3]),
        ("Motown", QUARTER, [1, 3]),
        ("Funk", QUARTER, [1, 3]),
        ("Drum and bass", QUARTER, [1, 3]),
        ("Boom bap", QUARTER, [1, 3]),
        ("16th shuffle", QUARTER, [1, 3]),
        ("Ska", QUARTER, [1, 3]),
        ("D-beat", QUARTER, [1, 3]),
        ("Blues shuffle", QUARTER, [1, 3]),
        ("Texas shuffle", QUARTER, [1, 3]),
        ("12/8 Blues", 3 * EIGHTH, [1, 3]),
        ("Half-time rock", QUARTER, [2]),
        ("Half-time shuffle", QUARTER, [2]),
        ("Prog Rock 7/8", EIGHTH, [2, 6]),
        ("Punk two-beat", EIGHTH, [1, 3, 5, 7]),
    ],
)
def test_the_backbeat_is_where_the_style_has_it(name: str, step: int, backbeats: list[int]) -> None:
    assert _steps(name, "snare", step, "X") == backbeats


def test_compound_meters_are_tapped_in_dotted_quarters() -> None:
    for name in ("6/8 Feel", "6/8 Bembe bell", "9/8 3+3+3", "12/8 Blues", "15/8 3+3+3+3+3"):
        assert PATTERNS[name].beat_ticks == 3 * EIGHTH
    assert PATTERNS["Cut time"].beat_ticks == 2 * QUARTER


# ------------------------------------------------------------------------------------------------ swing and polyrhythm


def test_spang_a_lang_swings_in_triplets_within_two_hundredths_of_a_quarter() -> None:
    ride = _ticks("Jazz ride", "ride")
    straight = [0, QUARTER, QUARTER + 2 * TRIPLET, 2 * QUARTER, 3 * QUARTER, 3 * QUARTER + 2 * TRIPLET]
    assert ride != straight  # a percentage can't say two thirds
    assert [abs(tick - triplet) <= QUARTER // 50 for tick, triplet in zip(ride, straight, strict=True)] == [True] * 6
    assert _ticks("Jazz ride", "pedalhat") == [QUARTER, 3 * QUARTER]


@pytest.mark.parametrize("name", ["Swung sixteenths", "16th shuffle", "Boom bap"])
def test_swung_sixteenths_leave_the_eighths_alone(name: str) -> None:
    late = {s.tick % EIGHTH for s in PATTERNS[name].strokes()} - {0}
    assert len(late) == 1
    assert SIXTEENTH < late.pop() <= EIGHTH * 2 // 3


@pytest.mark.parametrize(
    ("name", "role", "ticks"),
    [
        ("3 over 4", "rim", [0, 5040, 10080, 15120]),
        ("3 over 4", "cowbell", [0, 6720, 13440]),
        ("4 over 3", "rim", [0, 5040, 10080]),
        ("4 over 3", "cowbell", [0, 3780, 7560, 11340]),
        ("2 over 3", "rim", [0, 5040, 10080]),
        ("2 over 3", "cowbell", [0, 7560]),
        ("5 over 4", "cowbell", [0, 4032, 8064, 12096, 16128]),
        ("7 over 4", "cowbell", [0, 2880, 5760, 8640, 11520, 14400, 17280]),
        ("Seven up", "bell", [0, 5880, 11760]),
        ("Quarter triplets", "cowbell", [0, 3360, 6720, 10080, 13440, 16800]),
    ],
)
def test_a_polyrhythm_hits_at_exact_ticks(name: str, role: str, ticks: list[int]) -> None:
    assert _ticks(name, role) == ticks


@pytest.mark.parametrize("name", ["2 over 3", "3 over 4", "4 over 3", "5 over 4"])
def test_a_polyrhythm_s_fill_shows_a_grid_that_holds_both(name: str) -> None:
    strokes = PATTERNS[name].strokes(fill=True)
    grid = {s.tick for s in strokes if s.role == "hat"}
    assert {s.tick for s in strokes if s.role != "hat"} < grid
