"""What every builder shares: reading texts without surprises, writing plain CSV."""

from __future__ import annotations

import pandas as pd


def read_csv(path, **options) -> pd.DataFrame:
    """Read a CSV as text: ``NA`` is Namibia and ``None`` is what a site printed."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, **options)


def to_csv(table: pd.DataFrame) -> bytes:
    """Return the table as UTF-8 CSV with LF, so that the same table gives the same bytes."""
    return table.to_csv(index=False, lineterminator="\n").encode()
