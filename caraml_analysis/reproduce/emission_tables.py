"""Tables behind the figures of reported runs: each run estimated as an outsider could."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import countries
from caraml_analysis.carbon.distributions import SAMPLES_OF_ONE
from caraml_analysis.carbon.estimating import Interval
from caraml_analysis.carbon.factors import Factors
from caraml_analysis.carbon.presets import GRID_ERROR, PUE_OF_FLEETS, range_of_metered
from caraml_analysis.reproduce.carbon_runs import (
    check_reported_runs,
    estimate,
    estimate_runs,
    load_factors,
)
from caraml_analysis.sources.grid import load_grid_intensity
from caraml_analysis.sources.model_runs import load_runs

#: What is assumed of a run of which only hardware, hours, country and date are used.
ASSUME = "metered"
#: What a row of the collection covers if it is neither several models nor a project.
ONE_TRAINING = "one training"
_SCOPES = {
    "gpu": "energy_accelerator_mwh",
    "it": "energy_it_mwh",
    "facility": "energy_facility_mwh",
}
_ENDS = ("p5", "p50", "p95")


def first_hand(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that their own makers report; estimates by others are left out."""
    by_others = runs["organisation"].str.contains("estimated by") | runs[
        "organisation"
    ].str.contains("third party")
    return runs[(runs["energy_basis"] != "third party") & ~by_others]


def basis_group(energy_basis: pd.Series) -> pd.Series:
    """Return measured, measured elsewhere, circular, tool, or other (not stated)."""
    known = {
        "measured": "measured",
        "measured elsewhere": "measured elsewhere",
        "circular": "circular",
        "tool estimate": "tool",
    }
    return energy_basis.map(known).fillna("other")


#: Rules of the checker by which a printed value cannot be right, whoever printed it.
REFUTES = {
    "energy": ("power-range", "energy-arithmetic"),
    "emissions": ("intensity-range", "emissions-arithmetic"),
}
#: Rules that only repeat how a report was classified; they contradict no number.
_CLASSIFIES = ("power-elsewhere", "net-only", "scope-missing", "life-cycle-only", "third-party")


def refuted(runs: pd.DataFrame, quantity: str, findings: pd.DataFrame | None = None) -> pd.Series:
    """Return whether the checker finds that a run's printed value cannot be right.

    Parameters
    ----------
    runs : DataFrame
        Indexed by run.
    quantity : {"energy", "emissions"}
        Which value.
    findings : DataFrame, optional
        Of the checker; those of the embedded runs by default.
    """
    found = check_reported_runs() if findings is None else findings
    by_rule = found["rule"].isin(REFUTES[quantity]) & (found["severity"] == "slip")
    return runs.index.to_series().isin(found.loc[by_rule, "run"])


def with_slip(runs: pd.DataFrame, findings: pd.DataFrame | None = None) -> pd.Series:
    """Return whether the checker finds a slip in the numbers of a run, whichever of them."""
    found = check_reported_runs() if findings is None else findings
    numeric = (found["severity"] == "slip") & ~found["rule"].isin(_CLASSIFIES)
    return runs.index.to_series().isin(found.loc[numeric, "run"])


def kind_of_value(
    runs: pd.DataFrame, quantity: str, findings: pd.DataFrame | None = None
) -> pd.Series:
    """Return as what a reported value may be drawn: its basis, or what stands before that.

    Parameters
    ----------
    runs : DataFrame
        From :func:`caraml_analysis.load_runs`.
    quantity : {"energy", "emissions"}
        Which value.
    findings : DataFrame, optional
        Of the checker; those of the embedded runs by default.

    Returns
    -------
    Series
        refuted (by a rule of the checker); for emissions unstated (the report does not say whether
        they are location-based); else as :func:`basis_group`.
    """
    kind = basis_group(runs["energy_basis"])
    if quantity == "emissions":
        kind = kind.mask(runs["accounting"] == "not stated", "unstated")
    return kind.mask(refuted(runs, quantity, findings), "refuted")


