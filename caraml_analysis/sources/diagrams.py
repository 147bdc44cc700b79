"""Small tables behind the conceptual diagrams: labels and positions, meant to be edited."""

from __future__ import annotations

import pandas as pd

from caraml_analysis import registry


def load_diagram(name: str) -> pd.DataFrame:
    """Return the table of a diagram: ``"awareness_quadrants"`` or ``"base_superstructure"``.

    Raises
    ------
    DataFileError
        If there is no such diagram.
    """
    return registry.read_csv(f"diagrams/{name}.csv").fillna("")
