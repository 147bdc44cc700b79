"""Who is asked about a text, in which order: the user's overrides, then one tier after another.

The embedded engine answers alone by default. A further tier is asked only about what the tiers
before it left open, so that a slow or remote one sees few texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from caraml_analysis.errors import GeocodeError, UsageError
from caraml_analysis.geocoding import resolver
from caraml_analysis.geocoding.overrides import Overrides, OverridesLike
from caraml_analysis.geocoding.resolution import Resolution

#: Tiers that have a name; every other one is given as an object.
NAMES: Final = ("embedded", "ror")
DEFAULT_TIERS: Final = ("embedded",)

_OPEN_STATUSES = frozenset(("not_found", "ambiguous"))
# people who say that they have no organisation: there is nothing to look for
_FINAL_METHODS = frozenset(("no_organisation",))


class Tier(Protocol):
    """Anything that answers for one text."""

    def resolve(self, text: str) -> Resolution:
        """Return the countries of one text that is not empty."""
        ...


Tiers: TypeAlias = Sequence["str | Tier"]


@dataclass(frozen=True)
class Step:
    """One tier in its place: its name, what to call, and if it can be loaded by its name alone.

    `resolve_cached` is the method of that name, if the tier has one: it answers without asking
    anybody.
    """

    name: str
    resolve: Callable[[str], Resolution]
    is_named: bool
    resolve_cached: Callable[[str], Resolution] | None = None


def resolve(
    text: str | None,
    *,
    tiers: Tiers = DEFAULT_TIERS,
    overrides: OverridesLike | None = None,
) -> Resolution:
    """Return the countries that one affiliation text names.

    Parameters
    ----------
    text : str or None
        An affiliation as a conference, a publisher or a person wrote it.
    tiers : sequence of {"embedded", "ror"} or objects with a method ``resolve``
        Who is asked, in order. The next one is asked only if those before it said ``not_found`` or
        ``ambiguous``; if none resolves the text, the answer of the first one stands. ``"ror"``
        needs ``caraml data fetch ror`` once.
    overrides : path, DataFrame, mapping or Overrides, optional
        Your own judgements, which win over every tier; see :meth:`Overrides.read`. For more than
        one text read them once and give the object.

    Returns
    -------
    Resolution
        With ``status`` ``resolved``, ``ambiguous``, ``not_found`` or ``empty`` (or ``error`` from
        a tier that can fail); a missing value (``None``, NaN) is ``empty``.

    Raises
    ------
    TypeError
        If `text` is neither a text nor missing.
    UsageError
        If a tier is not known.
    TableError
        If an override has a fault.
    GeocodeError
        If a tier fails, such as a server that is down.

    Examples
    --------
    >>> resolve("Google Brain, Zurich").country
    'CHE'
    >>> resolve("Our lab", overrides={"our lab": "KE"}).country
    'KEN'
    """
    if tiers is DEFAULT_TIERS and overrides is None:
        return resolver.resolve(text)
    steps = open_tiers(tiers)
    if not isinstance(text, str):
        return resolver.resolve(text)
    found = Overrides.read(overrides).find(text) if overrides is not None else None
    return found or ask(text, steps)


def open_tiers(tiers: Tiers) -> tuple[Step, ...]:
    """Return the steps behind `tiers`, loading what they need.

    Raises
    ------
    UsageError
        If a name is not known, a tier occurs twice, an object has no ``resolve``, or there is none.
    """
    if isinstance(tiers, str) or not isinstance(tiers, Sequence):
        raise UsageError(
            f"tiers is a sequence such as ('embedded', 'ror'), not {tiers!r:.60}. "
            "Nothing was resolved."
        )
    if not tiers:
        raise UsageError(f"no tier is given; there are {', '.join(NAMES)}. Nothing was resolved.")
    steps = [_open(tier) for tier in tiers]
    if len({id(tier) if not isinstance(tier, str) else tier for tier in tiers}) < len(steps):
        raise UsageError("one tier is named twice. Nothing was resolved. Name each tier once.")
    if steps[0].name != "embedded":
        cached = steps[0].resolve_cached
        steps[0] = replace(
            steps[0],
            resolve=_unless_empty(steps[0].resolve),
            resolve_cached=cached and _unless_empty(cached),
        )
    return tuple(steps)


def _open(tier: str | Tier) -> Step:
    if tier == "embedded":
        return Step("embedded", resolver.resolve, is_named=True)
    if tier == "ror":
        return Step("ror", _ror().resolve, is_named=True)
    if isinstance(tier, str) or not callable(getattr(tier, "resolve", None)):
        raise UsageError(
            f"no tier {tier!r:.60}; there are {', '.join(NAMES)}, and objects with a method "
            "resolve(text) such as Nominatim. Nothing was resolved."
        )
    name = getattr(tier, "name", type(tier).__name__)
    cached = getattr(tier, "resolve_cached", None)
    return Step(str(name), tier.resolve, is_named=False, resolve_cached=cached)


def forgiving(step: Step) -> Step:
    """Return a step whose failures are answers of status ``error``, for batches.

    A tier that can answer from a cache is not asked again after its first failure, only its cache:
    a server that is down is not waited for with every text.
    """
    first_reason = ""

    def resolve_text(text: str) -> Resolution:
        nonlocal first_reason
        from_cache = first_reason and step.resolve_cached
        try:
            return (from_cache or step.resolve)(text)
        except GeocodeError as error:
            reason = f"not asked after: {first_reason}" if from_cache else error.reason
            first_reason = first_reason or error.reason
            return Resolution(None, (), "error", step.name, reason)

    return replace(step, resolve=resolve_text)


def _ror() -> Tier:
    """Return the tier of the fetched release; a new one is opened after a new fetch."""
    from caraml_analysis.geocoding.ror_index import index_path

    path = index_path()
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0  # opening it says what is wrong
    return _opened_ror(path, changed)


@lru_cache(maxsize=1)
def _opened_ror(path: Path, changed: int) -> Tier:
    from caraml_analysis.geocoding.ror import RorTier

    return RorTier(path)


def _unless_empty(ask_tier: Callable[[str], Resolution]) -> Callable[[str], Resolution]:
    """Let the embedded engine say first what is no affiliation: the others need not know."""

    def resolve_text(text: str) -> Resolution:
        found = resolver.resolve(text)
        nothing_to_find = found.status == "empty" or found.method in _FINAL_METHODS
        return found if nothing_to_find else ask_tier(text)

    return resolve_text


def is_open(status: str, method: str) -> bool:
    """Tell if a further tier should be asked after this answer."""
    return status in _OPEN_STATUSES and method not in _FINAL_METHODS


def ask(text: str, steps: Sequence[Step], kept: Resolution | None = None) -> Resolution:
    """Return the answer of the first tier that resolves `text`.

    Parameters
    ----------
    text : str
        What to resolve.
    steps : sequence of Step
        Tiers in order.
    kept : Resolution, optional
        Answer of the tiers that were asked before these; it stands if none resolves the text.

    Returns
    -------
    Resolution
        If no tier resolves the text, that of the first one; but a failure of a later tier is an
        ``error`` and never passes for "not found".
    """
    lost: list[str] = [] if kept is None else [_lost("tiers before", kept)]
    failed = None
    for step in steps:
        found = step.resolve(text)
        if not isinstance(found, Resolution):
            raise TypeError(
                f"tier {step.name} returned {type(found).__name__} instead of a Resolution for "
                f"{text!r:.60}. Nothing was resolved."
            )
        if kept is None and not is_open(found.status, found.method):
            return found
        if found.status == "resolved":
            before = kept.considered if kept else ()
            return found._replace(besides=(*found.considered, *lost, *before))
        if found.status == "error":
            failed = failed or found
        kept = kept or found
        lost.append(_lost(step.name, found))
    answer = failed or kept
    if answer is None:
        raise UsageError("no tier was given, so nothing was resolved.")
    return answer


def _lost(name: str, found: Resolution) -> str:
    return f"{name}: {found.status}" + (f" ({found.evidence})" if found.evidence else "")
