"""Multiples of fractions, counted in decimal, as numbers are written.

As floats, 0.07 is no multiple of 0.01.
"""

from __future__ import annotations

from fractions import Fraction


def is_multiple(value: float, step: float) -> bool:
    """Tell whether `value`, as it is written, is a multiple of `step`."""
    try:
        return (_as_written(value) / _as_written(step)).denominator == 1
    except ValueError:  # infinity, and what is no number
        return False


def _as_written(number: float) -> Fraction:
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))
