"""Quantities that cannot be mixed up: each kind is its own type, each number comes with its unit.

``Energy(21.588, "GWh").to("MWh")``; accelerator-hours x power is an energy, energy x intensity is a
mass of CO2e, and anything that makes no sense is refused. A value is a number, an array or a pandas
column; columns stay columns.
"""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar, Self

import numpy as np

from caraml_analysis.errors import UnitError

#: How emissions were accounted for. Never added to or compared with one another.
#: ``location``: grid average; ``market``: contracts; ``net``: an operator's hourly accounting of
#: carbon-free energy (not market-based); ``embodied``: making the hardware; ``life_cycle``: a sum
#: over phases that a report gives as one number.
ACCOUNTING = ("location", "market", "net", "embodied", "life_cycle")

_SCALE = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "t": 1e12}
_NUMBER = re.compile(
    r"\s*([+-]?(?:\d+(?:_?\d+)*(?:,\d{3})*)?(?:\.\d+)?(?:e[+-]?\d+)?)\s*(.*?)\s*", re.IGNORECASE
)


class Quantity:
    """A number, array or column with a kind and a unit.

    Parameters
    ----------
    value : float, ndarray or Series
        Finite and at least 0. A missing value in a column stays missing.
    unit : str
        One of the units of the kind; see ``UNITS``.
    field : str, optional
        Name of the input, for messages.

    Raises
    ------
    UnitError
        If the unit belongs to another kind, or a value is negative or infinite; names the first
        such row of a column.

    Examples
    --------
    >>> (AcceleratorHours(30.84e6) * Power(700, "W")).to("GWh")
    21.588
    """

    #: Size of each unit in the first one.
    UNITS: ClassVar[dict[str, float]] = {}
    #: Units that are read and converted, but never chosen to show a number in.
    NOT_SHOWN: ClassVar[tuple[str, ...]] = ()

    __slots__ = ("_base",)
    # numpy and pandas must not take a quantity apart: `column * quantity` then comes to __rmul__
    __array_ufunc__ = None
    __pandas_priority__ = 5000

    def __init__(self, value: Any, unit: str | None = None, *, field: str | None = None) -> None:
        unit = self._default_unit() if unit is None else unit
        name = field or type(self).__name__
        self._base = _checked(value, f"{name} ({unit})") * self._size(unit)

    @classmethod
    def _default_unit(cls) -> str:
        return next(iter(cls.UNITS))

    @classmethod
    def _size(cls, unit: str) -> float:
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
            A number, thousands with commas allowed, then a unit; before hours also k, M or B.
        unit : str, optional
            The unit of a number without one; the first of ``UNITS`` by default.
        field : str, optional
            Name of the input, for messages.
        accounting : str, optional
            Of emissions and intensities; see ``ACCOUNTING``.

        Raises
        ------
        UnitError
            If the text is not a number with a unit of this kind.
        """
        name = field or cls.__name__
        if not isinstance(text, str):
            return cls(text, unit, field=field, **accounting)
        number, rest = _split_number(text, name)
        for written in cls.UNITS:
            if rest == written:
                return cls(number, written, field=field, **accounting)
            # "30.84M h"; but "21.5 mWh" is no mega, and "21.5 MMWh" has two prefixes
            if cls._counts_hours() and rest[1:].strip() == written and rest[0].lower() in _SCALE:
                return cls(number * _SCALE[rest[0].lower()], written, field=field, **accounting)
        if not rest or (cls._counts_hours() and rest.lower() in _SCALE):
            return cls(number * _SCALE[rest.lower()], unit, field=field, **accounting)
        try:
            cls._size(rest)
        except UnitError as error:
            raise UnitError(f"{name}: cannot read {text!r}. {error}") from None
        raise UnitError(f"{name}: cannot read {text!r}.")

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
        return self._same(self._base + other._base)

    def __sub__(self, other: Self) -> Self:
        """Return the difference, which cannot be below 0."""
        self._check_same(other, "subtracted")
        return self._same(_checked(self._base - other._base, f"difference of {_kind(self)}"))

    def __mul__(self, other: Any) -> Any:
        """Return a multiple, or a product that makes sense."""
        if isinstance(other, Quantity):
            return _multiply(self, other)
        return self._same(_checked(self._base * other, f"multiple of {_kind(self)}"))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        """Return a part, a ratio, or a quotient that makes sense."""
        if isinstance(other, Quantity):
            return _divide(self, other)
        return self._same(_checked(self._base / other, f"part of {_kind(self)}"))

    def __eq__(self, other: object) -> Any:
        """Compare with a quantity of the same kind."""
        if not isinstance(other, Quantity):
            return NotImplemented
        self._check_same(other, "compared")
        return self._base == other._base

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Self) -> Any:
        """Compare with a quantity of the same kind."""
        self._check_same(other, "compared")
        return self._base < other._base

    def __le__(self, other: Self) -> Any:
        """Compare with a quantity of the same kind."""
        self._check_same(other, "compared")
        return self._base <= other._base

    def text(self, digits: int = 3) -> str:
        """Return a number as text, in the unit that suits its size, with significant digits."""
        if np.ndim(self._base):
            return f"{len(self._base)} values of {_kind(self)}"
        units = sorted(
            (pair for pair in self.UNITS.items() if pair[0] not in self.NOT_SHOWN),
            key=lambda pair: pair[1],
        )
        fitting = [pair for pair in units if abs(self._base) >= pair[1]]
        unit, size = fitting[-1] if fitting else units[0]
        return f"{significant(self._base / size, digits)} {unit}"

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
    __slots__ = ()

    def text(self, digits: int = 3) -> str:
        """Return a number of hours as text."""
        if np.ndim(self._base):
            return super().text(digits)
        return f"{significant(self._base, digits)} accelerator-hours"


class NodeHours(Quantity):
    """Hours summed over nodes (servers). Says nothing of accelerators until asked."""

    UNITS: ClassVar = {"h": 1.0, "d": 24.0}
    __slots__ = ()

    def accelerator_hours(self, accelerators_per_node: float) -> AcceleratorHours:
        """Return the accelerator-hours, given how many accelerators a node holds."""
        if not accelerators_per_node >= 1:
            raise UnitError(
                f"accelerators_per_node is {accelerators_per_node!r}; a node holds at least 1."
            )
        return AcceleratorHours(self._base * accelerators_per_node)

    def text(self, digits: int = 3) -> str:
        """Return a number of hours as text."""
        if np.ndim(self._base):
            return super().text(digits)
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

    def text(self, digits: int = 3) -> str:
        """Return the mass as text, with its accounting."""
        return f"{super().text(digits)} CO2e ({self.accounting.replace('_', ' ')})"


class Intensity(_Accounted):
    """Mass of CO2 equivalents per energy, with its accounting."""

    UNITS: ClassVar = {"g/kWh": 1.0, "kg/kWh": 1e3, "kg/MWh": 1.0, "t/MWh": 1e3, "t/GWh": 1.0}
    __slots__ = ()

    def text(self, digits: int = 3) -> str:
        """Return the intensity as text, in g/kWh."""
        if np.ndim(self._base):
            return super().text(digits)
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
            return Energy(a._base * b._base, "Wh")
        if isinstance(a, Energy) and isinstance(b, Intensity):
            return Emissions(a._base * b._base, "g", accounting=b.accounting)
        if isinstance(a, Energy) and isinstance(b, WaterIntensity):
            return Water(a._base * b._base, "L")
    hint = (
        " Say how many accelerators a node holds." if NodeHours in map(type, (left, right)) else ""
    )
    raise UnitError(f"{_kind(left)} x {_kind(right)} is no quantity that is known here.{hint}")


def _divide(left: Quantity, right: Quantity) -> Any:
    if type(left) is type(right):
        left._check_same(right, "divided")
        return left._base / right._base
    if np.any(np.asarray(right._base) == 0):
        raise UnitError(f"{_kind(right)} is 0, so nothing can be divided by it.")
    if isinstance(left, Emissions) and isinstance(right, Energy):
        return Intensity(left.to("g") / right._base, "g/kWh", accounting=left.accounting)
    if isinstance(left, Energy) and isinstance(right, AcceleratorHours):
        return Power(left.to("Wh") / right._base, "W")
    if isinstance(left, Energy) and isinstance(right, Power):
        return AcceleratorHours(left.to("Wh") / right._base)
    raise UnitError(f"{_kind(left)} / {_kind(right)} is no quantity that is known here.")


def _kind(value: object) -> str:
    return type(value).__name__


def _checked(value: Any, name: str) -> Any:
    """Return `value` if every number in it is finite and at least 0."""
    if type(value) is float and 0 <= value < math.inf:
        return value  # the common case, fast
    if isinstance(value, (bool, str)) or value is None:
        raise UnitError(f"{name} is {value!r}; it must be a finite number of 0 or more.")
    if np.ndim(value) == 0:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not (math.isfinite(number) and number >= 0):
            raise UnitError(f"{name} is {value!r}; it must be a finite number of 0 or more.")
        return number
    array = np.asarray(value, dtype=float)
    wrong = (array < 0) | np.isinf(array)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        row = value.index[place] if hasattr(value, "index") else place
        raise UnitError(
            f"{name} holds {array[place]:g} in row {row}; it must be a finite number of 0 or more."
        )
    return value.astype(float) if hasattr(value, "astype") else array


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
    if rest.lower() not in _SCALE:
        raise UnitError(f"{field}: {text!r} has an unexpected {rest!r} after the number.")
    return _checked(number * _SCALE[rest.lower()], field)


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
