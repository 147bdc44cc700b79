"""The confidence of each method, from how often it was right on the texts to develop on.

Needs nothing but the clone: ``python data/builders confidence`` after a change of the rules.
The test half of the audit is never used here; the report measures on it what this table promises.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from common import read_csv, to_csv

from caraml_analysis.analysis.audit import judge
from caraml_analysis.analysis.calibration import calibrate
from caraml_analysis.geocoding import geocode

DATA = Path(__file__).resolve().parent.parent
AUDIT = DATA / "geocoding/audit.csv"
GOLD = DATA.parent / "tests/data/dev_gold/dev_gold.csv"
TARGET = "geocoding/confidence.csv"
INPUTS: tuple[str, ...] = ()
OUTPUTS = (TARGET,)


def labelled() -> pd.DataFrame:
    """Return the judged texts to develop on, with ``source``.

    Labels of the audit are in order of mention, those of the dev gold are not.
    """
    audit = read_csv(AUDIT).query("half == 'development'").reset_index(drop=True)
    gold = read_csv(GOLD)
    return pd.concat(
        [
            judge(audit["countries"], geocode(audit["text"]), "first").assign(source=AUDIT.name),
            judge(gold["country_alpha2"], geocode(gold["string"]), "any").assign(source=GOLD.name),
        ],
        ignore_index=True,
    )


def build(_: Path) -> dict[str, bytes]:
    """Return the table."""
    judged = labelled()
    table = calibrate(judged)
    counts = judged[judged["answered"]].groupby(["method", "source"]).size()
    sources = [
        "; ".join(f"{source} {n}" for source, n in counts[method].items())
        for method in table["method"]
    ]
    return {TARGET: to_csv(table.assign(source=sources))}
