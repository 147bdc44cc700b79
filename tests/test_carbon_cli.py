"""``caraml carbon``: human numbers in, units and editions out, and clear refusals."""

from __future__ import annotations

import csv
import io
import json

import pytest

from caraml_analysis.sources.model_runs import load_runs

ESTIMATE = ("carbon", "estimate", "--hours", "30.84M", "--device", "H100-SXM")


def test_the_example_of_the_paper(run_cli):
    code, out, _ = run_cli(*ESTIMATE, "--country", "USA", "--year", 2024, "--assume", "gpu-only")
    assert code == 0
    assert "energy with hosts (IT)                21.588 GWh" in out
    assert "emissions, location-based             8,285 t CO2e" in out
    assert "assumed: gpu-only" in out
    assert "Ember, edition 2026-04: United States, 2024" in out
    assert "embodied carbon: no embodied_kg" in out


def test_without_a_year_the_newest_grid_is_named(run_cli):
    options = ("--country", "USA", "--pue", 1.08, "--load", 1.0, "--host", 1.0)
    code, out, _ = run_cli(*ESTIMATE, *options)
    assert code == 0
    assert "energy of the site                    23.315 GWh" in out
    assert ", newest)" in out


def test_ranges_give_intervals_and_shares(run_cli, tmp_path):
    target = tmp_path / "estimate.json"
    code, out, _ = run_cli(*ESTIMATE, "--assume", "hyperscale", "--json", target)
    assert code == 0
    assert "20.2 GWh to 35.1 GWh" in out
    assert "where the spread comes from: host" in out
    assert "5 to 95 % points of 50,000 samples, seed 2502" in out
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["assume"] == "hyperscale"


def test_an_interval_is_in_the_unit_of_its_middle(run_cli):
    options = ("--energy", "0.7 kWh..1.4 kWh", "--energy-scope", "it", "--pue", "1")
    code, out, _ = run_cli("carbon", "estimate", *options)
    assert code == 0
    assert "1.05 kWh  (0.735 kWh to 1.36 kWh)" in out


@pytest.mark.parametrize("hours", ["30.84M GPU-hours", "30.84M hours", "30.84 M h"])
def test_hours_are_read_as_people_spell_them(hours, run_cli):
    code, out, _ = run_cli(
        *("carbon", "estimate", "--hours", hours, "--device", "H100-SXM", "--assume", "gpu-only")
    )
    assert code == 0
    assert "21.588 GWh" in out


@pytest.mark.parametrize("hours", ["90 m", "90 min"])
def test_minutes_are_not_taken_for_millions_of_hours(hours, run_cli):
    options = ("--devices", 8, "--wall-hours", hours, "--device", "H100-SXM")
    code, out, err = run_cli("carbon", "estimate", *options, "--assume", "gpu-only")
    assert (code, out) == (2, "")
    assert "Write hours (1.5 for 90 minutes), or 90M for millions" in err


def test_energy_power_and_factors_are_read_with_their_units(run_cli):
    options = ("--energy", "21.5 GWh", "--energy-scope", "it", "--pue", 1.1)
    code, out, _ = run_cli("carbon", "estimate", *options, "--grid", "0.385 kg/kWh")
    assert code == 0
    assert "9,105.2 t CO2e" in out
    power = ("--power", "0.6 kW", "--power-scope", "node", "--pue", 1.1)
    code, out, _ = run_cli("carbon", "estimate", "--hours", "1M", *power, "--market", 0)
    assert code == 0
    assert "energy of the site                    660 MWh" in out
    assert "emissions, market-based               0 g CO2e" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((*ESTIMATE,), "load: no value"),
        ((*ESTIMATE[:4], "--device", "H100"), "family whose parts differ"),
        ((*ESTIMATE[:4], "--device", "B300", "--assume", "gpu-only"), "Nearest: NVIDIA B200"),
        ((*ESTIMATE, "--assume", "gpu-only", "--country", "XX"), "country: 'XX'"),
        ((*ESTIMATE, "--assume", "gpu-only", "--grid", "0.4"), "Is it in kg per kWh?"),
        ((*ESTIMATE, "--assume", "gpu-only", "--pue", "0.9"), "pue is 0.9"),
        ((*ESTIMATE, "--assume", "gpu-only", "--energy", "5 kg"), "energy: cannot read '5 kg'"),
        ((*ESTIMATE, "--assume", "all"), "no preset 'all'"),
        (("carbon", "estimate"), "nothing says how much was run"),
    ],
)
def test_what_cannot_be_estimated_is_wrong_use_and_writes_nothing(
    options, message, run_cli, tmp_path
):
    target = tmp_path / "estimate.json"
    code, out, err = run_cli(*options, "--json", target)
    assert (code, out) == (2, "")
    assert message in err
    assert "Nothing was estimated." in err
    assert not target.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--file", "runs.csv", "--hours", "1M"), "leave out accelerator_hours"),
        (("--file", "runs.csv", "--json", "x.json"), "--json is for one run"),
        (("--hours", "1M", "--output", "x.csv"), "--output is for --file"),
    ],
)
def test_a_run_and_a_file_exclude_each_other(options, message, run_cli):
    code, _, err = run_cli("carbon", "estimate", *options)
    assert code == 2
    assert message in err


