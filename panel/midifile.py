"""A standard MIDI file's drums as a pattern file: what mido reads, turned into hits of roles, and those into a chart.

It must never leave anything of the drums out in silence, nor show more of a spoilt file than one clear line.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import mido

from panel.failure import Failure
from panel.music.chart import chart_text, note_value
from panel.music.meter import Meter
from panel.music.notation import BEATS
from panel.music.pattern import MAX_BARS, MAX_TEXT, VELOCITY, Pattern
from panel.music.reading import MAX_NAME
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, NEVER, TICKS_PER_QUARTER, TICKS_PER_WHOLE
from panel.music.transcription import Hit, transcribe
from panel.profiles import FALLBACK_PROFILE, Profile
from panel.tomltext import printable

MAX_MIDI_BYTES = 512 * 1024  # a whole evening's song has a tenth of that
MAX_FILE_BARS = 4096
DRUM_CHANNEL = 10
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

# What General MIDI has beside the notes of our roles, each by the role that is nearest to it.
_NEAREST_ROLE = {
    "kick": (35,), "snare": (40,), "lowtom": (43,), "tom": (45, 66), "hitom": (48, 65), "crash": (52, 55, 57),
    "ride": (59,), "bell": (80, 81), "shaker": (58, 69, 73, 74), "agogo": (68, 71, 72), "block": (77,),
    "conga": (60, 61, 62, 64, 78, 79),
}  # fmt: skip

_MOST_TICKS = 1 << 28  # of one delta time in a file: the format has no more
_MOST_HIGH_BYTES = 4096  # in a row: a number that never ends
_DEFAULT_TEMPO = 500_000  # us a quarter, where a file says nothing
_CLICKS = 24  # MIDI clocks to the quarter note
_EARLY_TICKS = TICKS_PER_WHOLE // 128  # a hit so early is meant for what follows


class Imported(NamedTuple):
    """A pattern, the text of its file, and a line for each kind of thing that could not be kept."""

    pattern: Pattern
    text: str
    lost: tuple[str, ...]


class _Note(NamedTuple):
    """A note-on."""

    tick: int
    channel: int
    note: int
    velocity: int


class _Music(NamedTuple):
    """What of a file matters here, in our ticks; its own are so coarse that each may be `exact_ticks` off."""

    exact_ticks: int
    notes: dict[int, list[_Note]]  # by track
    tempos: list[tuple[int, int]]  # (tick, us a quarter)
    meters: list[tuple[int, int, int, int]]  # (tick, upper, lower, clocks a click)
    others: Counter[str]
    end_tick: int


class _Segment(NamedTuple):
    """Bars of one meter, the first of them numbered `bar`, up to `end_tick`."""

    tick: int
    end_tick: int
    bar: int
    upper: int
    lower: int
    clicks: int

    @property
    def bar_ticks(self) -> int:
        """The length of a bar, whether it can be played or not."""
        return max(1, self.upper * TICKS_PER_WHOLE // self.lower)


class _Stretch(NamedTuple):
    """The bars that are taken: `bars` of them from `bar` on, which begins at `tick`."""

    segment: _Segment
    meter: Meter
    tick: int
    bar: int
    bars: int

    @property
    def end_tick(self) -> int:
        """Where they end."""
        return self.tick + self.bars * self.meter.bar_ticks


def import_midi(raw: bytes, source: str, name: str, profile: Profile, bars: tuple[int, int] | None = None) -> Imported:
    """The drums of a file as a pattern of that name. `bars` are the first and the last one to take, counted from 1.

    Raises Failure, in one line, for what is no such file or has no drums.
    """
    music = _read(raw, source)
    drums, others = _drums(music, profile, source)
    hits, unknown = _hits_of(drums, profile)
    if not hits:
        raise Failure(f"{source}: none of its {len(drums)} drum notes is a sound of {profile.name}")
    stretch, cut = _stretch(music, hits, bars, source)
    frame, tempo = _frame(music, stretch, name, source)
    within = [hit._replace(tick=hit.tick - stretch.tick) for hit in hits]
    try:
        chart = transcribe(within, frame, stretch.bars, music.exact_ticks, stretch.bar)
    except ValueError as error:
        raise Failure(f"{source}: {error}") from error
    lost = (*chart.lost, *cut, *tempo, *unknown, *others, *_never_kept(music, stretch.meter))
    return Imported(chart.pattern, chart_text(chart.pattern, chart.step_ticks), lost)


def name_of(stem: str) -> str:
    """A pattern's name for the name of a file."""
    words = "".join(char if char.isprintable() else " " for char in stem.replace("_", " ")).split()
    return " ".join(words)[:MAX_NAME].strip() or "Imported"


