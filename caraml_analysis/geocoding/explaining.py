"""A resolution to be read: the answer, what decided, how sure it is, what else there was."""

from __future__ import annotations

from textwrap import fill
from typing import Final

from caraml_analysis import countries
from caraml_analysis.geocoding.resolution import Resolution

#: What each method means, in the words of ``docs/geocoding_rules.md``.
METHODS: Final = {
    "override": "a row of your own overrides",
    "country": "a country named outside the name of an organisation",
    "region": "a state or province that fits what else is named",
    "city": "a city alone, or after an organisation",
    "organisation": "the seat of a reviewed institution or company",
    "ror": "the country of an organisation in ROR",
    "headquarters": "the head office of a multinational named without a place",
    "acronym": "the seat of the organisation that a reviewed acronym means",
    "domain": "a known internet host, or its ending",
    "university_of_place": "the place that an unknown university is named after",
    "place_in_name": "a country, region or large city inside an unknown name",
    "misspelled": "a reviewed institution whose name is misspelled",
    "cut_off": "the beginning of the name of a reviewed institution",
    "nominatim": "a place that OpenStreetMap has under this very name",
    "no_organisation": "people who say that they have no organisation",
    "several_countries": "names were found, but in several countries",
    "none": "nothing was found",
    "empty": "no text",
}

_WIDTH = 100
_LABEL = 14
_MOST_SHOWN = 300


def explain(text: str, found: Resolution) -> str:
    """Return what the geocoder says of a text, and why, as lines to read.

    Parameters
    ----------
    text : str
        The affiliation.
    found : Resolution
        Its resolution.

    Examples
    --------
    >>> from caraml_analysis.geocoding import resolve
    >>> print(explain("N/A", resolve("N/A")))
    N/A
    <BLANKLINE>
      answer      no country (empty)
      rule        empty: no text
      confidence  0
    """
    answer = ", ".join(f"{countries.name(code)} ({code})" for code in found.countries)
    meaning = METHODS.get(found.method, "")
    rows = [
        ("answer", answer or f"no country ({found.status})"),
        ("rule", found.method + (f": {meaning}" if meaning else "")),
        *_listed("evidence", [part for part in found.evidence.split("; ") if part]),
        ("confidence", f"{found.confidence:g}"),
        *_listed("also found", found.considered),
    ]
    shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
    lines = [_filled(f"  {label:<{_LABEL - 2}}", value) for label, value in rows]
    return "\n".join([printable(shown), "", *lines])


def _listed(label: str, values: list[str] | tuple[str, ...]) -> list[tuple[str, str]]:
    return [(label if number == 0 else "", value) for number, value in enumerate(values)]


def _filled(start: str, value: str) -> str:
    return fill(
        printable(value),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * (_LABEL + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def printable(text: str) -> str:
    """Return `text` with everything that would steer a terminal written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
