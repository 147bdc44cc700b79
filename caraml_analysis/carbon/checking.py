"""Does a report's own arithmetic hold? Rules over what was printed, never over names.

Each finding says what does not fit, and which single input would make it fit: PUE on the wrong
side, the number of accelerators in a node, a power of ten, another grid factor, another part's
rated power. A *slip* is a contradiction, or a figure that is not what its column says; a *note*
is worth knowing when the figure is used. Values count as printed: a difference of one in the last
printed digit is no finding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from caraml_analysis import tables
from caraml_analysis.carbon.quantities import significant
from caraml_analysis.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

SLIP, NOTE = "slip", "note"
#: Intensities on IT energy that a grid could have, kg/kWh: hydropower to the dirtiest nation.
INTENSITY_RANGE = (0.02, 1.35)
#: Draw of an accelerator with host over its rated power: least of metered runs; nameplate of DGX.
POWER_RANGE = (0.25, 2.03)
#: A factor further than this from the average of its country and year needs a reason.
FAR_FROM_GRID = 0.20
#: Runs of one organisation on one part should imply one factor, within rounding and this.
FAR_FROM_SIBLINGS = 0.03
_FIELDS = (
    *("accelerator_hours", "reported_power_w", "reported_pue", "reported_energy_mwh", "devices"),
    *("reported_kg_co2e_per_kwh", "reported_t_co2e_location", "reported_t_co2e_market"),
    *("reported_t_co2e_net", "reported_t_co2e_life_cycle"),
)
_WORDS = {
    "accelerator_hours": "accelerator-hours",
    "energy_mwh": "MWh",
    "t_co2e": "t CO2e",
    "kg_co2e_per_kwh": "kg/kWh",
}
_COLUMNS = {
    "accelerator_hours": "accelerator_hours",
    "energy_mwh": "reported_energy_mwh",
    "t_co2e": "reported_t_co2e_location",
    "kg_co2e_per_kwh": "reported_kg_co2e_per_kwh",
}


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit, and what would reconcile it."""

    run: str
    rule: str
    severity: str
    message: str
    reconcile: str


@dataclass(frozen=True)
class Printed:
    """What is printed beside the table of runs: other values, and totals of families."""

    values: pd.DataFrame
    totals: pd.DataFrame


def check_runs(
    runs: pd.DataFrame,
    accelerators: pd.DataFrame,
    grid: pd.DataFrame,
    printed: Printed | None = None,
) -> pd.DataFrame:
    """Return what does not fit in reported runs.

    Parameters
    ----------
    runs : DataFrame
        Indexed by ``run``; columns of :func:`caraml_analysis.load_runs`. Missing values are allowed
        everywhere: a rule speaks only where its inputs are printed.
    accelerators : DataFrame
        Indexed by ``accelerator``, with ``tdp_w`` (W).
    grid : DataFrame
        ``iso3``, ``year``, ``g_co2e_per_kwh``.
    printed : Printed, optional
        Other values printed for a run (``run``, ``quantity``, ``value``, ``source``) and totals of
        families (``report``, ``members``, ``quantity``, ``value``).

    Returns
    -------
    DataFrame
        ``run``, ``rule``, ``severity`` (slip or note), ``message`` and ``reconcile``, slips first.

    Raises
    ------
    TableError
        If the table is empty, lacks a column, or holds a negative value; names it.
    """
    import pandas as pd

    _check_table(runs)
    known = known_values(accelerators, grid)
    findings = find(runs, known)
    if printed is not None:
        findings += _printed_twice(runs, printed.values, known)
        findings += _totals(runs, printed.totals)
    table = pd.DataFrame([asdict(finding) for finding in findings], columns=list(_FINDING))
    order = table["severity"].map({SLIP: 0, NOTE: 1})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def find(runs: pd.DataFrame, known: Known, only: str | None = None) -> list[Finding]:
    """Return what the rules find in the runs alone, unsorted; rules on one run for `only` one."""
    judged = runs if only is None else runs.loc[[only]]
    findings = [
        finding for row in judged.itertuples() for rule in _RULES for finding in rule(row, known)
    ]
    return [*findings, *_siblings(runs)]


