"""The report's section on performance per resource unit: published scores, fronts, stability."""

from __future__ import annotations

import pandas as pd

from caraml_analysis.analysis.pareto import non_dominated_ranks
from caraml_analysis.analysis.pepr import PEPR_VARIANTS, pepr_scores, pepr_stability
from caraml_analysis.reproduce.document import Block, Heading, Paragraph, Table
from caraml_analysis.sources.model_runs import load_pepr, load_pepr_scores

TOP = 10


def pepr_table() -> pd.DataFrame:
    """Return how published scores, ours and the front compare, by data set and resource.

    Returns
    -------
    DataFrame
        ``dataset``, ``score``, ``models``, ``largest_difference`` from the published scores,
        ``best``, ``best_score``, ``most_accurate``, ``its_score``, ``front`` (models that are not
        dominated in accuracy and that resource), ``top_on_front`` (of the ten best scores),
        ``largest_shift`` and ``top_replaced`` (when the most influential model leaves the set).
    """
    rows = []
    published = load_pepr_scores()
    for dataset, models in load_pepr().groupby("dataset"):
        scores = pepr_scores(models)
        accurate = models["test_accuracy"].idxmax()
        for name, column in PEPR_VARIANTS.items():
            own = scores[name]
            ranks = non_dominated_ranks(models[["test_accuracy", column]], maximise=(0,))
            front = set(models.index[ranks == 1])
            stability = pepr_stability(models["test_accuracy"], models[column], top=TOP)
            rows.append(
                {
                    "dataset": dataset,
                    "score": name,
                    "models": len(models),
                    "largest_difference": (own - published.loc[models.index, name]).abs().max(),
                    "best": models.loc[own.idxmax(), "model"],
                    "best_score": own.max(),
                    "most_accurate": models.loc[accurate, "model"],
                    "its_score": own[accurate],
                    "front": len(front),
                    "top_on_front": len(front & set(own.nlargest(TOP).index)),
                    "largest_shift": stability["largest_shift"].max(),
                    "top_replaced": int(stability["top_replaced"].max()),
                }
            )
    return pd.DataFrame(rows)


def pepr_tables() -> dict[str, pd.DataFrame]:
    """Return the section's table by the name it is saved under."""
    return {"pepr_checked": pepr_table()}


def pepr_blocks(saved: dict[str, pd.DataFrame]) -> list[Block]:
    """Return the section, given the table ``pepr_checked``."""
    table = saved["pepr_checked"]
    shown = pd.DataFrame(
        {
            "data set": table["dataset"],
            "score": table["score"],
            "best": table["best"],
            "its score": table["best_score"].map("{:.3f}".format),
            "most accurate": table["most_accurate"],
            "its score ": table["its_score"].map("{:.3f}".format),
            "not dominated": table["front"].astype(str),
            f"of the {TOP} best scores": table["top_on_front"].astype(str),
            "largest shift": table["largest_shift"].map("{:.3f}".format),
            "replaced": table["top_replaced"].astype(str),
        }
    )
    return [
        Heading(2, "Performance per resource unit"),
        Paragraph(
            f"PePR (arXiv:2403.12562) for energy (e), emissions (c), time (t) and memory (m): the "
            f"{table['models'].sum():,} scores published for three data sets come out with a "
            f"largest difference of {table['largest_difference'].max():.2g}. The best score is "
            "always on the front of accuracy and resource, the next ones need not be. The scale "
            "hangs on the cheapest and the most expensive model: the last columns say by how much "
            f"another model's score moves, and how many of the {TOP} best are replaced, if the "
            "most influential model leaves."
        ),
        Table(shown),
        Paragraph(
            "Left out: five data sets whose energies repeat from set to set, and the ImageNet "
            "scores, where 23 of 131 accuracies are missing or of another variant. Emissions (c) "
            "mix grid factors, so these scores cannot be compared between rows."
        ),
    ]
