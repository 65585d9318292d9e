"""The benchmarks of the box's own sound: what it costs, how exact it is, whether it drops out.

It must never be timed with more threads than the sound's process has: this is set before numpy comes in.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as panel.sound does