def known_values(accelerators: pd.DataFrame, grid: pd.DataFrame) -> Known:
    """Return rated power and grid factors in the form that the rules look them up."""
    keys = zip(grid["iso3"], grid["year"].astype(int), strict=True)
    return Known(
        accelerators["tdp_w"].dropna().astype(float).to_dict(),
        dict(zip(keys, grid["g_co2e_per_kwh"] / 1000, strict=True)),
    )


_FINDING = ("run", "rule", "severity", "message", "reconcile")


@dataclass(frozen=True)
class Known:
    """Rated power by part (W), and grid intensity by country and year (kg/kWh)."""

    tdp: dict[str, float]
    grid: dict[tuple[str, int], float]


def _check_table(runs: pd.DataFrame) -> None:
    if runs.empty:
        raise TableError("there are no runs to check. Nothing was computed.")
    wanted = ("accelerator", "date", "energy_scope", "energy_basis", "training_country", *_FIELDS)
    tables.require_columns(runs, wanted, "runs to check")
    for name in _FIELDS:
        wrong = runs.index[runs[name].astype(float) < 0]
        if len(wrong):
            raise TableError(
                f"{name} of {wrong[0]} is below 0. Correct the row; nothing was computed."
            )


# --- numbers as printed -------------------------------------------------------------------------


def rounding(value: float) -> float:
    """Return how far a printed number may be from the true one, as a part of it.

    One unit of its last digit, for reports round, and some cut off. Zeros at the end count as
    rounded in numbers of four digits or more, and as printed in smaller ones. At most a tenth.

    Examples
    --------
    >>> round(rounding(24.69), 6), rounding(7_000_000.0), rounding(50.0)
    (0.000405, 0.1, 0.02)
    """
    if value == 0 or not math.isfinite(value):
        return 0.0
    digits = f"{value:.10g}"
    mantissa, _, exponent = digits.partition("e")
    power = int(exponent or 0)
    if "." in mantissa:
        power -= len(mantissa.partition(".")[2])
    elif value >= 1000:
        power += len(mantissa) - len(mantissa.rstrip("0"))
    return min(10.0**power / value, 0.1)


def _is(value: Any) -> bool:
    return value is not None and value == value and value != ""


def _close(found: float, wanted: float, *printed: float) -> bool:
    allowed = rounding(wanted) + sum(map(rounding, printed)) + 1e-9
    return abs(found / wanted - 1) <= allowed


def _ratio_meaning(ratio: float, row: Any, known: Known, tolerance: float) -> str:
    """Return the input that two values with this ratio disagree about, or an empty text."""
    ratio = max(ratio, 1 / ratio)
    candidates = {"PUE": row.reported_pue, "accelerators per node": row.devices}
    for name, value in candidates.items():
        if _is(value) and value > 1 and abs(ratio / float(value) - 1) <= tolerance:
            return f"{name} ({value:g}): one value has it, the other has not"
    power = round(math.log10(ratio))
    if power and abs(ratio / 10**power - 1) <= tolerance:
        return f"a factor of {10**power:,} (unit or digit)"
    for other in (2, 4, 8, 16):
        if abs(ratio / other - 1) <= 0.005:
            return f"{other} accelerators (or chips) counted as one"
    swap = _part_swap(ratio, row.accelerator, known) if ratio > 1.2 else ""
    if swap:
        return swap
    if ratio < 1.05:
        return "the digits: one of the two is misprinted or rounded"
    return ""


def _part_swap(ratio: float, part: Any, known: Known) -> str:
    """Return two rated powers with this ratio, one of them of the family of `part`."""
    if not _is(part):
        return ""
    word = str(part).split()[1]
    family = {watts for name, watts in known.tdp.items() if word in name.split()}
    for own in sorted(family):
        for other in sorted(set(known.tdp.values())):
            if abs(ratio / (max(own, other) / min(own, other)) - 1) < 0.003:
                low, high = sorted((own, other))
                return f"rated power of another part ({low:g} W against {high:g} W)"
    return ""


# --- rules on one run -----------------------------------------------------------------------------


def _it_energy(row: Any) -> float | None:
    """Return the IT energy of a report in MWh: printed, or hours x printed power."""
    if _is(row.reported_energy_mwh):
        pue = float(row.reported_pue) if _is(row.reported_pue) else 1.0
        return float(row.reported_energy_mwh) / (pue if row.energy_scope == "facility" else 1.0)
    if _is(row.accelerator_hours) and _is(row.reported_power_w):
        return float(row.accelerator_hours) * float(row.reported_power_w) / 1e6
    return None


