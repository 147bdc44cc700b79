"""The lists as TOP500.org publishes them: workbooks, XML and HTML pages, from June 1993 on.

Whatever the form, a list becomes one row per system in TFlop/s and kW. Units and headers changed
several times, so every list is guarded: 500 different ranks, Rmax that falls with the rank, the
No. 1 that it must have, and power that fits what a system of that time does per watt.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pandas as pd

from caraml_analysis import countries, paths, registry
from caraml_analysis.errors import (
    ArchiveError,
    CountryError,
    SourceChangedError,
    UnitError,
    UsageError,
    YearError,
)
from caraml_analysis.sources.workbooks import read_sheet, refuse_web_page

BASE = "https://www.top500.org"
#: Raised whenever a list is read differently, so that parsed copies in the cache are not used.
PARSER = 2
SYSTEMS = 500
PAGES = 5

COLUMNS = [
    "edition",
    "rank",
    "iso3",
    "rmax_tflops",
    "rpeak_tflops",
    "power_kw",
    "power_source",
    "cores",
    "installed",
    "segment",
]
_NAMESPACE = "{http://www.top500.org/xml/top500/1.0}"
_KEPT = "Nothing was changed."
_LARGEST = 1e15  # beyond it whatever a list counts is no number of it
_SINCE_POWER = "2008-06"  # every list from here on has a column of power
_FEWEST_POWERS = 90  # half of the fewest systems with power that one of these lists has (179)
# GFlop/s per W: 0.011 (2008-11) to 78 (2021-11) in all lists. The upper bound leaves room for some
# years, and lies below what the best system of 2008 has by an error of 1,000 (488).
_PER_WATT = (0.005, 400.0)
# What a list itself says of GFlop/s per W differs from Rmax by power by at most 1.21 in all lists.
_SAME_PER_WATT = 1.5
_ROUNDING = 1.005  # of pages in PFlop/s; in the workbooks no Rmax is larger than the one before
_TFLOPS = {"gflop/s": 1e-3, "tflop/s": 1.0, "pflop/s": 1e3}
_UNIT = r"(?:\s*[\[(]\s*(?P<unit>[GTP]Flop/s)\s*[\])])?"
# The spellings of 65 lists; Power (kW) and Power Efficiency must not be mistaken for each other.
_HEADERS = {
    "rank": r"Rank",
    "country": r"Country",
    "rmax": rf"R\s?max{_UNIT}",
    "rpeak": rf"R\s?peak{_UNIT}",
    "power": r"Power(?:\s*\(kW\))?",
    "power_source": r"Power Source",
    "per_watt": r"(?:(?:Power|Energy) Eff\w+\s*\[)?(?P<unit>[GM]Flops)/Watts?\]?",
    "cores": r"Total Cores|Cores|Processors",
    "installed": r"Year",
    "segment": r"Segment",
}
_NEEDED = ("rank", "country", "rmax", "rpeak")
_FILE = re.compile(r"TOP500_(\d{4})(06|11)(?:_all)?\.(?:xlsx?|xml)", re.IGNORECASE)


# --- editions -----------------------------------------------------------------------------------


def number_of(edition: str) -> int:
    """Return the number of a list: 1 for ``"1993-06"``, 64 for ``"2024-11"``.

    Raises
    ------
    YearError
        If no list has such a name.
    """
    match = re.fullmatch(r"(\d{4})-(06|11)", edition)
    if not match or int(match[1]) < 1993:
        raise YearError(
            f"no Top500 list {edition!r}; lists are named YYYY-06 and YYYY-11, from 1993-06 on. "
            f"Embedded are {known_lists()[0]} to {known_lists()[-1]}."
        )
    return 2 * (int(match[1]) - 1993) + (1 if match[2] == "06" else 2)


def edition_of(number: int) -> str:
    """Return the name of a list by its number."""
    return f"{1993 + (number - 1) // 2}-{'06' if number % 2 else '11'}"


def newest_on(today: datetime.date) -> str:
    """Return the newest list that can have come out by a day: June's does so in May at times."""
    if today.month < 5:
        return f"{today.year - 1}-11"
    return f"{today.year}-{'06' if today.month < 11 else '11'}"


def file_name(edition: str, kind: str = "excel") -> str:
    """Return the name of the file that TOP500.org offers; ``.xls`` up to November 2019."""
    number_of(edition)
    compact = edition.replace("-", "")
    if kind == "xml":
        return f"TOP500_{compact}_all.xml"
    return f"TOP500_{compact}.{'xls' if edition <= '2019-11' else 'xlsx'}"


