"""What the geocoder says of one affiliation text, and why."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from caraml_analysis import countries as country_names


class Resolution(NamedTuple):
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
        0 to 1: how often the method was right on labelled texts.
    besides : tuple of str or None
        What else was found, if the tier that answered knows; ``considered`` is always there.
    text : str
        The text, where `considered` needs it.
    """

    country: str | None
    countries: tuple[str, ...]
    status: str
    method: str
    evidence: str = ""
    confidence: float = 0.0
    besides: tuple[str, ...] | None = ()
    text: str = ""

    @property
    def considered(self) -> tuple[str, ...]:
        """What else was found, and why it did not count; looked for when asked."""
        if self.besides is not None:
            return self.besides
        from caraml_analysis.geocoding.resolver import engine

        return engine().considered(self.text)

    @property
    def answer(self) -> str:
        """The countries by name, or the status if there is none."""
        if not self.countries:
            return self.status
        return ", ".join([f"{country_names.name(code)} ({code})" for code in self.countries])

    def __repr__(self) -> str:
        """Return the answer and why, in one or two lines."""
        first = f"Resolution: {self.answer} by {self.method}"
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
            [f"<tr><th>{label}</th><td>{escape(value)}</td></tr>" for label, value in rows if value]
        )
        return f"<table><caption>{escape(self.answer)}</caption>{cells}</table>"
