"""The ``caraml`` command: a thin face on the rooms below.

Exit codes: 0 fine, 1 a check or a step failed, 2 wrong use, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from caraml_analysis import __version__, paths, registry
from caraml_analysis.errors import CaramlError, TableError, UsageError, YearError

#: Rows that are geocoded at a time, so that a file larger than memory streams through.
CHUNK_ROWS = 20_000


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
        "caraml figure fig1_compute --output /tmp/figures",
    )
    command.add_argument("name", nargs="?", metavar="NAME", help="figure to make")
    command.add_argument("--list", action="store_true", help="list the figures")
    command.add_argument("--output", type=Path, help="folder to write to (figures)")

    command = _add(
        commands,
        "report",
        _report,
        "write the report and its tables, without the figures",
        "caraml report --output figures",
    )
    command.add_argument("--output", type=Path, help="folder to write to (figures)")

    command = _add(
        commands,
        "geocode",
        _geocode,
        "add country, status and evidence to a CSV of affiliations",
        "caraml geocode authors.csv --column affiliation --output located.csv",
    )
    command.add_argument("file", metavar="FILE", help="CSV to read; - for standard input")
    command.add_argument("--column", required=True, help="column that holds the affiliation")
    command.add_argument("--prefix", default="", help="put before the names of the new columns")
    command.add_argument("--output", type=Path, help="file to write (standard output)")
    command.add_argument("--encoding", default="utf-8-sig", help="encoding of FILE (utf-8)")

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
        "list the embedded data, or check them against their cards",
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
    _add(
        actions,
        "check",
        _data_check,
        "compare every embedded file with its sha256",
        "caraml data check",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except UsageError as error:
        return _fail(error, 2, options.debug)
    except CaramlError as error:
        return _fail(error, 1, options.debug)
    except KeyboardInterrupt:
        print(
            "\ncaraml: stopped. Files that were written are whole and kept; run the command "
            "again to make the rest.",
            file=sys.stderr,
        )
        return 130
    except BrokenPipeError:
        # the reader of our output has gone (for example `| head`): nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


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
        return 0
    if options.name not in FIGURES:
        raise UsageError(f"no figure {options.name!r}; there are {', '.join(FIGURES)}.")
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
    return 0


def _data_check(options: argparse.Namespace) -> int:
    states = registry.check_all()
    for file, state in states.items():
        print(
            f"{'ok ' if state == 'ok' else 'BAD'}  {file}"
            + ("" if state == "ok" else f"\n     {state}")
        )
    bad = sum(state != "ok" for state in states.values())
    print(f"{len(states) - bad} of {len(states)} files are as their cards say.")
    return 1 if bad else 0


# --- geocode ----------------------------------------------------------------------------------


@contextmanager
def _open_input(name: str, encoding: str) -> Iterator[TextIO]:
    if name == "-":
        yield io.TextIOWrapper(sys.stdin.buffer, encoding=encoding, newline="")
        return
    try:
        with open(name, encoding=encoding, newline="") as stream:
            yield stream
    except FileNotFoundError:
        raise UsageError(f"{name}: no such file. Nothing was written.") from None
    except IsADirectoryError:
        raise UsageError(f"{name}: is a folder, not a CSV file. Nothing was written.") from None
    except LookupError:
        raise UsageError(f"no encoding {encoding!r}; try utf-8, cp1252 or latin-1.") from None
    except PermissionError:
        raise UsageError(f"{name}: cannot be read (permission denied).") from None


@contextmanager
def _open_output(target: Path | None) -> Iterator[TextIO]:
    if target is None:
        # newline as csv wants it; the stream stays open for the interpreter
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        yield sys.stdout
        return
    with (
        paths.atomic_path(target) as temporary,
        open(temporary, "w", encoding="utf-8", newline="") as stream,
    ):
        yield stream


def _chunks(rows: Iterable[list[str]], size: int) -> Iterator[list[list[str]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


@contextmanager
def _open_csv(options: argparse.Namespace) -> Iterator[TextIO]:
    """Open the input; say plainly if it turns out to be no text, or no CSV."""
    try:
        with _open_input(options.file, options.encoding) as source:
            yield source
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{options.file}: is not {options.encoding} (byte {error.start} of a block). Nothing "
            "was written. Name its encoding, for example --encoding cp1252."
        ) from None
    except csv.Error as error:
        raise UsageError(f"{options.file}: is not CSV ({error}). Nothing was written.") from None


def _header_and_rows(source: TextIO, name: str) -> tuple[list[str], Iterator[list[str]]]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(source)
    header = next(reader, None)
    if not header or not any(header):
        raise UsageError(f"{name}: is empty. Nothing was written.")
    return header, _checked(reader, len(header), name)


def _geocode(options: argparse.Namespace) -> int:
    with _open_csv(options) as source:
        return _geocode_stream(source, options)


def _geocode_stream(source: TextIO, options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from caraml_analysis.geocoding import geocode
    from caraml_analysis.tables import RESOLUTIONS

    header, rows = _header_and_rows(source, options.file)
    if options.column not in header:
        raise UsageError(
            f"{options.file}: no column {options.column!r} (found {', '.join(header)}). "
            "Nothing was written. Name one of them with --column."
        )
    added = [f"{options.prefix}{name}" for name in RESOLUTIONS.names]
    clash = [name for name in added if name in header]
    if clash:
        raise UsageError(
            f"{options.file}: already has the column {', '.join(clash)}. Nothing was written. "
            "Give the new columns other names, for example --prefix geo_."
        )
    position = header.index(options.column)
    counts: dict[str, int] = {}
    with _open_output(options.output) as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow([*header, *added])
        bar = tqdm(unit=" rows", disable=None, file=sys.stderr)
        for chunk in _chunks(rows, CHUNK_ROWS):
            found = geocode([row[position] for row in chunk])
            found = found.astype(object).where(found.notna(), "")
            for row, answer in zip(chunk, found.itertuples(index=False), strict=True):
                writer.writerow([*row, *answer])
            for status, number in found["status"].value_counts().items():
                counts[status] = counts.get(status, 0) + int(number)
            bar.update(len(chunk))
        bar.close()
    total = sum(counts.values())
    parts = ", ".join(f"{number:,} {status}" for status, number in sorted(counts.items()))
    print(f"{total:,} rows: {parts or 'none'}", file=sys.stderr)
    return 0


def _checked(rows: Iterable[list[str]], width: int, name: str) -> Iterator[list[str]]:
    """Pass on rows of the right width; name the first one that is not."""
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) != width:
            raise UsageError(
                f"{name}: row {number} has {len(row)} fields instead of {width}; is a quote "
                "missing? Correct the row; no output file was written."
            )
        yield row


# --- audit ------------------------------------------------------------------------------------


def _audit(options: argparse.Namespace) -> int:
    from caraml_analysis.reproduce import audit_file

    with _open_csv(options) as source:
        header, rows = _header_and_rows(source, options.file)
        labelled = audit_file.read_labelled(
            options.file,
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


if __name__ == "__main__":
    sys.exit(main())
