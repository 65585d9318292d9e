"""The grid on which sound is made: quanta of 64 frames, counted from the stream's first frame.

It must never depend on the block size that a device asks for: that is how the result cannot depend on it either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

QUANTUM = 64  # frames: 1.3 ms at 48 kHz

Frames = NDArray[np.float32]  # of sound, full scale 1.0; stereo is (frames, 2)
