"""The TOML file of a statement: its fields, its template, and what can be wrong with it."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from caraml_analysis.carbon.distributions import Distribution, read_distribution
from caraml_analysis.carbon.factors import Factors, read_mix
from caraml_analysis.carbon.inputs import check_input, checked, in_unit, is_name
from caraml_analysis.carbon.presets import GRID_ERROR, PRESETS
from caraml_analysis.carbon.quantities import Emissions, Energy, Quantity, read_number
from caraml_analysis.errors import FactorError, StatementError, UnitError
from caraml_analysis.reproduce.carbon_runs import load_factors

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
BOUNDARIES = {
    "final run": "the run that made the published model, nothing before it",
    "all runs": "the final run and the development: searches, ablations, failed and repeated runs",
    "fine-tuning": "training that starts from a model which others trained",
    "experiments": "the runs behind the results of a paper",
}
#: Where the energy of an earlier report comes from, and what an agreement with it then means.
BASES = {
    "measured": "it rests on metered energy of this run",
    "measured elsewhere": "it rests on energy that was metered on another run or part",
    "circular": "the report is itself hours x rated or assumed power, so that agreement with it "
    "tests arithmetic only",
    "tool estimate": "the report is itself the estimate of a tool",
    "third party": "it is an estimate of others than who ran it",
    "not stated": "the report does not say where its energy comes from",
}


@dataclass(frozen=True)
class Field:
    """One key of the file.

    Parameters
    ----------
    section, key : str
        Where it stands.
    kind : {"text", "date", "choice", "number", "year", "energy", "list"}
        Number: a number, a text such as ``"30.84M"``, or a range such as ``"1.06..1.12"``.
    meaning : str
        One line, printed in the template.
    example : str
        As TOML.
    required : bool
        Whether the file must have it.
    allowed : tuple of str
        For a choice.
    shown : bool
        Whether the template has it uncommented; every required field is.
    """

    section: str
    key: str
    kind: str
    meaning: str
    example: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    shown: bool = False

    @property
    def name(self) -> str:
        """Section and key as messages name them."""
        return f"[{self.section}] {self.key}"


#: What each section is about, in the order of the template.
SECTIONS = {
    "run": "What was run, and what the statement covers.",
    "compute": "How much was run: one of accelerator_hours, node_hours with\n"
    "accelerators_per_node, devices with hours, or energy_mwh with energy_scope.",
    "power": "What it drew. Leave out what you do not know: choose a preset in [assumptions].",
    "site": "Where it ran, and on which grid. Location-based, market-based and net emissions\n"
    "stand apart in the statement and are never added or subtracted.",
    "embodied": "Making the hardware. All three, or none: then the statement says it is unknown.",
    "water": "Water. Leave out what you do not know: the statement then says so.",
    "sources": "Who says so: any key of the sections above, with a text. Printed beside the value.",
    "reported": "What was published before, printed beside the estimate.",
    "assumptions": "What may be assumed where nothing is given. Printed in the statement.",
    "more": "What only you can tell.",
}

_FIELDS = (
    Field("run", "model", "text", "name of the model or experiment", '"Llama 3.1 405B"', True),
    Field("run", "what", "text", "what was run, in a few words", '"pre-training"', True),
    Field(
        "run",
        "boundary",
        "choice",
        "what the numbers cover:\n"
        + "\n".join(f'  "{name}": {meaning}' for name, meaning in BOUNDARIES.items()),
        '"final run"',
        True,
        tuple(BOUNDARIES),
    ),
    Field("run", "organisation", "text", "who ran it", '"Meta"', shown=True),
    Field("run", "date", "date", "when, as 2024, 2024-07 or 2024-07-23", '"2024-07"', shown=True),
    Field("run", "source", "text", "where the inputs are published", '"the model card"'),
    Field(
        "compute",
        "accelerator",
        "text",
        "part, not family; a wrong name is answered with near ones",
        '"H100-SXM"',
        shown=True,
    ),
    Field(
        "compute",
        "accelerator_hours",
        "number",
        "hours summed over accelerators (not nodes)",
        '"30.84M"',
        shown=True,
    ),
    Field("compute", "node_hours", "number", "hours summed over nodes", '"3.86M"'),
    Field("compute", "accelerators_per_node", "number", "with node_hours", "8"),
    Field("compute", "devices", "number", "number of accelerators, with hours", "16384"),
    Field("compute", "hours", "number", "wall-clock hours, with devices", "1296"),
    Field(
        "compute",
        "energy_mwh",
        "energy",
        'energy in MWh, or with a unit as in "21.6 GWh"; needs energy_scope',
        '"21.6 GWh"',
    ),
    Field(
        "compute",
        "energy_scope",
        "choice",
        "what the energy covers: accelerators, all computers, or the building",
        '"gpu"',
        allowed=("gpu", "it", "facility"),
    ),
    Field("power", "power_w", "number", "mean draw of one accelerator in W, if metered", "640"),
    Field(
        "power",
        "power_scope",
        "choice",
        "whether power_w has the accelerator's share of the host in it (node)",
        '"gpu"',
        allowed=("gpu", "node"),
    ),
    Field(
        "power",
        "load",
        "number",
        'mean draw / rated power, or a range; "fitted" takes it from metered runs',
        '"0.60..0.85..1.00"',
    ),
    Field(
        "power",
        "host",
        "number",
        "energy of all computers / energy of the accelerators, at least 1,\n"
        'or a system, as "DGX H100 system"',
        '"1.10..1.74"',
    ),
    Field("site", "place", "text", "where it ran", '"not published"'),
    Field("site", "country", "text", "grid: two or three letters of ISO 3166", '"USA"', shown=True),
    Field("site", "year", "year", "year of the grid", "2024", shown=True),
    Field(
        "site",
        "grid_edition",
        "text",
        "codecarbon or carbontracker instead of Ember's table; they have one year for each\n"
        "country, which is printed, so that year is not used",
        '"codecarbon"',
    ),
    Field(
        "site",
        "grid_mix",
        "text",
        "several grids instead of country; needs year",
        '"FRA 0.4; USA 0.6"',
    ),
    Field(
        "site",
        "pue",
        "number",
        "energy of the building / of its computers, >= 1,\n"
        'or an operator with a year, as "Google 2023"',
        "1.08",
    ),
    Field(
        "site",
        "g_co2e_per_kwh",
        "number",
        "your own grid factor, location-based, instead of country",
        "383",
    ),
    Field(
        "site",
        "g_co2e_per_kwh_market",
        "number",
        "factor after contracts and certificates (market-based)",
        "0",
    ),
    Field(
        "site",
        "g_co2e_per_kwh_net",
        "number",
        "factor after an operator's own hourly accounting (net)",
        "80",
    ),
    Field(
        "site",
        "grid_error",
        "number",
        "how much editions of a grid factor differ, around 1",
        f'"{GRID_ERROR}"',
    ),
    Field(
        "embodied",
        "embodied_kg",
        "number",
        "kg CO2e for each accelerator with its part of the server,\n"
        'or an item, as "NVIDIA H100 with server share"',
        "463",
    ),
    Field("embodied", "lifetime_years", "number", "years of service", '"3..6"'),
    Field("embodied", "use_share", "number", "part of that time at work, 0 to 1", '"0.85..1"'),
    Field(
        "water",
        "wue_site",
        "number",
        'on site, L per kWh of the computers, or an operator with a year, as "AWS 2023"',
        '"0.09..0.99"',
    ),
    Field(
        "water",
        "wue_source",
        "number",
        "in making the electricity, L per kWh of the building,\n"
        'or a grid with a year, as "US grid average 2023"',
        '"1.29..4.52"',
    ),
    Field("reported", "energy_mwh", "energy", "energy", '"21.5 GWh"'),
    Field(
        "reported",
        "basis",
        "choice",
        "where its energy comes from:\n"
        + "\n".join(f'  "{name}": {meaning}' for name, meaning in BASES.items()),
        '"circular"',
        allowed=tuple(BASES),
    ),
    Field("reported", "t_co2e_location", "number", "location-based emissions, t CO2e", "8930"),
    Field("reported", "t_co2e_market", "number", "market-based emissions, t CO2e", "0"),
    Field("reported", "t_co2e_net", "number", "net emissions, t CO2e", "0"),
    Field(
        "reported", "offsets", "text", "offsets bought; not subtracted anywhere", '"none stated"'
    ),
    Field(
        "assumptions",
        "assume",
        "choice",
        "preset for load, host, PUE and grid error that are not given:\n"
        + "\n".join(f'  "{name}": {preset.meaning}' for name, preset in PRESETS.items()),
        '"hyperscale"',
        allowed=tuple(PRESETS),
        shown=True,
    ),
    Field(
        "more",
        "unknown",
        "list",
        "what you know that you do not know",
        '["energy of failed and repeated runs"]',
    ),
    Field("more", "measures", "list", "what was done to need less", '["early stopping"]'),
)
#: Sections whose keys are inputs of the estimate.
ESTIMATED = ("compute", "power", "site", "embodied", "water")
_SOURCES = tuple(
    Field("sources", field.key, "text", f"who gives {field.key}", '"the operator"')
    for field in _FIELDS
    if field.section in ESTIMATED and field.kind in ("number", "energy")
)
FIELDS = (*_FIELDS, *_SOURCES)
_BY_NAME = {(field.section, field.key): field for field in FIELDS}
#: Kind, unit and accounting of what was published before.
_REPORTED: dict[str, tuple[type[Quantity], str, dict[str, str]]] = {
    "energy_mwh": (Energy, "MWh", {}),
    **{
        f"t_co2e_{accounting}": (Emissions, "t", {"accounting": accounting})
        for accounting in ("location", "market", "net")
    },
}
#: Keys of these sections that only describe.
_DESCRIBES = {("site", "place")}


@dataclass(frozen=True)
class Declaration:
    """A checked file.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    values : dict
        By section, then key: only what was given, numbers as they were written.
    sha256 : str
        Of the file, so that a statement can be traced to it.
    """

    name: str
    values: dict[str, dict[str, Any]]
    sha256: str

    def get(self, section: str, key: str) -> Any:
        """Return a value, or None if it was not given."""
        return self.values.get(section, {}).get(key)

    def run(self) -> dict[str, Any]:
        """Return the inputs of the estimate, by the names that it knows."""
        inputs = {
            key: value
            for section in ESTIMATED
            for key, value in self.values.get(section, {}).items()
            if (section, key) not in _DESCRIBES
        }
        return {"run": self.values["run"]["model"], **inputs}


def template() -> str:
    """Return a commented file with every field, ready to be filled in.

    Uncommented are the fields that must be there and a few that nearly everybody has, with the
    values of one published run; so the template itself gives a statement.
    """
    lines = [
        "# Sustainability statement: what was run, where, and what it took.",
        '# Numbers may be written 30840000, "30.84M", or as ranges: "1.06..1.12" (least..most),',
        '# "0.60..0.85..1.00" (least..likeliest..most). Ranges become intervals in the statement.',
        "# Make the statement with: caraml statement THIS.toml",
    ]
    for section, about in SECTIONS.items():
        lines += ["", *(f"# {line}" for line in about.split("\n")), f"[{section}]"]
        for field in _FIELDS:
            if field.section == section:
                lines += _template_lines(field)
        if section == "sources":
            lines.append('# pue = "fleet average of the operator, 2023"')
    return "\n".join(lines) + "\n"


def _template_lines(field: Field) -> list[str]:
    notes = field.meaning.split("\n")
    if field.required:
        notes[0] = f"required: {notes[0]}"
    if field.kind == "choice" and not any(name in field.meaning for name in field.allowed):
        notes.append(f"one of {', '.join(field.allowed)}")
    active = field.required or field.shown
    entry = f"{field.key} = {field.example}"
    return [*(f"# {line}" for line in notes), entry if active else f"# {entry}"]


def read_declaration(source: Path | str | bytes, name: str | None = None) -> Declaration:
    """Read and check the TOML file of a statement.

    Parameters
    ----------
    source : path, or bytes
        A file, or its content.
    name : str, optional
        What to call it in messages.

    Raises
    ------
    StatementError
        If it cannot be read or is no TOML, or with one line for each key that is unknown, missing
        or wrong. Nothing is computed then.
    """
    content = source if isinstance(source, bytes) else _content(Path(source))
    name = name or ("the file" if isinstance(source, bytes) else Path(source).name)
    table = _parsed(content, name)
    problems = [*_problems(table)]
    if problems:
        raise StatementError(
            f"{name}: {len(problems)} problem{'s' if len(problems) > 1 else ''}; nothing was "
            "written. 'caraml statement --template' shows every field.\n  " + "\n  ".join(problems)
        )
    values = {
        section: {key: _normal(_BY_NAME[section, key], value) for key, value in given.items()}
        for section, given in table.items()
    }
    return Declaration(name, values, hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise StatementError(
            f"{path}: no such file; nothing was written. Start one with: "
            f"caraml statement --template > {path.name}"
        ) from None
    except OSError as error:
        raise StatementError(
            f"{path}: cannot be read ({error.strerror}); nothing was written."
        ) from None


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise StatementError(
            f"{name}: line {line} is not UTF-8, as TOML must be; nothing was written. Save the "
            "file as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise StatementError(
            f"{name}: is no TOML: {error}. Nothing was written. Texts need quotes, as in "
            'accelerator_hours = "30.84M".'
        ) from None


def _problems(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each key that is unknown, wrong or missing."""
    for section, given in table.items():
        if section not in SECTIONS:
            yield _unknown_section(section)
        elif not isinstance(given, dict):
            yield f"{section}: is a value, but [{section}] is a section with keys of its own."
        else:
            for key, value in given.items():
                field = _BY_NAME.get((section, key))
                if field is None:
                    yield _unknown_key(section, key)
                elif reason := _wrong(field, value) or _unknown(field, value, table):
                    yield f"{field.name}: {reason}"
    for field in FIELDS:
        given = table.get(field.section, {})
        if field.required and isinstance(given, dict) and field.key not in given:
            about = field.meaning.split("\n")[0].rstrip(":")
            yield f"{field.name}: is missing ({about}). For example {field.key} = {field.example}"
    if reason := _wrong_year(table):
        yield f"[site] year: {reason}"


