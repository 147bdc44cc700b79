"""What a statement says: a checked file and its estimate, turned into sections of plain text."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from caraml_analysis import __version__, countries
from caraml_analysis.carbon.distributions import Distribution
from caraml_analysis.carbon.estimating import Estimate, Interval
from caraml_analysis.carbon.factors import Factor
from caraml_analysis.carbon.presets import PRESETS
from caraml_analysis.carbon.quantities import significant
from caraml_analysis.errors import CaramlError, StatementError
from caraml_analysis.reproduce.carbon_runs import estimate
from caraml_analysis.reproduce.statement.reading import BASES, BOUNDARIES, Declaration, where
from caraml_analysis.sources.comparisons import load_comparisons

#: Form of the JSON; changes when a reader of it would have to.
SCHEMA = "caraml-statement/1"

_ENERGY = {
    "energy_accelerator_mwh": "Accelerators alone",
    "energy_it_mwh": "All computers (with hosts and network)",
    "energy_facility_mwh": "Whole site (with cooling)",
}
_OPERATIONAL = {
    "t_co2e_location": "Location-based (average of the grid)",
    "t_co2e_market": "Market-based (after contracts and certificates)",
    "t_co2e_net": "Net (after the operator's own hourly accounting)",
}
_WATER = {
    "water_site_m3": "On site (cooling)",
    "water_source_m3": "In making the electricity",
}
_EMBODIED = "t_co2e_embodied"
_NAMES = {
    **{name: f"Energy, {words.lower()}" for name, words in _ENERGY.items()},
    **{name: f"Emissions, {words[0].lower()}{words[1:]}" for name, words in _OPERATIONAL.items()},
    **{name: f"Water, {words[0].lower()}{words[1:]}" for name, words in _WATER.items()},
    _EMBODIED: "Embodied emissions (making the hardware)",
}
_INPUTS = {
    "accelerator_hours": "Accelerator-hours",
    "energy_mwh": "Energy",
    "power_w": "Power of one accelerator",
    "load": "Mean draw / that power",
    "host": "All computers / accelerators",
    "pue": "Site / all computers (PUE)",
    "g_co2e_per_kwh": "Grid, location-based",
    "g_co2e_per_kwh_market": "Grid, market-based",
    "g_co2e_per_kwh_net": "Grid, net",
    "grid_error": "Error of the grid factor",
    "wue_site": "Water on site, per kWh of the computers",
    "wue_source": "Water of the electricity, per kWh of the site",
    "embodied_kg": "Embodied carbon, for each accelerator",
    "lifetime_years": "Lifetime of the hardware",
    "use_share": "Part of the lifetime at work",
}
#: Unit, and the smaller and larger ones with their size in it.
_UNITS = {
    "MWh": (("GWh", 1e3), ("MWh", 1.0), ("kWh", 1e-3), ("Wh", 1e-6)),
    "t CO2e": (("t CO2e", 1.0), ("kg CO2e", 1e-3), ("g CO2e", 1e-6)),
    "m3": (("m3", 1.0), ("L", 1e-3)),
}
#: A comparison with fewer or more of a thing than this helps nobody.
_FAMILIAR = (0.1, 1e6)


@dataclass(frozen=True)
class Section:
    """A part of the statement.

    Parameters
    ----------
    heading : str
        Its title.
    rows : tuple of tuple of str
        Cells of its table; may be empty.
    columns : tuple of str
        Header of the table; empty if the rows are name and value.
    notes : tuple of str
        Sentences below the table.
    bullets : tuple of str
        Points of a list.
    """

    heading: str
    rows: tuple[tuple[str, ...], ...] = ()
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """A statement: sections for people, numbers for programs.

    Parameters
    ----------
    title : str
        Its heading.
    summary : str
        The whole in a sentence or two.
    sections : tuple of Section
        In order.
    data : dict
        The same as plain values, for JSON.
    """

    title: str
    summary: str
    sections: tuple[Section, ...]
    data: dict[str, Any] = field(repr=False, default_factory=dict)


def make_statement(declared: Declaration) -> Statement:
    """Estimate a declared run and say what it took.

    Parameters
    ----------
    declared : Declaration
        Result of :func:`read_declaration`.

    Returns
    -------
    Statement

    Raises
    ------
    StatementError
        If the run cannot be estimated; names the field.
    """
    assume = declared.get("assumptions", "assume")
    try:
        found = estimate(declared.run(), assume=assume)
    except CaramlError as error:
        raise StatementError(f"{declared.name}: {where(str(error))} Nothing was written.") from None
    known = comparisons(found, load_comparisons())
    unknown = _unknown(declared, found)
    sections = (
        _what(declared),
        _where(declared),
        _energy(declared, found),
        _emissions(declared, found),
        _water(found),
        Section("In amounts that people know", bullets=tuple(line["text"] for line in known)),
        _assumptions(declared, found, assume),
        _certainty(found),
        Section("What is not known", bullets=tuple(unknown)),
        *_measures(declared),
        _made(declared, found),
    )
    return Statement(
        title=f"Sustainability statement: {declared.get('run', 'model')}",
        summary=_summary(declared, found),
        sections=tuple(part for part in sections if part.rows or part.notes or part.bullets),
        data=_data(declared, found, known, unknown),
    )


def comparisons(found: Estimate, familiar: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what the energy and the location-based emissions are like.

    Parameters
    ----------
    found : Estimate
        The run.
    familiar : DataFrame
        Result of :func:`caraml_analysis.sources.comparisons.load_comparisons`.

    Returns
    -------
    list of dict
        ``text``, ``p5``, ``p50``, ``p95`` (how many of them), ``source``; only those of which
        there are neither too few nor too many to imagine.
    """
    quantities = {"emissions": "t_co2e_location", "electricity": "energy_facility_mwh"}
    lines = []
    for row in familiar.itertuples():
        value = found.values.get(quantities[str(row.quantity)])
        if value is None or not _FAMILIAR[0] <= value.p50 / row.value <= _FAMILIAR[1]:
            continue
        low, middle, high = (end / row.value for end in (value.p5, value.p50, value.p95))
        times = Interval(low, middle, high, "", value.shares)
        name = row.one if significant(times.p50, 2) == "1" else row.many
        what = "CO2e" if row.quantity == "emissions" else "electricity"
        lines.append(
            {
                "comparison": row.comparison,
                "text": f"As much {what} as {_about(times)} {name}; {row.source}.",
                "p5": times.p5,
                "p50": times.p50,
                "p95": times.p95,
                "source": row.source,
            }
        )
    return lines


