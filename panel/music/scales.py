"""Scales, and how low and how far a tune may be asked to go.

It must never know a tuning: a scale is steps of the semitone.
"""

from __future__ import annotations

# Semitones above the tonic. The modes and harmonic minor, whole tone and chromatic are as in Persichetti, "Twentieth-
# Century Harmony" (1961), chapter 2; the pentatonics and the blues scale of six as in Levine, "The Jazz Theory Book"
# (1995).
SCALES = {
    "blues": (0, 3, 5, 6, 7, 10),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "whole tone": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
}
LOWEST_ROOT, HIGHEST_ROOT = 24, 84  # MIDI notes
MOST_OCTAVES = 3
