"""Sustainability statements: template, every wrong field, escaping, and the one in the docs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis import paths
from caraml_analysis.carbon import inputs as carbon_inputs
from caraml_analysis.carbon.estimating import Interval
from caraml_analysis.errors import StatementError, UsageError
from caraml_analysis.reproduce.carbon_runs import estimate
from caraml_analysis.reproduce.statement import (
    make_statement,
    read_declaration,
    template,
    to_json,
    to_latex,
    to_markdown,
)
from caraml_analysis.reproduce.statement.content import amount, comparisons
from caraml_analysis.reproduce.statement.reading import ESTIMATED, FIELDS
from caraml_analysis.sources.comparisons import load_comparisons

CLONE = Path(__file__).resolve().parents[2]
SMALL = """
[run]
model = "Probe"
what = "one run"
boundary = "experiments"
[compute]
accelerator = "A100-SXM"
accelerator_hours = 1000
[site]
country = "FRA"
year = 2024
[assumptions]
assume = "gpu-only"
"""


def made(text):
    return make_statement(read_declaration(text.encode(), "run.toml"))


def refused(text):
    with pytest.raises(StatementError, match="othing was written") as caught:
        made(text)
    return str(caught.value)


def with_line(section, line):
    """Return the small file with one more or another line in a section."""
    key = line.split("=")[0].strip()
    kept = "\n".join(row for row in SMALL.splitlines() if row.split("=")[0].strip() != key)
    head = f"[{section}]"
    return (kept if head in kept else f"{kept}\n{head}\n").replace(head, f"{head}\n{line}") + "\n"


# --- the statement ----------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["md", "tex", "json"])
def test_the_statement_in_the_docs_is_what_the_program_writes(ending, run_cli, tmp_path):
    source = paths.data_dir() / "examples" / "llama-3.1-405b.toml"
    code, out, _ = run_cli("statement", source, "--output", tmp_path)
    assert code == 0
    name = f"llama-3.1-405b.statement.{ending}"
    assert str(tmp_path / name) in out
    fresh = (tmp_path / name).read_text(encoding="utf-8")
    assert fresh == (CLONE / "docs" / name).read_text(encoding="utf-8")


def test_the_template_is_a_file_that_gives_a_statement():
    statement = made(template())
    assert statement.title == "Sustainability statement: Llama 3.1 405B"
    assert "27 GWh (20.2 to 35.1) and 10,400 t CO2e (7,770 to 13,500)" in statement.summary


def test_the_template_has_every_field_once_with_a_good_example():
    text = template()
    for field in FIELDS:
        if field.section == "sources":
            continue
        part = text.split(f"\n[{field.section}]\n")[1].split("\n[")[0]
        assert len(re.findall(rf"^(?:# )?{field.key} = ", part, flags=re.MULTILINE)) == 1, field
        assert tomllib.loads(f"{field.key} = {field.example}")
        if not field.section.startswith("compute"):
            read_declaration(with_line(field.section, f"{field.key} = {field.example}").encode())


def test_the_file_knows_every_input_of_the_estimator():
    inputs = {field.key for field in FIELDS if field.section in ESTIMATED} - {"place"}
    assert inputs == set(carbon_inputs.FIELDS) - {"run"}


def test_numbers_come_from_the_estimator():
    statement = made(SMALL)
    run = {"accelerator": "A100-SXM", "accelerator_hours": 1000, "country": "FRA", "year": 2024}
    expected = estimate(run, assume="gpu-only")
    values = json.loads(to_json(statement))["estimate"]["values"]
    assert values["energy_it_mwh"]["p50"] == pytest.approx(0.4)
    assert values["t_co2e_location"]["p50"] == pytest.approx(expected["t_co2e_location"].p50)
    assert "400 kWh and 1" in statement.summary


def test_a_file_without_ranges_gets_no_interval_and_is_told_so():
    text = to_markdown(made(SMALL))
    assert "No input has a range, so no interval is given" in text
    assert "In brackets" not in text


def test_a_preset_is_printed():
    assert 'Preset "gpu-only" fills what is not given: Accelerators at rated' in to_markdown(
        made(SMALL)
    )


def test_what_is_not_known_is_said():
    text = to_markdown(made(SMALL))
    unknown = text.split("## What is not known")[1].split("##")[0]
    for part in ("Embodied emissions", "Water, on site", "Power was not metered", "using the"):
        assert part in unknown


def test_an_input_without_a_grid_has_energy_only():
    text = SMALL.replace('country = "FRA"', "").replace("year = 2024", "")
    statement = made(text)
    assert "Emissions are not known" in statement.summary
    assert "Emissions, location-based (average of the grid): no grid" in to_markdown(statement)


def test_reported_emissions_stand_beside_the_estimate():
    text = template().replace("# t_co2e_location = 8930", 't_co2e_location = "8.93k"')
    assert "8,930 t CO2e (inside the interval)" in to_markdown(made(text))
    outside = text.replace('"8.93k"', "30000")
    assert "30,000 t CO2e (outside the interval)" in to_markdown(made(outside))


def reported_beside(basis, reported):
    lines = f"[reported]\nt_co2e_location = {reported}\n{basis}\n"
    text = to_markdown(made(with_line("site", 'pue = "1.1..1.3"') + lines))
    (row,) = [line for line in text.splitlines() if line.startswith("| As reported, location")]
    return row.split("|")[2].strip()


def test_a_circular_report_is_said_to_be_circular_beside_its_number():
    beside = "0.019 t CO2e (inside the interval"
    assert reported_beside("", 0.019) == f"{beside})"
    shown = reported_beside('basis = "circular"', 0.019)
    assert shown.startswith(f"{beside}; circular: the report is itself hours x rated or assumed")
    assert "metered energy of this run" in reported_beside('basis = "measured"', 5)
    assert reported_beside('basis = "circular"', 0) == "0 t CO2e"


def test_the_statement_of_llama_is_of_one_embodied_boundary_and_says_circular():
    source = paths.data_dir() / "examples" / "llama-3.1-405b.toml"
    text = to_markdown(make_statement(read_declaration(source)))
    assert "8,930 t CO2e (inside the interval; circular: " in text
    assert "| Embodied carbon, for each accelerator | 463 kg CO2e | NVIDIA H100 with server" in text
    assert "Embodied in the hardware | 392 t CO2e (297 to 563)" in text


def test_a_factor_of_zero_has_no_interval():
    text = with_line("site", 'g_co2e_per_kwh_market = 0\npue = "1.1..1.3"')
    shown = to_markdown(made(f"{text}[reported]\nt_co2e_market = 0\n"))
    assert "Operational, market-based (after contracts and certificates) | 0 g CO2e |" in shown
    assert "| As reported, market-based | 0 t CO2e |" in shown


def test_rows_of_the_factor_tables_may_be_named():
    text = with_line("site", "pue = 1.2") + (
        '[embodied]\nembodied_kg = "NVIDIA A100 with server share"\nlifetime_years = 4\n'
        'use_share = 1\n[water]\nwue_site = "AWS 2023"\nwue_source = "US grid average 2023"\n'
    )
    shown = to_markdown(made(text))
    assert "| 318 kg CO2e | NVIDIA A100 with server share, card + 1/8 server: " in shown
    assert "| Water on site, per kWh of the computers | 0.18 L/kWh | AWS: " in shown
    assert "In making the electricity" in shown


def test_a_grid_of_another_edition_is_named_with_it_and_without_the_year_it_does_not_use():
    shown = to_markdown(made(with_line("site", 'grid_edition = "codecarbon"')))
    assert "| Grid | France, edition codecarbon |" in shown
    own = to_markdown(made(with_line("site", "g_co2e_per_kwh = 50")))
    assert "| Grid | own factor, see the assumptions |" in own


def test_market_based_emissions_are_a_row_of_their_own():
    text = to_markdown(made(with_line("site", "g_co2e_per_kwh_market = 0")))
    assert "Operational, market-based (after contracts and certificates) | 0 g CO2e" in text
    assert "they are not added to or subtracted from one another" in text


def test_energy_with_a_unit_is_read():
    text = SMALL.replace("accelerator_hours = 1000", 'energy_mwh = "2 GWh"\nenergy_scope = "it"')
    statement = made(text.replace('accelerator = "A100-SXM"', ""))
    assert "2 GWh" in statement.summary


def test_an_operator_and_a_year_stand_for_its_pue():
    text = to_markdown(made(with_line("site", 'pue = "Google 2023"')))
    assert "| Site / all computers (PUE) | 1.1 |" in text


def test_a_system_stands_for_its_host_overhead():
    text = f'{SMALL}\n[power]\nhost = "DGX A100"\n'
    assert "DGX A100 system" in to_markdown(made(text))


def test_what_was_published_may_be_a_range_with_units():
    text = with_line("site", "pue = 1.2")
    text += '[reported]\nenergy_mwh = "20 GWh..22 GWh"\nt_co2e_location = "8,930,000 kg"\n'
    shown = to_markdown(made(text))
    assert "20,000..22,000 MWh" in shown
    assert "8,930 t CO2e" in shown
    wrong = text.replace("8,930,000 kg", "8,930 kWh")
    with pytest.raises(
        StatementError, match=r"\[reported\] t_co2e_location: .*'kWh' is no unit of"
    ):
        made(wrong)


def test_what_was_given_to_no_effect_is_printed():
    shown = to_markdown(made(with_line("site", "g_co2e_per_kwh = 385")))
    assert "Given, but not used: " in shown
    assert "g\\_co2e\\_per\\_kwh is given" in shown


def test_the_source_of_a_given_value_is_printed():
    text = with_line("site", "pue = 1.2") + '[sources]\npue = "our meter"\n'
    assert "| 1.2 | given: our meter |" in to_markdown(made(text))


# --- familiar amounts -------------------------------------------------------------------------


def test_comparisons_are_the_amount_over_the_familiar_one():
    run = {"accelerator": "H100-SXM", "accelerator_hours": 1e6, "country": "USA", "year": 2024}
    found = estimate(run, assume="hyperscale")
    lines = {line["comparison"]: line for line in comparisons(found, load_comparisons())}
    people = found["t_co2e_location"].p50 / 5.0
    assert lines["person-year"]["p50"] == pytest.approx(people)
    assert lines["person-year"]["p5"] < people < lines["person-year"]["p95"]
    assert "kettle" not in lines, "too many litres to imagine"


def test_a_tiny_run_is_compared_with_water_boiled_only():
    found = estimate({"energy_mwh": 0.001, "energy_scope": "it"}, assume="gpu-only")
    (line,) = comparisons(found, load_comparisons())
    assert line["text"].startswith("As much electricity as 11 litres of water from 20")


def test_electricity_of_a_person_is_the_worlds_by_its_people():
    row = load_comparisons().set_index("comparison").loc["electricity"]
    assert row["value"] == pytest.approx(3.606, abs=0.06)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Interval(20160, 27190, 34815, "MWh", {"load": 1.0}), "27.2 GWh (20.2 to 34.8)"),
        (Interval(0.5, 0.5, 0.5, "MWh", {}), "500 kWh"),
        (Interval(0.002, 0.003, 0.004, "t CO2e", {"pue": 1.0}), "3 kg CO2e (2 to 4)"),
        (Interval(0, 0, 0, "t CO2e", {}), "0 g CO2e"),
        (Interval(0.25, 0.25, 0.25, "m3", {}), "250 L"),
    ],
)
def test_amounts_are_in_the_unit_that_suits_them(value, text):
    assert amount(value) == text


# --- wrong files ------------------------------------------------------------------------------

NUMBERS = [
    field for field in FIELDS if field.kind in ("number", "energy") and field.section in ESTIMATED
]


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.name)
@pytest.mark.parametrize("bad", ['"many"', "-1", "true", "[1]", "nan", '"3..2"', '""'])
def test_every_wrong_number_is_named_with_its_section(field, bad):
    assert f"[{field.section}] {field.key}: " in refused(
        with_line(field.section, f"{field.key} = {bad}")
    )


TEXTS = [field for field in FIELDS if field.kind in ("text", "date", "choice")]


@pytest.mark.parametrize("field", TEXTS, ids=lambda field: field.name)
@pytest.mark.parametrize("bad", ["7", '""', '"  "', "[]"])
def test_every_wrong_text_is_named_with_its_section(field, bad):
    assert f"[{field.section}] {field.key}: " in refused(
        with_line(field.section, f"{field.key} = {bad}")
    )


@pytest.mark.parametrize("key", ["unknown", "measures"])
@pytest.mark.parametrize("bad", ['"one"', "[1]", '[""]'])
def test_a_list_holds_texts(key, bad):
    assert f"[more] {key}: is " in refused(with_line("more", f"{key} = {bad}"))


@pytest.mark.parametrize("key", ["model", "what", "boundary"])
def test_a_missing_field_is_named_with_an_example(key):
    text = "\n".join(line for line in SMALL.splitlines() if not line.startswith(f"{key} ="))
    assert re.search(rf"\[run\] {key}: is missing .* For example {key} = ", refused(text))


@pytest.mark.parametrize(
    ("section", "line", "message"),
    [
        ("compute", 'acelerator = "A100"', "[compute] acelerator: no such key. Did you mean acc"),
        ("site", "load = 0.8", "[site] load: belongs to another section: [power] load."),
        ("compute", "puee = 1.1", "[compute] puee: no such key."),
        ("sight", "pue = 1.1", "[sight]: no such section. Did you mean [site]?"),
        ("run", 'boundary = "final"', "must be one of 'final run', 'all runs'"),
        ("run", 'date = "July"', "[run] date: is 'July'; write 2024, 2024-07"),
        ("run", 'date = "2024-13-45"', "[run] date: is '2024-13-45'; write 2024, 2024-07"),
        ("run", 'date = "2024-13"', "[run] date: is '2024-13'; write"),
        ("run", 'date = "2023-02-29"', "[run] date: is '2023-02-29'; write"),
        ("run", 'date = "0000"', "[run] date: is '0000'; write"),
        ("compute", "devices = 8.5\nhours = 3", "[compute] devices: is 8.5; it must be a whole"),
        ("compute", 'devices = "8..9"\nhours = 3', "[compute] devices: is '8..9'; it must be a w"),
        ("compute", "accelerators_per_node = 0.5", "[compute] accelerators_per_node: is 0.5"),
        ("compute", 'hours = "90 m"\ndevices = 8', "Write hours (1.5 for 90 minutes)"),
        ("site", 'grid_mix = "FRA 0.4; USA 0.7"', "[site] grid_mix: shares of 'FRA 0.4; USA 0.7'"),
        ("site", 'grid_mix = "FRA"', "[site] grid_mix: cannot read 'FRA'. Write for example"),
        ("site", 'grid_mix = "XXX 1"', "[site] grid_mix: 'XXX 1': country: "),
        ("site", 'grid_edition = "ember"', "[site] grid_edition: no edition 'ember'"),
        ("site", 'pue = "Google 1823"', "[site] pue: no value for 'Google 1823'"),
        ("power", 'host = "Cray-1"', "[power] host: no system 'Cray-1'"),
        ("power", 'host = "DGX H100"', "[power] host: DGX H100 system holds NVIDIA H100"),
        ("water", 'wue_site = "Nobody 2023"', "[water] wue_site: no value for 'Nobody 2023'"),
        ("embodied", 'embodied_kg = "H100"', "[embodied] embodied_kg: no item 'H100'"),
        (
            "embodied",
            'embodied_kg = "NVIDIA H100 with server share"',
            "[embodied] embodied_kg: 'NVIDIA H100 with server share' is not of NVIDIA A100",
        ),
        ("reported", 'basis = "metered"', "[reported] basis: is 'metered'; it must be one of"),
        ("site", 'year = "soon"', "[site] year: is 'soon'; it must be a year"),
        ("assumptions", 'assume = "hyper"', "Did you mean 'hyperscale'?"),
        ("sources", 'energy = "x"', "[sources] energy: no such key."),
        # these are found by the estimator
        ("site", "pue = 0.9", "[site] pue: is 0.9; it must lie between 1 and 3"),
        ("site", "g_co2e_per_kwh = 0.38", "Is it in kg per kWh?"),
        ("site", 'country = "Atlantis"', "[site] country: "),
        ("site", "year = 2099", "[site] year: no grid intensity of France in 2099"),
        ("compute", 'accelerator = "A100"', "[compute] accelerator: 'A100' is a family"),
        ("compute", 'accelerator = "H1000-SXM"', "Nearest: NVIDIA H100"),
        ("compute", "energy_mwh = 5", "[compute] energy_scope is None"),
        ("compute", 'energy_mwh = 5e6\nenergy_scope = "it"', "contradict one another"),
        ("compute", "node_hours = 5", "[compute] accelerators_per_node: "),
        ("power", "power_w = 300", "[power] power_scope is None"),
    ],
)
def test_a_wrong_file_is_refused_with_a_reason(section, line, message):
    assert message in refused(with_line(section, line))


def test_a_run_without_a_preset_must_give_what_the_chain_needs():
    assert "[power] load: no value" in refused(SMALL.replace('assume = "gpu-only"', ""))


def test_all_problems_are_told_at_once():
    text = with_line("site", "pue = -1") + "[nowhere]\n[power]\nlod = 1\n"
    message = refused(text)
    assert message.startswith("run.toml: 3 problems; nothing was written.")
    for part in ("[site] pue: ", "[nowhere]: ", "[power] lod: no such key. Did you mean load?"):
        assert part in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "3 problems"),
        (b"run = 3", "run: is a value, but \\[run\\] is a section"),
        (b"pue = 1.1", "pue: stands outside of its section; it belongs to \\[site\\] pue"),
        (b"[run", "is no TOML: Expected"),
        (b"[run]\nmodel = Llama", "is no TOML: .*line 2.*Texts need quotes"),
        (b"[run]\nmodel = 'Universit\xe9'", "line 2 is not UTF-8"),
        (b"[[run]]\nmodel = 'x'", "run: is a value"),
    ],
)
def test_what_is_no_such_file_is_refused(content, message):
    with pytest.raises(StatementError, match=message):
        read_declaration(content)


def test_a_byte_order_mark_is_no_problem():
    assert read_declaration(SMALL.encode("utf-8-sig")).get("run", "model") == "Probe"


def test_a_date_of_toml_is_read_as_a_date():
    declared = read_declaration(with_line("run", "date = 2024-07-23").encode())
    assert declared.get("run", "date") == "2024-07-23"


# --- escaping ---------------------------------------------------------------------------------

NASTY = r"""50% & $x$ #1 {a}_b ~ ^ \input{/etc/passwd} <b> | `c` "q" [l](u) *"""