def _intensity_range(row: Any, known: Known) -> Iterator[Finding]:
    energy, tonnes = _it_energy(row), row.reported_t_co2e_location
    low, high = INTENSITY_RANGE
    stated = row.reported_kg_co2e_per_kwh
    if _is(stated) and not low <= stated <= high:
        yield Finding(
            row.Index,
            "intensity-range",
            SLIP,
            f"the stated factor is {stated:g} kg/kWh; no grid has it ({low:g} to {high:g}).",
            "a location-based factor of the grid; a contract belongs into market-based",
        )
    if energy and _is(tonnes) and tonnes > 0 and not low <= tonnes / energy <= high:
        implied = tonnes / energy
        middle = math.sqrt(low * high)
        power = round(math.log10(middle / implied))
        yield Finding(
            row.Index,
            "intensity-range",
            SLIP,
            f"{tonnes:,g} t on {energy:,.5g} MWh of IT energy are {implied:.2g} kg/kWh; grids lie "
            f"between {low:g} and {high:g}.",
            f"emissions about {10.0**power:,g} times as large, or hours or power as much smaller",
        )


def _power_range(row: Any, known: Known) -> Iterator[Finding]:
    energy, tdp = _it_energy(row), known.tdp.get(row.accelerator)
    if not (_is(row.reported_energy_mwh) and _is(row.accelerator_hours) and energy and tdp):
        return
    watts = energy * 1e6 / float(row.accelerator_hours)
    low, high = POWER_RANGE[0] * tdp, POWER_RANGE[1] * tdp
    if not low <= watts <= high:
        per_node = row.devices if _is(row.devices) else 8
        hours = "node-hours" if watts > high else "hours of another unit"
        yield Finding(
            row.Index,
            "power-range",
            SLIP,
            f"energy and hours mean {significant(watts)} W for each accelerator rated {tdp:g} W; "
            f"{significant(low)} to {significant(high)} W are possible.",
            f"{hours} ({per_node:g} accelerators each), or energy in another unit",
        )


def _energy_arithmetic(row: Any, known: Known) -> Iterator[Finding]:
    hours, watts, energy = row.accelerator_hours, row.reported_power_w, row.reported_energy_mwh
    if not (_is(hours) and _is(watts) and _is(energy)) or energy == 0:
        return
    pue = float(row.reported_pue) if _is(row.reported_pue) else 1.0
    after = row.energy_scope == "facility"
    product = float(hours) * float(watts) / 1e6
    # hours made of rounded days carry that rounding
    derived = 0.02 if str(getattr(row, "hours_basis", "")).startswith("derived") else 0.0
    if abs(product * (pue if after else 1.0) / energy - 1) <= derived or _close(
        product * (pue if after else 1.0), energy, watts
    ):
        return
    other = product * (1.0 if after else pue)
    if pue > 1 and (abs(other / energy - 1) <= max(derived, 0.005)):
        side = "before" if after else "after"
        yield Finding(
            row.Index,
            "pue-side",
            SLIP,
            f"the energy is said to be {'after' if after else 'before'} PUE, but hours x power "
            f"give {energy:g} MWh only {side} PUE {pue:g}.",
            f"energy {side} PUE",
        )
        return
    ratio = energy / (product * (pue if after else 1.0))
    meaning = _ratio_meaning(ratio, row, known, 0.01)
    yield Finding(
        row.Index,
        "energy-arithmetic",
        SLIP,
        f"hours x power{' x PUE' if after else ''} are "
        f"{significant(product * (pue if after else 1.0), 4)} MWh, printed are {energy:g}.",
        meaning or "no single input",
    )


