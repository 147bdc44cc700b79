"""Files of publishers, constructed in the shape that their documentation and real files have.

The real ones may not be passed on. No file here was written by a publisher: numbers are invented
where nothing guards them.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from caraml_analysis import countries, registry
from tests.loopback import Answer, LoopbackServer, Request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOGIN = (
    b"<!DOCTYPE html><html><head><title>Login | TOP500</title></head>"
    b"<body><form>Password <input type=password></form></body></html>"
)

# --- workbooks ----------------------------------------------------------------------------------

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override '
    'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="' + _OFFICE + '/{kind}" Target="{target}"/>'
    "</Relationships>"
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def column_letters(number: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cell(value: Any, place: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def xlsx(
    rows: Sequence[Sequence[Any]], sheet: str = "Sheet1", extra: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a workbook of one sheet; `extra` are further members of its zip."""
    body = "".join(
        f'<row r="{y}">'
        + "".join(_cell(value, f"{column_letters(x)}{y}") for x, value in enumerate(row))
        + "</row>"
        for y, row in enumerate(rows, start=1)
    )
    members = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _RELS.format(
            kind="worksheet", target="worksheets/sheet1.xml"
        ),
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}">'
        f"<sheetData>{body}</sheetData></worksheet>",
        **(extra or {}),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# --- Top500 -------------------------------------------------------------------------------------

#: Headers by the first edition that has them, as in the real workbooks.
TOP500_HEADERS = {
    "1993-06": ("Rank", "Site", "Computer", "Country", "Year", "Processors", "RMax", "RPeak"),
    "2008-06": ("Rank", "Country", "Year", "Processors", "RMax", "RPeak", "Power"),
    "2016-11": (
        *("Rank", "Country", "Total Cores", "Rmax", "Rpeak", "Power", "Power Source"),
        "Mflops/Watt",
    ),
    "2017-06": (
        *("Rank", "Country", "Year", "Segment", "Total Cores", "Rmax [TFlop/s]"),
        *("Rpeak [TFlop/s]", "HPCG [TFlop/s]", "Power (kW)", "Power Source"),
        "Power Effeciency [GFlops/Watts]",
    ),
}
#: GFlop/s per W of every invented system.
PER_WATT = 2
_PLACES = ("United States", "Korea, South", "Saudia Arabia", "Czech Republic", "Hong Kong")