def test_quotation_marks_open_and_close_in_latex():
    text = to_latex(made(with_line("more", 'unknown = [\'the "warm-up" runs ("all")\']')))
    assert "the ``warm-up'' runs (``all'')" in text


def test_latex_takes_no_orders_from_a_name():
    text = to_latex(made(with_line("run", f"model = '''{NASTY}'''")))
    assert r"50\% \& \$x\$ \#1 \{a\}\_b \textasciitilde{} \textasciicircum{}" in text
    assert r"\textbackslash{}input\{/etc/passwd\} \textless{}b\textgreater{}" in text
    assert r"\input{" not in text
    # every brace and every dollar sign that is not escaped has its partner
    bare = re.sub(r"\\[{}$]", "", text)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert text.count(r"\begin{") == text.count(r"\end{")


def test_a_point_that_begins_with_a_bracket_is_no_label():
    text = to_latex(made(with_line("more", 'unknown = ["[sic] everything"]')))
    assert r"\item {}[sic] everything." in text


def test_markdown_takes_no_table_or_markup_from_a_name():
    text = to_markdown(made(with_line("run", f"organisation = '''{NASTY}'''")))
    (row,) = [line for line in text.splitlines() if line.startswith("| Organisation")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 3
    assert r"\<b\>" in row
    assert r"\[l\](u)" in row


@pytest.mark.parametrize("start", ["- a", "+ a", "1. a", "# a", "2) a"])
def test_a_point_does_not_start_a_list_of_its_own(start):
    text = to_markdown(made(with_line("more", f'unknown = ["{start}"]')))
    assert f"- {start}" not in text


def test_line_breaks_in_a_text_stay_inside_their_cell():
    text = to_markdown(made(with_line("run", 'what = "one\\n\\n# two\\u202e\\u0000"')))
    assert "| What was run | one \\# two |" in text


def test_json_is_strict_and_names_its_schema():
    data = json.loads(to_json(made(SMALL)), parse_constant=lambda name: pytest.fail(name))
    assert data["schema"] == "caraml-statement/1"
    assert len(data["made_by"]["input_sha256"]) == 64
    assert data["declared"]["run"]["model"] == "Probe"
    assert "power" not in data["declared"]


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def run_file(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_three_files_are_written_beside_the_input(run_file, run_cli):
    code, out, _ = run_cli("statement", run_file)
    assert code == 0
    written = sorted(path.name for path in run_file.parent.iterdir())
    assert written == ["run.statement.json", "run.statement.md", "run.statement.tex", "run.toml"]
    assert len(out.splitlines()) == 3


@pytest.mark.parametrize(
    ("form", "start"),
    [("markdown", "# Sust"), ("latex", "% Written"), ("json", '{\n  "schema"')],
)
def test_one_form_can_be_printed_and_nothing_is_written(form, start, run_file, run_cli):
    code, out, _ = run_cli("statement", run_file, "--print", form)
    assert code == 0
    assert out.startswith(start)
    assert [path.name for path in run_file.parent.iterdir()] == ["run.toml"]


def test_the_template_of_the_command_line_works_as_it_is(tmp_path, run_cli):
    _, text, _ = run_cli("statement", "--template")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    code, out, _ = run_cli("statement", tmp_path / "mine.toml", "--print", "json")
    assert code == 0
    assert json.loads(out)["made_by"]["input"] == "mine.toml"


def test_a_wrong_file_is_wrong_use_and_nothing_is_written(run_file, run_cli):
    run_file.write_text(SMALL + "[power]\nlod = 1\n")
    code, out, err = run_cli("statement", run_file)
    assert (code, out) == (2, "")
    assert "run.toml: 1 problem; nothing was written" in err
    assert "Traceback" not in err
    assert [path.name for path in run_file.parent.iterdir()] == ["run.toml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give RUN.toml, or start one with --template"),
        (["-"], "standard input needs --print or --output"),
        (["run.toml", "--print", "json", "--output", "x"], "give --print or --output, not both"),
        (["no.toml"], "no such file; nothing was written. Start one with"),
        (["."], "cannot be read"),
    ],
)
def test_a_command_without_a_file_is_wrong_use(arguments, message, run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = run_cli("statement", *arguments)
    assert code == 2
    assert message in err


def test_a_folder_that_is_a_file_is_a_plain_error(run_file, run_cli):
    code, _, err = run_cli("statement", run_file, "--output", run_file)
    assert code == 1
    assert "Traceback" not in err
    assert run_file.read_text(encoding="utf-8") == SMALL


def test_standard_input_is_read(run_file):
    done = subprocess.run(
        [sys.executable, "-m", "caraml_analysis.cli", "statement", "-", "--print", "json"],
        input=run_file.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["declared"]["run"]["model"] == "Probe"


VALUES = st.one_of(
    st.booleans(),
    st.integers(-(10**6), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["30.84M", "1..2", "0.1..0.5..0.9", "2 GWh", "FRA", "it", "fitted", "..", "-", ""]
    ),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=12),
    st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=3), max_size=2),
)


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_field_gives_a_statement_or_a_reason(given_values):
    table = tomllib.loads(SMALL)
    for field, value in given_values.items():
        table.setdefault(field.section, {})[field.key] = value
    text = "\n".join(
        f"[{section}]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in values.items())
        for section, values in table.items()
    )
    try:
        statement = made(text.replace("\x7f", " "))
    except StatementError:
        with pytest.raises(StatementError, match="othing was written"):
            made(text.replace("\x7f", " "))
        return
    assert json.loads(to_json(statement))["schema"] == "caraml-statement/1"
    assert to_latex(statement).count(r"\begin{") == to_latex(statement).count(r"\end{")
    assert to_markdown(statement).startswith("# Sustainability statement: ")


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_in_plain_words(content):
    with pytest.raises(StatementError, match="othing was written"):
        read_declaration(content)