def written(tmp_path, text):
    path = tmp_path / "runs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_runs(run_cli, tmp_path):
    path = written(
        tmp_path,
        "name,accelerator,accelerator_hours,country,year\n"
        "one,H100-SXM,2.8M,USA,2023\ntwo,A100-SXM,1e6,FRA,2022\n",
    )
    code, out, _ = run_cli("carbon", "estimate", "--file", path, "--assume", "gpu-only")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["name"] for row in rows] == ["one", "two"]
    assert float(rows[0]["energy_it_mwh_p50"]) == pytest.approx(1960)
    assert "Ember" in rows[1]["factors"]
    target = tmp_path / "out.csv"
    code, out, _ = run_cli(
        *("carbon", "estimate", "--file", path, "--assume", "gpu-only", "--output", target)
    )
    assert (code, out) == (0, "")
    assert list(csv.DictReader(target.open(encoding="utf-8"))) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("run,accelerator_hours\n", "has a header but no rows"),
        ("run,run\na,b\n", "two columns 'run'"),
        ("run,accelerator,accelerator_hours\na,H100,1\n", "row a: accelerator: 'H100' is a family"),
        ("run,accelerator,accelerator_hours\na,H100-SXM,\n", "row a: accelerator_hours: nothing"),
        ("run,text\na,b\n", "no column says how much was run"),
    ],
)
def test_a_file_that_holds_no_runs_is_wrong_use(text, message, run_cli, tmp_path):
    target = tmp_path / "out.csv"
    path = written(tmp_path, text)
    code, _, err = run_cli(
        *("carbon", "estimate", "--file", path, "--assume", "gpu-only", "--output", target)
    )
    assert code == 2
    assert message in err
    assert not target.exists()


def test_all_rows_that_cannot_be_estimated_are_told(run_cli, tmp_path):
    rows = "".join(f"r{i},H100,{i + 1}\n" for i in range(12))
    path = written(tmp_path, f"run,accelerator,accelerator_hours\n{rows}good,H100-SXM,1\n")
    code, _, err = run_cli("carbon", "estimate", "--file", path, "--assume", "gpu-only")
    assert code == 2
    assert "12 rows cannot be estimated. Nothing was written." in err
    assert "row r0: accelerator: 'H100' is a family" in err
    assert "row r9:" in err
    assert "row r10:" not in err
    assert "and 2 more." in err


def test_a_file_of_runs_is_not_overwritten(run_cli, tmp_path):
    text = "run,accelerator,accelerator_hours\na,H100-SXM,1e6\n"
    path = written(tmp_path, text)
    options = ("--assume", "gpu-only", "--output", path)
    code, _, err = run_cli("carbon", "estimate", "--file", path, *options)
    assert code == 2
    assert "--output is --file. Nothing was written." in err
    assert path.read_text(encoding="utf-8") == text


