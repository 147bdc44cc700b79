"""Looking up factors in tables that somebody else has read: parts, grids, sites, embodied carbon.

Nothing is guessed: an unknown name is refused with the nearest known ones, and a family of parts
that differ (``A100``) is refused with its members.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from caraml_analysis import countries
from caraml_analysis.carbon.distributions import Distribution, fit_lognormal, fixed
from caraml_analysis.carbon.inputs import LIMITS
from caraml_analysis.carbon.quantities import read_number
from caraml_analysis.errors import CountryError, FactorError

if TYPE_CHECKING:
    import pandas as pd

#: Runs of fewer accelerator-hours often do not fill their accelerators. Chosen with the 8 runs of
#: Dodge et al. (2022) in view: any bound between 25 and 287 hours parts them in the same way.
SMALL_RUN_HOURS = 100.0
#: Greatest mean draw / rated power of an accelerator: of the card, and with its share of the host.
MOST_LOAD = {"gpu": LIMITS["load"][1], "node": 2.2}


#: Look-ups that `Factors` makes once.
_LOOK_UPS = ("_parts", "_intensity", "newest_year")


@dataclass(frozen=True)
class Factor:
    """One factor as it was used: what, how much, and who says so.

    Parameters
    ----------
    field : str
        Name of the input.
    value : Distribution
        Its value or distribution.
    unit : str
        Unit of the value, empty for a ratio.
    source : str
        Who says so; ``given`` if the caller did.
    edition : str
        Year or edition, empty if the source has none.
    """

    field: str
    value: Distribution
    unit: str
    source: str
    edition: str = ""

    def __str__(self) -> str:
        """Return field, value, unit and source."""
        unit = f" {self.unit}" if self.unit else ""
        edition = f", {self.edition}" if self.edition else ""
        return f"{self.field} = {self.value}{unit} ({self.source}{edition})"


def newest_full_year(grid: pd.DataFrame) -> int:
    """Return the newest year that a grid table has for nine in ten of its countries or more.

    Parameters
    ----------
    grid : DataFrame
        ``iso3``, ``year``.
    """
    counts = grid.groupby("year")["iso3"].nunique()
    return int(counts.index[counts >= 0.9 * grid["iso3"].nunique()].max())


@dataclass(frozen=True)
class Factors:
    """The factor tables of one edition.

    Parameters
    ----------
    accelerators : DataFrame
        ``accelerator``, ``tdp_w`` (W, missing if not published), ``aliases`` (joined by ``;``),
        ``source``, ``other_sources``.
    grid : DataFrame
        ``iso3``, ``year``, ``g_co2e_per_kwh``.
    grid_edition : str
        Publisher and edition of the grid table.
    other_grids : DataFrame
        Other editions: ``iso3``, and for each ``NAME_g_co2e_per_kwh`` and ``NAME_year``.
    ratios : DataFrame
        Metered power: ``run``, ``organisation``, ``accelerator``, ``family``, ``scope`` (gpu or
        node), ``accelerator_hours``, ``watts``, ``tdp_w``.
    pue, wue, embodied, host : DataFrame
        Other factors with their sources, to choose from by name.
    small_run_hours : float
        Runs of fewer accelerator-hours are fitted to metered runs that are as small; 0 for none.
    """

    accelerators: pd.DataFrame
    grid: pd.DataFrame
    grid_edition: str
    other_grids: pd.DataFrame
    ratios: pd.DataFrame
    pue: pd.DataFrame
    wue: pd.DataFrame
    embodied: pd.DataFrame
    host: pd.DataFrame
    small_run_hours: float = SMALL_RUN_HOURS
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Return the tables alone for another process: look-ups are made anew there."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"_cache": {}}

    @cached_property
    def _parts(self) -> dict[str, Any]:
        named: dict[str, Any] = {}
        for row in self.accelerators.itertuples():
            for name in (row.accelerator, *_aliases(row.aliases)):
                named[_key(name)] = row
            named[row.accelerator] = row
            # without the maker's name, too
            named.setdefault(_key(row.accelerator.split(" ", 1)[1]), row)
        return named

    @cached_property
    def newest_year(self) -> int:
        """The newest year that nearly all countries of the grid table have."""
        return newest_full_year(self.grid)

    @cached_property
    def _intensity(self) -> dict[tuple[str, int], float]:
        table = self.grid
        keys = zip(table["iso3"], table["year"].astype(int), strict=True)
        return dict(zip(keys, table["g_co2e_per_kwh"].astype(float), strict=True))

    def part(self, name: str) -> str:
        """Return the full name of an accelerator.

        Parameters
        ----------
        name : str
            For example ``H100-SXM`` or ``NVIDIA H100 SXM5 80GB``; case and hyphens do not matter.

        Raises
        ------
        FactorError
            If no part or several parts have this name; names the nearest.
        """
        found = self._parts.get(name) or self._parts.get(_key(name))
        if found is not None:
            self._parts[name] = found  # as it was written: faster the next time
            return found.accelerator
        members = [row.accelerator for row in self._rows() if _key(name) in _key(row.accelerator)]
        if _key(name) and len(members) > 1:
            raise FactorError(
                f"accelerator: {name!r} is a family whose parts differ. Name one of "
                f"{', '.join(members)}."
            )
        if _key(name) and len(members) == 1:
            return members[0]
        nearest = self._nearest(name)
        hint = f"Nearest: {', '.join(nearest)}" if nearest else f"There are {self._families}"
        raise FactorError(
            f"accelerator: {name!r} is not known. {hint}. Or give power_w, the mean draw of one "
            "accelerator in W."
        )

    def tdp(self, name: str) -> Factor:
        """Return the rated power of an accelerator in W.

        Raises
        ------
        FactorError
            If it is not known, or its maker does not publish it.
        """
        row = self._parts[self.part(name)]
        if not row.tdp_w > 0:
            raise FactorError(
                f"accelerator: the rated power of {row.accelerator} is not published. Give power_w."
            )
        source = f"{row.accelerator}: {row.source}"
        if row.conflict == "yes":
            source += f"; other sources: {row.other_sources.removeprefix('CONFLICT: ')}"
        return Factor("tdp_w", fixed(float(row.tdp_w)), "W", source)

    def site_pue(self, text: str) -> Factor:
        """Return the PUE of an operator or site in a year, such as ``"Google 2023"``.

        Parameters
        ----------
        text : str
            Operator (its fleet) or site, then the year, as in :func:`caraml_analysis.load_pue`.

        Raises
        ------
        FactorError
            If the table has no such row, or several that differ; names them.
        """
        name, _, year = text.strip().rpartition(" ")
        rows = self.pue[self.pue["year"].astype(str) == year]
        of_operator = rows[rows["operator"].map(_key) == _key(name)]
        fleets = of_operator[of_operator["site"].str.startswith(("fleet", "survey"))]
        named = rows["operator"] + " " + rows["site"]
        of_site = rows[[_words(name) <= _words(site) for site in named]] if _key(name) else rows[:0]
        found = next((part for part in (fleets, of_operator, of_site) if len(part)), rows[:0])
        if found["pue"].nunique() != 1:
            options = found if len(found) > 1 else self.pue
            shown = "; ".join(
                f"{row.operator} {row.year} ({row.site}) {row.pue:g}"
                for row in options.itertuples()
            )
            raise FactorError(
                f"pue: {'several values' if len(found) > 1 else 'no value'} for {text!r}. Give the "
                f"number, or words of the site and the year. The table has {shown}."
            )
        row = found.iloc[0]
        source = f"{row['operator']}, {row['site']}: {row['source']}"
        return Factor("pue", fixed(float(row["pue"])), "", source, year)

    def host_of(self, system: str, accelerator: str | None) -> Factor:
        """Return rated power of a whole system / that of its accelerators: an upper value.

        Parameters
        ----------
        system : str
            Such as ``"DGX H100 system"``, as in the table ``host``.
        accelerator : str, optional
            The part of the run; it must be the one that the system holds.

        Raises
        ------
        FactorError
            If there is no such system, or it holds another accelerator; names what there is.
        """
        rows = self.host[
            self.host["system"].map(_key).isin([_key(system), f"{_key(system)}system"])
        ]
        if rows.empty:
            shown = "; ".join(f"{r.system} ({r.accelerator})" for r in self.host.itertuples())
            raise FactorError(f"host: no system {system!r}. Give the ratio, or one of {shown}.")
        row = rows.iloc[0]
        part = row["accelerator"]
        if accelerator is None or self.part(accelerator) != part:
            raise FactorError(
                f"host: {row['system']} holds {part}, but the accelerator is {accelerator}. Give "
                "the ratio as a number."
            )
        ratio = float(row["watts_per_accelerator"]) / self.tdp(part).value.values[0]
        source = f"{row['system']}, {row['basis']}, a rating and not a mean: {row['source']}"
        return Factor("host", fixed(ratio), "", source)

    def intensity(self, country: str, year: Any) -> Factor:
        """Return the grid intensity of a country and year in g CO2e per kWh, location-based.

        The year may be ``"newest"``: a choice, too, and printed as one. It is the newest that
        nearly all countries have, so that countries are compared in one year; an older one where a
        country has no value of it.

        Raises
        ------
        FactorError
            If the country or the year is not in the table, the year is missing, or the table has a
            value that no grid can have.
        """
        code = self._code(country)
        wanted = self._newest(code) if year == "newest" else _year(year)
        value = self._intensity.get((code, wanted))
        if value is None:
            years = sorted(y for iso3, y in self._intensity if iso3 == code)
            span = f"{years[0]} to {years[-1]}" if years else "no year"
            raise FactorError(
                f"year: no grid intensity of {countries.name(code)} in {wanted}; there is {span}."
            )
        if value < LIMITS["g_co2e_per_kwh"][0]:
            raise FactorError(
                f"country: {self.grid_edition} puts {countries.name(code)} at {value:g} g/kWh in "
                f"{wanted}. No grid with plants and lines is so low. Give g_co2e_per_kwh."
            )
        return Factor(
            "g_co2e_per_kwh",
            fixed(value),
            "g/kWh",
            f"{self.grid_edition}: {countries.name(code)}",
            f"{wanted}, newest" if year == "newest" else str(wanted),
        )

    def other_intensity(self, country: str, edition: str) -> Factor:
        """Return the grid intensity of a country in another edition, of the year that it has.

        Raises
        ------
        FactorError
            If there is no such edition, or the country is not in it.
        """
        ending = "_g_co2e_per_kwh"
        names = [c.removesuffix(ending) for c in self.other_grids if c.endswith(ending)]
        if edition not in names:
            raise FactorError(
                f"grid_edition: no edition {edition!r}. Leave it out for {self.grid_edition}, or "
                f"take one of {', '.join(names)}."
            )
        code = self._code(country)
        rows = self.other_grids[self.other_grids["iso3"] == code]
        value = rows[f"{edition}{ending}"]
        if value.empty or value.isna().all():
            raise FactorError(f"country: {countries.name(code)} is not in the edition {edition!r}.")
        year = f"{rows[f'{edition}_year'].iloc[0]:.0f}"
        source = f"{edition}: {countries.name(code)}"
        return Factor("g_co2e_per_kwh", fixed(float(value.iloc[0])), "g/kWh", source, year)

    def has_part(self, name: str) -> bool:
        """Return whether the table has an accelerator of this name."""
        try:
            self.part(name)
        except FactorError:
            return False
        return True

    def check_country(self, country: str) -> None:
        """Refuse what is no country.

        Raises
        ------
        FactorError
            As in :meth:`intensity`.
        """
        self._code(country)

    def check_year(self, year: Any) -> None:
        """Refuse what is no year.

        Raises
        ------
        FactorError
            As in :meth:`intensity`.
        """
        if year != "newest":
            _year(year)

    def _code(self, country: str) -> str:
        try:
            return countries.to_alpha3(country)
        except CountryError as error:
            raise FactorError(f"country: {error}{_country_hint(country)}") from None

    def _newest(self, code: str) -> int:
        years = [year for iso3, year in self._intensity if iso3 == code]
        if not years:
            raise FactorError(f"country: there is no grid intensity of {countries.name(code)}.")
        return max((year for year in years if year <= self.newest_year), default=max(years))

    def embodied_of(self, item: str, accelerator: str | None = None) -> Factor:
        """Return the embodied carbon of an item of the table, kg CO2e for each accelerator.

        Parameters
        ----------
        item : str
            Such as ``"NVIDIA H100 with server share"``.
        accelerator : str, optional
            The part of the run.

        Raises
        ------
        FactorError
            If it is not an accelerator card, with or without its part of the server (lists them),
            or that of another part.
        """
        cards = self.embodied[self.embodied["scope"].str.startswith("card")]
        rows = cards[cards["item"].map(_key) == _key(item)]
        if rows.empty:
            shown = "; ".join(f"{r.item} ({r.scope}) {r.kg_co2e:g}" for r in cards.itertuples())
            raise FactorError(f"embodied_kg: no item {item!r}. Give kg, or one of {shown}.")
        row = rows.iloc[0]
        models = {name.split()[1].lower() for name in self.accelerators["accelerator"]}
        of_item = models & _words(row["item"])
        is_known = accelerator is not None and self.has_part(accelerator)
        if is_known and of_item and not of_item & _words(self.part(str(accelerator))):
            raise FactorError(
                f"embodied_kg: {row['item']!r} is not of {self.part(str(accelerator))}. Give the "
                "kg for each accelerator, or the item of its part."
            )
        source = f"{row['item']}, {row['scope']}: {row['source']}"
        return Factor("embodied_kg", fixed(float(row["kg_co2e"])), "kg CO2e", source)

    def water_of(self, field: str, text: str) -> Factor:
        """Return the water use of an operator or grid in a year, such as ``"AWS 2023"``, L/kWh.

        Parameters
        ----------
        field : {"wue_site", "wue_source"}
            Water on site, or in making the electricity.
        text : str
            Operator or grid, then the year, as in :func:`caraml_analysis.load_wue`.

        Raises
        ------
        FactorError
            If the table has no such row; lists what there is.
        """
        name, _, year = text.strip().rpartition(" ")
        kind = "on-site" if field == "wue_site" else "off-site electricity"
        rows = self.wue[self.wue["kind"] == kind]
        found = rows[
            (rows["operator"].map(_key) == _key(name)) & (rows["year"].astype(str) == year)
        ]
        if len(found) != 1:
            shown = "; ".join(
                f"{r.operator} {r.year}: {r.litres_per_kwh:g}" for r in rows.itertuples()
            )
            raise FactorError(f"{field}: no value for {text!r}. Give L/kWh, or one of {shown}.")
        row = found.iloc[0]
        value = fixed(float(row["litres_per_kwh"]))
        return Factor(field, value, "L/kWh", f"{row['operator']}: {row['source']}", year)

    def without(self, runs: Iterable[str] = (), organisations: Iterable[str] = ()) -> Factors:
        """Return the factors as they would be had some runs or organisations metered nothing."""
        left = self.ratios
        left = left[~left["run"].isin(set(runs)) & ~left["organisation"].isin(set(organisations))]
        others = replace(self, ratios=left, _cache={})
        # the other tables stay as they are, and so do the look-ups in them
        kept = {name: value for name, value in vars(self).items() if name in _LOOK_UPS}
        vars(others).update(kept)
        return others

    def ratio(self, name: str, scope: str, hours: float) -> tuple[Distribution, str]:
        """Return mean power / rated power, fitted to metered runs, and what it was fitted to.

        Parameters
        ----------
        name : str
            Full name of the accelerator.
        scope : {"gpu", "node"}
            The accelerator alone, or with its share of the host.
        hours : float
            Accelerator-hours; below ``small_run_hours`` the small runs are the model.

        Raises
        ------
        FactorError
            If fewer than two metered runs are left.
        """
        small = scope == "gpu" and hours < self.small_run_hours
        key = (name, scope, small)
        if key not in self._cache:
            self._cache[key] = fit_ratio(self.ratios, name, scope, small, self.small_run_hours)
        return self._cache[key]

    def _rows(self) -> Iterable[Any]:
        return self.accelerators.itertuples()

    def _nearest(self, name: str) -> list[str]:
        keys = difflib.get_close_matches(_key(name), self._parts, n=4, cutoff=0.5)
        return list(dict.fromkeys(self._parts[key].accelerator for key in keys))

    @property
    def _families(self) -> str:
        """Makers with the first word of each of their parts."""
        makers: dict[str, dict[str, None]] = {}
        for row in self._rows():
            maker, name, *rest = row.accelerator.split()
            family = f"{name} {rest[0]}" if name in ("TPU", "Ascend") else name
            makers.setdefault(maker, {})[family] = None
        return "; ".join(f"{maker} {', '.join(names)}" for maker, names in makers.items())


def fit_ratio(
    ratios: pd.DataFrame,
    name: str,
    scope: str,
    small: bool,
    small_run_hours: float = SMALL_RUN_HOURS,
) -> tuple[Distribution, str]:
    """Return the distribution of power / rated power of the next run, and what it rests on.

    The runs nearest to the one at hand are used: those on the same part if there are two, else
    those of its family (GPU or TPU), else all of the scope.
    """
    rows = ratios[ratios["scope"] == scope]
    if scope == "gpu":
        rows = rows[(rows["accelerator_hours"] < small_run_hours) == small]
    family = "TPU" if "TPU" in name else "GPU"
    choices = [(f"{family}s", rows[rows["family"] == family]), ("all", rows)]
    if scope == "node":
        choices.insert(0, (name, rows[rows["accelerator"] == name]))
    for what, chosen in choices:
        if len(chosen) >= 2:
            values = chosen["watts"] / chosen["tdp_w"]
            size = f" {'below' if small else 'above'} {small_run_hours:g} hours"
            return fit_lognormal(values, most=MOST_LOAD[scope]), (
                f"{len(chosen)} metered runs on {what}, {scope} power"
                f"{size if scope == 'gpu' else ''}"
            )
    raise FactorError(
        f"load: no two metered runs like this one ({name}, {scope}). Give load as a number."
    )


def read_mix(text: str | Mapping[str, float]) -> dict[str, float]:
    """Return the shares of a grid mix by country: ``"FRA 0.4; USA 0.6"``.

    Raises
    ------
    FactorError
        If a part has no share, or the shares do not add up to 1.
    """
    if isinstance(text, str):
        parts = [re.split(r"[\s:=]+", part.strip()) for part in text.split(";") if part.strip()]
        try:
            shares = {code: float(share) for code, share in parts}
        except ValueError:
            raise FactorError(
                f"grid_mix: cannot read {text!r}. Write for example 'FRA 0.4; USA 0.6'."
            ) from None
    elif isinstance(text, Mapping):
        shares = {str(code): read_number(share, "grid_mix") for code, share in text.items()}
    else:
        raise FactorError(f"grid_mix is {text!r}; write for example 'FRA 0.4; USA 0.6'.")
    total = sum(shares.values())
    if not abs(total - 1) <= 1e-6 or any(share < 0 for share in shares.values()):
        raise FactorError(f"grid_mix: shares of {text!r} add up to {total:g}; they must be 1.")
    return shares


def _year(year: Any) -> int:
    try:
        number = float(year)
        if number == int(number):  # not a number: missing
            return int(number)
    except (TypeError, ValueError, OverflowError):
        pass
    what = "is missing" if year is None else f"{year!r} is no year"
    raise FactorError(f"year: {what}. A country's grid needs the year of the run.")


def _country_hint(text: object) -> str:
    import pycountry

    try:
        return f" {pycountry.countries.lookup(str(text)).alpha_3} is the code of {text}."
    except LookupError:
        return ""


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def _key(name: object) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def _aliases(cell: object) -> list[str]:
    return [part.strip() for part in cell.split(";")] if isinstance(cell, str) else []
