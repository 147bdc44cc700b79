"""What has to stand below a figure: its sources, and what its numbers mean."""

from __future__ import annotations

_BORDERS = "Borders as held on the ground (Natural Earth), not as claimed or recognised."
_ENTRY = "An entry is one author on one paper, counted for the first country of its affiliation."

#: Credit line of each kind of figure.
CREDITS = {
    "top500": f"Source: TOP500.org. {_BORDERS}",
    "entries": "Sources: conference sites; World Bank income groups FY26, class of the "
    f"conference's year. {_ENTRY} NeurIPS 2022 includes Datasets and Benchmarks.",
    "papers": "Source: conference sites. A paper counts for every country that its affiliations "
    f"name. NeurIPS 2022 includes Datasets and Benchmarks. {_BORDERS}",
    "awareness": "After sections 2.1 to 2.3 of the paper. Positions within a quadrant carry no "
    "meaning.",
    "irena": "Source: © IRENA 2024, Renewable energy statistics 2024. Pumped storage and nuclear "
    "count as non-renewable; regions are IRENA's.",
    "superstructure": "After the caption of the paper's Figure 5.",
    "pepr": "Source: Selvan et al. 2024, arXiv:2403.12562, image models on one data set of skin "
    "lesions. Memory stands in for access to resources.",
    "pepr_fronts": "Source: Selvan et al. 2024, arXiv:2403.12562, 131 image models on three "
    "medical image data sets, ten epochs each. PePR = accuracy / (1 + R), R the energy scaled to "
    "0 to 1 over the models of one data set: scores of different panels, or of other sets of "
    "models, cannot be compared.",
    "example": "An invented workshop: real organisations but two, no real papers. World Bank "
    f"income groups FY26, class of the workshop's year. {_ENTRY}",
}
