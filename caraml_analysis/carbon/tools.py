"""What other tools would say of a run after the fact: their published formulas and constants.

Only formulas and constants are used, in our own code; no code of theirs runs here. Where a tool
reads power from the live run, it is given rated power x hours, as its users do afterwards. For TPUs
it is given the average draw that mlco2/impact ships (221 and 283 W): these numbers are the means of
the very runs that arXiv:2104.10350 metered, so that they are not a prediction of those runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Rated power as mlco2/impact ships it, data/gpus.csv. For TPUs an average draw, not a rated power.
_IMPACT_W = {
    "NVIDIA V100 SXM2": 300.0,
    "NVIDIA A100 SXM 40/80GB": 400.0,
    "Google TPU v2": 221.0,
    "Google TPU v3": 283.0,
}
#: Rated power as Green Algorithms ships it, data/latest/TDP_gpu.csv; no SXM part of the A100.
_GREEN_W = {
    "NVIDIA V100 SXM2": 300.0,
    "NVIDIA A100 SXM 40/80GB": 300.0,
    "Google TPU v2": 280.0,
    "Google TPU v3": 220.0,
}
_GREEN_MEMORY_W = 0.3725 * 64  # 64 GB for each GPU; its memory term does not fit TPUs

#: Billions of parameters (of the dense base) and of tokens, peak TFLOP/s, efficiency, system W:
#: SotaroKaneda/MLCarbon, data/database.csv.
_LLMCARBON = {
    "t5-11b": (11, 600, 123, 0.37, 310),
    "gpt-3-175b": (175, 300, 125, 0.197, 330),
    "gshard-600b": (2.3, 1000, 123, 0.39, 288),
    "switch-1500b": (7.41, 2000, 123, 0.28, 245),
}


@dataclass(frozen=True)
class Tool:
    """A tool: its name and version, the PUE that it applies, and its grid factors.

    Parameters
    ----------
    name, version : str
        Which tool.
    pue : dict
        PUE by cloud (``google``, ``azure``); the entry ``""`` is for any other place.
    grid : dict
        g CO2e per kWh by country; empty if the tool takes the report's own.
    """

    name: str
    version: str
    pue: Mapping[str, float]
    grid: Mapping[str, float]


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("mlco2/impact", "d0d3ee5", {"": 1.0}, {"USA": 367.8, "TWN": 557.0}),
        Tool("CodeCarbon", "3.3.2", {"": 1.0}, {"USA": 369.473, "TWN": 642.378}),
        Tool("carbontracker", "2.4.7", {"": 1.58}, {"USA": 383.5492, "TWN": 635.65106}),
        Tool(
            "Green Algorithms",
            "30df2fe",
            {"": 1.56, "google": 1.12, "azure": 1.12},
            {"USA": 423.94, "TWN": 509.0},
        ),
        Tool("LLMCarbon", "dbd96b7", {"": 1.0}, {}),
        Tool("experiment-impact-tracker", "c1b0fcb", {"": 1.58}, {"USA": 369.473, "TWN": 642.378}),
    )
}


def it_energy_mwh(tool: str, run: str, accelerator: str, hours: float) -> float | None:
    """Return the IT energy (before PUE) in MWh that a tool's formula gives, None if it has none.

    Parameters
    ----------
    tool : str
        One of ``TOOLS``.
    run : str
        The run; only LLMCarbon looks at it, whose formula needs parameters and tokens.
    accelerator : str
        Full name of the part.
    hours : float
        Accelerator-hours.
    """
    if tool == "LLMCarbon":
        return _predicted_mwh(run)
    if tool == "Green Algorithms":
        memory = 0.0 if "TPU" in accelerator else _GREEN_MEMORY_W
        watts = _GREEN_W.get(accelerator)
        return None if watts is None else hours * (watts + memory) / 1e6
    watts = _IMPACT_W.get(accelerator)
    return None if watts is None else hours * watts / 1e6


def _predicted_mwh(run: str) -> float | None:
    """6 x parameters x tokens over achieved throughput, times the system's power."""
    if run not in _LLMCARBON:
        return None
    parameters, tokens, peak, efficiency, watts = _LLMCARBON[run]
    seconds = 6 * parameters * 1e9 * tokens * 1e9 / (peak * 1e12 * efficiency)
    return seconds / 3600 * watts / 1e6


def own_pue(tool: str, cloud: str) -> float:
    """Return the PUE that a tool applies to a run in a cloud (empty if not known)."""
    pues = TOOLS[tool].pue
    return pues.get(cloud, pues[""])
