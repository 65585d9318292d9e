"""The state machine on the OLED, one screen a file; `table.py` is the whole of it at a glance.

A screen turns, presses and draws. It must never reach past the session, nor draw from an input.
"""
