"""Commands for results: ``reproduce``, ``figure``, ``report`` and ``why``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from caraml_analysis.cli.parsing import add_command, add_workspace
from caraml_analysis.errors import TableError, UsageError, YearError


def add_commands(commands: Any) -> None:
    """Add the commands that make results."""
    command = add_command(
        commands,
        "reproduce",
        _reproduce,
        "execute all notebooks, write every figure and the report",
        "caraml reproduce --output figures",
    )
    command.add_argument("--output", type=Path, help="folder of figures and report (figures)")

    command = add_command(
        commands,
        "figure",
        _figure,
        "make one figure without Jupyter, or list them",
        "caraml figure fig1_compute --output figures\n"
        "  caraml figure authorship --conf ICML --years 2017 2024\n"
        "  caraml figure compute_history --edition top500=2025-11 --output mine",
    )
    command.add_argument(
        "name", nargs="?", metavar="NAME", help="figure to make; authorship for any years"
    )
    command.add_argument("--list", action="store_true", help="list the figures")
    command.add_argument("--output", type=Path, help="folder to write to (figures)")
    command.add_argument(
        "--edition",
        action="append",
        default=[],
        metavar="SOURCE=EDITION",
        help="read an edition that was fetched with 'caraml data refresh', or another embedded "
        "one, in place of the usual one; once for each source (top500: lists are added, and what "
        "shows one list shows the last)",
    )
    years = command.add_argument_group("for authorship: embedded and added years together")
    years.add_argument("--conf", nargs="+", default=[], metavar="CONF", help="conferences")
    years.add_argument(
        "--years", nargs="+", type=int, default=[], metavar="YEAR", help="years (first and last)"
    )
    add_workspace(years, overrides=True)

    command = add_command(
        commands,
        "report",
        _report,
        "write the report and its tables, without the figures",
        "caraml report --output figures",
    )
    command.add_argument("--output", type=Path, help="folder to write to (figures)")

    command = add_command(
        commands,
        "why",
        _why,
        "say from which inputs and by which function a figure was made",
        "caraml why figures/fig1_compute.svg",
    )
    command.add_argument("file", type=Path, metavar="FILE", help="a file of a saved figure")


def _reproduce(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce.run import reproduce

    steps = reproduce(options.output)
    width = max(len(step.written) for step in steps)
    print(f"\n{'step':<10}  {'written':<{width}}  seconds")
    for step in steps:
        seconds = f"{step.seconds:7.1f}" if step.seconds >= 0.05 else f"{'':7}"
        print(f"{step.name:<10}  {step.written:<{width}}  {seconds}")
    return 0


def _figure(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce.figures import FIGURES, figure

    editions = _editions(options.edition)
    if options.list or options.name is None:
        for known in FIGURES.values():
            print(f"{known.name:<28} {known.title}")
        print(f"{'authorship':<28} Entries by income group, --conf and --years of your choice")
        return 0
    if options.name == "authorship":
        return _authorship(options)
    if options.conf or options.years or options.workspace or options.overrides:
        raise UsageError(
            "--conf, --years, --workspace and --overrides are for 'caraml figure authorship'. "
            "Nothing was written."
        )
    if options.name not in FIGURES:
        raise UsageError(f"no figure {options.name!r}; there are {', '.join(FIGURES)}, authorship.")
    try:
        written = figure(options.name).save(options.output, editions)
    except YearError as error:
        raise UsageError(f"{str(error).rstrip('.')}. Nothing was written.") from error
    for path in written:
        print(path)
    if editions and not options.output:
        print(
            f"It stands in place of the figure of the embedded editions; 'caraml figure "
            f"{options.name}' makes that again. --output FOLDER keeps both.",
            file=sys.stderr,
        )
    return 0


def _editions(named: Sequence[str]) -> dict[str, list[str]]:
    """Return the editions that ``--edition SOURCE=EDITION`` names, by source."""
    found: dict[str, list[str]] = {}
    for one in named:
        source, _, edition = one.partition("=")
        if not (source and edition):
            raise UsageError(
                f"--edition {one!r}: name source and edition, such as --edition top500=2025-11. "
                "Nothing was written."
            )
        found.setdefault(source, []).append(edition)
    return found


def _authorship(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce.any_years import save_authorship_figure

    try:
        written = save_authorship_figure(
            options.conf,
            options.years,
            workspace=options.workspace,
            overrides=options.overrides,
            folder=options.output,
            editions=_editions(options.edition),
        )
    except (TableError, YearError) as error:
        raise UsageError(f"{str(error).rstrip('.')}. Nothing was written.") from error
    for path in written:
        print(path)
    return 0


def _report(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce.report import write_report

    for path in write_report(options.output):
        print(path)
    return 0


def _why(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce.manifest import explain

    print(explain(options.file))
    return 0