def addresses(edition: str, kind: str = "excel", server: str = BASE) -> list[str]:
    """Return where a list is: one file (``excel``, ``xml``), or five pages (``pages``)."""
    year, month = edition.split("-") if number_of(edition) else ("", "")
    if kind == "pages":
        page = f"{server}/lists/top500/list/{year}/{month}/?page="
        return [f"{page}{number}" for number in range(1, PAGES + 1)]
    if kind not in ("excel", "xml"):
        raise UsageError(f"no form {kind!r} of a list; there are excel, xml and pages.")
    return [f"{server}/lists/top500/{year}/{month}/download/{file_name(edition, kind)}"]


def first_systems() -> pd.DataFrame:
    """Return ``no1_rmax_tflops``, ``rmax_tflops`` and ``rpeak_tflops`` of every known list."""
    return registry.read_csv("reference/top500_no1.csv", dtype={"edition": str}).set_index(
        "edition"
    )


def known_lists() -> list[str]:
    """Return the lists that are embedded, oldest first."""
    return list(first_systems().index)


# --- countries ----------------------------------------------------------------------------------


def country_codes() -> dict[str, str]:
    """Return alpha-3 codes by spelling: the reviewed table, and the names of this package."""
    names = {countries.name(code): code for code in countries.known_codes()}
    table = registry.read_csv("reference/top500_countries.csv")
    return names | dict(zip(table["spelling"], table["iso3"], strict=True))


def _codes(names: pd.Series, source: str) -> pd.Series:
    known = country_codes()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise CountryError(
            f"{source}: no code for the country {', '.join(map(repr, unknown[:5]))}. {_KEPT} If "
            "it is a new spelling, add it to data/reference/top500_countries.csv; if it is no "
            "country, the columns of the file moved."
        )
    return names.map(known)


# --- reading ------------------------------------------------------------------------------------


class _Raw(NamedTuple):
    """Columns of a list as text or number, and units as the header says them ('' if not said)."""

    columns: dict[str, list[Any]]
    rmax_unit: str
    rpeak_unit: str
    per_watt_unit: str = ""


def read_list(content: bytes, edition: str, name: str = "") -> pd.DataFrame:
    """Return the systems of one list from its workbook or XML.

    Parameters
    ----------
    content : bytes
        The file as TOP500.org offers it.
    edition : str
        List as ``"YYYY-MM"``.
    name : str
        What messages call the file.

    Returns
    -------
    DataFrame
        One row per system by rank: ``edition``, ``rank``, ``iso3``, ``rmax_tflops``,
        ``rpeak_tflops`` (TFlop/s), ``power_kw`` (missing where not published),
        ``power_source`` (``Submitted``, ``Derived``, ``Optimized`` or empty), ``cores``,
        ``installed`` (year) and ``segment``.

    Raises
    ------
    SourceChangedError
        If it is a web page, of another edition, headers or the number of ranks changed, or Rmax
        rises with the rank.
    ArchiveError
        If the file is truncated or damaged.
    UnitError
        If the unit that the header says contradicts the No. 1 system of this list; if there is no
        power in kW though every list since June 2008 has it, or it contradicts Rmax.
    CountryError
        If a country is spelled in a way that nobody reviewed; names it.
    YearError
        If there is no such list.
    """
    number_of(edition)
    name = name or file_name(edition)
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"<?xml", b"<top500:")):
        raw = _read_xml(content, edition, name)
    else:
        raw = _read_workbook(content, edition, name)
    return _systems(raw, edition, name)


def read_pages(pages: Sequence[bytes], edition: str, name: str = "") -> pd.DataFrame:
    """Return the systems of one list from its five HTML pages; else as :func:`read_list`.

    The columns are found by the text of their headers, the unit is the one in the header.
    """
    number_of(edition)
    name = name or f"list pages of {edition}"
    named = [(page, f"{name}, page {i}") for i, page in enumerate(pages, start=1)]
    parts = [(_read_page(page, edition, label), label) for page, label in named]
    tables = [_quantities(part, edition, label) for part, label in parts]
    return _checked(pd.concat(tables, ignore_index=True), edition, name)


def _match_headers(titles: Sequence[Any]) -> dict[str, tuple[int, str]]:
    """Return column and unit of every field whose header is known."""
    found: dict[str, tuple[int, str]] = {}
    for field, pattern in _HEADERS.items():
        for column, title in enumerate(titles):
            text = re.sub(r"\s+", " ", str(title)).strip()
            match = re.fullmatch(pattern, text, re.IGNORECASE)
            if match and field not in found:
                found[field] = (column, match.groupdict().get("unit") or "")
    return found


