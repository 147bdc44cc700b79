"""What has to stand below a figure: its sources, and what its numbers mean.

The texts have places for editions and choices. :func:`credit` fills them for one figure;
:data:`CREDITS` holds them for the embedded editions and the usual choices.
"""

from __future__ import annotations

from contextvars import Context

from caraml_analysis.errors import UsageError
from caraml_analysis.sources import editions

_ENTRY = "An entry is one author on one paper, counted for the first country of its affiliation."
_LINPACK = "Top500 ranks submitted LINPACK results, not the clouds that train most models; China "
_LINPACK += "has submitted few since about 2020."
_PEOPLE = "Population: World Bank, UN for 14 codes (edition {population})."
_ELECTRICITY = "Our World in Data (Ember, Energy Institute), edition 2026-04"

_TEXTS = {
    "top500": "Source: TOP500.org, {list}.",
    "entries": "Sources: conference sites; World Bank income groups {income_groups}, class of the "
    "conference's year. {entry} NeurIPS 2022 includes Datasets and Benchmarks.",
    "added": "Sources: {sources}; World Bank income groups {income_groups}, class of the "
    "conference's year. {entry}",
    "papers": "Source: conference sites. A paper counts for every country that its affiliations "
    "name. NeurIPS 2022 includes Datasets and Benchmarks.",
    "awareness": "After sections 2.1 to 2.3 of the paper. Positions within a quadrant carry no "
    "meaning.",
    "irena": "Source: © IRENA {irena_year}, Renewable energy statistics {irena_year} (edition "
    "{irena}). Pumped storage and nuclear count as non-renewable; regions are IRENA's.",
    "superstructure": "After the caption of the paper's Figure 5.",
    "pepr": "Source: Selvan et al. 2024, arXiv:2403.12562, image models on one data set of skin "
    "lesions (derma_pt: pretrained), ten epochs, one training each. Energy as published. Memory "
    "stands in for access to resources. Dots within the block are drawn through its faces.",
    "history": "Sources: TOP500.org{lists_added}; World Bank income groups {income_groups}. That "
    "time: the class in force when the list came out. {linpack} Power: only of systems with a "
    "published value, from 2008; 2016 to 2019 with values that TOP500 derived.",
    "inequality": "Sources: TOP500.org{lists_added}; World Bank income groups {income_groups}, "
    "today's class. {people} Band, an assumption and no bound: countries without a listed system "
    "have nothing (line) up to one system as large as the last of the list (lower edge). Jumps of "
    "people without are single populous countries that enter or leave the list. {linpack}",
    "penalty": "Sources: TOP500.org, {list}; World Bank income groups{income_if_other} in force "
    "then. {people} Electricity of {electricity_year}, generated in the country: {electricity}; "
    "pumped storage and nuclear are not renewable. {linpack}",
    "sensitivity": "All countries, Rmax per person. Line: 95 % bootstrap interval over countries "
    "(20,000 resamples). Vertical: no relation. Sources: TOP500.org{lists_added}; {people} "
    "Electricity and grid of the year before the list (2023 for 2025-06{later_lists}): "
    "{electricity}; capacity of {capacity_year} throughout: © IRENA {irena_year} (edition "
    "{irena}). {linpack}",
    "emissions": "Grid: Ember through Our World in Data (edition {grid_intensity}), life cycle, "
    "yearly national average of {grid_year}, location-based. Energy: accelerator hours of the "
    "model card x rated power, without host, network and cooling (PUE 1). Hosts of the Top500 list "
    "of {list}; countries without a listed system are left out, not clean.",
    "beside": "Sources: conference sites (ICML, NeurIPS); TOP500.org{lists_added}, mean of the "
    "lists of a year; World Bank income groups {income_groups}, today's class. {entry} Entries of "
    "unknown country are left out; low income has next to nothing of either and is not drawn. "
    "{linpack}",
    "clean": "Sources: {electricity}; access: World Bank, edition {electricity_access}; capacity, "
    "regions and their shares: © IRENA {irena_year} (edition {irena}). {people} Income groups: "
    "class of data year {class_year}, capacity of 2023. Sums of countries, and of the members of "
    "regions: one set, only countries with figures for every year; access: only those of them that "
    "report it for every year. Capacity by income group has no fixed set: each year's areas with a "
    "known total, so a line also moves when areas enter; areas without a total are left out. "
    "Kilowatt-hours per head are divided by UN population and weighted by the World Bank's. Pumped "
    "storage and nuclear are not renewable. The dip of low income in 2003 is one odd total of "
    "IRENA's, Syria's.",
    "pepr_fronts": "Source: Selvan et al. 2024, arXiv:2403.12562, 131 image models on three "
    "medical image data sets (_pt: pretrained), ten epochs, one training each; energy as "
    "published. PePR = accuracy / (1 + R), R the energy scaled to 0 to 1 over the models of one "
    "data set: scores of different panels, or of other sets of models, cannot be compared. The "
    "axes of accuracy differ and do not begin at 0.",
    "agreement": "Reports: data/carbon/runs.csv, one source per row. Estimates use hardware, "
    "hours, country and date only, metered power of other runs, PUE of 1.04 to 1.30 and yearly "
    "averages of national grids (Ember through Our World in Data, edition {grid_intensity}) with "
    "the spread between editions; vertical lines: 5 to 95 %. Grey band: within a factor of 2. "
    "Energy is compared as the report counts it: of the cards, of the servers or of the site. "
    "Agreement with a circular report tests arithmetic, not accuracy. Refuted: a rule of the "
    "checker, blind to the estimate.",
    "footnote2": "Hours as reported (H100 and H800, 700 W rated). Bars: medians; lines: 5 to 95 "
    "%. Load 0.60 to 1.00 of rated power and host 1.10 to 1.74 for both; PUE 1.06 to 1.12 (Meta's "
    "sites) and 1.10 to 1.58 (site not known); grids of the USA and China, 2024 (Ember through Our "
    "World in Data, edition {grid_intensity}), times 0.84 to 1.19 for the spread between editions. "
    "The card's 8,930 t are hours x rated power, not measured. DeepSeek reports neither energy nor "
    "emissions.",
    "every_grid": "30.84M hours of Llama 3.1 405B on H100 (700 W), load 0.60 to 1.00, host 1.10 "
    "to 1.74, PUE 1.06 to 1.12 (preset hyperscale); national averages of {grid_year}, life cycle, "
    "location-based (Ember through Our World in Data, edition {grid_intensity}), with the spread "
    "between editions. Grids that the table puts below 2 g/kWh are left out. A thought experiment: "
    "where the run took place is not published.",
    "growth": "Emissions as their makers report them (data/carbon/runs.csv, one source per row), "
    "location-based where the report says so or its factor is of a grid; net and market-based "
    "values and estimates by others are left out. Rows of several models or of a whole project are "
    "drawn but set no record, and may contain other rows. Refuted: no grid could give the value "
    "for the hours and power beside it. Ring: some number of the report does not fit another, the "
    "grid, or other reports of its maker. Who reports, and when, is no sample.",
    "cap": "Single trainings, estimated from hardware, hours, country and date (preset metered; "
    "grids of Ember through Our World in Data, edition {grid_intensity}). Reports that the checker "
    "refutes, or that do not say whether they are location-based, are left out of the two lower "
    "lines. Runs that report hours are no sample of all runs. A cap on single runs says nothing "
    "about how many runs there are.",
    "example": "An invented workshop: real organisations but two, no real papers. World Bank "
    "income groups {income_groups}, class of the workshop's year. {entry}",
}

