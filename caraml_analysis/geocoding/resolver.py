"""From a text to a resolution, and from many texts to a table."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from caraml_analysis.geocoding.engine import EMPTY, Engine, load
from caraml_analysis.geocoding.resolution import Resolution

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("country", "countries", "status", "method", "evidence", "confidence")


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
    return load()


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, float) and value != value)
        or type(value).__name__ in ("NAType", "NaTType")
    )


def _message(value: Any, where: str = "") -> str:
    return (
        f"{where}an affiliation is a text or missing, not {type(value).__name__} ({value!r:.60}). "
        "Nothing was resolved; convert the value to str first if it is one."
    )


def geocode(series: Iterable[str | None], prefix: str = "") -> pd.DataFrame:
    """Return the countries of many affiliation texts, one row each, in the same order.

    Parameters
    ----------
    series : Series, Index or other sequence of str
        Affiliation texts; missing values are ``empty``. Equal texts are resolved once.
    prefix : str
        Put before each column name.

    Returns
    -------
    DataFrame
        Columns country, countries (joined by ``;``), status, method, evidence, confidence: the
        contract ``caraml_analysis.tables.RESOLUTIONS``. The index is that of `series`.

    Raises
    ------
    TypeError
        If an element is neither a text nor missing; names its position.
    """
    import pandas as pd

    if isinstance(series, (str, bytes)):
        raise TypeError(
            f"geocode takes a column of texts, not one {type(series).__name__}. "
            "Use resolve(text) for one text; nothing was resolved."
        )
    index = series.index if isinstance(series, pd.Series) else None
    values = list(series)
    known: dict[str | None, Resolution] = {None: EMPTY}
    rows = []
    for position, value in enumerate(values):
        if not isinstance(value, str):
            if not _is_missing(value):
                raise TypeError(_message(value, f"position {position}: "))
            value = None
        resolution = known.get(value)
        if resolution is None:
            resolution = known[value] = resolve(value)
        rows.append(resolution)
    table = pd.DataFrame(
        {
            "country": [r.country for r in rows],
            "countries": [";".join(r.countries) for r in rows],
            "status": [r.status for r in rows],
            "method": [r.method for r in rows],
            "evidence": [r.evidence for r in rows],
            "confidence": [r.confidence for r in rows],
        },
        index=index,
        columns=list(_COLUMNS),
    )
    return table.add_prefix(prefix)