def outside_estimates(
    runs: pd.DataFrame, factors: Factors | None = None, *, held_out: str = "run"
) -> pd.DataFrame:
    """Return estimates from hardware, hours, country and date; all else in the reports is unused.

    Parameters
    ----------
    runs : DataFrame
        From :func:`caraml_analysis.load_runs`.
    factors : Factors, optional
        The embedded tables by default.
    held_out : {"run", "organisation"}
        Whose metered power is never used to estimate a run: its own, or that of every run of its
        organisation. Where too few runs are left to fit a load, their range stands in; a row for
        which fewer than two are left has an ``error``.

    Returns
    -------
    DataFrame
        As from :func:`caraml_analysis.estimate_runs`, for the runs with hardware and hours, in
        their order; ``error`` says which could not be estimated.
    """
    tables = factors or load_factors()
    usable = runs[runs["accelerator"].notna() & runs["accelerator_hours"].notna()]
    inputs = pd.DataFrame(
        {
            "accelerator": usable["accelerator"],
            "accelerator_hours": usable["accelerator_hours"],
            "country": _one_country(usable),
            "year": _grid_year(usable["date"]),
            "load": "fitted",
        }
    )
    found = _by_metered(inputs, usable, tables, held_out)
    alone = usable["energy_scope"].eq("gpu")
    if alone.any():
        # only the energy of the cards is asked of cards alone; emissions are those of whole servers
        cards = _by_metered(inputs[alone].assign(load="fitted-gpu"), usable, tables, held_out)
        columns = [f"energy_accelerator_mwh_{end}" for end in _ENDS]
        found.loc[alone, columns] = cards[columns]
    return found


def _by_metered(
    inputs: pd.DataFrame, usable: pd.DataFrame, tables: Factors, held_out: str
) -> pd.DataFrame:
    """Return estimates, each without what its own run or organisation metered."""
    metered = set(tables.ratios["run"] if held_out == "run" else tables.ratios["organisation"])
    own = usable.loc[inputs.index]
    names = own.index.to_series() if held_out == "run" else own["organisation"]
    who = names.map(lambda name: _metered(name, metered, held_out))
    parts = [
        _held_out(group, tables.without(**{f"{held_out}s": [name]}) if name else tables)
        for name, group in inputs.groupby(who, sort=False)
    ]
    return pd.concat(parts).loc[inputs.index]


def _metered(name: str, metered: set[str], held_out: str) -> str:
    """Return the name under which metered power stands, or an empty text."""
    if held_out == "run":
        return name if name in metered else ""
    return next((known for known in sorted(metered) if name.startswith(known)), "")


def _held_out(inputs: pd.DataFrame, left: Factors) -> pd.DataFrame:
    found = estimate_runs(inputs, assume=ASSUME, on_error="mark", factors=left)
    unlearnt = found["error"].str.startswith("load:")
    if not unlearnt.any() or len(left.ratios) < 2:
        return found  # with nothing to learn from, the rows stay marked
    guessed = inputs[unlearnt].assign(load=range_of_metered(left.ratios))
    again = estimate_runs(guessed, assume=ASSUME, on_error="mark", factors=left)
    return pd.concat([found[~unlearnt], again])


def _one_country(runs: pd.DataFrame) -> pd.Series:
    """Return where the run was trained, else the only country of its organisation."""
    home = runs["country"].where(~runs["country"].str.contains(";"))
    return runs["training_country"].fillna(home)


def _grid_year(dates: pd.Series) -> pd.Series:
    """Return the year of publication, no later than the newest whole year of the grid table."""
    newest = int(load_grid_intensity()["year"].max()) - 1
    return dates.astype(str).str[:4].astype(int).clip(upper=newest)


