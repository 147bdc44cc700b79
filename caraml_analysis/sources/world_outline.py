"""The outline of countries for world maps (Natural Earth)."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np

from caraml_analysis import registry


class Country(NamedTuple):
    """A country on the map; ``iso3`` is None where ISO has no code for the area."""

    iso3: str | None
    name: str
    polygons: tuple[tuple[np.ndarray, ...], ...]


@registry.remembered
def load_world_outline() -> tuple[Country, ...]:
    """Return the outline of every country and territory but Antarctica.

    Returns
    -------
    tuple of Country
        ``polygons``: for each polygon its rings, outer ring first, as arrays of shape (n, 2) of
        longitude and latitude in degrees. No ring crosses the antimeridian.

    Notes
    -----
    Card ``reference/world_outline.geojson``. Natural Earth draws borders as they are held on the
    ground: Crimea in Russia, most of Western Sahara in Morocco, Taiwan on its own.
    """
    features = json.loads(registry.read_text("reference/world_outline.geojson"))["features"]
    return tuple(
        Country(
            feature["properties"]["iso3"],
            feature["properties"]["name"],
            tuple(
                tuple(np.asarray(ring, dtype=float) for ring in polygon)
                for polygon in feature["geometry"]["coordinates"]
            ),
        )
        for feature in features
    )
