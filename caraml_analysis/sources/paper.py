"""The CARAML paper's own numbers, typed once: the reference of every comparison."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry


def load_paper_numbers() -> pd.DataFrame:
    """Return one row per number, date, claim and figure of the paper, indexed by ``id``.

    Notes
    -----
    Card ``paper_numbers.csv``. Columns ``kind``, ``location``, ``statement``, ``value``, ``unit``,
    ``reproducible``, ``reason``, ``check``, ``shown_in``, ``known_inconsistencies`` as text.
    """
    return registry.read_csv("paper_numbers.csv", dtype=str).fillna("").set_index("id")


def load_appendix_a() -> pd.DataFrame:
    """Return the four rows of Appendix A as numbers.

    Returns
    -------
    DataFrame
        Columns ``conference``, ``year``, ``entries``, ``papers``, ``high``, ``upper_middle``,
        ``lower_middle``, ``unknown``. The paper lists no low-income class, so it has no column.
    """
    numbers = load_paper_numbers()["value"]
    fields = {
        "entries": "entries",
        "papers": "unique",
        "high": "high",
        "upper_middle": "upper-middle",
        "lower_middle": "lower-middle",
        "unknown": "unknown",
    }
    keys = {
        "ICML17": ("ICML", 2017),
        "ICML21": ("ICML", 2021),
        "NeurIPS17": ("NeurIPS", 2017),
        "NeurIPS21": ("NeurIPS", 2021),
    }
    rows = [
        {"conference": conference, "year": year}
        | {
            field: int(numbers[f"A-{key}-{label}"].replace(",", ""))
            for field, label in fields.items()
        }
        for key, (conference, year) in keys.items()
    ]
    return pd.DataFrame(rows)
