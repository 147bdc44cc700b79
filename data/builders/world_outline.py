"""The world outline: countries as polygons, cut at the antimeridian, small enough to ship."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

SOURCE = "reference/world_countries_50m_iso3.geojson"
INPUTS = (SOURCE,)
OUTPUTS = ("reference/world_outline.geojson",)

#: About one kilometre, finer than a printed world map shows.
DIGITS = 2
#: Holes and islets below this area (square degrees) are left out, unless a country has no other.
SMALLEST = 0.04


def ring_area(ring: list[list[float]]) -> float:
    """Return the absolute area of a closed ring in square degrees."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))) / 2


def rounded(ring: list[list[float]]) -> list[list[float]]:
    """Round the points of a ring and drop those that fall together."""
    points: list[list[float]] = []
    for x, y in ring:
        point = [round(x, DIGITS), round(y, DIGITS)]
        if not points or points[-1] != point:
            points.append(point)
    return points


def build(inputs: Path) -> dict[str, bytes]:
    """Return the outline without Antarctica, as GeoJSON with ``iso3`` and ``name``."""
    world = json.loads((inputs / SOURCE).read_text(encoding="utf-8"))
    features = []
    for feature in world["features"]:
        properties = feature["properties"]
        if properties["iso3"] == "ATA":
            continue
        polygons = feature["geometry"]["coordinates"]
        largest = max(ring_area(polygon[0]) for polygon in polygons)
        kept = []
        for polygon in polygons:
            area = ring_area(polygon[0])
            if area < SMALLEST and area < largest:
                continue
            outer, *holes = polygon
            rings = [outer, *(hole for hole in holes if ring_area(hole) >= SMALLEST)]
            kept.append(
                [ring for ring in map(rounded, rings) if len(ring) >= 4] or [rounded(outer)]
            )
        geometry = {"type": "MultiPolygon", "coordinates": kept}
        names = {"iso3": properties["iso3"], "name": properties["name"]}
        features.append({"type": "Feature", "properties": names, "geometry": geometry})
    features.sort(
        key=lambda feature: (feature["properties"]["iso3"] or "", feature["properties"]["name"])
    )
    lines = ",\n".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features
    )
    text = '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"
    return {"reference/world_outline.geojson": text.encode()}
