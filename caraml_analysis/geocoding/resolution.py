"""What the geocoder says of one affiliation text, and why."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from caraml_analysis import countries as country_names


@dataclass(frozen=True, slots=True, repr=False)
class Resolution:
    """The countries of one affiliation text.

    Attributes
    ----------
    country : str or None
        ISO 3166-1 alpha-3 of the first country named; ``None`` unless `status` is ``resolved``.
    countries : tuple of str
        All countries in order of mention, without consecutive duplicates.
    status : str
        One of ``caraml_analysis.tables.STATUSES``.
    method : str
        Name of the rule that decided. ``headquarters``: a multinational named without a place.
    evidence : str
        Part of the text, and the row of the gazetteer that it names.
    confidence : float
        0 to 1, a constant of each method.
    considered : tuple of str
        What else was found, and why it did not count.
    """

    country: str | None
    countries: tuple[str, ...]
    status: str
    method: str
    evidence: str = ""
    confidence: float = 0.0
    considered: tuple[str, ...] = ()

    @property
    def _answer(self) -> str:
        if not self.countries:
            return self.status
        return ", ".join(f"{country_names.name(code)} ({code})" for code in self.countries)

    def __repr__(self) -> str:
        """Return the answer and why, in one or two lines."""
        first = f"Resolution: {self._answer} by {self.method}"
        return f"{first}, confidence {self.confidence:g}" + (
            f"\n    {self.evidence}" if self.evidence else ""
        )

    def _repr_html_(self) -> str:
        rows = [
            ("status", self.status),
            ("method", self.method),
            ("evidence", self.evidence),
            ("confidence", f"{self.confidence:g}"),
            ("considered", "; ".join(self.considered)),
        ]
        cells = "".join(
            f"<tr><th>{label}</th><td>{escape(value)}</td></tr>" for label, value in rows if value
        )
        return f"<table><caption>{escape(self._answer)}</caption>{cells}</table>"
