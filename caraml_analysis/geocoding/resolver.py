"""From a text to a resolution: the embedded engine."""

from __future__ import annotations

from functools import lru_cache
from numbers import Real
from typing import Any

from caraml_analysis import registry
from caraml_analysis.geocoding.engine import EMPTY, Engine, load
from caraml_analysis.geocoding.resolution import Resolution


def resolve(text: str | None) -> Resolution:
    """Return the countries that one affiliation text names.

    Parameters
    ----------
    text : str or None
        An affiliation as a conference, a publisher or a person wrote it.

    Returns
    -------
    Resolution
        With ``status`` ``resolved``, ``ambiguous``, ``not_found`` or ``empty``; a missing value
        (``None``, NaN) is ``empty``.

    Raises
    ------
    TypeError
        If `text` is neither a text nor missing.

    Examples
    --------
    >>> resolve("Google Brain, Zurich").country
    'CHE'
    """
    if not isinstance(text, str):
        if _is_missing(text):
            return EMPTY
        raise TypeError(_message(text))
    return engine().resolve(text)


@lru_cache(maxsize=1)
def engine() -> Engine:
    """Return the engine of the embedded tier; reads its files on the first call only."""
    return loaded()


@registry.remembered
def loaded() -> Engine:
    """Return the same engine, and have its files count as inputs: once per table, not per text."""
    return load()


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, Real) and value != value)  # NaN, also of NumPy
        or type(value).__name__ in ("NAType", "NaTType")
    )


def _message(value: Any, where: str = "") -> str:
    return (
        f"{where}an affiliation is a text or missing, not {type(value).__name__} ({value!r:.60}). "
        "Nothing was resolved; convert the value to str first if it is one."
    )