def agreement(held_out: str = "run") -> pd.DataFrame:
    """Return reported beside estimated energy and location-based emissions, run by run.

    Parameters
    ----------
    held_out : {"run", "organisation"}
        See :func:`outside_estimates`.

    Returns
    -------
    DataFrame
        ``run``, ``model``, ``quantity`` (energy in MWh, emissions in t CO2e), ``basis`` (see
        :func:`kind_of_value`), ``reported``, ``p5``, ``p50``, ``p95``. Energy is compared at the
        scope of the report; a report whose scope is unclear is left out of it.
    """
    runs = first_hand(load_runs())
    found = outside_estimates(runs, held_out=held_out)
    runs = runs.loc[found.index]
    energy = pd.DataFrame({end: _at_scope(runs, found, end) for end in _ENDS})
    energy = energy.assign(reported=runs["reported_energy_mwh"], quantity="energy")
    emitted = _emissions(found).assign(
        reported=runs["reported_t_co2e_location"], quantity="emissions"
    )
    both = pd.concat(
        table.assign(basis=kind_of_value(runs, quantity))
        for table, quantity in ((energy, "energy"), (emitted, "emissions"))
    )
    both = both.join(runs["model"])
    both = both[(both["reported"] > 0) & (both["p5"] > 0)]
    columns = ["run", "model", "quantity", "basis", "reported", *_ENDS]
    return both.rename_axis("run").reset_index()[columns]


