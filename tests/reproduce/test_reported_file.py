"""A CSV of reported runs, as people have it: read whatever its form, refused cell by cell."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import caraml_analysis as ca
from caraml_analysis.carbon.checking import check_runs
from caraml_analysis.errors import MOST_LISTED, UsageError
from caraml_analysis.reproduce.reported_file import check_file, read_reported

HEADER = (
    "run,organisation,date,accelerator,accelerator_hours,reported_power_w,reported_pue,"
    "reported_energy_mwh,energy_scope,reported_kg_co2e_per_kwh,reported_t_co2e_location,"
    "training_country"
)
SOUND = "Soné,Sömebody,2022-05,A100-SXM,1022362,400,1.1,449.8,facility,0.385,173.2,USA"


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "runs.csv"
    path.write_bytes(text.encode(encoding))
    return path


def with_cell(column, value):
    cells = dict(zip(HEADER.split(","), SOUND.split(","), strict=True)) | {column: value}
    return f"{HEADER}\n{','.join(cells.values())}\n"


def refused(source):
    with pytest.raises(UsageError, match=r"Nothing was checked\.") as caught:
        read_reported(source)
    return str(caught.value)


# --- forms that are read ----------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_separators_encodings_and_line_ends_are_recognised(separator, encoding, line_end, tmp_path):
    text = line_end.join([HEADER, SOUND, ""]).replace(",", separator)
    found, remarks = check_file(written(tmp_path, text, encoding))
    assert found.empty
    assert remarks == []


def test_cp1252_is_read_and_said(tmp_path):
    runs, remarks = read_reported(written(tmp_path, f"{HEADER}\n{SOUND}\n", "cp1252"))
    assert runs.index.tolist() == ["Soné"]
    assert runs["organisation"].tolist() == ["Sömebody"]
    assert remarks == ["read as cp1252, since it is not UTF-8"]


def test_columns_may_stand_in_any_order_and_rows_of_commas_are_no_runs(tmp_path):
    names, cells = HEADER.split(","), SOUND.split(",")
    turned = f"{','.join(names[::-1])}\n{','.join(cells[::-1])}\n{',' * (len(names) - 1)}\n\n"
    straight, _ = read_reported(written(tmp_path, f"{HEADER}\n{SOUND}\n"))
    backwards, _ = read_reported(written(tmp_path, turned))
    pd.testing.assert_frame_equal(straight, backwards)


def test_the_embedded_runs_give_the_same_findings_as_a_file(tmp_path):
    path = tmp_path / "runs.csv"
    ca.load_runs().to_csv(path)
    expected = check_runs(ca.load_runs(), ca.load_accelerators(), ca.load_grid_intensity())
    found, remarks = check_file(path)
    pd.testing.assert_frame_equal(found, expected)
    assert len(remarks) == 1  # runs without numbers to compare


def test_human_numbers_short_names_and_standard_input():
    text = (
        "run,accelerator,accelerator_hours,reported_energy_mwh,training_country\n"
        'a,a100-sxm,"1,022,362",449.8,us\nb,A100-SXM,2.8M,1.2k,USA\n'
    )
    runs, _ = read_reported(io.BytesIO(text.encode()))
    assert runs["accelerator_hours"].tolist() == [1_022_362, 2_800_000]
    assert runs["reported_energy_mwh"].tolist() == [449.8, 1200]
    assert set(runs["accelerator"]) == {"NVIDIA A100 SXM 40/80GB"}
    assert set(runs["training_country"]) == {"USA"}


# --- what was not read ------------------------------------------------------------------------


def test_unread_columns_are_named_with_what_they_may_have_meant(tmp_path):
    text = f"{HEADER},colour,emission_location\n{SOUND},red,5\n"
    text = text.replace("reported_t_co2e_location", "reported_t_co2e_net")
    _, remarks = check_file(written(tmp_path, text))
    assert remarks[0] == (
        "not read: colour, emission_location (did you mean reported_t_co2e_location?)"
    )


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("energy_mwh", "reported_energy_mwh"),
        ("Reported energy (MWh)", "reported_energy_mwh"),
        ("reported_enrgy_mwh", "reported_energy_mwh"),
    ],
)
def test_a_misspelled_column_is_refused_with_the_right_one(column, meant, tmp_path):
    text = f"{HEADER}\n{SOUND}\n".replace("reported_energy_mwh", column)
    assert f"{column!r}: did you mean {meant}?" in refused(written(tmp_path, text))


def test_runs_without_anything_to_compare_are_named(tmp_path):
    text = "run,accelerator_hours,reported_power_w,reported_energy_mwh\na,100,400,0.04\nb,5,,\n"
    _, remarks = check_file(written(tmp_path, text))
    assert remarks == ["no two numbers to hold against one another in 1 of 2 runs: b"]


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("reported_pue", "0.9", "reported_pue of Soné is 0.9; it must lie between 1 and 3."),
        ("reported_pue", "110", "reported_pue of Soné is 110; it must lie between 1 and 3."),
        ("reported_kg_co2e_per_kwh", "385", "between 0.002 and 2. Is it in g/kWh: write 0.385?"),
        ("reported_kg_co2e_per_kwh", "0.000385", "Is it in t/kWh or kg/Wh?"),
        ("date", "2022-13", "date of Soné is '2022-13'; write 2024, 2024-07 or 2024-07-23."),
        ("date", "2023-02-29", "date of Soné is '2023-02-29'"),
        ("date", "05/2022", "date of Soné is '05/2022'"),
        ("date", "1822", "date of Soné is '1822'"),
        ("accelerator", "H100-SMX", "'H100-SMX' is not known. Nearest: NVIDIA H100 SXM5 80GB"),
        ("accelerator", "H100", "is a family whose parts differ. Name one of NVIDIA H100 NVL"),
        ("training_country", "Narnia", "training_country of Soné: 'Narnia' is not a country code"),
        ("accelerator_hours", "-5", "accelerator_hours of Soné is -5"),
        ("accelerator_hours", "0", "is 0; leave the cell empty if the report does not print it."),
        ("reported_t_co2e_location", "about 5", "'about 5' is not a number"),
        (
            "reported_t_co2e_location",
            "inf",
            "reported_t_co2e_location of Soné: 'inf' is not a number",
        ),
        (
            "reported_t_co2e_location",
            "nan",
            "reported_t_co2e_location of Soné: 'nan' is not a number",
        ),
        ("reported_energy_mwh", "1e300", "is 1e300; no report prints such a number."),
        ("reported_t_co2e_location", "1e-15", "is 1e-15; no report prints such a number."),
        ("reported_energy_mwh", "450 MWh", "has an unexpected 'MWh' after the number"),
        ("energy_scope", "Facilty", "one of facility, gpu, it, unclear. Did you mean 'facility'?"),
        ("run", "", "run is empty; every row needs a name."),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_line_run_and_column(
    column, value, message, tmp_path
):
    text = refused(written(tmp_path, with_cell(column, value)))
    assert "runs.csv: 1 cell cannot be used." in text
    assert "\n  line 2: " in text
    assert message in text
    assert "power_w, the mean draw" not in text


def test_a_factor_of_zero_is_a_slip_and_no_bad_cell(tmp_path):
    found, _ = check_file(written(tmp_path, with_cell("reported_kg_co2e_per_kwh", "0")))
    assert "intensity-range" in set(found["rule"])


def test_a_location_based_zero_is_a_slip_and_no_missing_cell(tmp_path):
    found, remarks = check_file(written(tmp_path, with_cell("reported_t_co2e_location", "0")))
    assert found["rule"].tolist() == ["location-zero"]
    assert found.iloc[0]["message"] == "449.8 MWh x 0.385 kg/kWh are 173.2 t, printed are 0 t."
    hours = "run,accelerator,accelerator_hours,reported_t_co2e_location\na,H100-SXM,1M,0\n"
    found, remarks = check_file(written(tmp_path, hours))
    assert found["rule"].tolist() == ["location-zero"]
    assert remarks == []


def test_what_the_power_is_counts_for_metered_energy(tmp_path):
    header = f"run,energy_basis,power_basis,{HEADER.partition(',')[2]}"
    cells = SOUND.replace(",449.8,", ",290,").replace(",173.2,", ",111.6,").partition(",")[2]
    text = f"{header}\nrated,measured,TDP,{cells}\nmean,measured,measured average,{cells}\n"
    found, _ = check_file(written(tmp_path, text))
    assert found["run"].tolist() == ["mean"]
    assert found["rule"].tolist() == ["energy-arithmetic"]


def test_all_bad_cells_are_told_together_in_the_order_of_lines_up_to_ten(tmp_path):
    bad = [SOUND.replace("Soné", f"r{i}").replace(",1.1,", ",0.5,") for i in range(12)]
    text = refused(written(tmp_path, "\n".join([HEADER, SOUND, *bad, SOUND])))
    lines = text.split("\n  ")
    assert lines[0].endswith("13 cells cannot be used. Nothing was checked.")
    assert [line.split(":")[0] for line in lines[1:-1]] == [
        f"line {number}" for number in range(3, 3 + MOST_LISTED)
    ]
    assert lines[-1] == "and 3 more."


def test_two_runs_of_one_name_are_refused(tmp_path):
    text = refused(written(tmp_path, f"{HEADER}\n{SOUND}\n{SOUND}\n"))
    assert "line 3: run 'Soné' stands in line 2, too." in text


@pytest.mark.parametrize("cell", ["449,8", "1,022"])
def test_a_decimal_comma_beside_another_separator_is_not_guessed(cell, tmp_path):
    text = f"run;accelerator_hours;reported_energy_mwh\na;5;{cell}\n"
    assert f"'{cell}' may have a decimal comma" in refused(written(tmp_path, text))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"run,accelerator_hours\n", "has a header but no rows"),
        (b"run,accelerator_hours\n,\n", "has a header but no rows"),
        (b"run,run\na,b\n", "two columns 'run'"),
        (b"run,colour\na,red\n", "needs a column run and some of"),
        (b"run,accelerator_hours\na,1,2\n", "line 2 has 3 fields instead of 2"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        (b"run,accelerator_hours\na\x81\xff,1\n", "is neither UTF-8 nor cp1252"),
        (b"\xff\xfer\x00u", "is not UTF-16, as it says. Nothing was checked. Save it as UTF-8."),
    ],
)
def test_what_is_no_table_of_runs_is_refused(content, message, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_bytes(content)
    assert message in refused(path)


def test_a_workbook_or_no_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"Save its sheet as CSV"):
        read_reported(tmp_path / "runs.xlsx")
    with pytest.raises(UsageError, match="no such file"):
        read_reported(tmp_path / "runs.csv")


# --- the command ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("run", "sound", 0), ("reported_energy_mwh", "4498", 1), ("reported_pue", "0.9", 2)],
)
def test_exit_codes_tell_clean_slips_and_bad_input_apart(column, value, code, tmp_path, run_cli):
    found, out, err = run_cli("carbon", "check", written(tmp_path, with_cell(column, value)))
    assert found == code
    assert bool(out) == (code < 2)
    assert bool(err) == (code == 2)
    if code == 1:
        assert "would reconcile: a factor of 10 (unit or digit) in the energy: 449.8 MWh" in out
        assert out.endswith("1 slip, 0 notes (--notes lists them)\n")


def test_the_command_prints_what_was_not_read(tmp_path, run_cli):
    text = f"{HEADER},colour\n{SOUND},red\n"
    code, out, _ = run_cli("carbon", "check", written(tmp_path, text))
    assert code == 0
    assert out == "0 slips, 0 notes (--notes lists them)\nnot read: colour\n"
