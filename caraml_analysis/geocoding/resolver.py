"""From a text to a resolution: the embedded engine."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from caraml_analysis.geocoding import matching, rules
from caraml_analysis.geocoding.gazetteer import Gazetteer, load
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.text import clean, unglue, unglue_all

_EMPTY = frozenset(("", "none", "n/a", "na", "nan", "-", ".", "no affiliation"))
_EMPTY_RESOLUTION = Resolution(None, (), "empty", "empty")
_MOST_CONSIDERED = 20


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
            return _EMPTY_RESOLUTION
        raise TypeError(_message(text))
    cleaned = clean(text)
    if cleaned.casefold() in _EMPTY or not any(map(str.isalnum, cleaned)):
        return _EMPTY_RESOLUTION
    gazetteer = load()
    cleaned = unglue(cleaned)
    found = _resolve_clean(cleaned, gazetteer)
    if found.status == "not_found" and found.method == "none":
        apart = unglue_all(cleaned)
        if apart != cleaned:
            found = _resolve_clean(apart, gazetteer)
    return found


def _resolve_clean(text: str, gazetteer: Gazetteer) -> Resolution:
    parts = matching.parts(text, gazetteer)
    decisions = [decision for part in parts if (decision := _decide(part, gazetteer))]
    decided = [decision for decision in decisions if decision.countries]
    considered = _considered(parts, decided)
    if decided:
        countries = _without_repeats(code for d in decided for code in d.countries)
        return Resolution(
            countries[0],
            countries,
            "resolved",
            decided[0].method,
            "; ".join(dict.fromkeys(d.evidence for d in decided)),
            min(rules.CONFIDENCE[d.method] for d in decided),
            considered,
        )
    if any(d.status == "ambiguous" for d in decisions) or any(map(_has_several, parts)):
        evidence = "; ".join(dict.fromkeys(d.evidence for d in decisions))
        return Resolution(
            None, (), "ambiguous", "several_countries", evidence, considered=considered
        )
    for decision in decisions:
        return Resolution(None, (), "not_found", decision.method, decision.evidence)
    return Resolution(None, (), "not_found", "none", considered=considered)


def _decide(part: matching.Part, gazetteer: Gazetteer) -> rules.Decision | None:
    for rule in rules.RULES:
        decision = rule(part, gazetteer)
        if decision:
            return decision
    return None


def _without_repeats(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes in order, each only where the one before it is another."""
    return tuple(code for code, _ in groupby(codes))


def _has_several(part: matching.Part) -> bool:
    places = [
        m
        for m in part.places
        if m.position != matching.INSIDE or matching.is_named_after(part.words, m)
    ]
    return any(len(m.entry.countries) > 1 for m in (*part.organisations, *places))


def _considered(parts: list[matching.Part], decided: list[rules.Decision]) -> tuple[str, ...]:
    """Return what was found and did not decide, at most ``_MOST_CONSIDERED`` lines."""
    used = {line for d in decided for line in d.evidence.split("; ")}
    lines: dict[str, None] = {}
    for part in parts:
        for match in (*part.organisations, *part.acronyms, *part.places):
            line = rules.describe(part, match, match.entry.countries)
            several = len(match.entry.countries) > 1
            why = "the name is found in several countries" if several else "another rule came first"
            if line not in used:
                lines[f"{line}: {why}"] = None
            if len(lines) == _MOST_CONSIDERED:
                return tuple(lines)
    return tuple(lines)


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