def _read(raw: bytes, source: str) -> _Music:
    if len(raw) > MAX_MIDI_BYTES:
        raise Failure(f"{source}: the file has more than {MAX_MIDI_BYTES // 1024} KB: too large for a song's drums")
    if raw[:4] != b"MThd":
        raise Failure(f"{source}: this is no MIDI file")
    if len(raw) >= 14 and raw[12] & 0x80:
        raise Failure(f"{source}: its time is in SMPTE frames, not in beats: export it with ticks per quarter note")
    try:
        file = mido.MidiFile(file=_Watched(raw))
        if file.type not in (0, 1) or file.ticks_per_beat < 1:
            raise Failure(f"{source}: MIDI files of type {file.type} can't be read: export it as type 0 or 1")
        return _music(file)
    except Failure:
        raise
    except Exception as error:  # mido has no error of its own for a spoilt file: whatever its parts raise
        raise Failure(f"{source}: the file is spoilt or cut short ({printable(_why(error), 80)})") from error


def _why(error: Exception) -> str:
    return str(error) or {"EOFError": "it ends too early"}.get(type(error).__name__, type(error).__name__)


class _Watched(io.BytesIO):
    """A file that refuses to be read as one endless number, which would take for ever."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self._high = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file."""
        found = super().read(size)
        self._high = self._high + 1 if size == 1 and found >= b"\x80" else 0
        if self._high > _MOST_HIGH_BYTES:
            raise ValueError("a number has no end")
        return found


