"""A user's own judgements: they win, they are checked row by row, and unused ones are named."""

from __future__ import annotations

import re
import time

import numpy as np
import pandas as pd
import pytest

from caraml_analysis import geocode, resolve
from caraml_analysis.errors import TableError
from caraml_analysis.geocoding.overrides import PATTERN_CHARACTERS, Overrides, why_costly


@pytest.fixture
def read(tmp_path):
    """Write a CSV of overrides and read it."""

    def read_text(text, encoding="utf-8"):
        path = tmp_path / "mine.csv"
        path.write_bytes(text.encode(encoding))
        return Overrides.read(path)

    return read_text


def test_a_text_wins_over_everything(read):
    mine = read("text,country,reason\nMIT,KE,a course\nN/A,ken,\n-,NA,\n")
    assert resolve("MIT").country == "USA"
    found = resolve("MIT", overrides=mine)
    assert (found.country, found.status, found.method) == ("KEN", "resolved", "override")
    assert found.confidence == 1.0
    assert found.evidence == 'mine.csv row 2: text "MIT" (a course)'
    assert resolve("N/A", overrides=mine).country == "KEN"  # even where the engine sees no text
    assert resolve("-", overrides=mine).country == "NAM"
    assert resolve("MIT Lincoln Laboratory", overrides=mine).method != "override"


def test_texts_are_compared_without_markup_spaces_and_capitals(read):
    mine = read("text,country\nTexas A&amp;M  Lab,KEN\n")
    for text in ("TEXAS A&M LAB", " Texas A&amp;amp;M Lab ", "texas\ta&m\nlab"):
        assert resolve(text, overrides=mine).country == "KEN"


def test_a_pattern_is_searched_anywhere_and_can_be_anchored(read):
    mine = read("pattern,country\n^our (lab|group)$,KEN\nkemri,UGA\n")
    assert resolve("Our Lab", overrides=mine).country == "KEN"
    assert resolve("Our lab at MIT", overrides=mine).country == "USA"
    found = resolve("KEMRI Wellcome, Oxford", overrides=mine)
    assert found.country == "UGA"
    assert found.evidence == 'mine.csv row 3: pattern "kemri"'


def test_texts_come_before_patterns_and_the_first_pattern_counts(read):
    mine = read("text,pattern,country\n,lab,KEN\n,our,UGA\nour lab,,TZA\n")
    assert resolve("our lab", overrides=mine).country == "TZA"
    assert resolve("our lab 2", overrides=mine).country == "KEN"
    assert resolve("our group", overrides=mine).country == "UGA"


def test_several_countries_and_none(read):
    mine = read("text,country\nJoint Centre,ke; UG ;KEN\nMIT,Unknown\n")
    assert resolve("Joint Centre", overrides=mine).countries == ("KEN", "UGA", "KEN")
    found = resolve("MIT", overrides=mine)
    assert (found.country, found.countries, found.status) == (None, (), "not_found")
    assert found.method == "override"


def test_rows_that_decided_nothing_are_named(read):
    mine = read("text,pattern,country\nour lab,,KEN\n,kemri,KEN\nnever,,USA\n,^nobody$,USA\n")
    geocode(["Our Lab", "KEMRI", "MIT"], overrides=mine)
    assert mine.unused() == ['mine.csv row 4: text "never"', 'mine.csv row 5: pattern "^nobody$"']
    geocode(["Never"], overrides=mine)
    assert mine.unused() == ['mine.csv row 5: pattern "^nobody$"']
    assert repr(mine) == "<Overrides: 4 rows, 3 used>"


def test_use_is_counted_with_several_processes(read, monkeypatch):
    from caraml_analysis.geocoding import batch

    monkeypatch.setattr(batch, "PART", 2)
    mine = read("text,country\nour lab,KEN\nnever,USA\n")
    texts = ["Our Lab", "MIT", "EPFL", "KAIST", "Guo", "Makerere University"]
    table = geocode(texts, overrides=mine, jobs=2)
    assert table["country"].tolist()[:3] == ["KEN", "USA", "CHE"]
    assert mine.unused() == ['mine.csv row 3: text "never"']


def test_a_table_and_a_mapping_do_as_well():
    table = pd.DataFrame(
        {"text": ["our lab", None], "pattern": [np.nan, "kemri"], "country": ["KE", "UG"]},
        index=["a", "b"],
    )
    mine = Overrides.read(table)
    assert resolve("KEMRI", overrides=mine).evidence == 'overrides row b: pattern "kemri"'
    assert mine.unused() == ['overrides row a: text "our lab"']
    assert resolve("Our Lab", overrides={"our lab": "KE;UG"}).countries == ("KEN", "UGA")
    assert geocode(["Our Lab"], overrides=table)["country"].tolist() == ["KEN"]


