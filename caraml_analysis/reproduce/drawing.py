"""What a figure function gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.axes import Axes


@dataclass(frozen=True)
class Drawing:
    """A drawn figure, the table that it shows, the choices behind it, and another title."""

    axes: Axes
    table: pd.DataFrame
    parameters: dict[str, Any] = field(default_factory=dict)
    #: Where the choices are not the usual ones, so that the title of the figure would be wrong.
    title: str = ""