def _emissions_arithmetic(row: Any, known: Known) -> Iterator[Finding]:
    energy, factor = row.reported_energy_mwh, row.reported_kg_co2e_per_kwh
    tonnes = row.reported_t_co2e_location
    if not _is(tonnes):
        tonnes = row.reported_t_co2e_net
    if not (_is(energy) and _is(factor) and _is(tonnes)) or tonnes == 0 or factor == 0:
        return
    pue = float(row.reported_pue) if _is(row.reported_pue) else 1.0
    plain = float(energy) * float(factor)
    closes = _close(plain, tonnes, energy, factor)
    if row.energy_scope == "facility" or pue == 1.0:
        if closes:
            return
    else:
        if _close(plain * pue, tonnes, energy, factor) and not closes:
            return
        if closes:
            yield Finding(
                row.Index,
                "pue-side",
                SLIP,
                f"{energy:g} MWh x {factor:g} kg/kWh give the printed {tonnes:g} t without the PUE "
                f"of {pue:g} that is stated; the energy is not said to be after PUE.",
                f"PUE {pue:g}: it is in the energy already, or was not applied",
            )
            return
    ratio = tonnes / plain
    # the usual reason is worth trying with the usual PUE, even where none is stated
    meaning = _ratio_meaning(ratio, row, known, 0.01)
    if not meaning and 1.04 <= max(ratio, 1 / ratio) <= 1.6:
        meaning = f"PUE {max(ratio, 1 / ratio):.2f}: in one of the two and not in the other"
    yield Finding(
        row.Index,
        "emissions-arithmetic",
        SLIP,
        f"{energy:g} MWh x {factor:g} kg/kWh are {significant(plain, 4)} t, "
        f"printed are {tonnes:g}.",
        meaning or "no single input",
    )


def _factor_of_place(row: Any, known: Known) -> Iterator[Finding]:
    energy, tonnes = _it_energy(row), row.reported_t_co2e_location
    stated = _is(row.reported_kg_co2e_per_kwh)
    if not _is(row.training_country):
        return
    if stated:
        factor = float(row.reported_kg_co2e_per_kwh)
    elif energy and _is(tonnes) and tonnes > 0:
        factor = tonnes / energy
    else:
        return
    grid = known.grid.get((row.training_country, int(str(row.date)[:4])))
    if not grid or abs(factor / grid - 1) <= FAR_FROM_GRID or factor == 0:
        return
    yield Finding(
        row.Index,
        "factor-of-place",
        NOTE if stated else SLIP,
        f"{'stated' if stated else 'implied, not stated'} {factor:.3g} kg/kWh; the average of "
        f"{row.training_country} in that year is {grid:.3g} ({factor / grid - 1:+.0%}).",
        "the region and the edition of the factor",
    )


def _accounting(row: Any, known: Known) -> Iterator[Finding]:
    location = _is(row.reported_t_co2e_location)
    if _is(row.reported_t_co2e_net) and not location:
        yield Finding(
            row.Index,
            "net-only",
            SLIP,
            f"{row.reported_t_co2e_net:g} t are net of an operator's carbon-free energy; no "
            "location-based figure stands beside them.",
            "a location-based figure",
        )
    if _is(row.reported_t_co2e_life_cycle) and not location:
        yield Finding(
            row.Index,
            "life-cycle-only",
            SLIP,
            f"{row.reported_t_co2e_life_cycle:,g} t cover more than one training run; they cannot "
            "stand beside training figures.",
            "the training part alone",
        )
    if row.reported_t_co2e_market == 0 and location:
        yield Finding(
            row.Index,
            "market-zero",
            NOTE,
            f"market-based 0 beside {row.reported_t_co2e_location:g} t location-based.",
            "which of the two is meant",
        )


def _basis(row: Any, known: Known) -> Iterator[Finding]:
    if row.energy_basis == "third party":
        yield Finding(
            row.Index,
            "third-party",
            SLIP,
            "an estimate by others, not the developer's own figure.",
            "the developer's own figure",
        )
    if row.energy_basis == "measured elsewhere":
        yield Finding(
            row.Index,
            "power-elsewhere",
            SLIP,
            "power was metered on another run or another part.",
            "power of this run on this part",
        )
    if row.energy_scope == "unclear" and _is(row.reported_energy_mwh):
        yield Finding(
            row.Index,
            "scope-missing",
            SLIP,
            "the report does not say whether the energy is of accelerators, servers or the site.",
            "scope of the energy",
        )
    if getattr(row, "accelerator_assumed", "") == "yes":
        yield Finding(
            row.Index,
            "part-assumed",
            NOTE,
            f"the report names a family, not a part; {row.accelerator} is assumed.",
            "the part (form factor)",
        )