def test_a_byte_order_mark_and_blank_rows_are_no_fault(read):
    mine = read("text,country\n\nour lab,KEN\n,\n", encoding="utf-8-sig")
    assert len(mine) == 1
    assert mine.find("our lab").evidence == 'mine.csv row 3: text "our lab"'


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_is_read_as_a_spreadsheet_saves_it(mark, encoding, end, read):
    rows = (
        ("country", "text", "reason"),
        ("KEN", "Université, Nairobi", "a; b"),
        ("", "", ""),
        ('"KE;UG"', "Our Lab", ""),
    )
    quoted = [
        [f'"{cell}"' if mark in cell and cell[0] != '"' else cell for cell in row] for row in rows
    ]
    mine = read(end.join(mark.join(row) for row in quoted) + end, encoding=encoding)
    assert mine.find("Université, Nairobi").country == "KEN"
    assert mine.find("our lab").countries == ("KEN", "UGA")
    assert mine.find("our lab").evidence == 'mine.csv row 4: text "Our Lab"'


def test_faults_of_a_file_name_its_whole_path_and_evidence_only_its_name(tmp_path):
    path = tmp_path / "mine.csv"
    for content in ("", "text;note\n", "text;country\na;Kenya\n", 'text;country\n"a;KEN\n'):
        path.write_text(content)
        with pytest.raises(TableError, match=re.escape(f"{path}: ")):
            Overrides.read(path)
    path.write_text("text;country\na;KEN\n")
    assert Overrides.read(path).find("a").evidence == 'mine.csv row 2: text "a"'


def test_names_of_columns_may_have_capitals(read):
    assert read("Text;Country\nOur Lab;KEN\n").find("our lab").country == "KEN"


def test_a_country_in_a_wrong_column_is_no_row_to_be_filled_in(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("text,pattern,country,reason\nOur Lab,KEN,,\nOther,,,\n,^lab,,\n")
    with pytest.raises(TableError, match=r"row 2: .*does 'KEN' belong into the column country\?"):
        Overrides.read(path, skip_unfilled=True)


def test_a_workbook_is_said_to_be_one(tmp_path):
    (tmp_path / "mine.csv").write_bytes(b"PK\x03\x04...")
    with pytest.raises(
        TableError, match=r"mine\.csv: is a workbook or a ZIP.*No override was used"
    ):
        Overrides.read(tmp_path / "mine.csv")


def test_an_open_quote_is_named_by_its_line(read):
    with pytest.raises(
        TableError, match=r"line 3: is not CSV .*is a closing quote missing\? No over"
    ):
        read('text,country\na,KEN\n"b,UGA\nc,RWA\n')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text;country;note\na;KEN;\n", r"unknown column 'note' \(found 'text', 'country', 'no"),
        ("text;country\na;KEN;UGA\n", r'row 2: has 3 cells, not 2; .*needs quotes.*"KEN;UGA"'),
        ("text,country\na,?\n", r"'\?' is not a country code.*nobody can tell, write 'unknown'"),
        ("text,country,note\na,KEN,\n", r"mine\.csv: unknown column 'note' \(found 'text'.*"),
        ("text\na\n", r"no column 'country' \(found 'text'\)\. Nothing was resolved"),
        ("country\nKEN\n", r"no column 'text' or 'pattern'"),
        ("text,text,country\na,b,KEN\n", r"column 'text' occurs twice"),
        ("", r"is empty\. Nothing was resolved\. Give it the columns text, country"),
        (
            "text,country\na,KEN\nb,Kenya\n",
            r"row 3: 'Kenya' is not a country code.*\. Kenya is KEN",
        ),
        ("text,country\na,UG;South Korea;Kenya\n", r"South Korea is KOR; Kenya is KEN"),
        ("text,country\na,KEN;ZZZ\n", r"row 2: 'ZZZ' is not a country code"),
        ("text,country\na,KEN;\n", r"row 2: '' is not a country code"),
        ("text,country\na,unknown;KEN\n", r"row 2: 'unknown' is not a country code"),
        ("text,country\na,\n", r"row 2: country is empty; .*for Namibia NAM"),
        ("text,country\na,KEN;KE\n", r"row 2: country 'KEN;KE' names one country twice"),
        ("text,country\na,KEN,x\n", r"row 2: has 3 cells, not 2; is a quote missing"),
        ("text,pattern,country\na,b,KEN\n", r"row 2: both text and pattern are filled in"),
        ("text,pattern,country\n,,KEN\n", r"row 2: neither text nor pattern is filled in"),
        ("pattern,country\n(a,KEN\n", r"row 2: pattern '\(a' is no regular expression"),
        ("pattern,country\n(a+)+$,KEN\n", r"row 2: pattern .* repeats a group that holds a repeat"),
        ("pattern,country\n.*a.*b.*c.*,KEN\n", r"row 2: pattern .* has more than 3 of"),
        ("pattern,country\na*,KEN\n", r"row 2: pattern 'a\*' fits every text"),
        ("text,country\na,KEN\nA,KEN\n", r'row 3: names the same as mine\.csv row 2: text "a"; de'),
        (
            "text,country\na,KEN\nA,unknown\n",
            r'row 3: names the same as .*row 2: text "a", which says KEN and not unknown',
        ),
        ("pattern,country\nab,KEN\nab,USA\n", r"row 3: .*which says KEN and not USA"),
    ],
)
def test_faults_are_named_with_their_row(content, message, read):
    with pytest.raises(TableError, match=message):
        read(content)