def agreement_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return how near estimates come to reports, by ``quantity`` and ``basis``.

    Parameters
    ----------
    table : DataFrame
        From :func:`agreement`.

    Returns
    -------
    DataFrame
        ``runs``, ``inside`` (reported values between p5 and p95) and ``median_error`` (median of
        the absolute relative error of p50).
    """
    rows = table.assign(
        inside=table["reported"].between(table["p5"], table["p95"]),
        error=(table["p50"] / table["reported"] - 1).abs(),
    )
    return rows.groupby(["quantity", "basis"]).agg(
        runs=("inside", "size"), inside=("inside", "sum"), median_error=("error", "median")
    )


def _emissions(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({end: found[f"t_co2e_location_{end}"] for end in _ENDS})


def _at_scope(runs: pd.DataFrame, found: pd.DataFrame, end: str) -> pd.Series:
    columns = runs["energy_scope"].map(_SCOPES)
    values = {
        run: found.at[run, f"{column}_{end}"] if isinstance(column, str) else float("nan")
        for run, column in columns.items()
    }
    return pd.Series(values, dtype=float)


#: Inputs of footnote 2's two runs beyond the reports, each with its reason.
FOOTNOTE_RUNS = {
    "llama-3.1-405b": {"country": "USA", "year": 2024, "pue": PUE_OF_FLEETS},
    "deepseek-v3": {"country": "CHN", "year": 2024, "pue": "1.10..1.58"},
}


def footnote_runs() -> pd.DataFrame:
    """Return hours, energy and emissions of Llama 3.1 405B and DeepSeek-V3 with intervals.

    Returns
    -------
    DataFrame
        ``model``, ``quantity``, ``p5``, ``p50``, ``p95``, ``reported``. Load and host as in the
        preset ``hyperscale``; PUE of Meta's sites for one, from good sites to the world average for
        the other, whose site is not known; grids of the USA and China, 2024.
    """
    runs = load_runs()
    rows = []
    for run, facts in FOOTNOTE_RUNS.items():
        report = runs.loc[run]
        hours = report["accelerator_hours"]
        given = {"accelerator": report["accelerator"], "accelerator_hours": hours, **facts}
        found = estimate({**given, "grid_error": GRID_ERROR}, assume="hyperscale")
        energy, emitted = found["energy_facility_mwh"], found["t_co2e_location"]
        million = hours / 1e6
        for quantity, ends, reported in (
            ("Accelerator-hours, million", (million,) * 3, million),
            (
                "Energy of the site, GWh",
                tuple(end / 1000 for end in _points(energy)),
                float("nan"),
            ),
            (
                "Emissions, location-based, t CO2e",
                _points(emitted),
                report["reported_t_co2e_location"],
            ),
        ):
            rows.append((report["model"], quantity, *ends, reported))
    return pd.DataFrame(rows, columns=["model", "quantity", *_ENDS, "reported"])


def _points(value: Interval) -> tuple[float, float, float]:
    return value.p5, value.p50, value.p95


def every_grid(run: str = "llama-3.1-405b", year: int | None = None) -> pd.DataFrame:
    """Return what one run would emit on the grid of every country of one year.

    Parameters
    ----------
    run : str
        Name in :func:`caraml_analysis.load_runs`; load, host and PUE as in ``hyperscale``.
    year : int, optional
        Of the grids; the newest that nearly all countries have, as on the command line.

    Returns
    -------
    DataFrame
        ``iso3``, ``country``, ``g_co2e_per_kwh``, ``p5``, ``p50``, ``p95`` (t CO2e), cleanest
        first. A grid that the table puts below 2 g/kWh is left out: no grid with hardware is.
    """
    report = load_runs().loc[run]
    year = year or load_factors().newest_year
    grid = load_grid_intensity().query("year == @year and g_co2e_per_kwh >= 2")
    inputs = pd.DataFrame(
        {
            "accelerator": report["accelerator"],
            "accelerator_hours": report["accelerator_hours"],
            "country": grid["iso3"],
            "year": year,
            "grid_error": GRID_ERROR,
        }
    )
    # as many samples as of a single run, so that both figures of it say the same
    found = _emissions(estimate_runs(inputs, assume="hyperscale", samples=SAMPLES_OF_ONE))
    table = grid[["iso3", "g_co2e_per_kwh"]].join(found)
    table.insert(1, "country", table["iso3"].map(countries.name))
    return table.sort_values(["g_co2e_per_kwh", "iso3"], ignore_index=True)


def reported_emissions() -> pd.DataFrame:
    """Return emissions as their makers reported them; net and market-based ones are left out.

    Returns
    -------
    DataFrame
        ``run``, ``model``, ``date``, ``t_co2e``, ``basis`` (see :func:`kind_of_value`), ``covers``,
        ``record`` (whether it may be the largest so far: one training, location-based and not
        refuted), ``slip`` (the checker finds one in its numbers), ``certainty`` and ``source``, by
        date.
    """
    runs = first_hand(load_runs())
    runs = runs[runs["reported_t_co2e_location"] > 0]
    table = runs.assign(basis=kind_of_value(runs, "emissions"), slip=with_slip(runs))
    table["record"] = (table["covers"] == ONE_TRAINING) & ~table["basis"].isin(
        ["refuted", "unstated"]
    )
    table = table.rename(columns={"reported_t_co2e_location": "t_co2e"}).reset_index()
    columns = ["run", "model", "date", "t_co2e", "basis", "covers", "record", "slip"]
    return table.sort_values(["date", "run"], ignore_index=True)[[*columns, "certainty", "source"]]


def runs_for_cap() -> pd.DataFrame:
    """Return estimated and reported emissions of every single training that can be estimated.

    Returns
    -------
    DataFrame
        Indexed by run: ``model``, ``p5``, ``p50``, ``p95`` and ``reported`` (t CO2e); runs without
        hardware, hours or country, and rows of several models or of a project, are left out.
        ``left_out`` says why a report has no ``reported`` value here: refuted by the checker, or
        unstated (not known to be location-based).
    """
    runs = first_hand(load_runs())
    runs = runs[runs["covers"] == ONE_TRAINING]
    found = _emissions(outside_estimates(runs)).dropna()
    printed = runs["reported_t_co2e_location"].where(runs["reported_t_co2e_location"] > 0)
    kind = kind_of_value(runs, "emissions")
    unusable = kind.isin(["refuted", "unstated"]) & printed.notna()
    table = runs[["model"]].join(found, how="inner")
    return table.assign(reported=printed.mask(unusable), left_out=kind.where(unusable, ""))
