"""Commands for data: ``data list``, ``check``, ``fetch`` and ``refresh``."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import Any

from caraml_analysis import registry
from caraml_analysis.cli.parsing import add_command
from caraml_analysis.errors import GeocodeError, UsageError
from caraml_analysis.sources import editions


def add_commands(commands: Any) -> None:
    """Add ``data`` and its actions."""
    data = add_command(
        commands,
        "data",
        None,
        "list the embedded data, check them against their cards, or fetch further data",
        "caraml data check",
    )
    actions = data.add_subparsers(metavar="ACTION", required=True)
    add_command(
        actions,
        "list",
        _data_list,
        "list the embedded files with edition and licence",
        "caraml data list",
    )
    command = add_command(
        actions,
        "check",
        _data_check,
        "compare every embedded file with its sha256, and validate the gazetteer",
        "caraml data check --notes",
    )
    command.add_argument("--notes", action="store_true", help="list what is only worth knowing")
    fetch = add_command(
        actions,
        "fetch",
        None,
        "download optional data and prepare them for use without a network",
        "caraml data fetch ror",
    )
    sources = fetch.add_subparsers(metavar="SOURCE", required=True)
    command = add_command(
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


def _add_refresh(actions: Any) -> None:
    command = add_command(
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
        "--edition",
        help="which one, such as 2025-11 (top500), '2025 H2' (irena), FY27 (income_groups), "
        "2026-11 (grid_intensity, electricity_access, population)",
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
        named = shlex.quote(f"{fetched.name}={fetched.edition}")
        print(f"{place}\n    used only where the edition {fetched.edition!r} is named, for example")
        print(f"    caraml figure NAME --edition {named}")
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
