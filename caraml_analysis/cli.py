"""The ``caraml`` command: a thin face on the rooms below.

Exit codes: 0 fine, 1 a check or a step failed, 2 wrong use, 130 stopped with Ctrl-C, 143 ended
with SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from caraml_analysis import __version__, paths, registry
from caraml_analysis.errors import (
    CaramlError,
    GeocodeError,
    OutputError,
    TableError,
    UsageError,
    YearError,
)
from caraml_analysis.sources import editions


def _add(
    commands: Any, name: str, run: Callable | None, summary: str, example: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    # also after the command; SUPPRESS, so that it does not undo the one before it
    parser.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,
        help="show the traceback of an error",
    )
    return parser


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="caraml",
        description="Reproduce, trace and extend the analyses of the CARAML paper.",
        epilog="example:\n  caraml reproduce",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"caraml {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    command = _add(
        commands,
        "reproduce",
        _reproduce,
        "execute all notebooks, write every figure and the report",
        "caraml reproduce --output figures",
    )
    command.add_argument("--output", type=Path, help="folder of figures and report (figures)")

    command = _add(
        commands,
        "figure",
        _figure,
        "make one figure without Jupyter, or list them",
        "caraml figure fig1_compute --output /tmp/figures\n"
        "  caraml figure authorship --conf ICML --years 2017 2024",
    )
    command.add_argument(
        "name", nargs="?", metavar="NAME", help="figure to make; authorship for any years"
    )
    command.add_argument("--list", action="store_true", help="list the figures")
    command.add_argument("--output", type=Path, help="folder to write to (figures)")
    years = command.add_argument_group("for authorship: embedded and added years together")
    years.add_argument("--conf", nargs="+", default=[], metavar="CONF", help="conferences")
    years.add_argument(
        "--years", nargs="+", type=int, default=[], metavar="YEAR", help="years (first and last)"
    )
    _add_workspace(years, overrides=True)

    command = _add(
        commands,
        "report",
        _report,
        "write the report and its tables, without the figures",
        "caraml report --output figures",
    )
    command.add_argument("--output", type=Path, help="folder to write to (figures)")

    _add_geocode(commands)
    _add_audit(commands)
    _add_years(commands)
    _add_statement(commands)
    _add_carbon(commands)

    command = _add(
        commands,
        "why",
        _why,
        "say from which inputs and by which function a figure was made",
        "caraml why figures/fig1_compute.svg",
    )
    command.add_argument("file", type=Path, metavar="FILE", help="a file of a saved figure")

    data = _add(
        commands,
        "data",
        None,
        "list the embedded data, check them against their cards, or fetch further data",
        "caraml data check",
    )
    actions = data.add_subparsers(metavar="ACTION", required=True)
    _add(
        actions,
        "list",
        _data_list,
        "list the embedded files with edition and licence",
        "caraml data list",
    )
    command = _add(
        actions,
        "check",
        _data_check,
        "compare every embedded file with its sha256, and validate the gazetteer",
        "caraml data check --notes",
    )
    command.add_argument("--notes", action="store_true", help="list what is only worth knowing")
    fetch = _add(
        actions,
        "fetch",
        None,
        "download optional data and prepare them for use without a network",
        "caraml data fetch ror",
    )
    sources = fetch.add_subparsers(metavar="SOURCE", required=True)
    command = _add(
        sources,
        "ror",
        _data_fetch_ror,
        'fetch a release of the Research Organization Registry for the tier "ror"',
        "caraml data fetch ror --edition v2.12",
    )
    command.add_argument("--edition", help="release, such as v2.12 (the one that is pinned)")
    command.add_argument(
        "--from",
        dest="file",
        type=Path,
        metavar="ZIP",
        help="use a zip on this machine, download nothing",
    )
    command.add_argument("--url", help="another address of the zip, or of a Zenodo record")
    command.add_argument("--sha256", metavar="HEX", help="what the zip must be")
    _add_refresh(actions)
    return parser


def _add_refresh(actions: Any) -> None:
    command = _add(
        actions,
        "refresh",
        _data_refresh,
        "fetch another edition of a source, show what it would change, and keep it if you agree",
        "caraml data refresh top500 --edition 2025-11",
    )
    command.add_argument(
        "name",
        metavar="NAME",
        choices=editions.NAMES,
        help=f"source: {', '.join(editions.NAMES)}",
    )
    command.add_argument(
        "--edition", help="which one, such as 2025-11 (top500), '2025 H2' (irena), FY27"
    )
    command.add_argument(
        "--from",
        dest="files",
        nargs="+",
        type=Path,
        default=(),
        metavar="FILE",
        help="read files that you downloaded with a browser; no network",
    )
    command.add_argument(
        "--via",
        choices=("excel", "xml", "pages"),
        default="excel",
        help="form of a Top500 list (excel)",
    )
    command.add_argument("--server", metavar="URL", help="a mirror in place of the publisher")
    command.add_argument(
        "--no-figures", action="store_true", help="do not work out which figures would move"
    )
    command.add_argument("--yes", action="store_true", help="keep it without asking")


def _add_workspace(command: Any, *, overrides: bool = False) -> None:
    command.add_argument(
        "--workspace",
        type=Path,
        metavar="FOLDER",
        help="folder of your own years (CARAML_WORKSPACE, or one below your data folder)",
    )
    if overrides:
        command.add_argument(
            "--overrides",
            type=Path,
            metavar="CSV",
            help="your own judgements about texts (overrides.csv in the workspace)",
        )


def _add_years(commands: Any) -> None:
    command = _add(
        commands,
        "add-year",
        _add_year,
        "read a new conference year, check and place it, and add it to your workspace",
        "caraml add-year ICML 2024\n"
        "  caraml add-year ICML 2024 --from export.csv --map affiliation=Institution "
        "--map title='Paper title'",
    )
    command.add_argument("conference", metavar="CONF", help="ICML, NeurIPS, ICLR; any with --from")
    command.add_argument("year", metavar="YEAR", type=int, help="year of the conference")
    command.add_argument("--source", metavar="NAME", help="source to read; unknown ones are listed")
    command.add_argument(
        "--from", dest="file", type=Path, metavar="FILE", help="read this file, fetch nothing"
    )
    command.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="which column of your table is what: affiliation, title, paper, author, conference, "
        "year, track; affiliation may be repeated for several columns; paper= for none",
    )
    command.add_argument("--dry-run", action="store_true", help="show what came, write nothing")
    command.add_argument(
        "--keep-authors", action="store_true", help="store names of authors, too (dropped)"
    )
    _add_workspace(command, overrides=True)
    net = command.add_argument_group("fetching")
    net.add_argument("--server", metavar="URL", help="another server of the source, as a mirror")
    net.add_argument("--offline", action="store_true", help="use downloads of the cache only")
    net.add_argument(
        "--not-before",
        default="",
        metavar="DATE",
        help="fetch again what was fetched before this day (YYYY-MM-DD)",
    )
    net.add_argument("--commit", help="of the repository, for papers_csv and paperlists")
    net.add_argument("--sha256", metavar="HEX", help="what papers.csv must be")
    net.add_argument(
        "--venue", metavar="ID", help="group of OpenReview, if it is not the usual one"
    )
    net.add_argument(
        "--unaligned",
        choices=("empty", "listed"),
        help="what becomes of papers whose affiliations fit no author, for paperlists",
    )
    form = command.add_argument_group("form of your table")
    form.add_argument("--encoding", help="encoding of a CSV (utf-8)")
    form.add_argument(
        "--encoding-errors",
        choices=("strict", "replace"),
        help="stop at a byte that is not in this encoding, or replace it (strict)",
    )
    form.add_argument("--delimiter", help="what stands between cells of a CSV (,)")
    form.add_argument("--sheet", help="sheet of a workbook (the first)")

    command = _add(
        commands,
        "unresolved",
        _unresolved,
        "write the texts of your added years that have no country, to be filled in by you",
        "caraml unresolved --top 50 --output overrides.csv",
    )
    command.add_argument("--top", type=int, metavar="N", help="only those of most entries")
    command.add_argument(
        "--output",
        type=Path,
        metavar="CSV",
        help="file to write, and to read if it is there (overrides.csv in the workspace, which "
        "every command then uses)",
    )
    _add_workspace(command)

    command = _add(
        commands,
        "remove-year",
        _remove_year,
        "remove a year from your workspace",
        "caraml remove-year ICML 2024",
    )
    command.add_argument("conference", metavar="CONF")
    command.add_argument("year", metavar="YEAR", type=int)
    _add_workspace(command)

    command = _add(
        commands,
        "years",
        _years,
        "list the conference years that are there, embedded and added, and where they come from",
        "caraml years\n  caraml years --sources",
    )
    command.add_argument(
        "--sources", action="store_true", help="list the sources that add-year can read instead"
    )
    _add_workspace(command)


def _add_geocode(commands: Any) -> None:
    command = _add(
        commands,
        "geocode",
        _geocode,
        "add country, status and evidence to a CSV or Parquet file of affiliations",
        "caraml geocode authors.csv --column affiliation --output located.csv\n"
        '  caraml geocode --explain "Google Brain, Zurich"',
    )
    command.add_argument(
        "file", nargs="?", metavar="FILE", help="CSV or Parquet; - for CSV from standard input"
    )
    command.add_argument("--column", help="column that holds the affiliation")
    command.add_argument(
        "--output",
        type=Path,
        help="file to write, in the format of FILE (standard output); missing folders are made, a "
        "file that is there is replaced",
    )
    command.add_argument("--prefix", default="", help="put before the names of the new columns")
    command.add_argument(
        "--explain", metavar="TEXT", help="say why one text is where it is; no FILE is needed"
    )
    who = command.add_argument_group("who answers")
    who.add_argument(
        "--overrides", type=Path, metavar="CSV", help="your own judgements, which win over all"
    )
    who.add_argument(
        "--tiers", default="embedded", help="tiers to ask in turn, of embedded,ror (embedded)"
    )
    who.add_argument(
        "--nominatim-user-agent",
        metavar="NAME",
        help="ask OpenStreetMap about the rest, under a name that tells who you are",
    )
    who.add_argument(
        "--nominatim-server", metavar="URL", help="your own server instead of the public one"
    )
    who.add_argument(
        "--nominatim-cap",
        type=int,
        metavar="N",
        help="most requests of this run (1000); 0 uses only what is cached",
    )
    who.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (1)")
    form = command.add_argument_group("form of a CSV")
    form.add_argument("--encoding", default="utf-8", help="encoding of FILE (utf-8)")
    form.add_argument(
        "--encoding-errors",
        default="strict",
        choices=("strict", "replace"),
        help="stop at a byte that is not in this encoding, or replace it (strict)",
    )
    form.add_argument("--delimiter", default=",", help="what stands between cells (,)")
    form.add_argument(
        "--escape-formulas",
        action="store_true",
        help="put ' before cells that a spreadsheet would take for a formula",
    )


def _add_audit(commands: Any) -> None:
    command = _add(
        commands,
        "audit",
        _audit,
        "measure the geocoder on texts that somebody labelled with their country",
        "caraml audit labelled.csv --text affiliation --label country",
    )
    command.add_argument("file", metavar="FILE", help="CSV to read; - for standard input")
    command.add_argument(
        "--text", metavar="COLUMN", help="column of the affiliation (found by name)"
    )
    command.add_argument(
        "--label",
        metavar="COLUMN",
        help="column of the country: alpha-2 or alpha-3, several joined by ';', 'unknown' or empty "
        "if nobody can tell (found by name)",
    )
    command.add_argument(
        "--weight", metavar="COLUMN", help="column that says how much a text counts (found by name)"
    )
    command.add_argument(
        "--match",
        choices=("first", "any", "subset", "exact"),
        default="first",
        help="an answer is right if its first country is the label's first (first, the default), "
        "is among the label's (any), all its countries are among the label's (subset), or both "
        "lists are the same (exact)",
    )
    command.add_argument(
        "--year", type=int, default=2022, help="data year of the income groups (2022)"
    )
    command.add_argument(
        "--where",
        metavar="COLUMN=VALUE",
        action="append",
        default=[],
        help="measure only rows with this value; may be repeated",
    )
    command.add_argument("--encoding", default="utf-8-sig", help="encoding of FILE (utf-8)")
    command.add_argument("--json", type=Path, help="file for all tables as JSON")
    command.add_argument("--csv", type=Path, help="file for all tables in one long CSV")
    command.add_argument("--rows", type=Path, help="file for every text with label and answer")


def _add_statement(commands: Any) -> None:
    command = _add(
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
    carbon = _add(
        commands,
        "carbon",
        None,
        "estimate energy and emissions of runs, list reported ones, check their arithmetic",
        "caraml carbon estimate --hours 30.84M --device H100-SXM --country USA --assume gpu-only",
    )
    actions = carbon.add_subparsers(metavar="ACTION", required=True)
    command = _add(
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
        "--file", help="CSV with one run per row, columns as the fields; - for standard input"
    )
    command.add_argument("--output", type=Path, help="file for the estimates of --file")

    command = _add(
        actions,
        "runs",
        _carbon_runs,
        "list the reported runs, or everything printed of one",
        "caraml carbon runs --basis measured",
    )
    command.add_argument("name", nargs="?", metavar="RUN", help="one run, with its quotation")
    command.add_argument("--organisation", metavar="NAME", help="only those of an organisation")
    command.add_argument("--basis", help="only those whose energy is measured, circular, ...")

    command = _add(
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = build_parser().parse_args(arguments)
    output = sys.stdout
    try:
        with _terminable(), redirect_stdout(_StandardOutput(output)):
            code = options.run(options) or 0
            sys.stdout.flush()  # here a full disk can still be told
            return code
    except UsageError as error:
        return _fail(error, 2, options.debug)
    except CaramlError as error:
        return _fail(error, 1, options.debug)
    except KeyboardInterrupt as stop:
        print(
            "\ncaraml: stopped. Files that were written are whole and kept; run the command "
            "again to make the rest.",
            file=sys.stderr,
        )
        return 143 if isinstance(stop, _Terminated) else 130
    except BrokenPipeError:
        # the reader of our output has gone (for example `| head`): nothing is wrong
        _discard(output)
        return 0


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a run as Ctrl-C does: what is half written goes away."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM into an exception, unless somebody else has a use for it."""
    main_thread = threading.current_thread() is threading.main_thread()
    if not main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def terminate(number: int, frame: Any) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one would disturb the tidying up
        raise _Terminated

    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class _StandardOutput:
    """Standard output, whose failures are told as ours; a reader who has gone is no failure."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._told():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._told():
            self._stream.flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            _discard(self._stream)
            raise OutputError(
                f"standard output cannot be written ({error.strerror or error}).\n"
                "What came out so far is not whole. Make room, or write to another place."
            ) from error


def _discard(stream: TextIO) -> None:
    """Send what is still in the buffer nowhere: the interpreter would fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _fail(error: CaramlError, code: int, debug: bool) -> int:
    if debug:
        raise error
    print(f"caraml: {error}", file=sys.stderr)
    return code


