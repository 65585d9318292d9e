"""Musical time, meter, pattern, notation and tap tempo.

Everything here is pure: no clock, no file, no thread, and nothing that imports one.
"""
