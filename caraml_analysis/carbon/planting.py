"""Slips planted into reports that hold: whether the rules find what they were not written for.

Each kind spoils one printed number in a way that happens in practice, in one run at a time, among
the runs in which the rules find nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from caraml_analysis.carbon.checking import SLIP, find, known_values

if TYPE_CHECKING:
    import pandas as pd

#: What is spoiled, and how; the value is None where the run lacks what is needed.
KINDS: dict[str, tuple[str, Callable[[Any], float | None]]] = {
    "energy ten times too large": ("reported_energy_mwh", lambda row: row.reported_energy_mwh * 10),
    "energy in kWh, printed as MWh": (
        "reported_energy_mwh",
        lambda row: row.reported_energy_mwh * 1000,
    ),
    "hours of nodes, printed as accelerator-hours": (
        "accelerator_hours",
        lambda row: row.accelerator_hours / 8,
    ),
    "energy on the other side of PUE": (
        "reported_energy_mwh",
        lambda row: (
            (
                row.reported_energy_mwh / row.reported_pue
                if row.energy_scope == "facility"
                else row.reported_energy_mwh * row.reported_pue
            )
            if row.reported_pue > 1.05
            else None
        ),
    ),
    "emissions in kg, printed as t": (
        "reported_t_co2e_location",
        lambda row: row.reported_t_co2e_location * 1000,
    ),
    "emissions ten times too small": (
        "reported_t_co2e_location",
        lambda row: row.reported_t_co2e_location / 10,
    ),
}


def plant_slips(runs: pd.DataFrame, accelerators: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
    """Return how many planted slips the rules find.

    Parameters
    ----------
    runs, accelerators, grid : DataFrame
        As in :func:`caraml_analysis.carbon.checking.check_runs`.

    Returns
    -------
    DataFrame
        ``kind``, ``planted`` (runs that hold and print what is spoiled, and something to hold it
        against) and ``found``.
    """
    import pandas as pd

    known = known_values(accelerators, grid)
    blamed = {finding.run for finding in find(runs, known) if finding.severity == SLIP}
    sound = runs[~runs.index.isin(blamed)]
    rows = []
    for kind, (column, spoil) in KINDS.items():
        planted = found = 0
        for row in sound.itertuples():
            value = spoil(row) if checkable(row, column) else None
            if value is None or not value > 0:
                continue
            spoiled = sound.copy()
            spoiled.loc[row.Index, column] = value
            planted += 1
            # only the spoiled run can have changed, but its siblings are needed to judge it
            findings = find(spoiled, known, only=row.Index)
            found += any(f.run == row.Index and f.severity == SLIP for f in findings)
        rows.append({"kind": kind, "planted": planted, "found": found})
    return pd.DataFrame(rows)


def checkable(row: Any, column: str) -> bool:
    """Return whether anything else is printed that a number could be held against."""
    energy = row.reported_energy_mwh > 0
    power = row.accelerator_hours > 0 and row.reported_power_w > 0
    factor = row.reported_kg_co2e_per_kwh > 0 and row.reported_t_co2e_location > 0
    if column == "reported_energy_mwh":
        return bool(energy and (power or factor))
    if column == "accelerator_hours":
        return bool(power and energy)
    return bool(row.reported_t_co2e_location > 0 and (energy or power))