def _music(file: Any) -> _Music:
    """What matters of a file as mido has it. Raises ValueError for times that can't be."""
    division = file.ticks_per_beat
    music = _Music(-(-TICKS_PER_QUARTER // (2 * division)), {}, [], [], Counter(), 0)
    end = 0
    for number, track in enumerate(file.tracks):
        tick = 0
        for message in track:
            if not 0 <= message.time < _MOST_TICKS:
                raise ValueError("a time has too many ticks")
            tick += message.time
            _take(music, number, (2 * tick * TICKS_PER_QUARTER + division) // (2 * division), message)
        end = max(end, tick)
    music.tempos.sort(key=_by_tick)
    music.meters.sort(key=_by_tick)
    return music._replace(end_tick=end * TICKS_PER_QUARTER // division)


def _by_tick(change: tuple[int, ...]) -> int:
    return change[0]


def _take(music: _Music, track: int, tick: int, message: Any) -> None:
    if message.type == "note_on" and message.velocity:
        note = _Note(tick, message.channel + 1, message.note, message.velocity)
        music.notes.setdefault(track, []).append(note)
    elif message.type == "set_tempo":
        music.tempos.append((tick, message.tempo))
    elif message.type == "time_signature":
        music.meters.append((tick, message.numerator, message.denominator, message.clocks_per_click))
    elif not message.is_meta and message.type not in ("note_on", "note_off"):
        music.others[message.type.replace("_", " ")] += 1


def _drums(music: _Music, profile: Profile, source: str) -> tuple[list[_Note], list[str]]:
    """The drum notes: of the profile's channels, of channel 10, or of the only track that has notes."""
    every = [note for notes in music.notes.values() for note in notes]
    channels = {voice.channel for voice in profile.voices}
    for wanted in (channels, {DRUM_CHANNEL}):
        if found := [note for note in every if note.channel in wanted]:
            left = len(every) - len(found)
            return found, [f"{left} notes of other instruments are left out"] if left else []
    if len(music.notes) == 1:
        return every, [f"nothing is on channel {DRUM_CHANNEL}: the only track that has notes is taken for the drums"]
    if not every:
        raise Failure(f"{source}: there is no note in it")
    count = len(music.notes)
    raise Failure(
        f"{source}: there is no drum track: nothing is on channel {DRUM_CHANNEL}, and {count} tracks have notes"
    )


def _hits_of(notes: list[_Note], profile: Profile) -> tuple[list[Hit], list[str]]:
    """The hits by time, and what is lost on the way to them."""
    roles, near = _roles(profile), _near_roles(profile)
    hits, unknown, instead, loud = [], Counter[int](), Counter[int](), Counter[int]()
    for note in notes:
        role = roles.get(note.note) or near.get(note.note)
        if role is None:
            unknown[note.note] += 1
            continue
        instead[note.note] += note.note not in roles
        loud[note.velocity] += note.velocity not in VELOCITY.values()
        hits.append(Hit(note.tick, role, strength_of(note.velocity)))
    lost = [f"note {_named(note)} has no role: {_times(count)} left out" for note, count in sorted(unknown.items())]
    lost += [f"note {_named(note)} becomes {near[note]}: {_times(count)}" for note, count in sorted((+instead).items())]
    if between := sum(loud.values()):
        lost.append(f"{_times(between)} of {len(+loud)} other velocities become X, x or g")
    return sorted(hits), lost


def _roles(profile: Profile) -> dict[int, str]:
    """The role of each of a module's notes; of two roles on one note the first."""
    return {note: role for role, note in reversed(profile.notes.items())}


def _near_roles(profile: Profile) -> dict[int, str]:
    if profile.name != FALLBACK_PROFILE:
        return {}
    return {note: role for role, notes in _NEAREST_ROLE.items() for note in notes}


def strength_of(velocity: int) -> str:
    """The strength whose velocity is nearest, the louder one in the middle."""
    return min(VELOCITY, key=lambda strength: (abs(VELOCITY[strength] - velocity), -VELOCITY[strength]))


def _named(note: int) -> str:
    known = 0 <= note - FIRST_NOTE < len(NOTE_NAMES)
    return f"{note} ({NOTE_NAMES[note - FIRST_NOTE]})" if known else f"{note}"


def _times(count: int) -> str:
    return "1 hit" if count == 1 else f"{count} hits"


def _segments(music: _Music) -> list[_Segment]:
    """The meters in order; 4/4 where a file says nothing."""
    changes = [(0, 4, 4, _CLICKS)]
    for change in music.meters:
        if changes[-1][0] == change[0]:
            changes[-1] = change
        elif change[1:3] != changes[-1][1:3]:
            changes.append(change)
    found: list[_Segment] = []
    for (tick, upper, lower, clicks), after in zip(changes, [*changes[1:], (NEVER,)], strict=True):
        before = found[-1] if found else None
        bar = before.bar - (before.tick - tick) // before.bar_ticks if before else 1
        found.append(_Segment(tick, after[0], bar, upper, lower, clicks))
    return found


def _stretch(music: _Music, hits: list[Hit], wanted: tuple[int, int] | None, source: str) -> tuple[_Stretch, list[str]]:
    """The bars to take: those that are wanted, else from the first hit on; and what that leaves out."""
    segments = _segments(music)
    if wanted:
        segment = [each for each in segments if each.bar <= wanted[0]][-1]
    else:
        segment = [each for each in segments if each.tick <= hits[0].tick + _EARLY_TICKS][-1]
    try:
        meter = Meter.of(segment.upper, segment.lower)
    except ValueError as error:
        raise Failure(
            f"{source}: its meter in bar {segment.bar} is {segment.upper}/{segment.lower}: {error}"
        ) from error
    first_hit = segment.bar + (hits[0].tick + _EARLY_TICKS - segment.tick) // meter.bar_ticks
    bar, last = wanted or (first_hit, _last_bar(music, hits, segment, first_hit))
    told = [f"{_bars(1, bar - 1)} empty: the chart begins with bar {bar}"] if bar > 1 and not wanted else []
    if segment.end_tick < NEVER:
        end_bar = segment.bar - (segment.tick - segment.end_tick) // meter.bar_ticks
        if last >= end_bar or (not wanted and hits[-1].tick >= segment.end_tick):
            told.append(f"the meter changes in bar {end_bar}: the chart ends there")
        last = min(last, end_bar - 1)
    if last - bar >= MAX_FILE_BARS:
        last = bar + MAX_FILE_BARS - 1
        told.append(f"what comes after bar {last} is left out")
    return _Stretch(segment, meter, segment.tick + (bar - segment.bar) * meter.bar_ticks, bar, last - bar + 1), told


def _last_bar(music: _Music, hits: list[Hit], segment: _Segment, first: int) -> int:
    """The bar of the last hit; or, where the track ends with a bar soon after it, that one."""
    last = max(hit.tick for hit in hits if hit.tick < segment.end_tick) + _EARLY_TICKS
    by_hit = segment.bar + (last - segment.tick) // segment.bar_ticks
    bars, rest = divmod(music.end_tick - segment.tick, segment.bar_ticks)
    by_end = segment.bar + bars - 1
    return by_end if rest <= music.exact_ticks and by_hit < by_end < first + MAX_BARS else by_hit


def _bars(first: int, last: int) -> str:
    return f"bars {first} to {last} are" if last > first else f"bar {last} is"


def _frame(music: _Music, stretch: _Stretch, name: str, source: str) -> tuple[Pattern, list[str]]:
    """The pattern without its rows, and what of the tempo it can't keep."""
    tempos = [(0, _DEFAULT_TEMPO), *music.tempos]
    at = [us for tick, us in tempos if tick <= stretch.tick + _EARLY_TICKS][-1]
    changes = [(tick, us) for tick, us in tempos if stretch.tick + _EARLY_TICKS < tick < stretch.end_tick and us != at]
    beat_ticks = _beat_ticks(stretch)
    wanted, bpm = _bpm(at, beat_ticks), _held(_bpm(at, beat_ticks))
    told = [f"the tempo of {wanted:g} BPM becomes {bpm:g}"] if bpm != wanted else []
    if changes:
        tick, us = changes[0]
        bar = stretch.bar + (tick - stretch.tick) // stretch.meter.bar_ticks
        times = "once" if len(changes) == 1 else f"{len(changes)} times"
        first = f"first to {_bpm(us, beat_ticks):g} BPM in bar {bar}"
        told.append(f"the tempo changes {times}, {first}: the chart has {bpm:g}")
    about = printable(f"From {source.rpartition('/')[2]}", MAX_TEXT - 3)
    return Pattern(
        name, stretch.meter, (), beat_ticks=beat_ticks, micro_bpm=round(bpm * MICRO), about=about, family="own"
    ), told


def _beat_ticks(stretch: _Stretch) -> int:
    """The note that the file's own metronome counts, where it is one that ours may count."""
    ticks = stretch.segment.clicks * TICKS_PER_QUARTER // _CLICKS
    return ticks if ticks and note_value(ticks) in BEATS else TICKS_PER_QUARTER


def _bpm(us: int, beat_ticks: int) -> float:
    """BPM of a beat for microseconds a quarter, in hundredths."""
    return round(60_000_000 * TICKS_PER_QUARTER / (max(1, us) * beat_ticks), 2)


def _held(bpm: float) -> float:
    """A tempo within what the box plays."""
    return max(MIN_BPM, min(MAX_BPM, bpm))


def _never_kept(music: _Music, meter: Meter) -> Iterator[str]:
    if meter.denominator >= 8 and max(meter.groups) == 1 < meter.numerator:
        yield f'how {meter} is grouped is in no MIDI file: add a line such as group = "{_guess(meter.numerator)}"'
    if music.others:
        each = ", ".join(f"{name} {count}" for name, count in music.others.most_common())
        yield f"controllers and the like are left out: {each}"
    yield "note lengths are left out: the box holds every note as long as its settings say"


def _guess(beats: int) -> str:
    """Groups of two, and a three at the end where it is odd."""
    return "+".join(["2"] * ((beats - 2) // 2) + (["3"] if beats % 2 and beats > 1 else ["2"]))
