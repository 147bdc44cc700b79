"""What ``caraml carbon`` prints, and how it reads a table of runs."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from caraml_analysis.carbon.checking import NOTE, SLIP
from caraml_analysis.carbon.estimating import Estimate
from caraml_analysis.carbon.inputs import FIELDS
from caraml_analysis.carbon.presets import PRESETS
from caraml_analysis.carbon.quantities import (
    Emissions,
    Energy,
    Intensity,
    Power,
    Quantity,
    Water,
)
from caraml_analysis.csv_reader import CsvReader, form_of, opened
from caraml_analysis.errors import CaramlError, UsageError, listed
from caraml_analysis.reproduce.carbon_runs import (
    check_reported_runs,
    estimate,
    estimate_runs,
)
from caraml_analysis.reproduce.reported_file import check_file
from caraml_analysis.sources.model_runs import load_runs

_LABELS = {
    "energy_accelerator_mwh": "energy of the accelerators",
    "energy_it_mwh": "energy with hosts (IT)",
    "energy_facility_mwh": "energy of the site",
    "t_co2e_location": "emissions, location-based",
    "t_co2e_market": "emissions, market-based",
    "t_co2e_net": "emissions, net of carbon-free energy",
    "t_co2e_embodied": "embodied carbon",
    "water_site_m3": "water on site",
    "water_source_m3": "water in making electricity",
}
_READ_AS = {
    "energy": (Energy, "MWh", "energy_mwh"),
    "power": (Power, "W", "power_w"),
}
_INTENSITIES = {
    "grid": ("g_co2e_per_kwh", "location"),
    "market": ("g_co2e_per_kwh_market", "market"),
    "net": ("g_co2e_per_kwh_net", "net"),
}


def run_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run that command-line options describe.

    Raises
    ------
    UnitError
        If an option is no number with a unit of its kind; names it.
    """
    run = {name: value for name, value in options.items() if name in FIELDS and name != "run"}
    for name, (kind, unit, field) in _READ_AS.items():
        if options.get(name) is not None:
            run[field] = _in_unit(kind, options[name], unit, name)
    for name, (field, accounting) in _INTENSITIES.items():
        value = options.get(name)
        if value is not None and ".." not in value:
            value = Intensity.parse(value, "g/kWh", field=name, accounting=accounting).to("g/kWh")
        if value is not None:
            run[field] = value
    has_other_grid = run.get("grid_edition") or run.get("g_co2e_per_kwh")
    if run.get("country") and run.get("year") is None and not has_other_grid:
        run["year"] = "newest"
    return {name: value for name, value in run.items() if value is not None}


def _in_unit(kind: type[Quantity], text: str, unit: str, name: str) -> Any:
    # a range carries no unit: it is in the unit of the field
    return text if ".." in text else kind.parse(text, unit, field=name).to(unit)


def describe(found: Estimate) -> str:
    """Return an estimate as text: values, what they rest on, what is unknown."""
    lines = []
    for name, label in _LABELS.items():
        if name in found.values:
            lines.append(f"{label:<38}{_shown(name, found)}")
    lines.append("")
    if found.assume:
        lines.append(f"assumed: {found.assume} ({PRESETS[found.assume].meaning})")
    lines += [f"  {factor}" for factor in found.factors]
    shares = _shares(found)
    if shares:
        lines.append(f"where the spread comes from: {shares}")
        lines.append(f"5 to 95 % points of {found.samples:,} samples, seed {found.seed}")
    unknown = [
        f"{_LABELS[name]}: {why}"
        for name, why in found.unknown.items()
        if not why.startswith("power contains")
    ]
    lines += ["not estimated:", *(f"  {text}" for text in unknown)] if unknown else []
    idle = [f"  {name}: {why}" for name, why in found.not_used.items()]
    lines += ["given, but not used:", *idle] if idle else []
    return "\n".join(lines)


def _shown(name: str, found: Estimate) -> str:
    value = found.values[name]
    middle = _quantity(name, value.p50)
    # a part of the spread in another unit would have to be converted by the reader
    unit = (middle if value.p50 else _quantity(name, value.p95)).fitting_unit()
    if value.p5 == value.p95:
        return middle.text(5, unit)
    low, high = (_quantity(name, end).text(3, unit) for end in (value.p5, value.p95))
    return f"{middle.text(3, unit)}  ({low} to {high})"


def _quantity(name: str, value: float) -> Quantity:
    if name.startswith("energy"):
        return Energy(value, "MWh")
    if name.startswith("water"):
        return Water(value, "m3")
    return _Tonnes(value, "t", accounting=name.removeprefix("t_co2e_"))


