"""Time the parsing of Top500 lists from their original files, and reading them from the cache.

python benchmarks/top500.py FOLDER

FOLDER holds the files as TOP500.org offers them (``TOP500_YYYYMM.xls`` and so on), for example
those that ``caraml data refresh top500`` kept. The sums are compared with the embedded ones.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from time import perf_counter

import caraml_analysis as ca
from caraml_analysis.sources import top500_lists


def timed(folder: Path) -> float:
    """Return the seconds that it takes to have all systems."""
    start = perf_counter()
    ca.load_top500_systems(folder=folder)
    return perf_counter() - start


def differing_lists(folder: Path) -> list[str]:
    """Return the lists whose sums per country are not the embedded ones."""
    sums = top500_lists.by_country(ca.load_top500_systems(folder=folder))
    embedded = ca.load_top500()
    columns = ["edition", "iso3", "systems", "rmax_tflops", "rpeak_tflops", "power_kw"]
    both = sums[columns].merge(
        embedded[columns], on=["edition", "iso3"], how="left", suffixes=("", " embedded")
    )
    wrong = set()
    for column in columns[2:]:
        gap = (both[column] - both[f"{column} embedded"]).abs()
        missing = both[column].isna() != both[f"{column} embedded"].isna()
        wrong |= set(both.loc[(gap > 1e-3) | missing, "edition"])
    return sorted(wrong)


def main() -> None:
    """Measure once without and three times with the cache."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CARAML_CACHE"] = cache
        first = timed(folder)
        cached = min(timed(folder) for _ in range(3))
        systems = ca.load_top500_systems(folder=folder)
        wrong = differing_lists(folder)
    editions = systems["edition"].nunique()
    print(f"{editions} lists, {len(systems):,} systems")
    print(f"{'from their files':<18} {first:6.2f} s")
    print(f"{'from the cache':<18} {cached:6.2f} s")
    print(f"sums per country: {len(wrong)} of {editions} lists differ {' '.join(wrong)}".rstrip())


if __name__ == "__main__":
    main()
