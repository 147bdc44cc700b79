"""Numbers as they are printed: how far each may be rounded, and how a difference is worded."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from caraml_analysis.carbon.quantities import significant


def rounding(value: float) -> float:
    """Return how far a printed number may be from the true one, as a part of it.

    One unit of its last digit, for reports round, and some cut off. Zeros at the end count as
    rounded in numbers of four digits or more, and as printed in smaller ones. At most a tenth.

    Examples
    --------
    >>> round(rounding(24.69), 6), rounding(7_000_000.0), rounding(50.0)
    (0.000405, 0.1, 0.02)
    """
    if value == 0 or not math.isfinite(value):
        return 0.0
    digits = f"{value:.10g}"
    mantissa, _, exponent = digits.partition("e")
    power = int(exponent or 0)
    if "." in mantissa:
        power -= len(mantissa.partition(".")[2])
    elif value >= 1000:
        power += len(mantissa) - len(mantissa.rstrip("0"))
    return min(10.0**power / value, 0.1)


def change(ratio: float, decimals: int = 1) -> str:
    """Return a ratio as a percentage where that reads well, and as a factor beyond double or half.

    Examples
    --------
    >>> change(1.068), change(0.964), change(156.9), change(1 / 156.9)
    ('+6.8%', '-3.6%', '157 times as much', '1/157 of it')
    """
    if 0.5 < ratio < 2:
        return f"{ratio - 1:+.{decimals}%}"
    if ratio >= 2:
        return f"{significant(ratio)} times as much"
    return f"1/{significant(1 / ratio)} of it"


def as_printed(value: float) -> str:
    """Return a number with all its digits (ten at most), with an exponent only if absurd.

    Examples
    --------
    >>> as_printed(1_732_000.0), as_printed(0.0000057)
    ('1,732,000', '0.0000057')
    """
    text = f"{value:.10g}"
    # hundreds of digits help nobody
    return f"{Decimal(text):,f}" if value == 0 or 1e-12 < abs(value) < 1e15 else text


def is_given(value: Any) -> bool:
    """Return whether a cell holds anything: not missing, not an empty text."""
    try:
        return bool(value is not None and value == value and value != "")
    except TypeError:  # pandas.NA has no truth value
        return False
