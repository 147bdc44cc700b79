"""A client of PxWeb, the statistics server of IRENA (and of many statistical offices).

Tables are found by listing their folder; what a value means is looked up by its text every time,
since the codes are positions that differ from table to table. A query that asks for more cells than
the server gives is split along its longest variable.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pandas as pd

from caraml_analysis.errors import SourceChangedError, YearError
from caraml_analysis.sources.http import JSON, Client
from caraml_analysis.sources.workbooks import refuse_web_page

MOST_CELLS = 100_000
#: Ten calls in ten seconds are allowed; a little more than a second between two keeps that.
DELAY_S = 1.05
_KEPT = "Nothing was changed."


@dataclass(frozen=True)
class Source:
    """One answer that a table was read from."""

    url: str
    sha256: str
    retrieved: str


@dataclass(frozen=True)
class Variable:
    """One variable of a table: its values by code, with the text of each, in order."""

    code: str
    texts: Mapping[str, str]

    def code_of(self, *texts: str) -> str:
        """Return the code of the value whose text is one of `texts`, whatever its case.

        Raises
        ------
        SourceChangedError
            If none or several fit; names what there is.
        """
        wanted = {text.casefold() for text in texts}
        found = [code for code, text in self.texts.items() if text.strip().casefold() in wanted]
        if len(found) != 1:
            shown = ", ".join(map(repr, list(self.texts.values())[:12]))
            raise SourceChangedError(
                f"variable {self.code!r}: {len(found)} values are called {' or '.join(texts)!r} "
                f"(there are {shown}). {_KEPT} The publisher renamed a value."
            )
        return found[0]


@dataclass(frozen=True)
class Table:
    """A table on the server: its name, title and variables by code."""

    name: str
    url: str
    title: str
    variables: Mapping[str, Variable]

    def variable(self, *words: str) -> Variable:
        """Return the only variable whose code contains one of `words`, whatever the case.

        Raises
        ------
        SourceChangedError
            If none or several fit.
        """
        found = [
            variable
            for code, variable in self.variables.items()
            if any(word.casefold() in code.casefold() for word in words)
        ]
        if len(found) != 1:
            raise SourceChangedError(
                f"{self.name}: {len(found)} variables are called like {' or '.join(words)!r} "
                f"(there are {', '.join(self.variables)}). {_KEPT} The publisher changed the table."
            )
        return found[0]


@dataclass
class PxWeb:
    """A folder of tables on a PxWeb server.

    Parameters
    ----------
    client : Client
        Sends the requests; give it a delay of :data:`DELAY_S`.
    folder : str
        Address of the folder in the API, with a slash at its end.
    most_cells : int
        What the server gives at once.
    check : callable, optional
        Is called with every content before it is kept.
    """

    client: Client
    folder: str
    most_cells: int = MOST_CELLS
    sources: list[Source] = field(default_factory=list)
    check: Callable[[bytes], None] | None = None

    def tables(self) -> list[str]:
        """Return the names of the tables in the folder."""
        listing = self._json(self.folder)
        if not isinstance(listing, list) or not all(
            isinstance(entry, dict) and isinstance(entry.get("id"), str) for entry in listing
        ):
            raise SourceChangedError(
                f"{self.folder}: is not a list of tables. {_KEPT} Is the address right?"
            )
        return [entry["id"] for entry in listing if entry.get("type") in ("t", None)]

    def find(self, prefixes: Sequence[str], edition: str) -> str:
        """Return the name of the table of an edition.

        Parameters
        ----------
        prefixes : sequence of str
            What its name begins with, such as ``"RESHARE"``; hyphens do not count.
        edition : str
            For example ``"2024 H2"``, in the name as ``2024_H2``.

        Raises
        ------
        YearError
            If the server has no such table (any more); names the editions that it has.
        """
        names = self.tables()
        wanted = [_plain(prefix) for prefix in prefixes]
        fitting = [name for name in names if any(_plain(name).startswith(p) for p in wanted)]
        for name in fitting:
            if _plain(edition) in _plain(name):
                return name
        raise YearError(
            f"{self.folder}: no table {' or '.join(prefixes)} of the edition {edition}; there are "
            f"{', '.join(fitting) or 'none, but ' + ', '.join(names[:10])}. {_KEPT} Older "
            "editions are taken off the server: name one that is there with --edition."
        )

    def table(self, name: str) -> Table:
        """Return title and variables of a table."""
        url = self.folder + quote(name)
        found = self._json(url)
        try:
            variables = {
                entry["code"]: Variable(
                    entry["code"], dict(zip(entry["values"], entry["valueTexts"], strict=True))
                )
                for entry in found["variables"]
            }
        except (TypeError, KeyError, ValueError) as error:
            raise SourceChangedError(
                f"{url}: is not the description of a table ({error!r:.60}). {_KEPT}"
            ) from error
        return Table(name, url, str(found.get("title", "")), variables)

    def read(self, table: Table, selection: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """Return the cells of a table that are wanted.

        Parameters
        ----------
        table : Table
            See :meth:`table`.
        selection : mapping
            Codes of the wanted values by variable; a variable left out means all of its values.

        Returns
        -------
        DataFrame
            One row per cell: for every variable its code, and as ``NAME text`` its text; ``value``,
            missing where the server has none. Zero is zero.
        """
        full = {
            code: list(selection.get(code, variable.texts))
            for code, variable in table.variables.items()
        }
        parts = [self._query(table, part) for part in split(full, self.most_cells)]
        return pd.concat(parts, ignore_index=True)

    def _query(self, table: Table, selection: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        body = {
            "query": [
                {"code": code, "selection": {"filter": "item", "values": list(values)}}
                for code, values in selection.items()
            ],
            "response": {"format": "json-stat2"},
        }
        cells = decode(self._json(table.url, body), table.name)
        for code, values in selection.items():
            if code not in cells.columns or set(cells[code]) != set(values):
                raise SourceChangedError(
                    f"{table.name}: the answer has other values of {code!r} than were asked for. "
                    f"{_KEPT}"
                )
        return cells

    def _json(self, url: str, body: Any = None) -> Any:
        with self.client.get(url, JSON, body=body) as download:
            content = download.content
            refuse_web_page(content, url, "JSON")
            try:
                found = json.loads(content)
            except ValueError as error:
                raise SourceChangedError(
                    f"{url}: is no JSON ({error!s:.60}). {_KEPT} Try again later."
                ) from error
            self.sources.append(Source(download.url, download.sha256, download.retrieved))
            download.keep()
        return found


def _plain(name: str) -> str:
    """Return a name without what differs between editions: case, hyphens, underscores, spaces."""
    return "".join(c for c in name.casefold() if c.isalnum())


def split(
    selection: Mapping[str, Sequence[str]], most_cells: int
) -> Iterator[dict[str, list[str]]]:
    """Yield parts of a selection of at most `most_cells` cells each, together all of it."""
    cells = math.prod(len(values) for values in selection.values())
    if cells <= most_cells:
        yield {code: list(values) for code, values in selection.items()}
        return
    longest = max(selection, key=lambda code: len(selection[code]))
    values = list(selection[longest])
    at_once = max(1, len(values) * most_cells // cells)
    for start in range(0, len(values), at_once):
        yield from split({**selection, longest: values[start : start + at_once]}, most_cells)


def decode(payload: Any, name: str) -> pd.DataFrame:
    """Return the cells of a json-stat2 answer, see :meth:`PxWeb.read`.

    Raises
    ------
    SourceChangedError
        If it is no json-stat2, or its sizes contradict each other.
    """
    try:
        codes = list(payload["id"])
        categories = [_categories(payload["dimension"][code]) for code in codes]
        sizes, values = list(payload["size"]), payload["value"]
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise SourceChangedError(
            f"{name}: the answer is not json-stat2 ({error!r:.60}). {_KEPT}"
        ) from error
    cells = math.prod(sizes)
    if isinstance(values, dict):  # sparse: what is left out is missing
        values = [values.get(str(i)) for i in range(cells)]
    if sizes != [len(texts) for texts in categories] or len(values) != cells:
        raise SourceChangedError(
            f"{name}: {len(values)} values for {' x '.join(map(str, sizes))} cells. {_KEPT}"
        )
    numbers = [None if value is None else float(value) for value in values]
    places = list(itertools.product(*categories))  # row-major: the last variable runs fastest
    columns: dict[str, Any] = {}
    for i, code in enumerate(codes):
        columns[code] = [place[i] for place in places]
        columns[f"{code} text"] = [categories[i][place[i]] for place in places]
    columns["value"] = pd.Series(numbers, dtype="float64")
    return pd.DataFrame(columns)


def _categories(dimension: Mapping[str, Any]) -> dict[str, str]:
    """Return code and text of the values of a variable, in the order of the cells."""
    category = dimension["category"]
    index = category["index"]
    order = sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index)
    labels = category.get("label", {})
    return {code: str(labels.get(code, code)) for code in order}
