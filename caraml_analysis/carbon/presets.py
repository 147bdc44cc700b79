"""Named sets of assumptions. Choosing one is a choice: it is printed with every result.

Priors are judgements. They stand here, in one place, with where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from caraml_analysis.errors import FactorError

if TYPE_CHECKING:
    import pandas as pd

#: PUE over the sites of large operators, and over the fleets of two of them: data/carbon/pue.csv.
PUE_OF_SITES = "1.04..1.30"
PUE_OF_FLEETS = "1.06..1.12"
#: IT energy / energy of the accelerators.
HOST = "1.10..1.74"
#: Sources and editions of the grid intensity of one country and year differ: the largest is 1.19
#: times the smallest in the median over countries.
GRID_ERROR = "0.84..1.00..1.19"


@dataclass(frozen=True)
class Preset:
    """A named set of assumptions for inputs that the caller leaves open.

    Parameters
    ----------
    name : str
        What the caller writes.
    meaning : str
        One sentence.
    values : dict
        Value or range by input, with where it comes from.
    """

    name: str
    meaning: str
    values: dict[str, tuple[str | float, str]]


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "gpu-only",
            "Accelerators at rated power; no host, no cooling. The convention of the paper.",
            {
                "load": (1.0, "rated power all the time"),
                "host": (1.0, "host left out"),
                "pue": (1.0, "cooling left out"),
            },
        ),
        Preset(
            "hyperscale",
            "A large run in a large operator's building.",
            {
                "load": ("0.60..0.85..1.00", "arXiv:2503.05804: above 0.86 while training on H100"),
                "host": (HOST, "1.74 from arXiv:2605.01158 (secondary); least: judgement"),
                "pue": (PUE_OF_FLEETS, "fleets of Google and Meta, data/carbon/pue.csv"),
            },
        ),
        Preset(
            "metered",
            "Power as it was metered on other runs; PUE of large operators; editions of a grid "
            "factor differ.",
            {
                "load": ("fitted", "data/carbon/power_ratios.csv"),
                "host": (HOST, "1.74 from arXiv:2605.01158 (secondary); least: judgement"),
                "pue": (PUE_OF_SITES, "sites of large operators, data/carbon/pue.csv"),
                "grid_error": (GRID_ERROR, "median ratio between sources of one country is 1.19"),
            },
        ),
    )
}


def preset(name: str | None) -> Preset | None:
    """Return a preset by name, or None for None.

    Raises
    ------
    FactorError
        If there is none of this name.
    """
    if name is None:
        return None
    if name not in PRESETS:
        raise FactorError(f"assume: no preset {name!r}; there are {', '.join(PRESETS)}.")
    return PRESETS[name]


def range_of_metered(ratios: pd.DataFrame) -> str:
    """Return the range of mean power / rated power over metered runs, whatever they ran on.

    It stands in for a fitted load where too few runs like the one at hand were metered. It is
    wide, and no empty prior: it rests on what others metered. Cards alone and cards with their
    host are in it as they are.

    Parameters
    ----------
    ratios : DataFrame
        Metered runs with ``watts`` and ``tdp_w`` (W), such as ``factors.ratios``, or what
        ``factors.without(...)`` leaves of it.

    Returns
    -------
    str
        Least, median and most as a triangular range, such as ``"0.298..0.743..1.1"``.

    Raises
    ------
    FactorError
        If there are fewer than two runs: one value has no range.

    Examples
    --------
    >>> import pandas as pd
    >>> range_of_metered(pd.DataFrame({"watts": [120, 210, 300], "tdp_w": [300, 300, 300]}))
    '0.4..0.7..1'
    """
    if len(ratios) < 2:
        raise FactorError(
            f"load: metered runs left: {len(ratios)}; a range needs two. Give load as a number or "
            "a range."
        )
    load = ratios["watts"] / ratios["tdp_w"]
    return "..".join(f"{value:.4g}" for value in (load.min(), load.median(), load.max()))
