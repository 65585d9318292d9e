"""Beats that write themselves: from dials, a seed and the number of a bar to the strokes of that bar.

Nothing here may look at a clock or draw a random number that another machine would not draw as well.
"""
