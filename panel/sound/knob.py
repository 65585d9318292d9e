"""What the encoder turns in a patch: a number with a range that glides to where it was turned, without zipper noise.

It must never be read while the file is loaded: there it has no value yet, and a sum of it would never move again.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM, Frames

GLIDE_S = 0.005  # time constant with which a param follows the encoder
_RAMP = (np.arange(1, QUANTUM + 1, dtype=np.float32) / QUANTUM).reshape(1, QUANTUM)


class Knob(NamedTuple):
    """A param as it was declared: its word for the screen, what it is at first, its range, and "Hz", "s", "%" or ""."""

    name: str
    default: float
    low: float
    high: float
    unit: str = ""


class Param:
    """A knob's value in this quantum; in `voice` it calculates as an array of (1, QUANTUM) does.

    Audio thread only, once the patch is loaded.
    """

    def __init__(self, knob: Knob) -> None:
        self.knob = knob
        self.target = self._end = float(knob.default)
        self._now: Frames | None = None
        self._settled = False

    @property
    def now(self) -> Frames:
        """The value in each frame of this quantum. Raises TypeError while the patch is still being loaded."""
        if self._now is None:
            raise TypeError(
                f"the param '{self.knob.name}' has a value only inside voice; a unit may be given it at the top"
            )
        return self._now

    def prepare(self, rate: int) -> None:
        """From now on it has a value."""
        self._keep = math.exp(-QUANTUM / (rate * GLIDE_S))
        self._now = np.empty((1, QUANTUM), np.float32)
        self.jump()

    def jump(self) -> None:
        """Be where it was turned to, at once: nobody hears it."""
        self._end = self.target
        self.now[:] = self.target
        self._settled = True

    def turn(self, value: float) -> None:
        """Go to a value; beyond the range is the range's end. Raises ValueError for what is no number."""
        if not math.isfinite(value):
            raise ValueError(f"{self.knob.name} can't be {value}")
        self.target = min(max(float(value), self.knob.low), self.knob.high)
        self._settled = False

    def advance(self) -> None:
        """The next quantum."""
        if self._settled:
            return
        begin, self._end = self._end, self.target + (self._end - self.target) * self._keep
        if abs(self._end - self.target) < 1e-4 * (self.knob.high - self.knob.low):
            self._end = self.target
        np.multiply(_RAMP, self._end - begin, out=self.now)
        self.now[:] += np.float32(begin)
        self._settled = begin == self._end == self.target

    def __repr__(self) -> str:
        return f"the param '{self.knob.name}'"

    def __float__(self) -> float:
        return float(self.now[0, -1])

    def __int__(self) -> int:
        return round(float(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.now, dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return getattr(ufunc, method)(*(i.now if isinstance(i, Param) else i for i in inputs), **options)


def _forward(operation: Callable[[Any, Any], Any]) -> Callable[[Param, Any], Any]:
    return lambda self, other: operation(self.now, other.now if isinstance(other, Param) else other)


def _backward(operation: Callable[[Any, Any], Any]) -> Callable[[Param, Any], Any]:
    return lambda self, other: operation(other, self.now)


def _alone(operation: Callable[[Any], Any]) -> Callable[[Param], Any]:
    return lambda self: operation(self.now)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(Param, f"__{_name}__", _forward(getattr(operator, _name)))
    setattr(Param, f"__r{_name}__", _backward(getattr(operator, _name)))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Param, f"__{_name}__", _forward(getattr(operator, _name)))
for _name in ("neg", "pos", "abs"):
    setattr(Param, f"__{_name}__", _alone(getattr(operator, _name)))
