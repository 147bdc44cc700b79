"""What has to stand below a figure: its sources, and what its numbers mean."""

from __future__ import annotations

_ENTRY = "An entry is one author on one paper, counted for the first country of its affiliation."
_LINPACK = "Top500 ranks submitted LINPACK results, not the clouds that train most models; China "
_LINPACK += "has submitted few since about 2020."
_PEOPLE = "Population: World Bank, UN for 14 codes (edition 2026-03)."
_ELECTRICITY = "Our World in Data (Ember, Energy Institute), edition 2026-04"

#: Credit line of each kind of figure.
CREDITS = {
    "top500": "Source: TOP500.org.",
    "entries": "Sources: conference sites; World Bank income groups FY26, class of the "
    f"conference's year. {_ENTRY} NeurIPS 2022 includes Datasets and Benchmarks.",
    "added": "Sources: {sources}; World Bank income groups FY26, class of the conference's year. "
    f"{_ENTRY}",
    "papers": "Source: conference sites. A paper counts for every country that its affiliations "
    "name. NeurIPS 2022 includes Datasets and Benchmarks.",
    "awareness": "After sections 2.1 to 2.3 of the paper. Positions within a quadrant carry no "
    "meaning.",
    "irena": "Source: © IRENA 2024, Renewable energy statistics 2024 (edition 2024 H2). Pumped "
    "storage and nuclear count as non-renewable; regions are IRENA's.",
    "superstructure": "After the caption of the paper's Figure 5.",
    "pepr": "Source: Selvan et al. 2024, arXiv:2403.12562, image models on one data set of skin "
    "lesions (derma_pt: pretrained), ten epochs, one training each. Energy as published. Memory "
    "stands in for access to resources. Dots within the block are drawn through its faces.",
    "history": "Sources: TOP500.org; World Bank income groups FY26. That time: the class in force "
    f"when the list came out. {_LINPACK} Power: only of systems with a published value, from 2008; "
    "2016 to 2019 with values that TOP500 derived.",
    "inequality": f"Sources: TOP500.org; World Bank income groups FY26, today's class. {_PEOPLE} "
    "Band, an assumption and no bound: countries without a listed system have nothing (line) up to "
    "one system as large as the last of the list (lower edge). Jumps of people without are single "
    f"populous countries that enter or leave the list. {_LINPACK}",
    "penalty": "Sources: TOP500.org, November 2024; World Bank income groups in force then. "
    f"{_PEOPLE} Electricity of 2023, generated in the country: {_ELECTRICITY}; pumped storage and "
    f"nuclear are not renewable. {_LINPACK}",
    "sensitivity": "All countries, Rmax per person. Line: 95 % bootstrap interval over countries "
    f"(20,000 resamples). Vertical: no relation. Sources: TOP500.org; {_PEOPLE} Electricity and "
    f"grid of the year before the list (2023 for 2025-06): {_ELECTRICITY}; capacity of 2023 "
    f"throughout: © IRENA 2024 (edition 2024 H2). {_LINPACK}",
    "emissions": "Grid: Ember through Our World in Data (edition 2026-04), life cycle, yearly "
    "national average of 2024, location-based. Energy: accelerator hours of the model card x rated "
    "power, without host, network and cooling (PUE 1). Hosts of the Top500 list of November 2024; "
    "countries without a listed system are left out, not clean.",
    "beside": "Sources: conference sites (ICML, NeurIPS); TOP500.org, mean of the lists of a year; "
    f"World Bank income groups FY26, today's class. {_ENTRY} Entries of unknown country are left "
    f"out; low income has next to nothing of either and is not drawn. {_LINPACK}",
    "clean": f"Sources: {_ELECTRICITY}; access: World Bank, edition 2026-02; capacity, "
    f"regions and their shares: © IRENA 2024 (edition 2024 H2). {_PEOPLE} Income groups: class of "
    "data year 2024, capacity of 2023. Sums of countries, and of the members of regions: one set, "
    "only countries with figures for every year; access: only those of them that report it for "
    "every year. Capacity by income group has no fixed set: each year's areas with a known total, "
    "so a line also moves when areas enter; areas without a total are left out. Kilowatt-hours per "
    "head are divided by UN population and weighted by the World Bank's. Pumped storage and "
    "nuclear are not renewable. The dip of low income in 2003 is one odd total of IRENA's, "
    "Syria's.",
    "pepr_fronts": "Source: Selvan et al. 2024, arXiv:2403.12562, 131 image models on three "
    "medical image data sets (_pt: pretrained), ten epochs, one training each; energy as "
    "published. PePR = accuracy / (1 + R), R the energy scaled to 0 to 1 over the models of one "
    "data set: scores of different panels, or of other sets of models, cannot be compared. The "
    "axes of accuracy differ and do not begin at 0.",
    "agreement": "Reports: data/carbon/runs.csv, one source per row. Estimates use hardware, "
    "hours, country and date only, metered power of other runs, PUE of 1.04 to 1.30 and yearly "
    "averages of national grids (Ember through Our World in Data, edition 2026-04) with "
    "the spread between editions; vertical lines: 5 to 95 %. Grey band: within a factor "
    "of 2. Energy is compared as the report counts it: of the cards, of the servers or of "
    "the site. Agreement with a circular report tests arithmetic, not accuracy. Refuted: "
    "a rule of the checker, blind to the estimate.",
    "footnote2": "Hours as reported (H100 and H800, 700 W rated). Bars: medians; lines: 5 to 95 %. "
    "Load 0.60 to 1.00 of rated power and host 1.10 to 1.74 for both; PUE 1.06 to 1.12 (Meta's "
    "sites) and 1.10 to 1.58 (site not known); grids of the USA and China, 2024 (Ember through Our "
    "World in Data, edition 2026-04), times 0.84 to 1.19 for the spread between editions. The "
    "card's 8,930 t are hours x rated power, not measured. DeepSeek reports neither energy nor "
    "emissions.",
    "every_grid": "30.84M hours of Llama 3.1 405B on H100 (700 W), load 0.60 to 1.00, host 1.10 to "
    "1.74, PUE 1.06 to 1.12 (preset hyperscale); national averages of 2024, life cycle, "
    "location-based (Ember through Our World in Data, edition 2026-04), with the spread between "
    "editions. Grids that the table puts below 2 g/kWh are left out. A thought experiment: where "
    "the run took place is not published.",
    "growth": "Emissions as their makers report them (data/carbon/runs.csv, one source per row), "
    "location-based where the report says so or its factor is of a grid; net and market-based "
    "values and estimates by others are left out. Rows of several models or of a whole project are "
    "drawn but set no record, and may contain other rows. Refuted: no grid could give the value "
    "for the hours and power beside it. Ring: some number of the report does not fit "
    "another, the grid, or other reports of its maker. Who reports, and when, is no sample.",
    "cap": "Single trainings, estimated from hardware, hours, country and date (preset metered; "
    "grids of Ember through Our World in Data, edition 2026-04). Reports that the checker refutes, "
    "or that do not say whether they are location-based, are left out of the two lower lines. Runs "
    "that report hours are no sample of all runs. A cap on single runs says nothing about how many "
    "runs there are.",
    "example": "An invented workshop: real organisations but two, no real papers. World Bank "
    f"income groups FY26, class of the workshop's year. {_ENTRY}",
}
