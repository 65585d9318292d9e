"""The process that owns time and MIDI.

It imports next to nothing, reads no file while it plays, and never waits for anybody.
"""