#: The usual choices of figures that show one list or one year.
LIST, ELECTRICITY_YEAR, CAPACITY_YEAR, GRID_YEAR, CLASS_YEAR = "2024-11", 2023, 2023, 2024, 2024
_MONTHS = {"06": "June", "11": "November"}


def credit(name: str, **choices: str | int) -> str:
    """Return the credit line of a figure as it was made.

    Parameters
    ----------
    name : str
        Kind of figure, a key of :data:`CREDITS`.
    choices : str or int
        ``list`` (Top500 list, ``YYYY-MM``), ``electricity_year``, ``capacity_year``,
        ``grid_year``, ``class_year`` (data year of today's class), ``sources`` (of added years);
        the usual ones by default. Editions are those in use (:func:`caraml_analysis.using`), else
        the embedded ones.

    Raises
    ------
    UsageError
        If there is no such figure or choice.

    Examples
    --------
    >>> credit("top500", list="2019-11")
    'Source: TOP500.org, November 2019.'
    """
    values: dict[str, str | int] = {
        "list": editions.chosen("top500") or LIST,
        "electricity_year": ELECTRICITY_YEAR,
        "capacity_year": CAPACITY_YEAR,
        "grid_year": GRID_YEAR,
        "class_year": CLASS_YEAR,
        "sources": "{sources}",
    }
    wrong = [choice for choice in choices if choice not in values]
    if name not in _TEXTS or wrong:
        what = f"choice {wrong[0]!r}" if wrong else f"credit line {name!r}"
        raise UsageError(f"no {what}; there are {', '.join(values if wrong else _TEXTS)}.")
    values |= choices
    values["list"] = _month(str(values["list"]))
    text = _TEXTS[name]
    lists = _new_lists() if "{lists_added}" in text else []
    words = " and ".join(map(_month, lists))
    values["lists_added"] = words and f" with the list{'s' * (len(lists) > 1)} of {words}"
    values["later_lists"] = "".join(f", {one}" for one in lists)
    return text.format(**values, **_of_editions()) + _not_named(text)


#: Places in the texts that name the edition of a source.
_PLACES = {
    "top500": ("{list}", "{lists_added}"),
    "irena": ("{irena}",),
    "income_groups": ("{income_groups}", "{income_if_other}"),
    "grid_intensity": ("{grid_intensity}",),
    "population": ("{people}",),
    "electricity_access": ("{electricity_access}",),
}


def _not_named(text: str) -> str:
    """Return a sentence about editions in use for which a text has no place: none goes unsaid."""
    others = [
        f"{source} {' and '.join(some)}"
        for source, some in editions.in_use().items()
        if not any(place in text for place in _PLACES[source])
    ]
    return f" Read with {'; '.join(others)}." if others else ""


def _new_lists() -> list[str]:
    """Return the Top500 lists in use that are not embedded."""
    used = editions.in_use().get("top500", ())
    return [one for one in used if one not in editions.embedded("top500")]


def _of_editions() -> dict[str, str]:
    """Return what the editions in use, or the embedded ones, put into the texts."""
    used = {name: editions.default(name) for name in editions.NAMES if name != "top500"}
    income = editions.chosen("income_groups")
    return used | {
        "irena_year": used["irena"][:4],
        "income_if_other": f" {income}" if income else "",
        "entry": _ENTRY,
        "linpack": _LINPACK,
        "people": _PEOPLE.format(**used),
        "electricity": _ELECTRICITY,
    }


def _month(edition: str) -> str:
    """Return a list named YYYY-MM in words."""
    year, _, month = edition.partition("-")
    return f"{_MONTHS.get(month, month)} {year}"


#: Credit line of each kind of figure, for the embedded editions and the usual choices.
CREDITS = Context().run(lambda: {name: credit(name) for name in _TEXTS})
