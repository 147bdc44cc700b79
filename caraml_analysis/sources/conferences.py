"""Conference authorships: who is listed from where, without names and titles."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from caraml_analysis import registry, tables
from caraml_analysis.errors import TableError, YearError


def load_authorships(
    conferences: Iterable[str] | str | None = None, years: Iterable[int] | int | None = None
) -> pd.DataFrame:
    """Return the embedded authorships: one row per paper and affiliation text.

    Parameters
    ----------
    conferences : str or iterable of str, optional
        Of ``"ICML"``, ``"NeurIPS"``, ``"ICLR"``. All by default.
    years : int or iterable of int, optional
        Years to keep. All by default.

    Returns
    -------
    DataFrame
        Columns ``conference``, ``year`` (int), ``track``, ``paper`` (anonymous number, unique
        within a conference-year), ``affiliation_id``, ``affiliation`` (text as listed, may be
        empty or ``"None"``) and ``entries`` (authors of this paper with this text). The sum of
        ``entries`` is what the paper calls entries, the number of distinct papers its "unique".

    Raises
    ------
    TableError
        If a conference is not embedded.
    YearError
        If a year is embedded for none of the conferences.

    Notes
    -----
    Cards ``conferences/authorships.csv`` and ``conferences/affiliations.csv``. NeurIPS 2022 mixes
    tracks, see :func:`load_coverage`.

    Examples
    --------
    >>> load_authorships("ICML", 2017)["entries"].sum()
    np.int64(1588)
    """
    rows = registry.read_csv("conferences/authorships.csv")
    texts = registry.read_csv("conferences/affiliations.csv", dtype={"affiliation": str})
    rows = rows.merge(texts.fillna({"affiliation": ""}), on="affiliation_id", validate="m:1")
    if conferences is not None:
        wanted = [conferences] if isinstance(conferences, str) else list(conferences)
        known = sorted(rows["conference"].unique())
        wrong = sorted(set(wanted) - set(known))
        if wrong:
            raise TableError(f"no authorships of {', '.join(wrong)}; there are {', '.join(known)}.")
        rows = rows[rows["conference"].isin(wanted)]
    if years is not None:
        wanted_years = [years] if isinstance(years, int) else list(years)
        known_years = sorted(int(year) for year in rows["year"].unique())
        wrong_years = sorted(set(wanted_years) - set(known_years))
        if wrong_years:
            raise YearError(
                f"no authorships of {', '.join(map(str, wrong_years))}; there are "
                f"{', '.join(map(str, known_years))}."
            )
        rows = rows[rows["year"].isin(wanted_years)]
    columns = ["conference", "year", "track", "paper", "affiliation_id", "affiliation", "entries"]
    return tables.AUTHORSHIPS.check(rows[columns].reset_index(drop=True))


def load_coverage() -> pd.DataFrame:
    """Return which conference-years of the paper are embedded, and what their sources mix."""
    return registry.read_csv("conferences/coverage.csv").fillna({"note": ""})


def load_conference_dates() -> pd.DataFrame:
    """Return conference, year, start (date) and place of the embedded conference-years."""
    return registry.read_csv("conferences/dates.csv", parse_dates=["start"])