def _allocation(row: Any, known: Known) -> Iterator[Finding]:
    """Hours that are exactly accelerators x whole days, where energy only follows from them."""
    if not (_is(row.devices) and _is(row.accelerator_hours)) or row.energy_basis != "circular":
        return
    days = float(row.accelerator_hours) / float(row.devices) / 24
    if days >= 7 and abs(days - round(days)) < 1e-6:
        yield Finding(
            row.Index,
            "allocation",
            SLIP,
            f"hours are exactly {row.devices:g} accelerators x {days:.0f} days: a time of access, "
            "not of use.",
            "hours that were used",
        )


_RULES = (
    *(_intensity_range, _power_range, _energy_arithmetic, _emissions_arithmetic),
    *(_factor_of_place, _accounting, _basis, _allocation),
)


# --- rules on several runs or values --------------------------------------------------------------


def _siblings(runs: pd.DataFrame) -> Iterator[Finding]:
    """Find runs whose implied factor is not that of the same organisation on the same part."""
    implied: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
    for row in runs.itertuples():
        if row.energy_basis != "circular" or not _is(row.reported_t_co2e_location):
            continue
        energy = _it_energy(row)
        if not energy or not _is(row.accelerator):
            continue
        factor = float(row.reported_t_co2e_location) / energy
        slack = rounding(float(row.reported_t_co2e_location)) / 2
        if "s.f." in str(getattr(row, "hours_basis", "")):
            slack += rounding(float(row.accelerator_hours)) / 2
        key = (str(row.organisation).split()[0], row.accelerator)
        implied.setdefault(key, {})[row.Index] = (factor, slack)
    for (_, part), of in implied.items():
        if len(of) < 4:
            continue
        ordered = sorted(factor for factor, _ in of.values())
        middle = ordered[len(ordered) // 2]
        for run, (factor, slack) in of.items():
            off = factor / middle - 1
            if abs(off) > FAR_FROM_SIBLINGS + slack:
                yield Finding(
                    run,
                    "factor-of-siblings",
                    SLIP,
                    f"hours x power imply {factor:.4f} kg/kWh; the organisation's other runs on "
                    f"{part} imply {middle:.4f} ({off:+.1%}).",
                    f"power {1 / (1 + off) - 1:+.1%}, or a factor that changed",
                )


def _printed_twice(runs: pd.DataFrame, values: pd.DataFrame, known: Known) -> Iterator[Finding]:
    rows = {row.Index: row for row in runs.itertuples()}
    for (run, quantity), group in values.groupby(["run", "quantity"], sort=False):
        if run not in rows or quantity == "kg_co2e_per_kwh":
            continue
        row = rows[run]
        own = getattr(row, _COLUMNS[quantity])
        printed = [(float(own), "the report")] if _is(own) else []
        printed += [(float(v), s) for v, s in zip(group["value"], group["source"], strict=True)]
        smallest, largest = min(printed), max(printed)
        if smallest[0] == largest[0]:
            continue
        ratio = largest[0] / smallest[0]
        tolerance = rounding(largest[0]) + rounding(smallest[0])
        meaning = _grid_swap(row, values, ratio) if quantity == "t_co2e" else ""
        meaning = meaning or _ratio_meaning(ratio, row, known, max(tolerance, 0.004))
        yield Finding(
            str(run),
            "printed-twice",
            SLIP,
            f"{len(printed)} values are printed for one run, "
            f"{smallest[0]:,.10g} ({smallest[1]}) to {largest[0]:,.10g} {_WORDS[quantity]} "
            f"({largest[1]}): "
            + (f"{ratio:.4g} times." if ratio >= 1.5 else f"{ratio - 1:.2%} apart."),
            meaning or "no single input",
        )


def _grid_swap(row: Any, values: pd.DataFrame, ratio: float) -> str:
    others = values[(values["run"] == row.Index) & (values["quantity"] == "kg_co2e_per_kwh")]
    own = row.reported_kg_co2e_per_kwh
    for other in others["value"].astype(float):
        if not _is(own):
            return ""
        swap = max(own / other, other / own)
        pue = float(row.reported_pue) if _is(row.reported_pue) else 1.0
        for factor, word in ((swap, ""), (swap * pue, f" and PUE {pue:g}")):
            if abs(ratio / factor - 1) <= 0.02:
                return f"grid factor: {own:g} against {other:g} kg/kWh{word}"
    return ""


def _totals(runs: pd.DataFrame, totals: pd.DataFrame) -> Iterator[Finding]:
    seen: dict[tuple[str, float], str] = {}
    for total in totals.itertuples():
        quantity, value = str(total.quantity), float(total.value)  # type: ignore[arg-type]
        members = [run for run in str(total.members).split(";") if run in runs.index]
        numbers = runs.loc[members, _COLUMNS[quantity]].astype(float).fillna(0.0)
        derived = runs.loc[members, "certainty"] == "derived"
        printed = float(numbers[~derived].sum())
        copied = seen.get((quantity, value))
        word = _WORDS[quantity]
        if copied:
            for run in members:
                yield Finding(
                    run,
                    "copied-total",
                    SLIP,
                    f"the text prints {value:,.10g} {word} in all, which is the total of {copied}; "
                    f"its rows add up to {printed:,.10g}.",
                    f"the text of {total.report} itself",
                )
        elif members and not _adds_up(numbers[~derived], value):
            missing = value - printed
            filled = derived.any() and _adds_up(numbers, value)
            for run in numbers.index[derived] if filled else numbers.nlargest(2).index:
                yield Finding(
                    str(run),
                    "total",
                    SLIP,
                    f"the report prints {value:,.10g} {word} in all; its rows add up to "
                    f"{printed:,.10g}.",
                    f"a row of {missing:,.10g} {word}"
                    + (
                        " (this one, found by difference)"
                        if filled
                        else " that is not in the table"
                    ),
                )
        seen.setdefault((quantity, value), str(total.report))


def _adds_up(numbers: pd.Series, total: float) -> bool:
    allowed = sum(rounding(number) * number for number in numbers) + rounding(total) * total
    return abs(float(numbers.sum()) - total) <= allowed


# --- how good are the rules? ----------------------------------------------------------------------

#: Which rules may claim which known slip; codes are those of docs/carbon.md.
CLAIMS = {
    "C1": ("intensity-range",),
    "C2": ("copied-total",),
    "C3": ("total",),
    "C4": ("printed-twice",),
    "C5": ("printed-twice", "power-range"),
    "C6": ("factor-of-place",),
    "C7": ("pue-side", "printed-twice", "emissions-arithmetic"),
    "C8": ("printed-twice",),
    "C9": ("printed-twice",),
    "C10": ("printed-twice",),
    "C11": ("printed-twice",),
    "C12": ("power-elsewhere",),
    "C13": ("printed-twice", "emissions-arithmetic"),
    "C14": ("net-only", "scope-missing"),
    "C15": ("total",),
    "C16": ("intensity-range",),
    "C17": ("life-cycle-only",),
    "C18": ("third-party",),
    "C19": ("factor-of-siblings",),
    "C20": ("allocation",),
}


def recall(findings: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return each known slip with what the rules say of it.

    Parameters
    ----------
    findings : DataFrame
        From :func:`check_runs`.
    runs : DataFrame
        With ``known_slip``: codes joined by ``;``.

    Returns
    -------
    DataFrame
        ``run``, ``code``, ``found`` and ``rule`` (that found it).
    """
    import pandas as pd

    slips = findings[findings["severity"] == SLIP]
    rows = []
    for run, cell in runs["known_slip"].dropna().items():
        for code in str(cell).split(";"):
            own = slips[(slips["run"] == run) & slips["rule"].isin(CLAIMS[code])]
            rows.append(
                {
                    "run": run,
                    "code": code,
                    "found": not own.empty,
                    "rule": "" if own.empty else own.iloc[0]["rule"],
                }
            )
    return pd.DataFrame(rows, columns=["run", "code", "found", "rule"])


def false_alarms(findings: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the slips that are claimed beside the known ones.

    A claim is no false alarm if a known slip of the run is of its kind, as :func:`recall` counts
    them. Some of these may be slips that nobody has noted yet.

    Parameters
    ----------
    findings : DataFrame
        From :func:`check_runs`.
    runs : DataFrame
        With ``known_slip``: codes joined by ``;``.
    """
    known = {
        (run, rule)
        for run, cell in runs["known_slip"].dropna().items()
        for code in str(cell).split(";")
        for rule in CLAIMS[code]
    }
    slips = findings[findings["severity"] == SLIP]
    beside = [pair not in known for pair in zip(slips["run"], slips["rule"], strict=True)]
    return slips[beside].reset_index(drop=True)
