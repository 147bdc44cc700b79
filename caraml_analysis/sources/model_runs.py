"""Reported training runs of models, and the accelerators they used."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry
from caraml_analysis.errors import TableError


def load_runs() -> pd.DataFrame:
    """Return the reported runs, indexed by ``run``.

    Returns
    -------
    DataFrame
        As printed by the report: ``model``, ``organisation``, ``country`` (ISO, joined by ``;``),
        ``date``, ``hardware``; ``accelerator`` (its part; ``accelerator_assumed`` is yes where the
        report names only the family), ``devices``, ``accelerator_hours`` (h), ``reported_power_w``
        (W per accelerator), ``reported_pue``, ``reported_energy_mwh`` with ``energy_scope`` (gpu,
        it, facility, unclear), ``reported_kg_co2e_per_kwh``, and emissions in t by accounting,
        never mixed: ``reported_t_co2e_location``, ``_market``, ``_net``, ``_life_cycle``.
        ``accounting`` is ``location-based``, or ``not stated`` where the text does not say what its
        value in the first of them is. ``covers`` is ``one training``, ``several models``,
        ``project`` or ``life cycle``. ``energy_basis`` is ``measured``, ``circular`` (hours x an
        assumed power: agreement with it tests arithmetic only), ``measured elsewhere``,
        ``tool estimate``, ``third party``, ``not stated`` or ``none``. A value that the collection
        had wrong was corrected, and ``notes`` says so.
        ``certainty`` says which text was read (primary or secondary), ``source`` and ``quote`` what
        it says. ``known_slip`` holds codes of slips found by reading (docs/carbon.md); the checker
        does not use it.

    Notes
    -----
    Card ``carbon/runs.csv``; each row names its own source. One run that was collected is left out:
    Luminous Base 13B, whose maker's card was not found.
    """
    return registry.read_csv("carbon/runs.csv").set_index("run")


def load_accelerators() -> pd.DataFrame:
    """Return the rated power of accelerators by name, with its range over the sources.

    Returns
    -------
    DataFrame
        Indexed by ``accelerator``: ``tdp_w`` (W, missing if not published) with ``least``, ``most``
        and ``unit``: the range over the ratings of all sources that the row names, in which nothing
        that was metered counts; ``basis``, ``source``, ``source_date`` (year and month; missing
        where the name of the source has none), ``certainty``, ``conflict`` (yes where ratings
        differ), ``other_sources`` (what each of them says) and ``aliases`` (joined by ``;``).

    Notes
    -----
    Card ``carbon/accelerators.csv``.
    """
    return registry.read_csv("carbon/accelerators.csv").set_index("accelerator")


def load_pepr(dataset: str | None = None) -> pd.DataFrame:
    """Return measured trainings of 131 image models on medical image data sets.

    Parameters
    ----------
    dataset : {"derma", "derma_pt", "lidc"}, optional
        All three by default: those of the upstream's data sets whose energies are consistent.

    Returns
    -------
    DataFrame
        ``dataset``, ``model``, ``test_accuracy`` (0 to 1), ``energy_kwh``, ``memory_gb`` and more.

    Raises
    ------
    TableError
        If there is no such data set.

    Notes
    -----
    Card ``carbon/pepr.csv`` (Selvan et al. 2024, arXiv:2403.12562).
    """
    return _of_dataset(registry.read_csv("carbon/pepr.csv"), dataset)


def load_pepr_scores(dataset: str | None = None) -> pd.DataFrame:
    """Return the PePR scores that were published for the trainings of :func:`load_pepr`.

    Parameters
    ----------
    dataset : {"derma", "derma_pt", "lidc"}, optional
        All three by default.

    Returns
    -------
    DataFrame
        ``dataset``, ``model``, and ``pepr_e``, ``pepr_c``, ``pepr_t``, ``pepr_m`` (energy,
        emissions, time, memory; 0 to 1), in the order of :func:`load_pepr`.

    Raises
    ------
    TableError
        If there is no such data set.

    Notes
    -----
    Card ``carbon/pepr_scores.csv``. The other five data sets are left out because their energies
    repeat, the ImageNet scores because 23 of its 131 accuracies are missing or of another variant.
    """
    return _of_dataset(registry.read_csv("carbon/pepr_scores.csv"), dataset)


def _of_dataset(table: pd.DataFrame, dataset: str | None) -> pd.DataFrame:
    if dataset is None:
        return table
    known = sorted(table["dataset"].unique())
    if dataset not in known:
        raise TableError(f"no data set {dataset!r}; there are {', '.join(known)}.")
    return table[table["dataset"] == dataset].reset_index(drop=True)
