"""What tests of refreshing share: a cache of their own and a day that stands still."""

from __future__ import annotations

import datetime

import pytest

from caraml_analysis import registry
from caraml_analysis.sources import refreshing


@pytest.fixture
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(registry, "_scopes", [registry.Inputs()])
    monkeypatch.setattr(refreshing, "_today", lambda: datetime.date(2026, 11, 25))