# --- commands ---------------------------------------------------------------------------------


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
    for path in figure(options.name).save(options.output):
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


def _data_list(options: argparse.Namespace) -> int:
    for card in registry.cards().values():
        print(f"{card.file}\n    {card.title}\n    {card.publisher}; edition {card.edition}")
        print(f"    {card.url}\n    licence: {card.licence}\n    sha256 {card.sha256}")
    _list_fetched()
    return 0


def _list_fetched() -> None:
    for name in editions.NAMES:
        for edition in editions.fetched(name):
            print(f"\nfetched: {editions.folder(name, edition)}")
            print(f"    {name}; used only where the edition {edition!r} is named")
    _list_fetched_ror()


def _list_fetched_ror() -> None:
    from caraml_analysis.geocoding.ror import RorTier
    from caraml_analysis.geocoding.ror_index import index_path
    from caraml_analysis.sources.ror import LICENCE

    if index_path().is_file():
        try:
            tier = RorTier()
        except GeocodeError as error:
            print(f"\nfetched, cannot be used: {error}")
            return
        print(f"\nfetched: {tier.path}\n    Research Organization Registry, index of its names")
        print(f"    ROR; edition {tier.edition}\n    https://ror.org\n    licence: {LICENCE}")
        print(f"    sha256 of the release {tier.sha256}")


