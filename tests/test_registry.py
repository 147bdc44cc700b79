"""Embedded data: every file has a card, and nothing altered is ever used."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from caraml_analysis import paths, registry
from caraml_analysis.errors import DataFileError


@pytest.fixture
def copied_data(tmp_path, monkeypatch):
    """Return a private copy of the embedded data that a test may damage."""
    copy = tmp_path / "data"
    shutil.copytree(paths.data_dir(), copy, ignore=shutil.ignore_patterns("builders"))
    monkeypatch.setenv("CARAML_DATA", str(copy))
    return copy


def test_every_file_is_as_its_card_says():
    states = registry.check_all()
    assert {file: state for file, state in states.items() if state != "ok"} == {}
    assert len(states) >= 15


def test_every_card_is_filled_in():
    for card in registry.cards().values():
        for field in ("title", "publisher", "url", "edition", "licence", "made"):
            assert getattr(card, field).strip(), f"{card.file}: {field}"
        assert len(card.sha256) == 64


def test_embedded_data_are_small():
    total = sum((paths.data_dir() / file).stat().st_size for file in registry.cards())
    assert total < 10_500_000


def test_a_truncated_file_is_refused(copied_data):
    target = copied_data / "reference/top500.csv"
    target.write_bytes(target.read_bytes()[:-100])
    with pytest.raises(DataFileError, match=r"top500\.csv: altered or truncated.*git checkout"):
        registry.read_bytes("reference/top500.csv")


def test_a_missing_file_says_how_to_restore_it(copied_data):
    (copied_data / "reference/top500.csv").unlink()
    with pytest.raises(DataFileError, match=r"top500\.csv: cannot be read.*Restore it"):
        registry.read_bytes("reference/top500.csv")


def test_a_file_without_card_is_refused():
    with pytest.raises(DataFileError, match=r"secret\.csv: has no card.*Known files"):
        registry.read_bytes("secret.csv")


def test_a_missing_registry_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CARAML_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataFileError, match=r"registry\.toml: not found.*CARAML_DATA"):
        registry.cards()


def test_check_finds_altered_and_extra_files(copied_data):
    (copied_data / "reference/population.csv").write_text("iso3,year,population\n")
    (copied_data / "reference/extra.csv").write_text("a\n1\n")
    states = registry.check_all()
    assert "altered" in states["reference/population.csv"]
    assert "no card" in states["reference/extra.csv"]


def test_reading_is_noted_for_the_sidecars():
    registry.read_bytes("reference/irena_regions.csv")
    assert "reference/irena_regions.csv" in registry.inputs_read().embedded


def test_na_is_namibia_not_missing(copied_data):
    target = copied_data / "reference/population.csv"
    target.write_text("iso3,year,population\nNA,2020,1\n,2020,2\n")
    text = (copied_data / "registry.toml").read_text()
    import hashlib

    old = registry.card("reference/population.csv").sha256
    new = hashlib.sha256(target.read_bytes()).hexdigest()
    (copied_data / "registry.toml").write_text(text.replace(old, new))
    registry._cards.cache_clear()
    table = registry.read_csv("reference/population.csv")
    assert table["iso3"].isna().tolist() == [False, True]


def test_cards_name_builders_that_are_there():
    builders = Path(registry.__file__).parent.parent / "data/builders"
    named = [re.match(registry._BUILT, card.made) for card in registry.cards().values()]
    names = {found[1] for found in named if found}
    assert "confidence" in names
    assert all((builders / f"{name}.py").is_file() for name in names)


def test_the_way_back_fits_how_a_file_was_made(copied_data):
    for file, command in (
        ("geocoding/institutions.csv", r"cards\.py geocoding/institutions\.csv"),
        ("reference/top500.csv", "run 'python data/builders top500'"),
    ):
        (copied_data / file).write_text("changed")
        with pytest.raises(DataFileError, match=f"git checkout data.*after a wanted.*{command}"):
            registry.read_bytes(file)


# --- what counts as read ------------------------------------------------------------------------

REGIONS, PEOPLE = "reference/irena_regions.csv", "reference/population.csv"


def test_a_scope_names_what_was_read_inside_of_it_only():
    registry.read_bytes(REGIONS)
    with registry.reading() as outer:
        with registry.reading() as inner:
            registry.read_bytes(PEOPLE)
            assert registry.inputs_read() is inner
        assert registry.inputs_read() is outer
    assert outer.embedded == inner.embedded == {PEOPLE}
    assert {REGIONS, PEOPLE} <= registry.inputs_read().embedded


def test_a_scope_ends_with_an_error():
    with pytest.raises(DataFileError, match="has no card"), registry.reading():
        registry.read_bytes("nothing.csv")
    assert len(registry._scopes) == 1


def test_what_is_remembered_is_computed_once_and_counts_as_read_every_time():
    calls, state = [], ["one"]

    def size(file, *, twice=False):
        calls.append(file)
        return len(registry.read_bytes(file)) * (1 + twice)

    remembered = registry.remembered(size, beside=lambda: state[0])
    for _ in range(2):
        with registry.reading() as inputs:
            assert remembered(PEOPLE, twice=True) == 2 * remembered(PEOPLE)
        assert inputs.embedded == {PEOPLE}
    assert len(calls) == 2
    state[0] = "another"
    remembered(PEOPLE)
    assert len(calls) == 3


def test_the_geocoder_counts_as_read_in_every_table():
    from caraml_analysis import geocoding

    for _ in range(2):
        with registry.reading() as inputs:
            geocoding.geocode(["MIT"])
        assert "geocoding/institutions.csv" in inputs.embedded
