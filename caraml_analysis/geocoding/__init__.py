"""Affiliation text to countries, offline, with evidence.

:func:`resolve` for one text, :func:`geocode` for a column, :func:`geocode_file` for a file.
"""

from caraml_analysis.geocoding.batch import geocode
from caraml_analysis.geocoding.files import geocode_file
from caraml_analysis.geocoding.overrides import Overrides
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.tiers import resolve

__all__ = ["Overrides", "Resolution", "geocode", "geocode_file", "resolve"]