def _data_fetch_ror(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from caraml_analysis.geocoding import gazetteer
    from caraml_analysis.geocoding.ror_index import build_index
    from caraml_analysis.sources import ror

    if options.file and options.url:
        raise UsageError("--from and --url exclude each other. Nothing was fetched.")
    if options.file:
        release = ror.local(options.file, options.edition, options.sha256)
    else:
        release = ror.fetch(options.edition, url=options.url, sha256=options.sha256)
    counts = ror.Counts()
    organisations = tqdm(
        ror.organisations(release.path, counts), unit=" organisations", disable=None, leave=False
    )
    built = build_index(
        organisations,
        edition=release.edition,
        sha256=release.sha256,
        background=gazetteer.load().ror,
    )
    print(f"ROR {release.edition}: {release.path}")
    print(f"    sha256 {release.sha256}\n    compared with {release.checked}")
    print(
        f"    {counts.read:,} records: {counts.kept:,} kept, {counts.inactive:,} of them inactive; "
        f"{counts.withdrawn:,} withdrawn, {counts.without_country:,} without a country"
    )
    print(f"    licence: {ror.LICENCE}\n{built.path}\n    index of {built.names:,} names")
    return 0


def _data_refresh(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce.drift import figures_moved
    from caraml_analysis.sources import drift, refreshing

    request = refreshing.Request(options.edition, tuple(options.files), options.via, options.server)
    fetched = refreshing.refresh(options.name, request)
    print(f"{fetched.name} {fetched.edition}: fetched and checked")
    for source in fetched.sources:
        print(f"    {source.url}\n    sha256 {source.sha256} {source.retrieved}".rstrip())
    drifts = fetched.drifts()
    for found in drifts:
        print(drift.report(found))
    if not options.no_figures:
        changed = any(not found.empty for found in drifts)
        moved = figures_moved(fetched.in_place_of_embedded()) if changed else []
        print("in place of the embedded edition it would move " + ("" if moved else "no figure"))
        for figure in moved:
            print(f"    {figure}")
    if not (options.yes or _agreed(fetched.edition)):
        print("Nothing was kept.")
        return 0
    place = fetched.keep()
    if place is None:
        print(f"The edition {fetched.edition} is embedded and stays as it is.")
    else:
        print(f"{place}\n    used only where the edition {fetched.edition!r} is named")
    return 0


def _agreed(edition: str) -> bool:
    """Ask whether to keep an edition; without a terminal nobody agrees."""
    try:
        answer = input(f"Keep {edition} beside the embedded edition? [y/N] ")
    except EOFError:
        print("\nNobody is there to answer; scripts say --yes.")
        return False
    return answer.strip().casefold() in ("y", "yes")


def _data_check(options: argparse.Namespace) -> int:
    states = registry.check_all()
    for file, state in states.items():
        print(
            f"{'ok ' if state == 'ok' else 'BAD'}  {file}"
            + ("" if state == "ok" else f"\n     {state}")
        )
    bad = sum(state != "ok" for state in states.values())
    print(f"{len(states) - bad} of {len(states)} files are as their cards say.")
    if bad:
        print("The gazetteer was not validated; restore the files first.")
        return 1
    return 1 if _validate_gazetteer(options.notes) else 0


def _validate_gazetteer(show_notes: bool) -> int:
    """Print the findings about the reviewed tables; return the number of errors."""
    from caraml_analysis.geocoding import geocode, validator
    from caraml_analysis.sources.conferences import load_authorships

    rows = validator.read_rows()
    texts = load_authorships()["affiliation"].dropna().unique()
    used = validator.deciding(geocode(texts)["evidence"])
    findings = [
        *validator.validate(rows, validator.read_context()),
        *validator.unused(rows, used),
    ]
    errors = [finding for finding in findings if finding.severity == validator.ERROR]
    for finding in findings:
        if show_notes or finding.severity == validator.ERROR or "clash" in finding.check:
            print(finding)
    unused, notes = sum(f.check == "unused" for f in findings), len(findings) - len(errors)
    print(
        f"{len(rows):,} reviewed rows: {len(errors)} errors, {notes:,} notes; {unused:,} rows "
        "decide no embedded text."
    )
    return len(errors)


# --- conference years -------------------------------------------------------------------------


def _authorship(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce.any_years import save_authorship_figure

    try:
        written = save_authorship_figure(
            options.conf,
            options.years,
            workspace=options.workspace,
            overrides=options.overrides,
            folder=options.output,
        )
    except (TableError, YearError) as error:
        raise UsageError(f"{error} Nothing was written.") from error
    for path in written:
        print(path)
    return 0


def _add_year(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import new_year
    from caraml_analysis.sources.conferences import embedded_years

    workspace = new_year.opened(options.workspace)
    judgements = new_year.read_overrides(options.overrides, workspace)
    found = new_year.read_year(
        options.conference,
        options.year,
        source=options.source,
        path=options.file,
        mapping=_mapping(options.map),
        keep_authors=options.keep_authors,
        **_reading_options(options),
    )
    # shown before it is added: whoever is surprised can remove it again, or stop here
    print(new_year.look_at(found, workspace, judgements), flush=True)
    if options.dry_run:
        print("Dry run: nothing was written.")
        return 0
    change, card = workspace.put(found)
    name = f"{card.conference} {card.year}"
    if change == "unchanged":
        print(f"{name} is there already, the same in every row: nothing was changed.")
    elif change == "replaced":
        print(f"{name} was replaced in {workspace.folder}. Before: {card.history[-1]}.")
    else:
        print(f"{name} was added to {workspace.folder}.")
    if card.key in embedded_years():
        print(
            "It stands in for the embedded year where this workspace is read; the embedded data "
            "are as they were."
        )
    return 0


def _mapping(pairs: Sequence[str]) -> dict[str, Any]:
    """Return FIELD=COLUMN pairs as a mapping; a field that is repeated gets several columns."""
    mapping: dict[str, Any] = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals:
            raise UsageError(
                f"--map {pair!r} has no '='. Write FIELD=COLUMN, for example "
                "--map affiliation=Institution. Nothing was changed."
            )
        before = mapping.get(name)
        mapping[name] = column if before is None else [*_as_list(before), column]
    return mapping


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _reading_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return what a source is to be told besides conference and year."""
    of_tables = ("encoding", "encoding_errors", "delimiter", "sheet")
    of_sites = ("commit", "sha256", "venue", "unaligned")
    chosen = {name: getattr(options, name) for name in (*of_tables, *of_sites)}
    if options.server:
        chosen["base"] = options.server.rstrip("/")
    if options.file is None and options.source != "csv":
        from caraml_analysis.sources.http import Client

        chosen["client"] = Client(offline=options.offline, not_before=options.not_before)
    return chosen


def _unresolved(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import new_year, unresolved

    workspace = new_year.opened(options.workspace)
    keys = [card.key for card in workspace.cards()]
    if not keys:
        raise UsageError(
            f"{workspace.folder}: no year was added yet. Nothing was written. Add one with "
            "'caraml add-year'."
        )
    target = options.output or workspace.overrides_file
    judgements = new_year.read_overrides(target if target.exists() else None, workspace)
    texts = unresolved.unresolved_of(workspace, keys, judgements)
    entries = int(texts["entries"].sum())
    written = unresolved.write_overrides_to_fill_in(
        texts if options.top is None else texts.head(max(0, options.top)), target
    )
    print(written.path)
    print(
        f"    texts without a country: {len(texts):,} (entries: {entries:,})\n"
        f"    rows to fill in: {written.to_fill_in:,}; filled in already: {written.kept:,}\n"
        "    Write a country code or 'unknown' into the column country; run this again to see "
        "what is left."
    )
    if target != workspace.overrides_file:
        print(f"    Use it with --overrides {target}")
    return 0


def _remove_year(options: argparse.Namespace) -> int:
    from caraml_analysis.sources.conference_years import conference_name
    from caraml_analysis.sources.workspace import Workspace

    workspace = Workspace(options.workspace)
    card = workspace.remove(conference_name(options.conference), options.year)
    print(f"{card.conference} {card.year} was removed from {workspace.folder}.")
    print(f"    It was {card.source}, edition {card.edition}: {card.entries:,} entries.")
    return 0


def _years(options: argparse.Namespace) -> int:
    from caraml_analysis.sources.conference_years import SOURCES
    from caraml_analysis.sources.conferences import EMBEDDED
    from caraml_analysis.sources.workspace import Workspace

    if options.sources:
        print("\n".join(source.describe() for source in SOURCES.values()))
        return 0
    workspace = Workspace(options.workspace)
    cards = workspace.cards()
    print("embedded")
    for part in sorted(EMBEDDED, key=lambda part: (part.conference, part.first)):
        years = f"{part.first}" if part.first == part.last else f"{part.first}-{part.last}"
        print(
            f"  {part.conference:<8} {years:<10} {part.kind:<16} {part.collection} {part.edition}"
        )
    print(f"added, in {workspace.folder}" if cards else f"nothing added in {workspace.folder}")
    for card in cards:
        print(
            f"  {card.conference:<8} {card.year:<10} {card.kind:<16} {card.source}, edition "
            f"{card.edition}; {card.entries:,} entries, {card.papers:,} papers"
            f"{', with names' if card.authors else ''}"
        )
        for note in card.notes:
            print(f"      {note}")
        for before in card.history:
            print(f"      before: {before}")
    return 0


# --- geocode ----------------------------------------------------------------------------------


def _geocode(options: argparse.Namespace) -> int:
    _check_geocode(options)
    overrides = _overrides(options.overrides)
    tiers = _tiers(options)
    if options.explain is not None:
        from caraml_analysis.geocoding import resolve
        from caraml_analysis.geocoding.explaining import explain

        print(explain(options.explain, resolve(options.explain, tiers=tiers, overrides=overrides)))
        return 0
    from caraml_analysis.geocoding.files import geocode_file

    summary = geocode_file(
        sys.stdin.buffer if options.file == "-" else options.file,
        options.column,
        options.output or _standard_output(),
        prefix=options.prefix,
        tiers=tiers,
        overrides=overrides,
        jobs=options.jobs,
        encoding=options.encoding,
        encoding_errors=options.encoding_errors,
        delimiter=options.delimiter,
        escape_formulas=options.escape_formulas,
    )
    print(summary, file=sys.stderr)
    return 1 if summary.statuses["error"] else 0


def _check_geocode(options: argparse.Namespace) -> None:
    if options.explain is not None and options.file:
        raise UsageError("give FILE or --explain, not both. Nothing was resolved.")
    if options.explain is None and not options.file:
        raise UsageError(
            "give FILE and --column, or one text with --explain. Nothing was resolved."
        )
    if options.explain is None and options.column is None:
        raise UsageError("which column holds the affiliations? Name it with --column.")


def _overrides(path: Path | None) -> Any:
    from caraml_analysis.geocoding import Overrides

    try:
        return Overrides.read(path) if path else None
    except TableError as error:
        raise UsageError(str(error)) from None


def _tiers(options: argparse.Namespace) -> list[Any]:
    tiers: list[Any] = [name.strip() for name in options.tiers.split(",") if name.strip()]
    has_options = options.nominatim_server or options.nominatim_cap is not None
    if "nominatim" in tiers or (has_options and not options.nominatim_user_agent):
        raise UsageError(
            "the Nominatim tier must say who asks: use --nominatim-user-agent, for example "
            "--nominatim-user-agent 'affiliations-study/1.0 (you@your-university)'."
        )
    if options.nominatim_user_agent:
        from caraml_analysis.geocoding.nominatim import Nominatim

        server = urlsplit(options.nominatim_server) if options.nominatim_server else None
        given: dict[str, Any] = {}
        if server:
            given |= {"scheme": server.scheme, "domain": server.netloc + server.path}
        if options.nominatim_cap is not None:
            given["cap"] = options.nominatim_cap
        tiers.append(Nominatim(user_agent=options.nominatim_user_agent, **given))
    return tiers


def _standard_output() -> TextIO:
    # newline as csv wants it; the stream stays open for the interpreter
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    return sys.stdout


# --- audit ------------------------------------------------------------------------------------


def _audit(options: argparse.Namespace) -> int:
    from caraml_analysis.csv_reader import CsvReader
    from caraml_analysis.reproduce import audit_file

    source = sys.stdin.buffer if options.file == "-" else options.file
    reading = CsvReader(source, options.encoding)
    rows = reading.rows()
    header = next(rows, None)
    if not header or not any(header):
        raise UsageError(f"{reading.name}: is empty. Nothing was written.")
    labelled = audit_file.read_labelled(
        reading.name,
        header,
        rows,
        text=options.text,
        label=options.label,
        weight=options.weight,
        where=options.where,
    )
    try:
        found = audit_file.audit_labelled(labelled, options.match, options.year)
    except (TableError, YearError) as error:
        raise UsageError(f"{options.file}: {error}") from None
    print(audit_file.to_text(found))
    for target, write in (
        (options.json, audit_file.to_json),
        (options.csv, audit_file.to_csv),
        (options.rows, audit_file.rows_csv),
    ):
        if target:
            paths.write_atomically(target, write(found))
    return 0


# --- statement --------------------------------------------------------------------------------


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


# --- carbon -----------------------------------------------------------------------------------


def _carbon_estimate(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import carbon_cli

    carbon_cli.check_options(vars(options))
    if options.file:
        source = sys.stdin.buffer if options.file == "-" else options.file
        text = carbon_cli.estimate_file(source, options.assume)
        if options.output:
            paths.write_atomically(options.output, text.encode())
        else:
            _standard_output().write(text)
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


if __name__ == "__main__":
    sys.exit(main())
