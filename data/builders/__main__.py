"""Rebuild the derived data files from their upstream inputs, byte for byte: ``make data``.

    python data/builders --inputs FOLDER              rebuild everything
    python data/builders --inputs FOLDER conferences  rebuild the files of one builder
    python data/builders --check --inputs FOLDER      rebuild in memory and compare, write nothing
    python data/builders confidence                   needs no upstream files

One builder per upstream; each names its INPUTS (below FOLDER) and its OUTPUTS (below ``data/``; a
file outside of it, such as ``../tests/data/``, has no card).
``inputs.toml`` says for every input where it comes from and which sha256 it must have. A builder
whose inputs are missing is skipped, named, and nothing of it is changed; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from cards import refresh  # noqa: E402

from caraml_analysis.paths import write_atomically  # noqa: E402

BUILDERS = (
    "conferences",
    "income_groups",
    "top500",
    "irena",
    "grid_and_people",
    "runs",
    "carbon_factors",
    "pepr",
    "world_outline",
    "gazetteer",
    "dev_gold",
    "confidence",  # last: it measures what the others built
)


def known_inputs() -> dict[str, dict[str, str]]:
    """Return where each input comes from, by its path below the inputs folder."""
    return tomllib.loads((HERE / "inputs.toml").read_text(encoding="utf-8"))


def missing_inputs(needed: tuple[str, ...], folder: Path) -> list[str]:
    """Return one line for each input that is absent or is another edition."""
    cards = known_inputs()
    lines = []
    for name in needed:
        card, path = cards[name], folder / name
        if not path.is_file():
            lines.append(f"{name}: missing. Get it from {card['url']} and put it at {path}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != card["sha256"]:
            lines.append(f"{name}: another edition (sha256 differs). Wanted: {card['url']}")
    return lines


def main() -> int:
    """Run the builders that were asked for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python data/builders",
        description="Rebuild data/ from upstream files, byte for byte.",
        epilog="example: python data/builders --inputs ~/caraml-inputs top500",
    )
    parser.add_argument("names", nargs="*", metavar="BUILDER", help=f"of {', '.join(BUILDERS)}")
    parser.add_argument(
        "--inputs", type=Path, default=Path(), help="folder of upstream files (this one)"
    )
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    options = parser.parse_args()
    unknown = set(options.names) - set(BUILDERS)
    if unknown:
        parser.error(f"no builder {', '.join(sorted(unknown))}; there are {', '.join(BUILDERS)}")

    data, failed, written = HERE.parent, 0, []
    for name in options.names or BUILDERS:
        builder = importlib.import_module(name)
        problems = missing_inputs(builder.INPUTS, options.inputs)
        if problems:
            failed += 1
            print(f"skipped  {name}: its files stay as they are\n    " + "\n    ".join(problems))
            continue
        for file, content in builder.build(options.inputs).items():
            target = data / file
            same = target.is_file() and target.read_bytes() == content
            if not same and options.check:
                failed += 1
            elif not same:
                write_atomically(target, content)
                written.append(file)
            state = "same" if same else ("DIFFERS" if options.check else "written")
            print(f"{state:8} data/{file} ({len(content):,} bytes)")
    refresh(file for file in written if not file.startswith("../"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