def _about(times: Interval) -> str:
    if _is_single(times):
        return significant(times.p50, 2)
    low, middle, high = (significant(end, 2) for end in (times.p5, times.p50, times.p95))
    return f"{middle} ({low} to {high})"


def _is_single(value: Interval) -> bool:
    """Return whether there is no interval: no input has a range, or a factor of 0 takes it away."""
    return value.is_exact or value.p5 == value.p95


def amount(value: Interval) -> str:
    """Return an interval in the unit that suits its size: ``27.2 GWh (20.2 to 34.8)``."""
    choices = _UNITS.get(value.unit, ((value.unit, 1.0),))
    unit, size = next((pair for pair in choices if value.p50 >= pair[1]), choices[-1])
    digits = 4 if _is_single(value) else 3
    low, middle, high = (
        significant(end / size, digits) for end in (value.p5, value.p50, value.p95)
    )
    return f"{middle} {unit}" if _is_single(value) else f"{middle} {unit} ({low} to {high})"


def _summary(declared: Declaration, found: Estimate) -> str:
    energy = amount(found.values["energy_facility_mwh"])
    model = declared.get("run", "model")
    text = f"{model} ({declared.get('run', 'what')}; {declared.get('run', 'boundary')}): {energy}"
    emitted = found.values.get("t_co2e_location")
    if emitted is None:
        return f"{text}. Emissions are not known."
    return f"{text} and {amount(emitted)}, location-based."