def _read_workbook(content: bytes, edition: str, name: str) -> _Raw:
    sheet = read_sheet(content, name)
    if sheet.name.strip().isdigit() and int(sheet.name) != number_of(edition):
        raise SourceChangedError(
            f"{name}: is the list {edition_of(int(sheet.name))} (No. {sheet.name}), not "
            f"{edition}. {_KEPT} Name its own edition."
        )
    rows = sheet.rows or [[]]
    # up to November 2007 the first row is empty
    headers = [
        i for i, row in enumerate(rows[:10]) if {"rank", "country"} <= set(_match_headers(row))
    ]
    at = headers[0] if headers else 0
    found = _match_headers(rows[at])
    _require(found, rows[at], name)
    _require_power(found, rows[at], edition, name)
    body = [row for row in rows[at + 1 :] if str(row[found["rank"][0]]).strip()]
    columns = {field: [row[i] for row in body] for field, (i, _) in found.items()}
    return _Raw(columns, *(found.get(field, (0, ""))[1] for field in ("rmax", "rpeak", "per_watt")))


def _require(found: Mapping[str, Any], titles: Sequence[Any], name: str) -> None:
    missing = [field for field in _NEEDED if field not in found]
    if missing:
        shown = ", ".join(str(title).strip() for title in titles if str(title).strip())
        raise SourceChangedError(
            f"{name}: no column for {', '.join(missing)} (found: {shown[:300] or 'none'}). "
            f"{_KEPT} It is another file, or the publisher renamed a column: then add its spelling "
            "to _HEADERS in caraml_analysis/sources/top500_lists.py."
        )


def _require_power(
    found: Mapping[str, Any], titles: Sequence[Any], edition: str, name: str
) -> None:
    if edition < _SINCE_POWER or "power" in found:
        return
    similar = [str(title).strip() for title in titles if "power" in str(title).lower()]
    raise UnitError(
        f"{name}: no column Power (kW), which every list since {_SINCE_POWER} has (similar: "
        f"{', '.join(similar)[:200] or 'none'}). {_KEPT} Its unit changed, or it was "
        "renamed: if it is still in kW, add its spelling to _HEADERS in "
        "caraml_analysis/sources/top500_lists.py."
    )


def _read_xml(content: bytes, edition: str, name: str) -> _Raw:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ArchiveError(
            f"{name}: defines entities, which no list does. It was not read. {_KEPT}"
        )
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise ArchiveError(
            f"{name}: is damaged or truncated ({error}). {_KEPT} Download it again."
        ) from error
    sites = root.findall(f"{_NAMESPACE}site")
    if not sites:
        raise SourceChangedError(
            f"{name}: has no element 'site' of {_NAMESPACE.strip('{}')}. {_KEPT} It is another "
            "file, or the publisher changed the format: then use the workbook."
        )
    date = re.match(r"(\d{4})/(\d{2})", root.get("date", ""))
    if date:
        found = f"{date[1]}-{'06' if int(date[2]) < 9 else '11'}"
        if found != edition:
            raise SourceChangedError(f"{name}: is the list {found}, not {edition}. {_KEPT}")
    elements = {
        "rank": "rank",
        "country": "country",
        "rmax": "r-max",
        "rpeak": "r-peak",
        "power": "power",
        "cores": "number-of-processors",
        "installed": "year",
        "segment": "area-of-installation",
    }
    columns = {
        field: [(site.findtext(f"{_NAMESPACE}{element}") or "").strip() for site in sites]
        for field, element in elements.items()
    }
    for field in _NEEDED:
        if not any(columns[field]):
            raise SourceChangedError(
                f"{name}: no element {elements[field]!r}. {_KEPT} Use the workbook."
            )
    # unlike the workbooks, the XML is in GFlop/s in every edition
    return _Raw(columns, "GFlop/s", "GFlop/s")


