"""What a figure function gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.axes import Axes


@dataclass(frozen=True)
class Drawing:
    """A drawn figure, the table that it shows, and the choices behind it."""

    axes: Axes
    table: pd.DataFrame
    parameters: dict[str, Any] = field(default_factory=dict)