def test_a_statement_error_is_a_usage_error():
    assert issubclass(StatementError, UsageError)


def test_a_country_needs_a_year_and_is_told_so():
    found = refused(SMALL.replace("year = 2024", ""))
    assert "[site] year: is missing; country needs the year of the grid. For example" in found
    mix = SMALL.replace('country = "FRA"', 'grid_mix = "FRA 0.5; USA 0.5"')
    assert "grid_mix needs the year" in refused(mix.replace("year = 2024", ""))
    made(SMALL.replace("year = 2024", 'grid_edition = "codecarbon"'))


def test_grids_are_told_with_all_other_problems():
    text = with_line("site", 'grid_mix = "FRA 0.4; USA 0.7"\ngrid_edition = "ember"\npue = 0.9')
    text = text.replace('country = "FRA"', 'country = "Atlantis"') + "[power]\nlod = 1\n"
    found = refused(text)
    assert "5 problems" in found
    for name in ("grid_mix: shares", "grid_edition: no edition", "pue: is 0.9", "country: "):
        assert found.count(f"[site] {name}") == 1


def test_the_year_of_a_grid_is_told_with_all_other_problems():
    found = refused(with_line("site", "year = 2099\npue = 0.9"))
    assert "2 problems" in found
    assert "[site] year: no grid intensity of France in 2099; there is 1990" in found


@pytest.mark.parametrize("date", ["2024", "2024-07", "2024-02-29"])
def test_a_year_a_month_and_a_day_are_dates(date):
    assert (
        read_declaration(with_line("run", f'date = "{date}"').encode()).get("run", "date") == date
    )


def test_names_and_limits_are_told_with_all_other_problems():
    text = SMALL.replace('"A100-SXM"', '"foobar"').replace('"FRA"', '"Atlantis"')
    text = text.replace("[site]\n", "[site]\npue = 0.9\ng_co2e_per_kwh = 0.385\n")
    found = refused(text)
    assert "4 problems" in found
    for name in ("[compute] accelerator:", "[site] country:", "[site] pue:"):
        assert found.count(name) == 1
    assert found.count("[site] g_co2e_per_kwh: is 0.385; it must lie between 2 and 2000") == 1
