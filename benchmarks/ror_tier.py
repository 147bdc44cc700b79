"""Measure the ROR tier on labelled texts: what it adds, how often it is right, how long it takes.

    python benchmarks/ror_tier.py labelled.csv [--index FILE]

The CSV has the columns ``string`` and ``country_alpha2`` (several codes joined by ``;``; an answer
counts as right if every country of it is among them) and may have ``source``. A row per source and
per way an organisation was found goes to standard output; wrong answers follow with ``--wrong``.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from pathlib import Path

from caraml_analysis.countries import to_alpha3
from caraml_analysis.geocoding import resolve
from caraml_analysis.geocoding.ror import RorTier


def main() -> None:
    """Print coverage and precision of the embedded tables, of both tiers, and of ROR alone."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list the wrong answers of the tier")
    options = parser.parse_args()
    tier = RorTier(options.index)
    with open(options.file, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    wrong, texts, seconds = [], defaultdict(int), 0.0
    for row in rows:
        source, text = row.get("source") or "all", row["string"]
        right = {to_alpha3(code) for code in row["country_alpha2"].split(";")}
        texts[source] += 1
        embedded = resolve(text)
        start = time.perf_counter()
        alone = tier.resolve(text)
        seconds += time.perf_counter() - start
        both = embedded if embedded.country else alone
        for name, found in (("embedded", embedded), ("both", both), ("ror alone", alone)):
            if found.country:
                counts[source, name][0] += 1
                counts[source, name][1] += set(found.countries) <= right
        if not embedded.country and alone.country:
            way = f"left over, confidence {alone.confidence:g}"
            counts["all", way][0] += 1
            counts["all", way][1] += set(alone.countries) <= right
            if not set(alone.countries) <= right:
                wrong.append(f"{text}\n    {sorted(right)}, not {alone.evidence}")
    print(
        f"{'source':<20} {'tier':<28} {'texts':>6} {'answers':>8} {'coverage':>9} {'precision':>9}"
    )
    for (source, name), (answers, correct) in sorted(counts.items()):
        of = texts[source] or len(rows)
        print(
            f"{source:<20} {name:<28} {of:>6} {answers:>8} {answers / of:>9.3f} "
            f"{correct / answers:>9.3f}"
        )
    print(f"ROR {tier.edition}: {seconds / len(rows) * 1000:.2f} ms for a text")
    if options.wrong:
        print("\n".join(wrong))


if __name__ == "__main__":
    main()