def test_columns_that_no_estimate_reads_are_named(run_cli, tmp_path):
    text = "run,accelerator,accelerator_hours,pu,location\na,H100-SXM,1e6,1.3,USA\n"
    path = written(tmp_path, text)
    code, _, err = run_cli("carbon", "estimate", "--file", path, "--assume", "gpu-only")
    assert code == 0
    assert "columns that no estimate reads: pu (did you mean pue?), location" in err


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_file_of_runs_may_be_saved_by_a_spreadsheet(separator, run_cli, tmp_path):
    text = "run,accelerator,accelerator_hours\na,H100-SXM,1e6\n".replace(",", separator)
    path = written(tmp_path, f"\ufeff{text}")
    code, out, _ = run_cli("carbon", "estimate", "--file", path, "--assume", "gpu-only")
    assert code == 0
    assert float(next(csv.DictReader(io.StringIO(out)))["energy_it_mwh_p50"]) == 700


def test_reported_runs_are_listed_with_basis_and_scope(run_cli):
    code, out, _ = run_cli("carbon", "runs")
    assert code == 0
    assert "110 runs; energy: 37 circular" in out
    code, out, _ = run_cli("carbon", "runs", "--organisation", "google", "--basis", "measured")
    assert "t5-11b" in out
    assert "llama" not in out


def test_emissions_of_unstated_accounting_are_marked(run_cli):
    code, out, _ = run_cli("carbon", "runs")
    lines = {line.split()[0]: line for line in out.splitlines() if line}
    runs = load_runs()
    unsure = runs.index[runs["accounting"] == "not stated"]
    assert code == 0
    assert len(unsure) == 7
    assert {name for name in runs.index if " * " in lines[name]} == set(unsure)
    assert "75 *" in lines["opt-175b"]
    assert out.endswith(
        "* the report does not say if these are location-based (7 of the runs above)\n"
    )
    _, one, _ = run_cli("carbon", "runs", "opt-175b")
    assert "75  (the report does not say if these are location-based)" in one
    _, meta, _ = run_cli("carbon", "runs", "--organisation", "openai", "--basis", "measured")
    assert "*" not in meta


def test_one_run_comes_with_its_source_and_quotation(run_cli):
    code, out, _ = run_cli("carbon", "runs", "t5-11b")
    assert code == 0
    assert "arXiv:2104.10350 Table 4" in out
    assert "training used 86 MWh and produced 47 tCO2e" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("gpt3",), "no run 'gpt3'. Nearest: gpt-3-175b"),
        (("--basis", "guessed"), "Bases are circular, measured"),
    ],
)
def test_an_unknown_run_is_wrong_use(options, message, run_cli):
    code, _, err = run_cli("carbon", "runs", *options)
    assert code == 2
    assert message in err


def test_the_embedded_runs_are_checked(run_cli):
    code, out, _ = run_cli("carbon", "check")
    assert code == 0
    assert "slip  llama-3.3-70b: intensity-range" in out
    assert "would reconcile: accelerators per node (8)" in out
    assert "note" not in out.replace("notes", "")
    code, noted, _ = run_cli("carbon", "check", "--notes")
    assert "note  llama-3.1-405b: market-zero" in noted


def test_a_file_with_a_slip_fails_the_check(run_cli, tmp_path):
    header = "run,accelerator,accelerator_hours,reported_power_w,reported_energy_mwh,energy_scope\n"
    code, out, _ = run_cli(
        "carbon", "check", written(tmp_path, header + "a,H100-SXM,1M,700,700,it\n")
    )
    assert (code, out) == (0, "0 slips, 0 notes (--notes lists them)\n")
    code, out, _ = run_cli(
        "carbon", "check", written(tmp_path, header + "a,H100-SXM,1M,700,7000,it\n")
    )
    assert code == 1
    assert "a factor of 10 (unit or digit)" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,hours\na,1\n", "needs a column run"),
        ("run,accelerator_hours\na,many\n", "accelerator_hours of a: 'many' is not a number"),
        ("run,accelerator_hours\na,-1\n", "accelerator_hours of a is -1"),
        ("run,accelerator\na,H100\n", "is a family"),
    ],
)
def test_a_file_that_cannot_be_checked_is_wrong_use(text, message, run_cli, tmp_path):
    code, _, err = run_cli("carbon", "check", written(tmp_path, text))
    assert code == 2
    assert message in err
    assert "Nothing was checked." in err