def _what(declared: Declaration) -> Section:
    boundary = declared.get("run", "boundary")
    rows = [
        ("Model", declared.get("run", "model")),
        ("What was run", declared.get("run", "what")),
        ("What the numbers cover", f"{boundary}: {BOUNDARIES[boundary]}"),
        ("Organisation", declared.get("run", "organisation")),
        ("Date", declared.get("run", "date")),
        ("Hardware", declared.get("compute", "accelerator")),
        ("Devices", _plain(declared.get("compute", "devices"))),
        ("Source of the inputs", declared.get("run", "source")),
    ]
    return Section("What was run", tuple((name, text) for name, text in rows if text))


def _plain(value: Any) -> str | None:
    return None if value is None else _reported(value)


def _where(declared: Declaration) -> Section:
    rows = [
        ("Place", declared.get("site", "place") or "not stated"),
        ("Grid", _grid(declared)),
    ]
    return Section("Where", tuple(rows))


def _grid(declared: Declaration) -> str:
    if declared.get("site", "g_co2e_per_kwh") is not None:
        return "own factor, see the assumptions"
    country, year = declared.get("site", "country"), declared.get("site", "year")
    grid = declared.get("site", "grid_mix")
    if country and not grid:
        grid = countries.name(countries.to_alpha3(country))
    edition = declared.get("site", "grid_edition")
    when = f"edition {edition}" if edition else year
    return f"{grid}, {when}" if grid and when else grid or "not stated"


def _energy(declared: Declaration, found: Estimate) -> Section:
    rows = [(words, amount(found.values[n])) for n, words in _ENERGY.items() if n in found.values]
    reported = declared.get("reported", "energy_mwh")
    if reported is not None:
        rows.append(("As reported", _with_notes(f"{_reported(reported)} MWh", _basis(declared))))
    return Section("Energy", tuple(rows), notes=_interval_note(found))


def _interval_note(found: Estimate) -> tuple[str, ...]:
    if all(_is_single(value) for value in found.values.values()):
        return (
            "No input has a range, so no interval is given; the inputs are not exact for that.",
        )
    return ("In brackets: 5 % to 95 % of the estimates that the ranges of the inputs allow.",)


def _emissions(declared: Declaration, found: Estimate) -> Section:
    rows = []
    for name, words in _OPERATIONAL.items():
        if name in found.values:
            rows.append((f"Operational, {words[0].lower()}{words[1:]}", amount(found.values[name])))
        reported = declared.get("reported", name)
        if reported is not None:
            beside = _beside(reported, found.values.get(name), _basis(declared))
            rows.append((f"As reported, {words.split(' (')[0].lower()}", beside))
    if _EMBODIED in found.values:
        rows.append(("Embodied in the hardware", amount(found.values[_EMBODIED])))
    offsets = declared.get("reported", "offsets")
    if offsets:
        rows.append(("Offsets bought, subtracted nowhere", offsets))
    note = (
        "Location-based, market-based and net emissions answer different questions: they are not "
        "added to or subtracted from one another, nor from embodied emissions."
    )
    return Section("Emissions", tuple(rows), notes=(note,) if rows else ())


def _basis(declared: Declaration) -> str:
    """Return where the energy of the earlier report comes from, empty if the file does not say."""
    basis = declared.get("reported", "basis")
    return f"{basis}: {BASES[basis]}" if basis else ""


def _beside(reported: Any, value: Interval | None, basis: str) -> str:
    text = f"{_reported(reported)} t CO2e"
    if reported == 0:
        return text  # of no energy whatever: a factor of 0
    if value is None or _is_single(value) or not isinstance(reported, (int, float)):
        return _with_notes(text, basis)
    inside = value.p5 <= reported <= value.p95
    return _with_notes(text, f"{'inside' if inside else 'outside'} the interval", basis)


def _with_notes(text: str, *notes: str) -> str:
    said = "; ".join(note for note in notes if note)
    return f"{text} ({said})" if said else text


def _reported(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, (int, float)) else str(value)


def _water(found: Estimate) -> Section:
    rows = [(words, amount(found.values[n])) for n, words in _WATER.items() if n in found.values]
    return Section("Water", tuple(rows))


