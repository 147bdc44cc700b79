"""Commands for carbon: ``statement``, ``carbon estimate``, ``runs`` and ``check``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from caraml_analysis import paths
from caraml_analysis.cli.parsing import add_command
from caraml_analysis.cli.running import standard_output
from caraml_analysis.errors import UsageError


def add_commands(commands: Any) -> None:
    """Add ``statement`` and ``carbon``."""
    _add_statement(commands)
    _add_carbon(commands)


def _add_statement(commands: Any) -> None:
    command = add_command(
        commands,
        "statement",
        _statement,
        "write the sustainability statement of a run as Markdown, LaTeX and JSON",
        "caraml statement --template > run.toml\n  caraml statement run.toml",
    )
    command.add_argument(
        "file", nargs="?", metavar="RUN.toml", help="what was run; - for standard input"
    )
    command.add_argument(
        "--template", action="store_true", help="print a commented RUN.toml and stop"
    )
    command.add_argument("--output", type=Path, help="folder to write to (that of RUN.toml)")
    command.add_argument(
        "--print",
        dest="form",
        choices=("markdown", "latex", "json"),
        help="print one form instead of writing files",
    )


def _add_carbon(commands: Any) -> None:
    carbon = add_command(
        commands,
        "carbon",
        None,
        "estimate energy and emissions of runs, list reported ones, check their arithmetic",
        "caraml carbon estimate --hours 30.84M --device H100-SXM --country USA --assume gpu-only",
    )
    actions = carbon.add_subparsers(metavar="ACTION", required=True)
    command = add_command(
        actions,
        "estimate",
        _carbon_estimate,
        "estimate energy, emissions, embodied carbon and water of a run, or of a CSV of runs",
        "caraml carbon estimate --hours 30.84M --device H100-SXM --country USA --pue 1.08 "
        "--load 1.0 --host 1.0\n"
        "  caraml carbon estimate --file runs.csv --assume metered --output estimated.csv",
    )
    for group, options in _ESTIMATE_OPTIONS.items():
        part = command.add_argument_group(group)
        for flag, (field, text) in options.items():
            part.add_argument(flag, dest=field, metavar="X", help=text)
    command.add_argument(
        "--assume", metavar="PRESET", help="fill gaps: gpu-only, hyperscale or metered"
    )
    command.add_argument("--json", type=Path, help="file for the estimate with all its factors")
    command.add_argument(
        "--file",
        help="CSV with one run per row; columns such as accelerator, accelerator_hours, country, "
        "year (all: docs/carbon.md); - for standard input",
    )
    command.add_argument("--output", type=Path, help="file for the estimates of --file")
    command.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes for --file (1)"
    )

    command = add_command(
        actions,
        "runs",
        _carbon_runs,
        "list the reported runs, or everything printed of one",
        "caraml carbon runs --basis measured",
    )
    command.add_argument("name", nargs="?", metavar="RUN", help="one run, with its quotation")
    command.add_argument("--organisation", metavar="NAME", help="only those of an organisation")
    command.add_argument("--basis", help="only those whose energy is measured, circular, ...")

    command = add_command(
        actions,
        "check",
        _carbon_check,
        "check the arithmetic of reported runs: the embedded ones, or those of a CSV",
        "caraml carbon check\n  caraml carbon check runs.csv --notes",
    )
    command.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="CSV with columns as in data/carbon/runs.csv; - for standard input",
    )
    command.add_argument("--notes", action="store_true", help="list what is only worth knowing")


_RANGES = "a number, or a range such as 1.06..1.12 (uniform) or 0.6..0.85..1 (triangular)"
_ESTIMATE_OPTIONS = {
    "how much was run": {
        "--hours": ("accelerator_hours", "accelerator-hours, such as 30.84M"),
        "--node-hours": ("node_hours", "hours of nodes, with --per-node"),
        "--per-node": ("accelerators_per_node", "accelerators in a node"),
        "--devices": ("devices", "number of accelerators, with --wall-hours"),
        "--wall-hours": ("hours", "hours by the clock, with --devices"),
        "--energy": ("energy", "energy instead of hours, such as '21.5 GWh'; with --energy-scope"),
        "--energy-scope": ("energy_scope", "what --energy covers: gpu, it or facility"),
    },
    f"power ({_RANGES})": {
        "--device": ("accelerator", "part, such as H100-SXM"),
        "--load": ("load", "mean draw / rated power; or fitted"),
        "--power": ("power", "metered draw of an accelerator, such as '600 W'; with --power-scope"),
        "--power-scope": ("power_scope", "what --power covers: gpu or node"),
        "--host": ("host", "energy with hosts / energy of accelerators, at least 1"),
        "--pue": ("pue", "energy of the site / energy with hosts, at least 1; or 'Google 2023'"),
    },
    "grid": {
        "--country": ("country", "ISO code; location-based average of --year"),
        "--year": ("year", "year of the grid (the newest of the table, and it is printed)"),
        "--grid-edition": ("grid_edition", "codecarbon or carbontracker instead of Ember's table"),
        "--mix": ("grid_mix", "several grids, such as 'FRA 0.4; USA 0.6'; with --year"),
        "--grid": ("grid", "reported location-based factor, such as '385 g/kWh'"),
        "--market": ("market", "factor of contracts (market-based)"),
        "--net": ("net", "factor after an operator's hourly accounting"),
    },
    "hardware and water": {
        "--embodied": (
            "embodied_kg",
            "kg CO2e for each accelerator, or an item such as 'NVIDIA H100 with server share'",
        ),
        "--lifetime": ("lifetime_years", "years that the hardware serves"),
        "--use-share": ("use_share", "part of its lifetime that it works"),
        "--water-site": ("wue_site", "L per kWh of IT energy, or 'AWS 2023'"),
        "--water-source": ("wue_source", "L per kWh of site energy, in making electricity"),
    },
}


def _statement(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import statement

    if options.template:
        print(statement.template(), end="")
        return 0
    if not options.file:
        raise UsageError("give RUN.toml, or start one with --template. Nothing was written.")
    if options.form and options.output:
        raise UsageError("give --print or --output, not both. Nothing was written.")
    if options.file == "-":
        if not (options.form or options.output):
            raise UsageError("standard input needs --print or --output. Nothing was written.")
        declared = statement.read_declaration(sys.stdin.buffer.read(), "run.toml")
    else:
        declared = statement.read_declaration(options.file)
    written = statement.written_forms(statement.make_statement(declared))
    if options.form:
        print(written[options.form][1], end="")
        return 0
    source = Path(declared.name if options.file == "-" else options.file)
    folder = options.output or source.parent
    for ending, text in written.values():
        print(paths.write_atomically(folder / f"{source.stem}.statement.{ending}", text))
    return 0


def _carbon_estimate(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import carbon_cli

    carbon_cli.check_options(vars(options))
    if options.file:
        source = sys.stdin.buffer if options.file == "-" else options.file
        text, remarks = carbon_cli.estimate_file(source, options.assume, options.jobs)
        for remark in remarks:
            print(remark, file=sys.stderr)
        if options.output:
            paths.write_atomically(options.output, text.encode())
        else:
            standard_output().write(text)
        return 0
    text, found = carbon_cli.estimate_text(vars(options))
    if options.json:
        content = json.dumps(found.to_dict(), indent=2, ensure_ascii=False) + "\n"
        paths.write_atomically(options.json, content.encode())
    print(text)
    return 0


def _carbon_runs(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import carbon_cli

    print(
        carbon_cli.run_text(options.name)
        if options.name
        else carbon_cli.runs_text(options.organisation, options.basis)
    )
    return 0


def _carbon_check(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import carbon_cli

    source = sys.stdin.buffer if options.file == "-" else options.file
    text, slips = carbon_cli.check_text(source, options.notes)
    print(text)
    # the slips of the embedded runs are known; those of a file are news
    return 1 if options.file and slips else 0
