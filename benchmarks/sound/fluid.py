"""FluidSynth, by its library: notes of a General MIDI sound font, rendered as fast as it can.

It must never be given more to do than we are: its reverb and chorus are off.
"""

from __future__ import annotations

import ctypes
import glob
from collections.abc import Callable
from ctypes import byref, c_char_p, c_double, c_float, c_int, c_void_p
from functools import lru_cache
from statistics import mean

from benchmarks.box import BenchError
from benchmarks.sound.material import KEYS, LOWEST_KEY
from benchmarks.sound.timing import BLOCK, BLOCKS, RATE, Cost, timed

FONTS = "/usr/share/sounds/sf*/*.sf*"
MISSING = "FluidSynth is missing: sudo apt install fluidsynth timgm6mb-soundfont"
DRUM, CHANNELS = 1, 16
MELODIC = [channel for channel in range(CHANNELS) if channel != 9]
LONG = (49, 57, 52, 55, 51, 59, 53)  # cymbals: percussion that lasts
LEAD = 81  # "Lead 2 (sawtooth)", counted from 0, which a key holds for ever
MOST_STRIKES = 8192


class Fluid:
    """A synthesizer of `voices` voices at most. Raises BenchError where there is none, or no font."""

    def __init__(self, voices: int) -> None:
        self._library, font = _library(), _font()
        self._settings = c_void_p(self._library.new_fluid_settings())
        self._library.fluid_settings_setnum(self._settings, b"synth.sample-rate", c_double(RATE))
        for name, value in ((b"polyphony", voices), (b"reverb.active", 0), (b"chorus.active", 0)):
            self._library.fluid_settings_setint(self._settings, b"synth." + name, value)
        self._synth = c_void_p(self._library.new_fluid_synth(self._settings))
        if self._library.fluid_synth_sfload(self._synth, font.encode(), 1) < 0:
            raise BenchError(f"FluidSynth can't read {font.rpartition('/')[2]}")
        self._left, self._right = (c_float * BLOCK)(), (c_float * BLOCK)()

    def be_drums(self) -> None:
        """Percussion on all channels."""
        for channel in range(CHANNELS):
            self._library.fluid_synth_set_channel_type(self._synth, channel, DRUM)
            self._library.fluid_synth_program_change(self._synth, channel, 0)

    def be_saws(self) -> None:
        """The saw on all channels but the tenth, where percussion is."""
        for channel in MELODIC:
            self._library.fluid_synth_program_change(self._synth, channel, LEAD)

    def strike(self, channel: int, key: int) -> None:
        """A note."""
        self._library.fluid_synth_noteon(self._synth, channel, key, 100)

    def block(self) -> None:
        """Render."""
        self._library.fluid_synth_write_float(self._synth, BLOCK, byref(self._left), 0, 1, byref(self._right), 0, 1)

    @property
    def voices(self) -> int:
        """How many sound."""
        return int(self._library.fluid_synth_get_active_voice_count(self._synth))

    def close(self) -> None:
        """Give it back."""
        self._library.delete_fluid_synth(self._synth)
        self._library.delete_fluid_settings(self._settings)


def drums(count: int) -> Cost:
    """So many voices of cymbals, struck anew as they die away."""
    notes = [(channel, key) for key in LONG for channel in range(CHANNELS)]
    return _played(count, notes, Fluid.be_drums)


def saws(count: int) -> Cost:
    """So many voices of a saw that is held: wave, filter, two envelopes, two LFOs a voice."""
    notes = [(channel, LOWEST_KEY + key) for key in range(KEYS) for channel in MELODIC]
    return _played(count, notes, Fluid.be_saws)


def _played(count: int, notes: list[tuple[int, int]], prepare: Callable[[Fluid], None]) -> Cost:
    fluid = Fluid(count)
    try:
        prepare(fluid)
        at = 0
        while fluid.voices < count and at < MOST_STRIKES:
            fluid.strike(*notes[at % len(notes)])
            at += 1
        sounding: list[int] = [fluid.voices]
        cost = timed(count, fluid.block, BLOCKS // 2)
        sounding.append(fluid.voices)
        return cost._replace(voices=mean(sounding))
    finally:
        fluid.close()


@lru_cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libfluidsynth.so.3")
    except OSError as error:
        raise BenchError(MISSING) from error
    for name in ("new_fluid_settings", "new_fluid_synth"):
        getattr(library, name).restype = c_void_p
    library.fluid_settings_setnum.argtypes = [c_void_p, c_char_p, c_double]
    library.fluid_settings_setint.argtypes = [c_void_p, c_char_p, c_int]
    return library


def _font() -> str:
    fonts = sorted(glob.glob(FONTS))
    if not fonts:
        raise BenchError(MISSING)
    return next((font for font in fonts if "TimGM6mb" in font), fonts[0])
