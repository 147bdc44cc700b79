"""Named sets of assumptions. Choosing one is a choice: it is printed with every result.

Priors are judgements. They stand here, in one place, with where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass

from caraml_analysis.errors import FactorError


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
                "host": ("1.10..1.74", "1.74 from arXiv:2605.01158 (secondary); least: judgement"),
                "pue": ("1.06..1.12", "fleets of Google and Meta, data/carbon/pue.csv"),
            },
        ),
        Preset(
            "metered",
            "Power as it was metered on other runs; PUE of large operators; editions of a grid "
            "factor differ.",
            {
                "load": ("fitted", "data/carbon/power_ratios.csv"),
                "host": ("1.10..1.74", "1.74 from arXiv:2605.01158 (secondary); least: judgement"),
                "pue": ("1.04..1.30", "sites of large operators, data/carbon/pue.csv"),
                "grid_error": (
                    "0.84..1.00..1.19",
                    "median ratio between sources of one country is 1.19",
                ),
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