def test_all_faults_are_named_at_once(read):
    rows = "".join(f"text {number},XX\n" for number in range(14))
    with pytest.raises(TableError, match=r"(?s)14 rows cannot be used:.*row 11: .*and 4 more") as e:
        read("text,country\ngood,KEN\n" + rows)
    assert "No override was used and nothing was resolved" in str(e.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path, read):
    with pytest.raises(TableError, match=r"no\.csv: overrides cannot be read \(No such file"):
        geocode(["MIT"], overrides=tmp_path / "no.csv")
    with pytest.raises(TableError, match=r"cannot be read \(Is a directory"):
        Overrides.read(tmp_path)
    with pytest.raises(
        TableError,
        match=r"line 3: byte 0xe9 is not utf-8\. No override was used .*must be UTF-8.*"
        r"Save the file as UTF-8: in Excel with the type 'CSV UTF-8'",
    ):
        read("text;country\nMIT;USA\nUniversité;FRA\n", encoding="cp1252")


def test_other_things_are_no_overrides():
    with pytest.raises(TableError, match=r"a path, a DataFrame or a mapping is wanted, not int"):
        Overrides.read(5)
    with pytest.raises(TableError, match=r"key 1: text is int \(5\), not a text"):
        Overrides.read({5: "KEN"})
    with pytest.raises(TableError, match=r"key 1: country is list"):
        Overrides.read({"a": ["KEN"]})
    with pytest.raises(TableError, match=r"row 0: country is empty"):
        Overrides.read(pd.DataFrame({"text": ["a"], "country": [np.nan]}))


HARMLESS = [
    r"^(?:Univ\.|University) of Nairobi$",
    r"University.*of.*Nairobi",
    r"\bKEMRI\b",
    r"[(a+)+]+x",
    r"\(a+\)+x",
    r"(?P<name>abc)?d",
    r"(?i:abc)+",
    r"a+?b*?c",
    r"(abc){2}",
    r"Labou?ratory",
    r"(?=.*Nairobi)x",
    r"a{2,3}",
    r"[]a]+x",
    r"x{y",
]
COSTLY = [
    r"(a+)+",
    r"(a*)*b",
    r"(a|aa)+$",
    r"(?:a+){20}",
    r"((a+)b)*",
    r"(?P<x>\w+\s?)*$",
    r"(a?){30}a",
    r"([^,]*,)+x",
    r"a+b+c+d+",
    r"a?b?c?d?e?f?g?h?i?j?k?",
    r".{0,9}.{0,9}.{0,9}.{0,9}",
    r"(a+)?(b+)+",
]


@pytest.mark.parametrize("pattern", HARMLESS)
def test_everyday_patterns_are_allowed(pattern):
    re.compile(pattern)
    assert why_costly(pattern) is None


@pytest.mark.parametrize("pattern", COSTLY)
def test_patterns_that_could_take_for_ever_are_refused(pattern):
    re.compile(pattern)
    assert why_costly(pattern)


def test_a_long_text_does_not_make_a_pattern_slow():
    mine = Overrides.read(pd.DataFrame({"pattern": ["a.*b.*c"], "country": ["KEN"]}))
    started = time.process_time()
    assert mine.find("ab" * 500_000) is None
    assert time.process_time() - started < 10  # without the bound many minutes
    assert mine.find("a" * (PATTERN_CHARACTERS - 2) + "bc").country == "KEN"
    assert mine.find("a" * (PATTERN_CHARACTERS - 1) + "bc") is None


def test_what_names_no_single_country_gets_no_hint():
    for name in ("Georgia", "ZZZ", "Springfield", "MIT"):
        with pytest.raises(TableError) as told:
            resolve("Our Lab", overrides={"our lab": name})
        assert " is not a country code" in str(told.value)
        assert f"{name} is " not in str(told.value)