class _Tonnes(Emissions):
    """Emissions whose accounting the line names already."""

    def text(self, digits: int = 3, unit: str | None = None) -> str:
        return super().text(digits, unit).partition(" (")[0]


def _shares(found: Estimate) -> str:
    name = "t_co2e_location" if "t_co2e_location" in found.values else "energy_facility_mwh"
    shares = found.values[name].shares
    return ", ".join(f"{part} {share:.0%}" for part, share in shares.items() if share >= 0.005)


def estimate_text(options: Mapping[str, Any]) -> tuple[str, Estimate]:
    """Return the printed estimate of the run that options describe, and the estimate.

    Raises
    ------
    UsageError
        If the options describe no run that can be estimated.
    """
    try:
        found = estimate(run_of(options), assume=options.get("assume"))
    except CaramlError as error:
        raise UsageError(f"{error} Nothing was estimated.") from None
    return describe(found), found


def read_runs(source: Any) -> pd.DataFrame:
    """Return a CSV of runs as texts, empty cells missing.

    Raises
    ------
    UsageError
        If the file cannot be read, is empty, or has two columns of one name.
    """
    name = CsvReader(source).name  # refuses workbooks
    with opened(source) as stream:
        content = stream.read()
    form = form_of(content, FIELDS)
    reading = CsvReader(io.BytesIO(content), form.encoding, delimiter=form.delimiter)
    reading.name, reading.advice = name, "Save it as UTF-8."
    rows = reading.rows()
    header = next(rows, None)
    if not header or not any(header):
        raise UsageError(f"{reading.name}: is empty. Nothing was written.")
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise UsageError(f"{reading.name}: two columns {sorted(twice)[0]!r}. Nothing was written.")
    table = pd.DataFrame(list(rows), columns=header).replace("", None)
    if table.empty:
        raise UsageError(f"{reading.name}: has a header but no rows. Nothing was written.")
    return table


def estimate_file(source: Any, assume: str | None, jobs: int = 1) -> tuple[str, list[str]]:
    """Return the CSV of estimates of a CSV of runs: its columns, then those of the estimate.

    Parameters
    ----------
    source : path or binary stream
        The CSV; columns as in ``FIELDS``, others are kept as they are.
    assume : str, optional
        Preset for what the file leaves open.
    jobs : int
        Processes.

    Returns
    -------
    str
        The CSV.
    list of str
        Remarks: columns that no estimate reads.

    Raises
    ------
    UsageError
        If rows cannot be estimated; lists up to ten of them with the field.
    """
    table = read_runs(source)
    try:
        found = estimate_runs(table, assume=assume, on_error="mark", jobs=jobs, progress=True)
    except CaramlError as error:
        raise UsageError(f"{_name(source)}: {error} Nothing was written.") from None
    wrong = found.loc[found["error"] != "", "error"]
    if len(wrong):
        names = table["run"] if "run" in table.columns else table.index + 1
        rows = "1 row" if len(wrong) == 1 else f"{len(wrong)} rows"
        summary = f"{_name(source)}: {rows} cannot be estimated. Nothing was written."
        raise UsageError(
            listed(summary, [f"row {names[i]}: {error}" for i, error in wrong.items()])
        )
    kept = found.replace("", None).dropna(axis=1, how="all").drop(columns="error", errors="ignore")
    rounded = kept.map(lambda v: float(f"{v:.6g}") if isinstance(v, float) else v)
    twice = {name: f"{name}_estimated" for name in rounded.columns if name in table.columns}
    return _csv(table.join(rounded.rename(columns=twice))), _unread(table)


def _unread(table: pd.DataFrame) -> list[str]:
    """Return a remark about columns that no estimate reads, with what they may have meant."""
    shown = []
    for name in (str(column) for column in table.columns if column not in FIELDS):
        near = difflib.get_close_matches(name.lower(), FIELDS, n=1, cutoff=0.7)
        shown.append(
            f"{name or 'one without a name'}{f' (did you mean {near[0]}?)' if near else ''}"
        )
    return [f"columns that no estimate reads: {', '.join(shown)}"] if shown else []


