"""Quantities that cannot be mixed up: each kind is its own type, each number comes with its unit.

``Energy(21.588, "GWh").to("MWh")``; accelerator-hours x power is an energy, energy x intensity is a
mass of CO2e, and anything that makes no sense is refused. A value is a number, an array or a pandas
column; columns stay columns.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from caraml_analysis.errors import UnitError
from caraml_analysis.tables import as_numbers, row_of, shortly

#: How emissions were accounted for. Never added to or compared with one another.
#: ``location``: grid average; ``market``: contracts; ``net``: an operator's hourly accounting of
#: carbon-free energy (not market-based); ``embodied``: making the hardware; ``life_cycle``: a sum
#: over phases that a report gives as one number.
ACCOUNTING = ("location", "market", "net", "embodied", "life_cycle")

#: Multipliers as people write them. Not m (90 m may be minutes), g (grams) or t (tonnes).
_SCALE = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "b": 1e9}
_NUMBER = re.compile(
    r"\s*([+-]?(?:\d+(?:_?\d+)*(?:,\d{3})*)?(?:\.\d+)?(?:e[+-]?\d+)?)\s*(.*?)\s*", re.IGNORECASE
)


#: Hours as people spell them.
_HOURS = dict.fromkeys(("h", "hour", "hours", "hr", "hrs"), "h") | {"day": "d", "days": "d"}


class Quantity:
    """A number, array or column with a kind and a unit.

    Parameters
    ----------
    value : float, ndarray or Series
        Finite and at least 0, in its own unit and in the first of ``UNITS``. A missing value in a
        column stays missing; columns are aligned by their index, as pandas does.
    unit : str
        One of the units of the kind; see ``UNITS``.
    field : str, optional
        Name of the input, for messages.

    Raises
    ------
    UnitError
        If the unit belongs to another kind, or a value is negative, infinite or no number (a text,
        a date, a truth value); names the first such row of a column.

    Notes
    -----
    ``sum()`` adds quantities of one kind. A division by 0 is refused, in columns, too.

    Examples
    --------
    >>> (AcceleratorHours(30.84e6) * Power(700, "W")).to("GWh")
    21.588
    >>> sum([Energy(1, "MWh"), Energy(500, "kWh")]).to("MWh")
    1.5
    """

    #: Size of each unit in the first one.
    UNITS: ClassVar[dict[str, float]] = {}
    #: Other ways to write a unit, in small letters with hyphens between words.
    SPELLINGS: ClassVar[dict[str, str]] = {}
    #: Units that are read and converted, but never chosen to show a number in.
    NOT_SHOWN: ClassVar[tuple[str, ...]] = ()

    __slots__ = ("_base",)
    # numpy and pandas must not take a quantity apart: `column * quantity` then comes to __rmul__
    __array_ufunc__ = None
    __pandas_priority__ = 5000

    def __init__(self, value: Any, unit: str | None = None, *, field: str | None = None) -> None:
        unit = self._default_unit() if unit is None else unit
        name = field or type(self).__name__
        self._base = _checked(value, f"{name} ({unit})", self._size(unit))

    @classmethod
    def _default_unit(cls) -> str:
        return next(iter(cls.UNITS))

    @classmethod
    def _size(cls, unit: str) -> float:
        if not isinstance(unit, str):
            raise UnitError(f"{cls.__name__}: unit is {unit!r}; it must be a text.")
        if unit not in cls.UNITS:
            kinds = [kind.__name__ for kind in KINDS if unit in kind.UNITS]
            other = f", {unit!r} is one of {' and '.join(kinds)}" if kinds else ""
            raise UnitError(
                f"{unit!r} is no unit of {cls.__name__}{other}. Use {', '.join(cls.UNITS)}."
            )
        return cls.UNITS[unit]

    @classmethod
    def parse(
        cls,
        text: str | float,
        unit: str | None = None,
        *,
        field: str | None = None,
        **accounting: str,
    ) -> Self:
        """Read a quantity as people write it: ``"21.5 GWh"``, ``"2.8M"``, ``"30.84M h"``.

        Parameters
        ----------
        text : str or float
            A number, thousands with commas allowed, then a unit; before hours also k, M, G or B.
            Hours may be spelled: "2.8M hours", "30.84M GPU-hours".
        unit : str, optional
            The unit of a number without one; the first of ``UNITS`` by default.
        field : str, optional
            Name of the input, for messages.
        accounting : str, optional
            Of emissions and intensities; see ``ACCOUNTING``.

        Raises
        ------
        UnitError
            If the text is not a number with a unit of this kind, or may mean several ("90 m").
        """
        name = field or cls.__name__
        if not isinstance(text, str):
            return cls(text, unit, field=field, **accounting)
        number, rest = _split_number(text, name)
        written = cls._unit_of(rest, unit)
        if written is not None:
            return cls(number, written, field=field, **accounting)
        if cls._counts_hours():
            # "30.84M h"; but "21.5 mWh" is no mega, and "21.5 MMWh" has two prefixes
            after = cls._unit_of(rest[1:].strip(), unit)
            if rest[0] in _SCALE and after is not None:
                return cls(number * _SCALE[rest[0]], after, field=field, **accounting)
            if after is not None or rest.lower().startswith("min"):
                _refuse_multiplier(text, number, rest, name)
        try:
            cls._size(rest)
        except UnitError as error:
            raise UnitError(f"{name}: cannot read {text!r}. {error}") from None
        raise UnitError(f"{name}: cannot read {text!r}.")

    @classmethod
    def _unit_of(cls, text: str, default: str | None) -> str | None:
        """Return the unit that a text names, `default` for an empty one, None if it names none."""
        if not text:
            return cls._default_unit() if default is None else default
        if text in cls.UNITS:
            return text
        return cls.SPELLINGS.get(re.sub(r"[\s-]+", "-", text.lower()))

    @classmethod
    def _counts_hours(cls) -> bool:
        """Tell if a multiplier such as M may stand before the unit: only before hours."""
        return "h" in cls.UNITS

    def to(self, unit: str) -> Any:
        """Return the bare number, array or column in `unit`."""
        return self._base / self._size(unit)

    def _same(self, base: Any) -> Self:
        made = object.__new__(type(self))
        made._base = base
        return made

    def _check_same(self, other: object, what: str) -> None:
        if type(other) is not type(self):
            raise UnitError(
                f"{type(self).__name__} and {_kind(other)} cannot be {what}; they are different "
                "kinds of quantity."
            )

    def __add__(self, other: Self) -> Self:
        """Return the sum of two quantities of one kind."""
        self._check_same(other, "added")
        found = _applied(operator.add, self._base, other._base, f"sum of {_kind(self)}")
        return self._same(_checked(found, f"sum of {_kind(self)}"))

    def __radd__(self, other: Any) -> Self:
        """Begin a sum: ``sum()`` adds to the number 0, which is all that can stand before."""
        if type(other) is not int or other != 0:
            self._check_same(other, "added")
        return self

    def __sub__(self, other: Self) -> Self:
        """Return the difference, which cannot be below 0."""
        self._check_same(other, "subtracted")
        found = _applied(operator.sub, self._base, other._base, f"difference of {_kind(self)}")
        return self._same(_checked(found, f"difference of {_kind(self)}"))

    def __rsub__(self, other: Any) -> Self:
        """Refuse to be taken from what is no quantity."""
        raise UnitError(
            f"{_kind(self)} cannot be subtracted from {_kind(other)}; they are different kinds of "
            "quantity."
        )

    def __mul__(self, other: Any) -> Any:
        """Return a multiple, or a product that makes sense."""
        if isinstance(other, Quantity):
            return _multiply(self, other)
        factor = _checked(other, f"factor of {_kind(self)}")
        found = _applied(operator.mul, self._base, factor, f"multiple of {_kind(self)}")
        return self._same(_checked(found, f"multiple of {_kind(self)}"))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        """Return a part, a ratio, or a quotient that makes sense."""
        if isinstance(other, Quantity):
            return _divide(self, other)
        divisor = _not_zero(
            _checked(other, f"divisor of {_kind(self)}"), f"divisor of {_kind(self)}"
        )
        found = _applied(operator.truediv, self._base, divisor, f"part of {_kind(self)}")
        return self._same(_checked(found, f"part of {_kind(self)}"))

    def __rtruediv__(self, other: Any) -> Any:
        """Refuse to divide something that is no quantity."""
        raise UnitError(f"{_kind(other)} / {_kind(self)} is no quantity that is known here.")

    def _compared(self, other: Any, comparison: Callable[[Any, Any], Any]) -> Any:
        self._check_same(other, "compared")
        return _applied(comparison, self._base, other._base, f"comparison of {_kind(self)}")

    def __eq__(self, other: object) -> Any:
        """Compare with a quantity of the same kind."""
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._compared(other, operator.eq)

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Self) -> Any:
        """Compare with a quantity of the same kind."""
        return self._compared(other, operator.lt)

    def __le__(self, other: Self) -> Any:
        """Compare with a quantity of the same kind."""
        return self._compared(other, operator.le)

    def __gt__(self, other: Self) -> Any:
        """Compare with a quantity of the same kind."""
        return self._compared(other, operator.gt)

    def __ge__(self, other: Self) -> Any:
        """Compare with a quantity of the same kind."""
        return self._compared(other, operator.ge)

    def fitting_unit(self) -> str:
        """Return the unit that suits the size of a number: the largest that it fills."""
        units = sorted(
            (pair for pair in self.UNITS.items() if pair[0] not in self.NOT_SHOWN),
            key=lambda pair: pair[1],
        )
        fitting = [unit for unit, size in units if self._base >= size]
        return fitting[-1] if fitting else units[0][0]

    def text(self, digits: int = 3, unit: str | None = None) -> str:
        """Return a number as text, with significant digits, in `unit` or the one that suits it."""
        if np.ndim(self._base):
            return f"{len(self._base)} values of {_kind(self)}"
        unit = self.fitting_unit() if unit is None else unit
        return f"{significant(self.to(unit), digits)} {unit}"

    def __str__(self) -> str:
        """Return the quantity with its unit."""
        return self.text()

    def __repr__(self) -> str:
        """Return the kind and the quantity."""
        return f"{_kind(self)}({self.text(6)})"


class Energy(Quantity):
    """Electrical energy."""

    UNITS: ClassVar = {"kWh": 1.0, "Wh": 1e-3, "MWh": 1e3, "GWh": 1e6, "TWh": 1e9}
    __slots__ = ()


class Power(Quantity):
    """Electrical power."""

    UNITS: ClassVar = {"W": 1.0, "kW": 1e3, "MW": 1e6, "GW": 1e9}
    __slots__ = ()


class AcceleratorHours(Quantity):
    """Hours summed over accelerators (chips), as in "GPU hours"."""

    UNITS: ClassVar = {"h": 1.0, "GPUh": 1.0, "d": 24.0}
    SPELLINGS: ClassVar = {
        **_HOURS,
        **{
            f"{chip}{gap}{hours}": "h"
            for chip in ("accelerator", "gpu", "tpu", "chip")
            for gap in ("", "-")
            for hours in _HOURS
        },
    }
    __slots__ = ()

    def text(self, digits: int = 3, unit: str | None = None) -> str:
        """Return a number of hours as text."""
        if np.ndim(self._base):
            return super().text(digits, unit)
        return f"{significant(self._base, digits)} accelerator-hours"


class NodeHours(Quantity):
    """Hours summed over nodes (servers). Says nothing of accelerators until asked."""

    UNITS: ClassVar = {"h": 1.0, "d": 24.0}
    # "node-hours" is left out: hours by the clock are read as this kind, too
    SPELLINGS: ClassVar = _HOURS
    __slots__ = ()

    def accelerator_hours(self, accelerators_per_node: Any) -> AcceleratorHours:
        """Return the accelerator-hours, given how many accelerators a node holds.

        Parameters
        ----------
        accelerators_per_node : float, ndarray or Series
            At least 1; one number, or one for each node.

        Raises
        ------
        UnitError
            If it is below 1 or no number; names the first such row of a column.
        """
        name = "accelerators_per_node"
        per_node = _checked(accelerators_per_node, name)
        _refuse(np.asarray(per_node) < 1, per_node, name, "a node holds at least 1")
        return AcceleratorHours(_applied(operator.mul, self._base, per_node, "accelerator-hours"))

    def text(self, digits: int = 3, unit: str | None = None) -> str:
        """Return a number of hours as text."""
        if np.ndim(self._base):
            return super().text(digits, unit)
        return f"{significant(self._base, digits)} node-hours"


class Water(Quantity):
    """Volume of water."""

    UNITS: ClassVar = {"L": 1.0, "m3": 1e3}
    __slots__ = ()


class _Accounted(Quantity):
    """A quantity that also carries how emissions are accounted for."""

    __slots__ = ("accounting",)

    def __init__(
        self,
        value: Any,
        unit: str | None = None,
        *,
        accounting: str,
        field: str | None = None,
    ) -> None:
        if accounting not in ACCOUNTING:
            raise UnitError(f"accounting is {accounting!r}; it is one of {', '.join(ACCOUNTING)}.")
        super().__init__(value, unit, field=field)
        self.accounting = accounting

    def _same(self, base: Any) -> Self:
        made = super()._same(base)
        made.accounting = self.accounting
        return made

    def _check_same(self, other: object, what: str) -> None:
        super()._check_same(other, what)
        if self.accounting != other.accounting:  # type: ignore[attr-defined]
            raise UnitError(
                f"emissions accounted for as {self.accounting} and as "
                f"{other.accounting} cannot be {what}."  # type: ignore[attr-defined]
            )


class Emissions(_Accounted):
    """Mass of CO2 equivalents, with its accounting."""

    UNITS: ClassVar = {"t": 1.0, "g": 1e-6, "kg": 1e-3, "kt": 1e3, "Mt": 1e6}
    NOT_SHOWN: ClassVar = ("kt",)  # the papers print thousands of tonnes
    __slots__ = ()

    def text(self, digits: int = 3, unit: str | None = None) -> str:
        """Return the mass as text, with its accounting."""
        return f"{super().text(digits, unit)} CO2e ({self.accounting.replace('_', ' ')})"


class Intensity(_Accounted):
    """Mass of CO2 equivalents per energy, with its accounting."""

    UNITS: ClassVar = {"g/kWh": 1.0, "kg/kWh": 1e3, "kg/MWh": 1.0, "t/MWh": 1e3, "t/GWh": 1.0}
    __slots__ = ()

    def text(self, digits: int = 3, unit: str | None = None) -> str:
        """Return the intensity as text, in g/kWh."""
        if np.ndim(self._base):
            return super().text(digits, unit)
        return f"{significant(self._base, digits)} g CO2e/kWh ({self.accounting})"


class WaterIntensity(Quantity):
    """Water per energy."""

    UNITS: ClassVar = {"L/kWh": 1.0, "m3/MWh": 1.0}
    __slots__ = ()


#: Every kind of quantity.
KINDS: tuple[type[Quantity], ...] = (
    *(Energy, Power, AcceleratorHours, NodeHours, Emissions, Intensity, Water, WaterIntensity),
)


def _multiply(left: Quantity, right: Quantity) -> Quantity:
    for a, b in ((left, right), (right, left)):
        if isinstance(a, AcceleratorHours) and isinstance(b, Power):
            return Energy(_product(a, b), "Wh")
        if isinstance(a, Energy) and isinstance(b, Intensity):
            return Emissions(_product(a, b), "g", accounting=b.accounting)
        if isinstance(a, Energy) and isinstance(b, WaterIntensity):
            return Water(_product(a, b), "L")
    hint = (
        " Say how many accelerators a node holds." if NodeHours in map(type, (left, right)) else ""
    )
    raise UnitError(f"{_kind(left)} x {_kind(right)} is no quantity that is known here.{hint}")


def _product(left: Quantity, right: Quantity) -> Any:
    return _applied(operator.mul, left._base, right._base, f"{_kind(left)} x {_kind(right)}")


def _divide(left: Quantity, right: Quantity) -> Any:
    if type(left) is type(right):
        left._check_same(right, "divided")
    divisor = _not_zero(right._base, _kind(right))

    def over(dividend: Any) -> Any:
        return _applied(operator.truediv, dividend, divisor, f"{_kind(left)} / {_kind(right)}")

    if type(left) is type(right):
        return _checked(over(left._base), f"ratio of {_kind(left)}")
    if isinstance(left, Emissions) and isinstance(right, Energy):
        return Intensity(over(left.to("g")), "g/kWh", accounting=left.accounting)
    if isinstance(left, Energy) and isinstance(right, AcceleratorHours):
        return Power(over(left.to("Wh")), "W")
    if isinstance(left, Energy) and isinstance(right, Power):
        return AcceleratorHours(over(left.to("Wh")))
    raise UnitError(f"{_kind(left)} / {_kind(right)} is no quantity that is known here.")


def _applied(operation: Callable[[Any, Any], Any], left: Any, right: Any, what: str) -> Any:
    """Return the operation on two numbers or columns, which may not fit one another."""
    try:
        with np.errstate(over="ignore"):  # what is not finite is refused with its row
            return operation(left, right)
    except (TypeError, ValueError) as error:
        raise UnitError(f"{what}: the columns do not fit one another ({error}).") from None


def _not_zero(divisor: Any, name: str) -> Any:
    _refuse(np.asarray(divisor) == 0, divisor, name, "so nothing can be divided by it")
    return divisor


def _refuse(wrong: np.ndarray, values: Any, name: str, why: str) -> None:
    """Refuse the first value that is wrong, with its row if it is one of a column."""
    if not wrong.any():
        return
    place = tuple(np.argwhere(wrong)[0])
    value = f"{as_numbers(values, name)[place]:g}"
    held = f"holds {value} in row {row_of(values, place)}" if place else f"is {value}"
    raise UnitError(f"{name} {held}{',' if why.startswith('so ') else ';'} {why}.")


def _kind(value: object) -> str:
    return type(value).__name__


_RULE = "it must be a finite number of 0 or more"


def _checked(value: Any, name: str, size: float = 1.0) -> Any:
    """Return `size` times `value` if every number in it is finite and at least 0."""
    if type(value) is float and 0 <= value * size < math.inf:
        return value * size  # the common case, fast
    if not _is_column(value):
        return checked_number(value, name, size)
    array = as_numbers(value, name)
    with np.errstate(over="ignore"):
        scaled = array * size
    if np.fmin.reduce(scaled, axis=None, initial=0) < 0 or (
        np.fmax.reduce(scaled, axis=None, initial=0) == math.inf
    ):
        _refuse((array < 0) | np.isinf(array), value, name, _RULE)
        _refuse(np.isinf(scaled), value, name, "that is too large to be computed with")
    if hasattr(value, "columns"):
        return type(value)(scaled, index=value.index, columns=value.columns)
    if hasattr(value, "index") and hasattr(value, "name"):
        return type(value)(scaled, index=value.index, name=value.name)
    return scaled


def _is_column(value: Any) -> bool:
    try:
        return np.ndim(value) > 0
    except ValueError:  # rows of different lengths
        return True


def checked_number(value: Any, name: str, size: float = 1.0) -> float:
    """Return `size` times one number that is finite and at least 0; `name` is for messages.

    Raises
    ------
    UnitError
        If it is not, or no number but a text, a truth value or a column.
    """
    try:
        number = math.nan if _is_column(value) else float(as_numbers(value, name))
    except UnitError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise UnitError(f"{name} is {shortly(value)}; {_RULE}.")
    if math.isinf(number * size):
        raise UnitError(f"{name} is {shortly(value)}; that is too large to be computed with.")
    return number * size


def _split_number(text: str, name: str) -> tuple[float, str]:
    found = _NUMBER.fullmatch(text)
    if found and found.group(1).lstrip("+-").startswith("0,"):
        raise UnitError(
            f"{name}: {text!r} may be a decimal comma, which is not guessed. Write 0.385 or 385."
        )
    digits = found.group(1).replace(",", "").replace("_", "") if found else ""
    try:
        return float(digits), found.group(2)  # type: ignore[union-attr]
    except ValueError:
        raise UnitError(
            f"{name}: {text!r} is not a number. Write for example 2.8M, 30,840,000 or 21.5 GWh."
        ) from None


def read_number(text: str | float, field: str) -> float:
    """Return the number that a text means: ``"2.8M"`` is 2,800,000; ``"7e5"`` is 700,000.

    Raises
    ------
    UnitError
        If it is not a finite number; names `field`.
    """
    if not isinstance(text, str):
        return _checked(text, field)
    try:
        return _checked(float(text), field)  # the common case, faster than the pattern
    except ValueError:
        number, rest = _split_number(text, field)
    if rest in ("m", "t"):
        _refuse_multiplier(text, number, rest, field)
    if rest not in _SCALE:
        raise UnitError(f"{field}: {text!r} has an unexpected {rest!r} after the number.")
    return _checked(number * _SCALE[rest], field)


def _refuse_multiplier(text: str, number: float, rest: str, name: str) -> None:
    """Refuse a letter that may be a unit or a multiplier, where it is one that people take."""
    if rest[0] == "m":
        raise UnitError(
            f"{name}: {text!r} may be minutes or millions, which is not guessed. Write hours "
            f"({number / 60:g} for {number:g} minutes), or {number:g}M for millions."
        )
    if rest[0] in "gt":
        raise UnitError(
            f"{name}: {text!r}: {rest[0]!r} is no multiplier. Write the number out, or with k "
            "(thousands), M (millions) or B (billions)."
        )


def significant(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, and with commas between thousands.

    Examples
    --------
    >>> significant(21588.0), significant(0.012345), significant(413.656, 5)
    ('21,600', '0.0123', '413.66')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if not 1e-12 < abs(value) < 1e15:
        return f"{value:.{digits - 1}e}"  # hundreds of digits help nobody
    if 1e-3 <= abs(value) < min(10**digits - 1, 999.5):
        return f"{value:.{digits}g}"  # the common case, faster
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    text = f"{rounded:,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