def _unknown_section(section: str) -> str:
    homes = [field.name for field in _FIELDS if field.key == section]
    if homes:
        return f"{section}: stands outside of its section; it belongs to {' or '.join(homes)}."
    near = difflib.get_close_matches(section, SECTIONS, n=1)
    hint = f"Did you mean [{near[0]}]? " if near else ""
    known = ", ".join(f"[{name}]" for name in SECTIONS)
    return f"[{section}]: no such section. {hint}There are {known}."


def _unknown_key(section: str, key: str) -> str:
    homes = [field.name for field in _FIELDS if field.key == key]
    if homes:
        return f"[{section}] {key}: belongs to another section: {' or '.join(homes)}."
    own = [field.key for field in FIELDS if field.section == section]
    near = difflib.get_close_matches(key, own, n=1, cutoff=0.5) or difflib.get_close_matches(
        key, [field.key for field in _FIELDS], n=1, cutoff=0.7
    )
    if near and near[0] not in own:
        home = next(field.name for field in _FIELDS if field.key == near[0])
        return f"[{section}] {key}: no such key. Did you mean {home}?"
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"[{section}] {key}: no such key. {hint}There are {', '.join(own)}."


def _wrong(field: Field, value: Any) -> str | None:
    """Return why a value cannot be, or None."""
    if field.kind == "list":
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            return f"is {value!r}; it must be a list of texts, as in {field.example}."
        return None
    if field.kind in ("text", "date", "choice"):
        return _wrong_text(field, value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return f"is {value!r}; it must be a number, or a text such as {field.example}."
    if field.kind == "year":
        good = isinstance(value, int) or (isinstance(value, str) and value.isdecimal())
        return None if good and 1990 <= int(value) <= 2100 else f"is {value!r}; it must be a year."
    if field.key == "load" and value in ("fitted", "fitted-gpu"):
        return None
    if field.key in _NAMED and is_name(value):
        return None
    try:
        if field.key in _COUNTS:
            return _wrong_count(field, value)
        if field.section in (*ESTIMATED, "assumptions"):
            check_input(field.key, value)
        else:
            _as_reported(field, value)
    except UnitError as error:
        return str(error).removeprefix(f"{field.key}:").removeprefix(f"{field.key} ").strip()
    return None


#: Inputs that may name a row of a factor table, with how the row is looked up.
_NAMED: dict[str, Callable[[Factors, str, Mapping[str, Any]], object]] = {
    "pue": lambda factors, name, _: factors.site_pue(name),
    "host": lambda factors, name, table: factors.host_of(
        name, _text(table, "compute", "accelerator")
    ),
    "wue_site": lambda factors, name, _: factors.water_of("wue_site", name),
    "wue_source": lambda factors, name, _: factors.water_of("wue_source", name),
    "embodied_kg": lambda factors, name, table: factors.embodied_of(
        name, _text(table, "compute", "accelerator")
    ),
}
#: Inputs that count things.
_COUNTS = ("devices", "accelerators_per_node")


def _given(table: Mapping[str, Any], section: str, key: str) -> Any:
    """Return a value of a file that may be wrong elsewhere, None if it is not given."""
    found = table.get(section)
    return found.get(key) if isinstance(found, dict) else None


def _text(table: Mapping[str, Any], section: str, key: str) -> str | None:
    found = _given(table, section, key)
    return found if isinstance(found, str) else None


def _wrong_count(field: Field, value: Any) -> str | None:
    number = checked(value, field.key)
    if number.is_fixed and number.values[0] >= 1 and number.values[0] % 1 == 0:
        return None
    return f"is {value!r}; it must be a whole number of 1 or more, as {field.example}."


def _unknown(field: Field, value: Any, table: Mapping[str, Any]) -> str | None:
    """Return why the factor tables have no such part, country, grid, site or item, or None."""
    factors = load_factors()
    try:
        if field.section not in ESTIMATED or not isinstance(value, str):
            return None
        if field.key == "accelerator":
            factors.part(value)
        elif field.key == "country":
            factors.intensity(value, "newest")
        elif field.key == "grid_mix":
            for country in read_mix(value):
                factors.intensity(country, "newest")
        elif field.key == "grid_edition":
            factors.other_intensity(_text(table, "site", "country") or "USA", value)
        elif field.key in _NAMED and is_name(value) and value not in ("fitted", "fitted-gpu"):
            _NAMED[field.key](factors, value, table)
    except FactorError as error:
        kind, _, reason = str(error).partition(": ")
        if field.key == "grid_mix" and kind != "grid_mix":
            return f"{value!r}: {error}"
        if field.key == "grid_edition" and "is not in the edition" in reason:
            return reason
        # what is wrong with another key is told there
        return reason if kind == field.key else None
    return None


def _wrong_year(table: Mapping[str, Any]) -> str | None:
    """Return why the year does not fit the grid of the file, or None."""
    site = {key: _given(table, "site", key) for key in ("year", "country", "grid_mix")}
    own = _given(table, "site", "g_co2e_per_kwh") or _given(table, "site", "grid_edition")
    grid = "country" if site["country"] else "grid_mix"
    if own or any(_faulty(key, value, table) for key, value in site.items()) or not site[grid]:
        return None
    if site["year"] is None:
        return f"is missing; {grid} needs the year of the grid. For example year = 2024"
    codes = [site["country"]] if grid == "country" else list(read_mix(site["grid_mix"]))
    try:
        for code in codes:
            load_factors().intensity(code, site["year"])
    except FactorError as error:
        return str(error).removeprefix("year: ")
    return None


def _faulty(key: str, value: Any, table: Mapping[str, Any]) -> bool:
    """Return whether a key of [site] has a fault of its own."""
    field = _BY_NAME["site", key]
    return value is not None and bool(_wrong(field, value) or _unknown(field, value, table))


def _wrong_text(field: Field, value: Any) -> str | None:
    if field.kind == "date" and isinstance(value, date):
        return None
    if not isinstance(value, str) or not value.strip():
        return f"is {value!r}; it must be a text in quotes, as in {field.example}."
    if field.kind == "date" and not _is_date(value.strip()):
        return f"is {value!r}; write 2024, 2024-07 or 2024-07-23."
    if field.kind == "choice" and value not in field.allowed:
        near = difflib.get_close_matches(value, field.allowed, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"is {value!r}; it must be one of {', '.join(map(repr, field.allowed))}.{hint}"
    return None


def _is_date(text: str) -> bool:
    """Return whether a text is a year, a month or a day that there is."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _as_reported(field: Field, value: Any) -> Distribution:
    """Return a published value, or range of values, in the unit of its key."""

    def read(one: Any, name: str) -> float:
        if isinstance(one, str) and one.strip()[-1:] in ("k", "M"):
            return read_number(one, name)  # "8.93k": thousands of the key's unit
        return in_unit(one, name, *_REPORTED[field.key])

    return read_distribution(value, field.key, read)


def _normal(field: Field, value: Any) -> Any:
    if field.section == "reported" and field.key in _REPORTED:
        found = _as_reported(field, value)
        return found.values[0] if found.is_fixed else str(found)
    if field.kind == "year":
        return int(value)
    if field.kind == "date":
        return str(value)[:10]
    if field.kind == "list":
        return [text.strip() for text in value]
    return value.strip() if isinstance(value, str) else value


def where(message: str) -> str:
    """Return an estimator's message with the section of the field that it begins with."""
    found = re.match(r"[a-z_0-9]+", message)
    key = found.group() if found else ""
    for field in FIELDS:
        if field.key == key and field.section in (*ESTIMATED, "assumptions"):
            return f"[{field.section}] {message}"
    return message
