"""How far a detent of the encoder turns a value, and how the value is read: about a hundred detents from end to end.

It must never leave the range, nor stop halfway: a detent always goes on to another value until the end is reached.
"""

from __future__ import annotations

from math import ceil, floor, log, log10

from panel.sound.wire import PatchParam

DETENTS = 100  # from end to end where they grow with the value
FEWEST = 80  # about so many where all are the same
WIDE = 20  # a range from a value to so many times that is turned by ratios, as pitch and time are heard
NARROWEST = 1e-9  # what is less is nothing: as a range it can not be turned, as its low end it is 0
DIGITS = 3  # of what is turned by ratios
_NEAR = 1e-3  # of a step: what is no further off is at it


def turned(param: PatchParam, value: float, steps: int) -> float:
    """The value `steps` detents on, held at the ends."""
    if param.high - param.low < NARROWEST:
        return param.low
    found = _by_ratio(param, value, steps) if is_wide(param) else _by_step(param, value, steps)
    return max(param.low, min(param.high, found))


def is_wide(param: PatchParam) -> bool:
    """Whether each detent is the same ratio, not the same step."""
    return param.low > NARROWEST and param.high > WIDE * param.low


def _by_ratio(param: PatchParam, value: float, steps: int) -> float:
    """value = low * (high / low) ** (detent / DETENTS), rounded so that it can be read."""
    octaves = log(param.high / param.low)
    at = round(DETENTS * log(max(value, param.low) / param.low) / octaves)
    detent = max(0, min(DETENTS, at + steps))
    if detent in (0, DETENTS):
        return param.high if detent else param.low
    exact: float = param.low * (param.high / param.low) ** (detent / DETENTS)
    return round(exact, DIGITS - 1 - floor(log10(exact)))


def _by_step(param: PatchParam, value: float, steps: int) -> float:
    """To the next multiple of the step, and on."""
    step, places = step_of(param)
    multiple = round(value / step)
    if abs(value / step - multiple) > _NEAR:  # between two
        multiple = floor(value / step) if steps > 0 else ceil(value / step)
    return round((multiple + steps) * step, places)


def step_of(param: PatchParam) -> tuple[float, int]:
    """1, 2 or 5 of some decimal place, so that about FEWEST of them go from end to end; and how many places that is."""
    wanted = log10((param.high - param.low) / FEWEST)
    decade = floor(wanted)
    near = ((log10(digit), digit) for digit in (1, 2, 5, 10))
    _, digit = min(near, key=lambda each: abs(each[0] - (wanted - decade)))
    return digit * 10.0**decade, max(0, -decade)


def shown(value: float, unit: str = "") -> str:
    """A value with its unit: as many digits as can be read at a glance, no exponent."""
    places = max(0, min(6, DIGITS - floor(log10(abs(value))))) if value else 0
    text = f"{value:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{'0' if text in ('-0', '') else text} {unit}".strip()
