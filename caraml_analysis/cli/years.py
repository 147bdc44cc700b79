"""Commands for conference years: ``add-year``, ``unresolved``, ``remove-year`` and ``years``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from caraml_analysis.cli.parsing import add_command, add_workspace
from caraml_analysis.errors import UsageError


def add_commands(commands: Any) -> None:
    """Add the commands for conference years."""
    command = add_command(
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
    add_workspace(command, overrides=True)
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
    form.add_argument(
        "--split",
        metavar="MARK",
        help="what stands between the authors of a paper, if each row is one: ';', '|' or '\\n'",
    )

    command = add_command(
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
    add_workspace(command)

    command = add_command(
        commands,
        "remove-year",
        _remove_year,
        "remove a year from your workspace",
        "caraml remove-year ICML 2024",
    )
    command.add_argument("conference", metavar="CONF")
    command.add_argument("year", metavar="YEAR", type=int)
    add_workspace(command)

    command = add_command(
        commands,
        "years",
        _years,
        "list the conference years that are there, embedded and added, and where they come from",
        "caraml years\n  caraml years --sources",
    )
    command.add_argument(
        "--sources", action="store_true", help="list the sources that add-year can read instead"
    )
    add_workspace(command)


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
    of_tables = ("encoding", "encoding_errors", "delimiter", "sheet", "split")
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
