"""Commands for affiliations of one's own: ``geocode`` and ``audit``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from caraml_analysis import paths
from caraml_analysis.cli.parsing import add_command
from caraml_analysis.cli.running import standard_output
from caraml_analysis.errors import TableError, UsageError, YearError


def add_commands(commands: Any) -> None:
    """Add ``geocode`` and ``audit``."""
    _add_geocode(commands)
    _add_audit(commands)


def _add_geocode(commands: Any) -> None:
    command = add_command(
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
    command = add_command(
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
        options.output or standard_output(),
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