def top500_systems(edition: str, first: float | None = None) -> list[dict[str, Any]]:
    """Return 500 invented systems in TFlop/s whose No. 1 is the real one of the list."""
    known = registry.read_csv("reference/top500_no1.csv", dtype={"edition": str})
    no1 = known.set_index("edition")["no1_rmax_tflops"]
    first = float(no1[edition]) if first is None else first
    return [
        {
            "rank": rank,
            "country": _PLACES[rank % 5],
            "rmax": round(first / rank, 6),
            "rpeak": round(1.5 * first / rank, 6),
            "power": round(first / rank / PER_WATT, 3) if rank % 3 == 0 else 0,
            "source": ("Submitted", "Derived", "Optimized")[rank % 9 // 3] if rank % 3 == 0 else "",
            "cores": 10_000 - rank,
            "year": 2000,
        }
        for rank in range(1, 501)
    ]


def top500_header(edition: str) -> tuple[str, ...]:
    """Return the header of the workbooks of a time."""
    return TOP500_HEADERS[max(since for since in TOP500_HEADERS if since <= edition)]


def top500_rows(
    edition: str,
    header: Sequence[str] | None = None,
    per_tflops: float | None = None,
    systems: list[dict[str, Any]] | None = None,
) -> list[list[Any]]:
    """Return the cells of a workbook; Rmax is written in units of ``1 / per_tflops``."""
    header = header or top500_header(edition)
    factor = per_tflops or (1 if edition >= "2017-06" else 1000)

    def value(title: str, system: dict[str, Any]) -> Any:
        name = title.lower()
        if name.startswith(("rmax", "rpeak")):
            return system[name[: 4 if name.startswith("rmax") else 5]] * factor
        if name in ("power", "power (kw)"):
            return system["power"] or (0 if system["rank"] % 2 else "")
        if name.endswith(("flops/watt", "flops/watts]")):
            return PER_WATT * (1000 if name.startswith("m") else 1) if system["power"] else ""
        fields = {
            "rank": "rank",
            "country": "country",
            "year": "year",
            "total cores": "cores",
            "processors": "cores",
            "power source": "source",
        }
        return system[fields[name]] if name in fields else "x"

    systems = systems or top500_systems(edition)
    body = [[value(title, system) for title in header] for system in systems]
    above: list[list[Any]] = [[]] if edition <= "2007-11" else []
    return [*above, list(header), *body]


def top500_workbook(edition: str, **options: Any) -> bytes:
    """Return a workbook as TOP500.org offers it (as .xlsx, also for the time of .xls)."""
    year, month = edition.split("-")
    number = 2 * (int(year) - 1993) + (1 if month == "06" else 2)
    sheet = str(number) if edition >= "2011-11" else "Sublist Results"
    return xlsx(top500_rows(edition, **options), sheet)


def top500_xml(edition: str, date: str | None = None) -> bytes:
    """Return the XML of a list; Rmax and Rpeak are GFlop/s in every edition."""
    sites = "".join(
        "<top500:site>"
        + "".join(
            f"<top500:{name}>{value}</top500:{name}>"
            for name, value in (
                ("rank", system["rank"]),
                ("r-max", system["rmax"] * 1000),
                ("power", system["power"] or ""),
                ("r-peak", system["rpeak"] * 1000),
                ("country", system["country"]),
                ("year", system["year"]),
                ("area-of-installation", 6),
                ("number-of-processors", system["cores"]),
            )
        )
        + "</top500:site>"
        for system in top500_systems(edition)
    )
    date = date or edition.replace("-", "/") + "/13"
    return (
        '<top500:list xmlns:top500="http://www.top500.org/xml/top500/1.0" '
        f'date="{date}">{sites}</top500:list>'
    ).encode()


def top500_pages(edition: str, unit: str = "TFlop/s", newer: bool = False) -> list[bytes]:
    """Return the five pages of a list: seven columns, or six with the site in the system's cell."""
    factor = {"GFlop/s": 1000, "TFlop/s": 1, "PFlop/s": 0.001}[unit]
    titles = ["Rank", *([] if newer else ["Site"]), "System", "Cores"]
    titles += [f"Rmax ({unit})", f"Rpeak ({unit})", "Power (kW)"]
    head = "".join(f"<th>{title}</th>" for title in titles)

    def row(system: dict[str, Any]) -> str:
        site = f'<a href="/site/1">A Site &amp; Co</a><br>{system["country"]}'
        name = '<a href="https://www.top500.org/system/1">NAME, CPU, NET</a><br/>MAKER'
        cells = [system["rank"], *([f"{name}<br/>{site}"] if newer else [site, name])]
        cells += [f"{system['cores']:,}"]
        cells += [f"{system[field] * factor:,.9f}" for field in ("rmax", "rpeak")]
        cells += [f"{system['power']:,}" if system["power"] else ""]
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    systems = top500_systems(edition)
    return [
        (
            "<!DOCTYPE html><html><head><title>List</title></head><body><nav><table><tr><td>Login"
            "</td></tr></table></nav><table class='table table-condensed table-striped'><thead>"
            f"<tr>{head}</tr></thead><tbody>{''.join(map(row, systems[start : start + 100]))}"
            "</tbody></table></body></html>"
        ).encode()
        for start in range(0, 500, 100)
    ]


# --- World Bank ---------------------------------------------------------------------------------

_LETTERS = {"low": "L", "lower_middle": "LM", "upper_middle": "UM", "high": "H", "": ".."}


def oghist_rows(
    last_year: int = 2024, legend: bool = True, above: int = 4, shift: int = 0
) -> list[list[Any]]:
    """Return the sheet of income groups: the embedded classes in the layout of the workbook.

    With `shift` all years are so much later, as if a new edition had come.
    """
    table = registry.read_csv("reference/income_groups.csv").fillna({"income_group": ""})
    table = table[table["data_year"] <= last_year]
    years = sorted(int(year) for year in table["data_year"].unique())
    keys = zip(table["iso3"], table["data_year"], strict=True)
    groups = dict(zip(keys, table["income_group"], strict=True))
    names = dict(zip(table["iso3"], table["economy"], strict=True))
    rows: list[list[Any]] = [[] for _ in range(above)]
    rows.append(
        ["", "Bank's fiscal year:", *(f"FY{(year + shift + 2) % 100:02}" for year in years)]
    )
    rows.append(["", "Data for calendar year :", *(year + shift for year in years)])
    if legend:
        rows += [["", f"{group} income", *("<= 1,145" for _ in years)] for group in _LETTERS]
    rows += [
        [code, name, *(_LETTERS[groups[code, year]] for year in years)]
        for code, name in names.items()
    ]
    rows += [[], ["", "* At this time, there were Yemen, PDR (L) and Yemen, Arab Rep. (LM)"]]
    rows.append(["YUGf", "Yugoslavia (former)", *("UM" if year < 1992 else ".." for year in years)])
    for row in rows:
        if row[:1] == ["YEM"]:
            row[2] += "*"
    return rows


def oghist(**options: Any) -> bytes:
    """Return the workbook of income groups."""
    return xlsx(oghist_rows(**options), "Country Analytical History")


def population_answer(scale: float = 1.0, updated: str = "2026-10-13") -> list[Any]:
    """Return the answer of the indicator API: the embedded population times `scale`."""
    table = registry.read_csv("reference/population.csv")
    rows = [(code, int(year), value) for code, year, value in table.itertuples(index=False)]
    rows += [("ARB", 2023, 4.8e8), ("WLD", 2023, 8e9), ("ABW", 1960, 54_608), ("ABW", 2026, None)]
    records = [
        {
            "indicator": {"id": "SP.POP.TOTL", "value": "Population, total"},
            "country": {"id": code[:2], "value": code},
            "countryiso3code": code,
            "date": str(year),
            "value": value if value is None else round(value * scale),
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        for code, year, value in rows
        if code != "TWN"
    ]
    head = {"page": 1, "pages": 1, "per_page": 20000, "total": len(records), "sourceid": "2"}
    return [{**head, "lastupdated": updated}, records]


# --- Our World in Data --------------------------------------------------------------------------


def owid_csv(file: str, column: str, scale: float = 1.0) -> bytes:
    """Return a chart file with the embedded values, and the regions that the real ones have."""
    table = registry.read_csv(file)
    lines = [f"Entity,Code,Year,{column}"]
    names = {code: countries.name(code) for code in table["iso3"].unique()}
    theirs = {"XKX": "OWID_KOS", "CHI": "OWID_CIS"}
    for code, year, value in table.itertuples(index=False):
        lines.append(f'"{names[code]}",{theirs.get(code, code)},{year},{value * scale:.6g}')
    lines += ["World,OWID_WRL,2023,100", "ASEAN (Ember),,2023,100"]
    return ("\n".join(lines) + "\n").encode()


# --- PxWeb --------------------------------------------------------------------------------------


class PxTable:
    """A table of a PxWeb server: values by text, coded by their positions as IRENA's are.

    Parameters
    ----------
    dimensions : mapping
        Texts of every variable, or (code, text) pairs where the codes are no positions.
    value : callable
        Value of a cell by the texts of its place; None is missing.
    """

    def __init__(
        self,
        title: str,
        dimensions: Mapping[str, Sequence[str | tuple[str, str]]],
        value: Callable[..., float | None],
    ) -> None:
        self.title = title
        self.value = value
        self.dimensions = {
            name: [
                value if isinstance(value, tuple) else (str(i), value)
                for i, value in enumerate(values)
            ]
            for name, values in dimensions.items()
        }

    def metadata(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "variables": [
                {
                    "code": name,
                    "text": name,
                    "values": [code for code, _ in values],
                    "valueTexts": [text for _, text in values],
                }
                for name, values in self.dimensions.items()
            ],
        }

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return json-stat2 for a query."""
        wanted = {part["code"]: part["selection"]["values"] for part in body["query"]}
        chosen = {
            name: [(code, text) for code, text in values if code in wanted.get(name, [code])]
            for name, values in self.dimensions.items()
        }
        places = itertools.product(*([text for _, text in values] for values in chosen.values()))
        return {
            "class": "dataset",
            "version": "2.0",
            "id": list(chosen),
            "size": [len(values) for values in chosen.values()],
            "dimension": {
                name: {
                    "label": name,
                    "category": {
                        "index": {code: i for i, (code, _) in enumerate(values)},
                        "label": dict(values),
                    },
                }
                for name, values in chosen.items()
            },
            "value": [self.value(*place) for place in places],
        }


def serve_pxweb(
    server: LoopbackServer, tables: Mapping[str, PxTable], folder: str = "/px/", most: int = 100_000
) -> str:
    """Let a server answer as PxWeb does, and return the address of the folder."""
    listing = [{"id": name, "type": "t", "text": name} for name in tables]
    server.script(folder, Answer.of_json(listing))
    for name, table in tables.items():

        def answer(request: Request, table: PxTable = table) -> Answer:
            if request.method == "GET":
                return Answer.of_json(table.metadata())
            found = table.answer(json.loads(request.body))
            if math.prod(found["size"]) > most:
                return Answer(403, "too many values")
            return Answer.of_json(found)

        server.script(folder + name.replace(" ", "%20"), answer)
    return server.url + folder
