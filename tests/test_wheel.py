"""The installed package carries its data and notebooks, and works far from the clone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel without a network and unpack it as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(CLONE)),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return wheel, site


def run(site, folder, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CARAML")}
    return subprocess.run(
        [sys.executable, "-m", "caraml_analysis.cli", *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_wheel_is_small_and_holds_no_raw_data(installed):
    wheel, site = installed
    assert wheel.stat().st_size < 5_000_000
    assert not list(site.rglob("*.xls*"))
    assert not (site / "caraml_analysis/_data/builders").exists()
    assert (site / "caraml_analysis/_notebooks/fig1_compute.ipynb").is_file()


@pytest.mark.slow
def test_the_installed_package_works_in_an_empty_folder(installed, tmp_path):
    _, site = installed
    checked = run(site, tmp_path, "data", "check")
    assert checked.returncode == 0, checked.stdout
    (tmp_path / "a.csv").write_text("affiliation\nMakerere University\n")
    located = run(site, tmp_path, "geocode", "a.csv", "--column", "affiliation")
    assert "UGA" in located.stdout
    drawn = run(site, tmp_path, "figure", "fig4_renewables")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "figures" / "fig4_renewables.svg").is_file()