def _assumptions(declared: Declaration, found: Estimate, assume: str | None) -> Section:
    rows = [
        (
            _INPUTS[factor.field],
            f"{_range(factor.value)} {factor.unit}".strip(),
            _said_by(declared, factor),
        )
        for factor in found.factors
    ]
    notes: tuple[str, ...] = ()
    if assume:
        notes += (f'Preset "{assume}" fills what is not given: {PRESETS[assume].meaning}',)
    idle = "; ".join(f"{name} ({why})" for name, why in found.not_used.items())
    if idle:
        notes += (f"Given, but not used: {idle}.",)
    return Section("Inputs and assumptions", tuple(rows), ("Input", "Value", "Source"), notes)


def _said_by(declared: Declaration, factor: Factor) -> str:
    own = declared.get("sources", factor.field)
    if own and factor.source.startswith("given"):
        return f"{factor.source}: {own}"
    return f"{factor.source}, {factor.edition}" if factor.edition else factor.source


def _range(value: Distribution) -> str:
    if value.is_fixed or value.kind == "lognormal":
        return str(value)
    ends = [significant(end, 5) for end in value.values]
    likeliest = f", likeliest {ends[1]}" if value.kind == "triangular" else ""
    return f"{ends[0]} to {ends[-1]}{likeliest}"


def _certainty(found: Estimate) -> Section:
    last = "t_co2e_location" if "t_co2e_location" in found.values else "energy_facility_mwh"
    shares = found.values[last].shares
    what = "emissions" if last == "t_co2e_location" else "energy"
    rows = tuple(
        (_INPUTS[name], f"{share:.0%}") for name, share in shares.items() if share >= 0.005
    )
    return Section(
        "What the uncertainty comes from", rows, ("Input", f"Share of the variance of the {what}")
    )


def _unknown(declared: Declaration, found: Estimate) -> list[str]:
    lines = [f"{_NAMES[name]}: {reason}." for name, reason in found.unknown.items()]
    if not {"t_co2e_market", "t_co2e_net"} & set(found.values):
        lines.append("Emissions after contracts or the operator's own accounting: no factor given.")
    sources = {factor.field: factor.source for factor in found.factors}
    if "load" in sources:
        lines.append("Power was not metered: it is rated power times a load.")
    if sources.get("g_co2e_per_kwh", "given") != "given":
        lines.append(
            "The grid factor is a yearly average of a country; that of the site and its hours may "
            "be far from it."
        )
    if not declared.get("site", "place"):
        lines.append("Where the site is.")
    if declared.get("run", "boundary") in ("final run", "fine-tuning"):
        lines.append("What came before: searches, ablations, failed and repeated runs.")
    lines.append("What using the model takes.")
    return [*lines, *(_sentence(text) for text in declared.get("more", "unknown") or [])]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _measures(declared: Declaration) -> tuple[Section, ...]:
    taken = declared.get("more", "measures") or []
    return (Section("What was done to need less", bullets=tuple(map(_sentence, taken))),)


def _made(declared: Declaration, found: Estimate) -> Section:
    return Section(
        "How this was made",
        notes=(
            f"By caraml statement (caraml_analysis {__version__}) from {declared.name}, sha256 "
            f"{declared.sha256[:16]}: energy = hours x power x load x host x PUE, emissions = "
            f"energy x grid factor; {found.samples:,} samples, seed {found.seed}.",
        ),
    )


def _data(
    declared: Declaration, found: Estimate, known: list[dict[str, Any]], unknown: list[str]
) -> dict[str, Any]:
    estimated = found.to_dict()
    estimated.pop("run")
    return _rounded(
        {
            "schema": SCHEMA,
            "declared": {name: given for name, given in declared.values.items() if given},
            "estimate": estimated,
            "comparisons": known,
            "unknown": unknown,
            "made_by": {
                "program": "caraml_analysis",
                "version": __version__,
                "input": declared.name,
                "input_sha256": declared.sha256,
            },
        }
    )


def _rounded(value: Any) -> Any:
    """Return the same with ten significant digits: the same on every machine."""
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    if isinstance(value, float):
        rounded = float(f"{value:.10g}")  # may leave the range of numbers that there are
        return rounded if math.isfinite(rounded) else None
    return value
