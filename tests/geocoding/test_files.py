"""Files larger than memory: what is kept, what is added, what is refused and by which line."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caraml_analysis import csv_reader, tables
from caraml_analysis.errors import OutputError, TableError, UsageError
from caraml_analysis.geocoding import batch, files, geocode, geocode_file


@pytest.fixture
def run(tmp_path):
    """Geocode the bytes of a CSV; give the rows of the result and the summary."""

    def geocoded(content, column="affiliation", **options):
        source, target = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(content)
        summary = geocode_file(source, column, target, **options)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]
        with target.open(encoding="utf-8", newline="") as stream:
            delimiter = options.get("delimiter", ",")
            return list(csv.DictReader(stream, delimiter=delimiter, strict=True)), summary

    return geocoded


# --- what is kept and added -------------------------------------------------------------------


def test_the_columns_are_those_of_a_batch(run):
    texts = ["MIT / DeepMind", "Guo", "Toledo Polytechnic", "N/A", ""]
    rows, _ = run(("affiliation\n" + "".join(f'"{text}"\n' for text in texts)).encode())
    expected = geocode(texts).astype({"confidence": str}).fillna("")
    assert list(rows[0]) == ["affiliation", *tables.RESOLUTIONS.names]
    for row, (_, answer) in zip(rows, expected.iterrows(), strict=True):
        assert {name: row[name] for name in expected.columns} == answer.to_dict()


def test_the_summary_counts_rows_texts_and_statuses(run):
    _, summary = run(b"affiliation\nMIT\nMIT\nGuo\n\nToledo Polytechnic\nN/A\n")
    assert str(summary) == (
        "5 rows, 4 distinct texts\n"
        "  resolved              2   40.0%\n"
        "  ambiguous             1   20.0%\n"
        "  not_found             1   20.0%\n"
        "  empty                 1   20.0%\n"
        "1 blank lines were left out."
    )


CELLS = st.text(
    st.one_of(
        st.sampled_from(",;\"'\r\n\t=@ \0"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=8,
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6), st.sampled_from(",;\t"))
@settings(max_examples=150, deadline=None)
def test_cells_pass_unharmed(rows, delimiter):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "affiliation", "b"), *rows])
    out = io.StringIO(newline="")
    source = io.BytesIO(written.getvalue().encode())
    summary = geocode_file(source, "affiliation", out, delimiter=delimiter, progress=False)
    out.seek(0)
    found = list(csv.reader(out, delimiter=delimiter, strict=True))
    assert [tuple(row[:3]) for row in found[1:]] == rows
    assert summary.rows == len(rows)


def test_every_block_boundary_reads_the_same(monkeypatch):
    text = 'id,affiliation\r\n1,"Université\r\nde Montréal"\r\n2,"a ""b"", EPFL"\r\n3,名古屋大学'
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le"):
        expected = None
        for block in (10_000, 1, 2, 3, 5, 7):
            monkeypatch.setattr(csv_reader, "_BLOCK", block)
            out = io.StringIO(newline="")
            source = io.BytesIO(text.encode(encoding))
            geocode_file(source, "affiliation", out, encoding=encoding, progress=False)
            expected = expected or out.getvalue()
            assert out.getvalue() == expected
        assert [row["country"] for row in csv.DictReader(io.StringIO(expected))] == [
            *("CAN", "CHE", "JPN")
        ]


def test_chunks_jobs_and_a_small_memory_change_nothing(run, monkeypatch):
    names = ["KAIST", "EPFL", "Guo", "MIT", "N/A", "Univ. Gweru", "KAIST", "Nairobi Kenya"]
    content = ("affiliation\n" + "\n".join(names * 5)).encode()
    expected, summary = run(content)
    monkeypatch.setattr(files, "CHUNK_ROWS", 6)
    monkeypatch.setattr(files, "_REMEMBERED_TEXTS", 2)
    monkeypatch.setattr(batch, "PART", 2)
    for options in ({}, {"jobs": 2}):
        assert run(content, **options) == (expected, summary)
    monkeypatch.setattr(files, "CHUNK_CHARACTERS", 9)
    assert run(content) == (expected, summary)


def test_memory_is_bounded_by_the_chunk_and_not_by_the_file(monkeypatch):
    monkeypatch.setattr(files, "CHUNK_ROWS", 200)
    monkeypatch.setattr(files, "_REMEMBERED_TEXTS", 200)
    monkeypatch.setattr(csv_reader, "_BLOCK", 4_000)
    geocode(["load everything"])

    def peak(rows):
        source = io.BytesIO()
        source.write(b"id,affiliation\n")
        for number in range(rows):
            source.write(b"%d,KAIST Room %d\n" % (number, number))
        source.seek(0)
        tracemalloc.start()
        geocode_file(source, "affiliation", _Nowhere(), progress=False)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    small, large = peak(1_000), peak(4_000)
    # what grows is a set of hashes that counts distinct texts; 3,000 answers would be 2 MB
    assert large - small < 3_000 * 150


class _Nowhere(io.StringIO):
    """Takes everything and keeps nothing."""

    def write(self, text):
        return len(text)


def test_a_field_of_ten_megabytes(run):
    long, longer = "University of Nairobi, " + "Room 5 " * 20_000, 'Text, "quoted"\n' * 700_000
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["note", "affiliation"], [longer, long], ["", "MIT"]])
    limit = csv.field_size_limit(csv_reader.LONGEST_FIELD)  # of the reader of this test
    rows, _ = run(out.getvalue().encode())
    csv.field_size_limit(limit)
    assert rows[0]["affiliation"] == long
    assert rows[0]["note"] == longer
    assert [row["country"] for row in rows] == ["KEN", "USA"]


def test_blank_lines_and_a_header_alone(run):
    rows, summary = run(b"\n\naffiliation,x\n\nMIT,1\n\n")
    assert [row["country"] for row in rows] == ["USA"]
    assert summary.blank_lines == 4
    rows, summary = run(b"affiliation,x\n")
    assert (rows, summary.rows) == ([], 0)
    assert str(summary) == "0 rows, 0 distinct texts"


def test_other_columns_may_share_a_name_or_have_none(tmp_path):
    (tmp_path / "in.csv").write_text("x,,affiliation,x\n1,2,MIT,3\n")
    geocode_file(tmp_path / "in.csv", "affiliation", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][:5] == ["x", "", "affiliation", "x", "country"]
    assert rows[1][:5] == ["1", "2", "MIT", "3", "USA"]


def test_nul_bytes_pass(run):
    rows, _ = run(b"id,affiliation\n1,MI\x00T\n\x00,MIT\n")
    assert rows[0]["affiliation"] == "MI\x00T"
    assert rows[1]["id"] == "\x00"
    assert rows[1]["country"] == "USA"


def test_formulas_pass_unharmed_and_are_escaped_on_demand(run):
    content = (
        b'+note,affiliation\n=1+1,@MIT\n-1.5,+EPFL\n"-2+3",-\n@SUM(A1),MIT\n+4e-5,=MIT\n'
        b'"-1,5",MIT\n-,MIT\n'
    )
    plain, _ = run(content)
    assert [row["+note"] for row in plain][:4] == ["=1+1", "-1.5", "-2+3", "@SUM(A1)"]
    assert [row["affiliation"] for row in plain][:3] == ["@MIT", "+EPFL", "-"]
    safe, _ = run(content, escape_formulas=True)
    assert [row["'+note"] for row in safe] == [
        *("'=1+1", "-1.5", "'-2+3", "'@SUM(A1)", "+4e-5", "-1,5", "'-")
    ]
    assert [row["affiliation"] for row in safe][:5] == ["'@MIT", "'+EPFL", "'-", "MIT", "'=MIT"]
    assert [row["country"] for row in safe] == [row["country"] for row in plain]


def test_added_cells_are_escaped_as_well(run):
    overrides = {"our lab": "KEN"}
    safe, _ = run(b"affiliation\nour lab\n", overrides=overrides, prefix="=", escape_formulas=True)
    assert safe[0]["'=country"] == "KEN"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_encodings_are_read_when_named(encoding, run):
    content = "affiliation\nUniversité de Montréal\n".encode(encoding)
    rows, _ = run(content, encoding="utf-8" if encoding == "utf-8-sig" else encoding)
    assert rows[0]["affiliation"] == "Université de Montréal"
    assert rows[0]["country"] == "CAN"


MIXED = 'id,affiliation\n1,"Universität\nZürich"\n2,MIT\n'.encode() + "3,Université\n".encode(
    "cp1252"
)


def test_mixed_encodings_name_the_line_or_are_replaced(run, monkeypatch):
    for block in (csv_reader._BLOCK, 7):
        monkeypatch.setattr(csv_reader, "_BLOCK", block)
        with pytest.raises(UsageError, match=r"in\.csv: line 5: byte 0xe9 is not utf-8\..*cp1252"):
            run(MIXED)
    rows, summary = run(MIXED, encoding_errors="replace")
    assert rows[2]["affiliation"] == "Universit\N{REPLACEMENT CHARACTER}"
    assert summary.replaced == 1
    assert "1 characters could not be read and stand as U+FFFD" in str(summary)


def test_tiers_and_overrides_are_those_of_a_batch(run):
    class Sky:
        def resolve(self, text):
            from caraml_analysis import Resolution

            return Resolution("KEN", ("KEN",), "resolved", "sky")

    rows, summary = run(
        b"affiliation\nMIT\nGuo\nOur lab\n",
        tiers=("embedded", Sky()),
        overrides={"our lab": "unknown", "never": "USA"},
    )
    assert [row["country"] for row in rows] == ["USA", "KEN", ""]
    assert summary.unused_overrides == ['overrides key 2: text "never"']
    assert str(summary).endswith('Overrides that decided nothing:\n  overrides key 2: text "never"')


# --- what is refused --------------------------------------------------------------------------

UTF16_WITHOUT_MARK = "affiliation\nMIT\n".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, r"in\.csv: is empty\. Nothing was written"),
        (b"\n\n", {}, r"is empty"),
        (b",\n", {}, r"is empty"),
        (b"name,place\na,b\n", {}, r"no column 'affiliation' \(found name, place\)"),
        (b"affiliation;place\na;b\n", {}, r"Is another delimiter than ',' used.*--delimiter"),
        (UTF16_WITHOUT_MARK, {}, r"The header holds NUL bytes: is it UTF-16"),
        (
            "affiliation\nMIT\n".encode("utf-16"),
            {},
            r"byte-order mark of UTF-16.*--encoding utf-16",
        ),
        (b"affiliation,a,affiliation\n", {}, r"2 columns are named 'affiliation'"),
        (b"affiliation,country\nMIT,x\n", {}, r"already has the column country\. .*--prefix geo_"),
        (b'a,affiliation\n1,"M\nT"\n2,x,y\n', {}, r"line 4 has 3 fields instead of 2; is a quote"),
        (b"a,affiliation\n\n\n1\n", {}, r"line 4 has 1 fields instead of 2"),
        (b'affiliation\nMIT\n"EPFL\nKAIST\n', {}, r"line 3: is not CSV .*is a closing quote miss"),
        (b'a,affiliation\n1,"MIT" Lab\n', {}, r"line 2: is not CSV"),
        (b"affiliation\nMIT\n", {"encoding": "klingon"}, r"no encoding 'klingon'; try utf-8"),
        (b"affiliation\nMIT\n", {"encoding": "base64"}, r"no encoding 'base64'"),
        (b"affiliation\nMIT\n", {"encoding_errors": "ignore"}, r"there are strict and replace"),
        (b"affiliation\nMIT\n", {"delimiter": "::"}, r"the delimiter is one character, not '::'"),
        (b"affiliation\nMIT\n", {"jobs": 0}, r"jobs is 0"),
        (b"affiliation\nMIT\n", {"tiers": ("google",)}, r"no tier 'google'"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(content, options, message, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    target.write_text("what stood there")
    with pytest.raises(UsageError, match=message):
        geocode_file(source, "affiliation", target, **options)
    assert target.read_text() == "what stood there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_a_field_without_end_is_refused_before_it_fills_the_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(csv_reader, "LONGEST_FIELD", 1000)
    (tmp_path / "in.csv").write_text('affiliation\nMIT\n"' + "EPFL\n" * 1000)
    before = csv.field_size_limit()
    with pytest.raises(UsageError, match=r"line 3: is not CSV \(field larger .*closing quote"):
        geocode_file(tmp_path / "in.csv", "affiliation", tmp_path / "out.csv")
    assert csv.field_size_limit() == before


def test_files_that_cannot_be_read_or_written_are_named(tmp_path):
    good = tmp_path / "in.csv"
    good.write_text("affiliation\nMIT\n")
    with pytest.raises(UsageError, match=r"no\.csv: no such file\. Nothing was written"):
        geocode_file(tmp_path / "no.csv", "affiliation", tmp_path / "out.csv")
    with pytest.raises(UsageError, match=r"is a folder, not a file"):
        geocode_file(tmp_path, "affiliation", tmp_path / "out.csv")
    with pytest.raises(UsageError, match=r"authors\.xlsx: is a workbook.*Save its sheet as CSV"):
        geocode_file(tmp_path / "authors.xlsx", "affiliation", tmp_path / "out.csv")
    with pytest.raises(OutputError, match=r"cannot be written"):
        geocode_file(good, "affiliation", good / "out.csv")
    with pytest.raises(UsageError, match=r"is CSV and stays CSV"):
        geocode_file(good, "affiliation", tmp_path / "out.parquet")
    for name in ("out.xlsx", "out.ODS", "out.csv.gz"):
        with pytest.raises(UsageError, match=r"only CSV is written.*Nothing was written.*\.csv"):
            geocode_file(good, "affiliation", tmp_path / name)
    with pytest.raises(TableError, match=r"overrides cannot be read"):
        geocode_file(good, "affiliation", tmp_path / "out.csv", overrides=tmp_path / "no.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_answer_that_fails_leaves_nothing_half_written(tmp_path, monkeypatch):
    class Failing:
        def resolve(self, text):
            raise KeyboardInterrupt

    monkeypatch.setattr(files, "CHUNK_ROWS", 1)
    (tmp_path / "in.csv").write_text("affiliation\nMIT\nGuo\n")
    with pytest.raises(KeyboardInterrupt):
        geocode_file(
            tmp_path / "in.csv",
            "affiliation",
            tmp_path / "out.csv",
            tiers=("embedded", Failing()),
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_file_may_be_replaced_by_its_result(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("affiliation\nMIT\n")
    geocode_file(path, "affiliation", path)
    assert path.read_text().startswith("affiliation,country,")


# --- Parquet ----------------------------------------------------------------------------------


@pytest.fixture
def arrow():
    return pytest.importorskip("pyarrow")


@pytest.fixture
def parquet(arrow):
    return pytest.importorskip("pyarrow.parquet")


def test_without_pyarrow_the_extra_is_named(tmp_path):
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from caraml_analysis import geocode_file\n"
        "geocode_file('in.parquet', 'affiliation', 'out.parquet')"
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(files.__file__)))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "UsageError: Parquet needs pyarrow" in done.stderr
    assert "pip install 'caraml-analysis[parquet]'" in done.stderr


def test_parquet_keeps_order_and_types(arrow, parquet, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PARQUET_ROWS", 2)
    texts = ["MIT", None, "MIT / DeepMind", "Guo", "KAIST"]
    columns = {
        "id": arrow.array([5, 4, 3, 2, 1], arrow.int8()),
        "affiliation": arrow.array(texts),
        "when": arrow.array([0, 1, None, 3, 4], arrow.timestamp("us", tz="UTC")),
        "kind": arrow.array(["a", "b", "a", None, "a"]).dictionary_encode(),
        "parts": arrow.array([[1], [], None, [2, 3], [4]], arrow.list_(arrow.int16())),
    }
    table = arrow.table(columns).replace_schema_metadata({"made": "by a test"})
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=3)
    summary = geocode_file(tmp_path / "in.parquet", "affiliation", tmp_path / "out.parquet")
    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.select(list(columns)).cast(table.schema).equals(table)
    assert found.schema.metadata[b"made"] == b"by a test"
    assert [found.schema.field(name).type for name in columns] == [
        table.schema.field(name).type for name in columns
    ]
    assert found["country"].to_pylist() == ["USA", None, "USA", None, "KOR"]
    assert found["countries"].to_pylist() == ["USA", "", "USA;GBR", "", "KOR"]
    assert found["confidence"].type == arrow.float64()
    assert found.column_names == [*columns, *tables.RESOLUTIONS.names]
    assert summary.statuses == {"resolved": 3, "empty": 1, "not_found": 1}


@pytest.mark.parametrize("kind", ["large_string", "dictionary", "null"])
def test_parquet_texts_of_every_kind(kind, arrow, parquet, tmp_path):
    texts = {
        "large_string": lambda: arrow.array(["MIT", None], arrow.large_string()),
        "dictionary": lambda: arrow.array(["MIT", None]).dictionary_encode(),
        "null": lambda: arrow.nulls(2),
    }[kind]()
    parquet.write_table(arrow.table({"affiliation": texts}), tmp_path / "in.pq")
    geocode_file(tmp_path / "in.pq", "affiliation", tmp_path / "out.pq")
    first = None if kind == "null" else "USA"
    assert parquet.read_table(tmp_path / "out.pq")["country"].to_pylist() == [first, None]


def test_parquet_without_rows(arrow, parquet, tmp_path):
    table = arrow.table({"affiliation": arrow.array([], arrow.string())})
    parquet.write_table(table, tmp_path / "in.parquet")
    assert geocode_file(tmp_path / "in.parquet", "affiliation", tmp_path / "out.parquet").rows == 0
    assert parquet.read_table(tmp_path / "out.parquet").num_columns == 7


def test_bad_parquet_is_named_and_nothing_is_written(arrow, parquet, tmp_path):
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = arrow.table({"affiliation": ["MIT"] * 5000, "n": list(range(5000))})
    parquet.write_table(table, source)
    whole = source.read_bytes()

    def refused(message, column="affiliation", output=target, **options):
        with pytest.raises(UsageError, match=message):
            geocode_file(source, column, output, **options)
        assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]

    refused(r"in\.parquet: no column 'place' \(found affiliation, n\)", column="place")
    refused(r"column 'n' holds int64, not texts", column="n")
    refused(r"is Parquet and stays Parquet", output=tmp_path / "out.csv")
    refused(r"is Parquet and stays Parquet", output=io.StringIO())
    refused(r"formulas are escaped in CSV only", escape_formulas=True)
    source.write_bytes(whole[:-40])
    refused(r"in\.parquet: is not Parquet, or is cut off")
    source.write_bytes(b"affiliation\nMIT\n")
    refused(r"in\.parquet: is not Parquet, or is cut off")
    source.write_bytes(whole[:20] + bytes(200) + whole[220:])
    refused(r"in\.parquet: cannot be read after row 0 .*No output file was written")
    parquet.write_table(arrow.table({"affiliation": ["MIT"], "country": ["x"]}), source)
    refused(r"already has the column country")
    source.unlink()
    with pytest.raises(UsageError, match=r"in\.parquet: no such file"):
        geocode_file(source, "affiliation", target)