def _name(source: Any) -> str:
    return source if isinstance(source, str) else CsvReader(source, "utf-8-sig").name


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse options that exclude each other.

    Raises
    ------
    UsageError
        If a run and a file of runs are both described, or there is no file for --output.
    """
    of_one = {*FIELDS, *_READ_AS, *_INTENSITIES} - {"run"}
    own = sorted(name for name in of_one if options.get(name) is not None)
    if own and options.get("file"):
        raise UsageError(f"--file holds the runs; leave out {', '.join(own)}. Nothing was written.")
    if options.get("file") and options.get("json"):
        raise UsageError("--json is for one run; use --output with --file. Nothing was written.")
    source, target = options.get("file"), options.get("output")
    if source and target and Path(source).resolve() == Path(target).resolve():
        raise UsageError(f"{target}: --output is --file. Nothing was written. Name another file.")
    if options.get("output") and not options.get("file"):
        raise UsageError("--output is for --file; use --json for one run. Nothing was written.")


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)


# --- runs -----------------------------------------------------------------------------------------

_SHOWN = {
    "accelerator_hours": "hours",
    "reported_energy_mwh": "MWh",
    "energy_scope": "scope",
    "reported_t_co2e_location": "t location",
    "reported_t_co2e_market": "t market",
    "reported_t_co2e_net": "t net",
    "energy_basis": "basis",
    "certainty": "read in",
}


#: Stands where the embedded table cannot say what its emissions are.
_NOT_STATED = "not stated"
_UNKNOWN_ACCOUNTING = "the report does not say if these are location-based"


def runs_text(organisation: str | None = None, basis: str | None = None) -> str:
    """Return the reported runs as a table, one line each.

    Emissions of a report that does not say how it accounted for them have an asterisk.

    Raises
    ------
    UsageError
        If no run matches; says what there is.
    """
    runs = load_runs()
    if organisation:
        runs = runs[runs["organisation"].str.contains(organisation, case=False, regex=False)]
    if basis:
        runs = runs[runs["energy_basis"] == basis]
    if runs.empty:
        known = ", ".join(sorted(load_runs()["energy_basis"].unique()))
        raise UsageError(
            f"no run of organisation {organisation or 'any'!r} with basis {basis or 'any'!r}. "
            f"Bases are {known}."
        )
    shown = pd.DataFrame({"run": runs.index, "organisation": runs["organisation"].str[:20]})
    for column, title in _SHOWN.items():
        shown[title] = [_cell(value) for value in runs[column]]
    unsure = (runs["accounting"] == _NOT_STATED) & runs["reported_t_co2e_location"].notna()
    title = _SHOWN["reported_t_co2e_location"]
    shown[title] = shown[title].where(~unsure, shown[title] + " *")
    counts = runs["energy_basis"].value_counts()
    foot = ", ".join(f"{count} {name}" for name, count in counts.items())
    lines = [_aligned(shown), "", f"{len(runs)} runs; energy: {foot}"]
    if unsure.any():
        lines.append(f"* {_UNKNOWN_ACCOUNTING} ({unsure.sum()} of the runs above)")
    return "\n".join(lines)


def run_text(name: str) -> str:
    """Return everything that is embedded of one run, with its quotation.

    Raises
    ------
    UsageError
        If there is no run of this name; suggests the nearest.
    """
    runs = load_runs()
    if name not in runs.index:
        nearest = difflib.get_close_matches(name, runs.index, n=3, cutoff=0.4)
        raise UsageError(f"no run {name!r}. Nearest: {', '.join(nearest) or 'none'}.")
    row = runs.loc[name].dropna()
    cells = {column: _cell(value) for column, value in row.items()}
    if cells.get("accounting") == _NOT_STATED and "reported_t_co2e_location" in cells:
        cells["reported_t_co2e_location"] += f"  ({_UNKNOWN_ACCOUNTING})"
    return "\n".join(f"{column:<28}{cell}" for column, cell in cells.items())


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:,.10g}"
    return str(value)


def _aligned(table: pd.DataFrame) -> str:
    cells = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


# --- check ----------------------------------------------------------------------------------------


def check_text(source: Any | None, notes: bool) -> tuple[str, int]:
    """Return the findings as text, and the number of slips.

    Parameters
    ----------
    source : path or stream, optional
        A CSV with columns as in ``data/carbon/runs.csv``; the embedded runs by default.
    notes : bool
        Whether to print notes, too.

    Raises
    ------
    UsageError
        If the CSV cannot be read, or holds what cannot be; names line, run and column.
    """
    findings, remarks = (check_reported_runs(), []) if source is None else check_file(source)
    counts = findings["severity"].value_counts()
    lines = []
    for row in findings.itertuples():
        if row.severity == SLIP or notes:
            lines.append(f"{row.severity}  {row.run}: {row.rule}\n      {row.message}")
            lines.append(f"      would reconcile: {row.reconcile}")
    hidden = "" if notes else " (--notes lists them)"
    slips, worth_knowing = int(counts.get(SLIP, 0)), int(counts.get(NOTE, 0))
    lines += [f"{_count(slips, SLIP)}, {_count(worth_knowing, NOTE)}{hidden}", *remarks]
    return "\n".join(lines), slips


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
