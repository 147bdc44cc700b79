"""Repeat the geocoder's targets, as the report measured them, in README.md: ``make readme``."""

from __future__ import annotations

import csv
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- targets: make readme -->\n", "<!-- end of targets -->\n"


def targets_block() -> str:
    """Return the table, read from the tables of the report."""
    lines = ["| what | wanted | measured |", "| --- | --- | --- |"]
    with open(CLONE / "figures/geocoder_targets.csv", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            measured = (
                row["measured"] if row["met"] == "True" else f"**{row['measured']}** (missed)"
            )
            lines.append(f"| {row['what']} | {row['wanted']} | {measured} |")
    return "\n".join(lines) + "\n"


def with_targets(readme: str) -> str:
    """Return the text of the README with the table between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(
            f"README.md: the marks {BEGIN.strip()} and {END.strip()} are missing. "
            "Nothing was written."
        )
    return f"{before}{BEGIN}{targets_block()}{END}{after}"


if __name__ == "__main__":
    path = CLONE / "README.md"
    path.write_text(with_targets(path.read_text(encoding="utf-8")), encoding="utf-8")
