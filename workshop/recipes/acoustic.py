"""The acoustic kit: a small kit, close by, of recordings in the public domain, and of formulas for what these lack.

It must never use a recording in two places without saying so in its origin.
"""

from __future__ import annotations

from workshop import recording
from workshop.plan import TWO, Part, Plan, Strike
from workshop.recipes import click, hand
from workshop.recipes.voice import syllable
from workshop.recording import recorded
from workshop.tone import Mode, Sound, band_pass, between, fall, high_pass, low_pass, mixed, ring, through

# By turns one or the other of these bands is a little louder, as if the stick fell elsewhere.
_LEANING_HZ = (0, 900, 3300)


def _leaning(sound: Sound, turn: int) -> Sound:
    return mixed(sound, 0.26 * through(sound, band_pass(_LEANING_HZ[turn], 0.8))) if turn else sound


def _struck(name: str, soft_hz: float, middle_hz: float = 9000) -> Strike:
    """A drum that was recorded soft and hard; between them the hard one, a little duller."""

    def strike(force: float, turn: int) -> Sound:
        if force < 0.4:
            return _leaning(through(recorded(f"{name}_soft"), low_pass(soft_hz, 0.6)), turn)
        sound = recorded(f"{name}_hard")
        return _leaning(through(sound, low_pass(middle_hz, 0.6)) if force < 0.6 else sound, turn)

    return strike


def _dulled(name: str, soft_hz: float, onset_db: float = -30.0) -> Strike:
    """A sound of one recording: the softer, the duller."""

    def strike(force: float, turn: int) -> Sound:
        return through(_leaning(recorded(name, onset_db), turn), low_pass(between(soft_hz, 15_000, force), 0.6))

    return strike


def bell(force: float, turn: int = 0) -> Sound:
    """The cup of the ride: what its wood and edge leave, and the modes of the cup."""
    shimmer = through(recorded("drum_cymbal_hard"), high_pass(1200), low_pass(between(5000, 9000, force)))
    cup = (
        Mode(786, 0.35, 700), Mode(1318, 0.6, 800), Mode(1994, 1.0, 900), Mode(2006, 0.4, 850), Mode(2917, 0.7, 700),
        Mode(4153, 0.4, 500), Mode(5408, 0.25, 350),
    )  # fmt: skip
    return mixed(0.5 * shimmer[:43_200] * fall(900, 900), 0.5 * ring(cup, 900, between(0.3, 0.1, force)))


def rim(force: float, turn: int = 0) -> Sound:
    """A stick laid across: wood on the hoop, and what the skin below makes of it."""
    skin = through(recorded("drum_snare_soft"), low_pass(1100))[:4800] * fall(100, 90)
    return mixed(click.rim(force), 0.5 * skin)


HATS = "hats"


def _part(name: str, strike: Strike, files: tuple[str, ...], **more: object) -> Part:
    """A sound of recordings, with their origin; `more` is Part's."""
    told = "; ".join(f"`{file}.flac`: {recording.CC0[file].told}" for file in files)
    mixture = " with a formula" if name in ("bell", "rim") else ""
    origin = f"edited{mixture} from Debian's {recording.PACKAGE}: {told}"
    licence = "CC0 1.0; the formula's part MIT" if mixture else "CC0 1.0"
    return Part(name, strike, origin=origin, licence=licence, recordings=files, **more)  # type: ignore[arg-type]


def _both(name: str) -> tuple[str, str]:
    return f"{name}_soft", f"{name}_hard"


PARTS = (
    _part("kick", _struck("drum_bass", 500, 3000), _both("drum_bass")),
    _part("snare", _struck("drum_snare", 6500), _both("drum_snare"), turns=2),
    _part("rim", rim, ("drum_snare_soft",)),
    _part("hat", _dulled("drum_cymbal_closed", 5000), ("drum_cymbal_closed",), choke=HATS, turns=3),
    _part("pedalhat", _dulled("drum_cymbal_pedal", 4500, -14.0), ("drum_cymbal_pedal",), choke=HATS),
    _part("openhat", _dulled("drum_cymbal_open", 5000), ("drum_cymbal_open",), choke=HATS, layers=TWO, longest_ms=1500),
    _part("ride", _struck("drum_cymbal", 6500), _both("drum_cymbal"), layers=TWO, longest_ms=1600),
    _part("bell", bell, ("drum_cymbal_hard",), layers=TWO),
    _part("crash", _struck("drum_splash", 5000), _both("drum_splash"), layers=TWO, longest_ms=2200),
    _part("lowtom", _struck("drum_tom_lo", 1500), _both("drum_tom_lo"), layers=TWO),
    _part("tom", _struck("drum_tom_mid", 1500), _both("drum_tom_mid"), layers=TWO),
    _part("hitom", _struck("drum_tom_hi", 1500), _both("drum_tom_hi"), layers=TWO),
    _part("cowbell", _dulled("drum_cowbell", 2600), ("drum_cowbell",)),
    Part("block", hand.block), Part("clave", hand.clave), Part("agogo", hand.agogo, layers=TWO),
    Part("shaker", hand.shaker, turns=2), Part("tambourine", hand.tambourine, turns=2, layers=TWO),
    Part("clap", hand.clap, turns=2), Part("conga", hand.conga), Part("count", lambda force, _: syllable(force)),
)  # fmt: skip

KIT = Plan("acoustic", "Acoustic", "A small kit, close by", PARTS)