class _Tables(HTMLParser):
    """Collect the tables of a page: rows of cells, lines within a cell kept apart."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._end_cell()
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(re.sub(r"\s+", " ", data))

    def _end_cell(self) -> None:
        if self._cell is not None and self.tables and self.tables[-1]:
            lines = (line.strip() for line in "".join(self._cell).split("\n"))
            self.tables[-1][-1].append("\n".join(filter(None, lines)))
        self._cell = None


def _read_page(content: bytes, edition: str, name: str) -> _Raw:
    parser = _Tables()
    parser.feed(content.decode("utf-8", "replace"))
    parser.close()
    for table in parser.tables:
        rows = [row for row in table if row]
        found = _match_headers(rows[0]) if rows else {}
        if {"rank", "rmax", "rpeak"} <= set(found):
            break
    else:
        headers = [table[0] for table in parser.tables if len(table) > 20]
        if not headers:
            refuse_web_page(content, name, "a page with the list")
        shown = ", ".join(headers[0]) if headers else "no table"
        raise SourceChangedError(
            f"{name}: has no table with the columns Rank, Rmax and Rpeak (but {shown:.200}). "
            f"{_KEPT} It is another page, or the publisher changed them: then use the workbook."
        )
    titles = [re.sub(r"\s+", " ", title) for title in rows[0]]
    # the country is the last line of the site; newer pages have site and system in one cell
    place = next((i for i, t in enumerate(titles) if t == "Site"), None)
    place = (
        next((i for i, t in enumerate(titles) if t == "System"), None) if place is None else place
    )
    if place is None or not (found["rmax"][1] and found["rpeak"][1]):
        raise SourceChangedError(
            f"{name}: columns are {', '.join(titles)}; expected Site or System, and the units of "
            f"Rmax and Rpeak. {_KEPT} The publisher changed the pages; use the workbook."
        )
    _require_power(found, titles, edition, name)
    body = [row for row in rows[1:] if len(row) == len(titles)]
    columns = {field: [row[i] for row in body] for field, (i, _) in found.items()}
    columns["country"] = [row[place].rpartition("\n")[2] for row in body]
    return _Raw(columns, found["rmax"][1], found["rpeak"][1])


# --- from cells to systems ----------------------------------------------------------------------


def _systems(raw: _Raw, edition: str, name: str) -> pd.DataFrame:
    return _checked(_quantities(raw, edition, name), edition, name)


def _number(values: Iterable[Any], field: str, name: str, whole: bool = False) -> pd.Series:
    texts = [str(value).replace(",", "").strip() for value in values]
    numbers = pd.Series(pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce"))
    wrong = [
        text
        for text, number in zip(texts, numbers, strict=True)
        if text and not (abs(number) < _LARGEST and (number == int(number) or not whole))
    ]
    if wrong:
        what = "whole number" if whole else "number"
        raise SourceChangedError(
            f"{name}: {field} is {wrong[0]!r:.60}, which is no {what}. {_KEPT} Have the columns "
            "moved?"
        )
    return numbers.astype("float64")


def _quantities(raw: _Raw, edition: str, name: str) -> pd.DataFrame:
    columns = raw.columns
    size = len(columns["rank"])

    def optional(field: str) -> Iterable[Any]:
        return columns.get(field, [""] * size)

    ranks = _number(columns["rank"], "Rank", name, whole=True)
    if ranks.isna().any():
        raise SourceChangedError(
            f"{name}: {int(ranks.isna().sum())} systems have no rank. {_KEPT} Is the file whole?"
        )
    rmax = _number(columns["rmax"], "Rmax", name)
    rpeak = _number(columns["rpeak"], "Rpeak", name)
    unit = raw.rmax_unit or _unit_without_header(rmax.max(), edition)
    power = _number(optional("power"), "Power", name)
    if (power < 0).any() or (rmax <= 0).any() or rmax.isna().any():
        raise UnitError(
            f"{name}: a power is negative, or an Rmax is missing or not positive. {_KEPT} Have "
            "the columns moved?"
        )
    names = pd.Series([str(value).strip() for value in columns["country"]], dtype=object)
    return pd.DataFrame(
        {
            "edition": edition,
            "rank": ranks.astype(int),
            "iso3": _codes(names, name),
            "rmax_tflops": _in_tflops(rmax, unit),
            "rpeak_tflops": _in_tflops(rpeak, raw.rpeak_unit or unit),
            # 0 means that it was not published
            "power_kw": power.where(power > 0),
            "power_source": [str(value).strip() for value in optional("power_source")],
            "cores": _number(optional("cores"), "cores", name, whole=True).astype("Int64"),
            "installed": _number(optional("installed"), "Year", name, whole=True).astype("Int64"),
            "segment": [str(value).strip() for value in optional("segment")],
            # as the list itself says; only to check the power
            "per_watt": _number(optional("per_watt"), "GFlop/s per W", name)
            / (1000 if raw.per_watt_unit.lower() == "mflops" else 1),
        }
    )


def _in_tflops(values: pd.Series, unit: str) -> pd.Series:
    factor = _TFLOPS[unit.lower()]
    return values / 1000 if factor == 1e-3 else values * factor


def _unit_without_header(largest: float, edition: str) -> str:
    """Return the unit of a plain ``Rmax``: GFlop/s up to 2016-11, later by the No. 1 system."""
    if edition < "2017-06":
        return "GFlop/s"
    # some downloads of the 2017 lists have a plain Rmax that holds TFlop/s
    low, high = _plausible(edition)
    fits = [
        unit for unit in ("GFlop/s", "TFlop/s") if low <= largest * _TFLOPS[unit.lower()] <= high
    ]
    return fits[0] if fits else "TFlop/s"


def _plausible(edition: str) -> tuple[float, float]:
    """Return bounds of the No. 1 system in TFlop/s: within 1 % if it is known."""
    known = first_systems()["no1_rmax_tflops"]
    if edition in known.index:
        return known[edition] * 0.99, known[edition] * 1.01
    # a new list: the largest step so far was a factor of 5, an error of the unit is one of 1,000
    return known.iloc[-1] * 0.3, known.iloc[-1] * 30


def _checked(systems: pd.DataFrame, edition: str, name: str) -> pd.DataFrame:
    """Guard the file by its 500 ranks, and the units by the No. 1 system and the peak."""
    ranks = systems["rank"]
    if len(systems) != SYSTEMS or set(ranks) != set(range(1, SYSTEMS + 1)):
        raise SourceChangedError(
            f"{name}: {len(systems)} systems with {ranks.nunique()} different ranks, expected "
            f"{SYSTEMS} from 1 to {SYSTEMS}. {_KEPT} Is the file whole?"
        )
    low, high = _plausible(edition)
    first = systems["rmax_tflops"].max()
    if not low <= first <= high:
        raise UnitError(
            f"{name}: the No. 1 has {first:,.6g} TFlop/s, expected {low:,.6g} to {high:,.6g} for "
            f"{edition}. {_KEPT} The unit in the header contradicts the values, or it is another "
            "list."
        )
    efficiency = systems["rmax_tflops"].sum() / systems["rpeak_tflops"].sum()
    if not 0.2 < efficiency < 1.2:
        raise UnitError(
            f"{name}: Rmax is {efficiency:.3g} of Rpeak, expected 0.2 to 1.2. {_KEPT} The units "
            "of the two contradict each other."
        )
    systems = systems.sort_values("rank", ignore_index=True)
    _check_order(systems, name)
    _check_power(systems, edition, name)
    return systems[COLUMNS]


def _check_order(systems: pd.DataFrame, name: str) -> None:
    """Raise if a system has more than the one before it."""
    rmax = systems["rmax_tflops"]
    rises = systems.index[rmax > _ROUNDING * rmax.shift()]
    if len(rises):
        before, after = rmax[rises[0] - 1], rmax[rises[0]]
        raise SourceChangedError(
            f"{name}: rank {rises[0] + 1} has {after:,.6g} TFlop/s, more than the {before:,.6g} of "
            f"the rank before. {_KEPT} A value is wrong, or the columns moved: download the list "
            "again."
        )


def _check_power(systems: pd.DataFrame, edition: str, name: str) -> None:
    """Raise if power is missing where lists have it, or contradicts Rmax."""
    known = systems[systems["power_kw"].notna()]
    if edition >= _SINCE_POWER and len(known) < _FEWEST_POWERS:
        raise UnitError(
            f"{name}: {len(known)} systems have a power, expected at least {_FEWEST_POWERS}, as "
            f"every list since {_SINCE_POWER} has. {_KEPT} Is the file whole? If it is a form of "
            "the list without power, use the workbook."
        )
    found = known["rmax_tflops"] / known["power_kw"]  # TFlop/s per kW are GFlop/s per W
    stated = known["per_watt"].where(known["per_watt"] > 0)
    ratio = found / stated
    low, high = _PER_WATT
    wrong = ~found.between(low, high) | (ratio > _SAME_PER_WATT) | (ratio < 1 / _SAME_PER_WATT)
    if wrong.any():
        at = known.index[wrong][0]
        expected = f"{low:g} to {high:g}"
        if pd.notna(stated[at]):
            expected += f", and the {stated[at]:,.4g} that the list itself says"
        raise UnitError(
            f"{name}: rank {known['rank'][at]} has {known['power_kw'][at]:,.10g} kW, which is "
            f"{found[at]:,.4g} GFlop/s per W, expected {expected} ({int(wrong.sum())} of "
            f"{len(known)} systems do not fit). {_KEPT} The unit of power contradicts the values, "
            "or a value is wrong: do not use the file."
        )


def by_country(systems: pd.DataFrame) -> pd.DataFrame:
    """Return sums per list and country, largest Rmax first within a list: the embedded table."""
    sums = systems.groupby(["edition", "iso3"], as_index=False).agg(
        systems=("rmax_tflops", "size"),
        rmax_tflops=("rmax_tflops", "sum"),
        rpeak_tflops=("rpeak_tflops", "sum"),
        power_kw=("power_kw", lambda power: power.sum(min_count=1)),
        systems_with_power=("power_kw", "count"),
    )
    sums.insert(2, "country", sums["iso3"].map(countries.name))
    for column, digits in (("rmax_tflops", 6), ("rpeak_tflops", 6), ("power_kw", 3)):
        sums[column] = sums[column].astype("Float64").round(digits)
    return sums.sort_values(
        ["edition", "rmax_tflops", "iso3"], ascending=[True, False, True], ignore_index=True
    )


def entry_level(systems: pd.DataFrame) -> pd.DataFrame:
    """Return the smallest system of one list: what is not listed for its size is below it."""
    smallest = round(float(systems["rmax_tflops"].min()), 6)
    return pd.DataFrame({"edition": [systems["edition"].iloc[0]], "entry_rmax_tflops": [smallest]})


# --- files on this machine ----------------------------------------------------------------------


def downloads_dir() -> Path:
    """Return the folder in which ``caraml data refresh top500`` keeps the lists it fetched."""
    return paths.cache_dir() / "top500"


def load_top500_systems(
    editions: Sequence[str] | None = None, folder: Path | str | None = None
) -> pd.DataFrame:
    """Return the systems of lists whose files are on this machine.

    Parameters
    ----------
    editions : sequence of str, optional
        Lists as ``"YYYY-MM"``; all that are there by default.
    folder : path, optional
        Holds ``TOP500_YYYYMM.xls``, ``.xlsx`` or ``_all.xml`` as TOP500.org offers them; the folder
        of fetched lists by default. The workbook wins over the XML.

    Returns
    -------
    DataFrame
        As :func:`caraml_analysis.sources.top500_lists.read_list`, oldest list first. A file is
        parsed once and then read from the user's cache; the sha256 of the file is the key.

    Raises
    ------
    YearError
        If a list is not there; names those that are.
    CaramlError
        If a file is not what it should be, see ``read_list``.

    Notes
    -----
    The lists are copyright TOP500.org and are not embedded; ``load_top500`` gives the sums per
    country without them.
    """
    files = _files(Path(folder) if folder is not None else downloads_dir())
    wanted = sorted(files) if editions is None else list(editions)
    missing = [edition for edition in wanted if edition not in files]
    if missing or not wanted:
        place = folder if folder is not None else downloads_dir()
        raise YearError(
            f"{place}: no file of the Top500 list {', '.join(missing[:5]) or '(any)'}; there are "
            f"{', '.join(sorted(files)) or 'none'}. Fetch one with: caraml data refresh top500 "
            "--edition 2024-11"
        )
    return pd.concat([_parsed(files[e], e) for e in wanted], ignore_index=True)


def _files(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*"), key=lambda path: path.suffix.lower() != ".xml"):
        match = _FILE.fullmatch(path.name)
        if match:
            found[f"{match[1]}-{match[2]}"] = path  # a workbook comes after the XML
    return found


_TYPES = {"cores": "Int64", "installed": "Int64", "edition": str}


def _parsed(path: Path, edition: str) -> pd.DataFrame:
    content = path.read_bytes()
    key = hashlib.sha256(content).hexdigest()
    copy = downloads_dir() / "parsed" / f"{edition}-{key[:24]}-{PARSER}.csv"
    if copy.is_file():
        table = pd.read_csv(
            copy,
            keep_default_na=False,
            na_values={column: [""] for column in ("power_kw", *_TYPES)},
            dtype=_TYPES,
        )
        if list(table.columns) == COLUMNS and len(table) == SYSTEMS:
            return table
    table = read_list(content, edition, path.name)
    paths.write_atomically(copy, table.to_csv(index=False, lineterminator="\n"))
    return table
