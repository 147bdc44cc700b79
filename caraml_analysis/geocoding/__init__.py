"""Affiliation text to countries, offline, with evidence: :func:`resolve` and :func:`geocode`."""

from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.resolver import geocode, resolve

__all__ = ["Resolution", "geocode", "resolve"]
