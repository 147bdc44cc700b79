"""A table of the user's own: any format, any column names, and everything people put into cells."""

from __future__ import annotations

import gzip
import io
import zipfile

import pandas as pd
import pytest

from caraml_analysis import tables
from caraml_analysis.errors import DownloadError, TableError, UsageError, YearError
from caraml_analysis.geocoding import resolve
from caraml_analysis.sources.conference_years import csv, texts

MAPPING = {"title": "Paper title", "affiliation": "Institution", "author": "Who"}
HEADER = "Paper title,Who,Institution\n"


@pytest.fixture
def table(tmp_path):
    """Write a CSV and return its path."""

    def write(content, name="export.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def counted(year):
    """Return entries by affiliation."""
    return year.entries.groupby("affiliation")["entries"].sum().to_dict()


def test_a_table_becomes_a_conference_year(table):
    path = table(HEADER + "A,x,MIT\nA,y,MIT\nA,z,ETH Zurich\nB,x,None\n")
    year = csv.read("My Workshop", 2031, path=path, mapping=MAPPING)
    tables.AUTHORSHIPS.check(year.entries)
    assert list(year.entries.columns) == tables.AUTHORSHIPS.names
    assert counted(year) == {"MIT": 2, "ETH Zurich": 1, "": 1}
    assert set(year.entries["conference"]) == {"My Workshop"}
    assert set(year.entries["year"]) == {2031}
    assert year.kind == "user"
    assert year.edition.startswith("sha256:")
    assert year.inputs[0].url == "export.csv"
    assert {name: year.counts[name] for name in ("papers", "entries", "empty")} == {
        "papers": 2,
        "entries": 4,
        "empty": 1,
    }


def test_names_are_dropped_unless_asked_for(table):
    path = table(HEADER + "A,Ada Sample,MIT\nA,Bo Tester,MIT\n")
    assert "Ada" not in csv.read("W", 2031, path=path, mapping=MAPPING).entries.to_csv()
    named = csv.read("W", 2031, path=path, mapping=MAPPING, keep_authors=True)
    assert named.entries[["author", "entries"]].to_numpy().tolist() == [
        ["Ada Sample", 1],
        ["Bo Tester", 1],
    ]


def test_own_column_names_are_found_in_any_case(table):
    year = csv.read("W", 2031, path=table("TITLE,affiliation\nA,MIT\n"))
    assert counted(year) == {"MIT": 1}


def test_several_columns_of_affiliations_are_joined(table):
    path = table("title,First,Second,Third\nA,MIT,,\nA,ETH,None,EPFL\nA,,,\nA,UCL,UCL,\n")
    year = csv.read("W", 2031, path=path, mapping={"affiliation": ["First", "Second", "Third"]})
    assert counted(year) == {"MIT": 1, "ETH / EPFL": 1, "": 1, "UCL": 1}


def test_registrations_without_papers_count_each_row(table):
    path = table("Institution\nMIT\nMIT\n")
    year = csv.read("W", 2031, path=path, mapping={"affiliation": "Institution", "paper": ""})
    assert year.counts["papers"] == 2
    assert counted(year) == {"MIT": 2}


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_workbooks_and_parquet_are_read(table, ending):
    frame = pd.DataFrame(
        {
            "Paper": ["A", "A", None],
            "Institution": ["MIT", "NA", "Université\nde Rouen"],
            "n": [1, 2, 3],
        }
    )
    frame["Paper"] = frame["Paper"].fillna("B")
    content = io.BytesIO()
    if ending == "parquet":
        frame.to_parquet(content)
    else:
        content.write(workbook(frame))
    path = table(content.getvalue(), f"export.{ending}")
    year = csv.read("W", 2031, path=path, mapping={"affiliation": "Institution"})
    assert counted(year) == {"MIT": 1, "": 1, "Université de Rouen": 1}
    assert year.counts["papers"] == 2


def workbook(frame, sheets=("Export",)):
    """Return a workbook with the least that makes one; every sheet holds the same."""

    def cell(value):
        text = str(value).replace("&", "&amp;")
        return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'

    rows = [list(frame.columns), *frame.to_numpy().tolist()]
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main'
            '+xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            + "".join(
                f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
                for number, name in enumerate(sheets, start=1)
            )
            + "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">'
            + "".join(
                f'<Relationship Id="r{number}" Type="{relations}/worksheet" '
                'Target="worksheets/sheet1.xml"/>'
                for number, _ in enumerate(sheets, start=1)
            )
            + "</Relationships>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        )
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"PK not a workbook", "a.xlsx", "cannot be read as a workbook.*save it as CSV"),
        (b"PAR1 not one", "a.parquet", "cannot be read as Parquet"),
    ],
)
def test_a_damaged_file_is_said(table, content, name, message):
    with pytest.raises(UsageError, match=message):
        csv.read("W", 2031, path=table(content, name))


def test_a_missing_column_is_named_with_the_option_that_maps_it(table):
    path = table(HEADER + "A,x,MIT\n")
    with pytest.raises(
        TableError,
        match=r"no column 'affiliation' \(found 'Paper title', 'Who', 'Institution'\).*"
        r"--map affiliation=Institution",
    ):
        csv.read("W", 2031, path=path)
    with pytest.raises(TableError, match=r"no column 'title' or 'paper'.*--map paper="):
        csv.read("W", 2031, path=path, mapping={"affiliation": "Institution"})
    with pytest.raises(TableError, match="no column 'Organisation', which 'affiliation' is mapped"):
        csv.read("W", 2031, path=path, mapping={"affiliation": "Organisation"})
    with pytest.raises(UsageError, match="no field 'afiliation' to map to; there are affiliation"):
        csv.read("W", 2031, path=path, mapping={"afiliation": "Institution"})


def test_another_delimiter_is_suspected(table):
    with pytest.raises(TableError, match=r"--map affiliation=Institution\..*add --delimiter ';'"):
        csv.read("W", 2031, path=table("title;affiliation\nA;MIT\n"))
    with pytest.raises(TableError, match="Then add --delimiter ';'"):  # also with a mapping
        csv.read(
            "W",
            2031,
            path=table("Title;Institution\nA;MIT\n"),
            mapping={"affiliation": "Institution"},
        )
    with pytest.raises(TableError, match=r"Then add --delimiter '\\t'"):
        csv.read("W", 2031, path=table("title\taffiliation\nA\tMIT\n"))
    tabs = csv.read("W", 2031, path=table("title\taffiliation\nA\tMIT\n"), delimiter="\\t")
    assert tabs.entries["affiliation"].tolist() == ["MIT"]
    year = csv.read("W", 2031, path=table("title;affiliation\nA;MIT\n"), delimiter=";")
    assert counted(year) == {"MIT": 1}


@pytest.mark.parametrize(
    ("content", "mapping", "message"),
    [
        (
            "Registrations\n\n" + HEADER + "A,x,MIT\n",
            MAPPING,
            r"The header seems to be in line 3 \('Paper title', 'Who', 'Institution'\): delete the",
        ),
        ("ICML,,\nof today,,\nTitle,Affiliation,Who\nA,MIT,x\n", {}, r"to be in line 3 \('Title',"),
        # no name is known yet: the mapping option is shown, too
        (
            "Registrations\n" + HEADER + "A,x,MIT\n",
            {},
            r"--map affiliation=.*to be in line 2 \('Pa",
        ),
        ("Registrations\ntitle;affiliation\nA;MIT\n", {}, r"in line 2 .*Then add --delimiter ';'"),
        (
            "a caption, with a comma\ntitle,affiliation\nA,MIT\n",
            {},
            r"seems to be in line 2 \('tit",
        ),
    ],
)
def test_a_caption_above_the_header_is_suspected(table, content, mapping, message):
    with pytest.raises(TableError, match=message):
        csv.read("W", 2029, path=table(content), mapping=mapping)


def test_a_caption_above_the_header_of_a_workbook_is_suspected(table):
    rows = pd.DataFrame([["", ""], ["Title", "Institution"], ["A", "MIT"]])
    path = table(workbook(rows.set_axis(["All authors", ""], axis=1)), "a.xlsx")
    with pytest.raises(TableError, match=r"seems to be in row 3 \('Title', 'Institution'\)"):
        csv.read("W", 2029, path=path, mapping={"affiliation": "Institution"})


@pytest.mark.parametrize(
    "content",
    [
        HEADER + "A,x,MIT\n",  # only names are wrong
        "Institution\nETH\n'MIT, Cambridge'\nEPFL\n",
        "Institution;Who\nETH;x\n",
        'Registrations\ntitle,affiliation\nA,"MIT\n',
        "Registrations\n",
    ],
)
def test_a_header_in_its_place_is_not_suspected(table, content):
    with pytest.raises(TableError, match="no column 'affiliation'") as error:
        csv.read("W", 2029, path=table(content))
    assert "seems to be" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER + "A,x,MIT\nB,y\n", "line 3 has 2 fields"),
        (HEADER + 'A,x,"MIT\n', "closing quote missing"),
        ((HEADER + "A,x,Université\n").encode("cp1252"), "byte 0xe9"),
    ],
)
def test_an_error_says_what_became_of_the_workspace(table, content, message):
    kept = r".*Nothing was added; the workspace is as it was\."
    with pytest.raises(UsageError, match=message + kept) as error:
        csv.read("W", 2029, path=table(content), mapping=MAPPING)
    assert "output file" not in str(error.value)


def test_a_mapping_is_forgiving_and_its_mistakes_are_told(table):
    path = table("Paper title,Full name,Organisation,Country\nA,x,MIT,USA\nB,y,ETH,\n")
    mapping = {" Affiliation ": " organisation", "TITLE": "paper title "}
    assert counted(csv.read("W", 2029, path=path, mapping=mapping)) == {"MIT": 1, "ETH": 1}
    for wrong, message in (
        ({}, "for example --map affiliation=Organisation$"),
        ({"affiliation": "Organisation"}, r"for example --map title='Paper title'$"),
        (
            {"Organisation": "affiliation"},
            r"The field comes first, then the column: --map affiliation=Organisation\.$",
        ),
        (
            {"affiliation": "Organisation, Country"},
            "one by one: --map affiliation=Organisation --map affiliation=Country",
        ),
    ):
        with pytest.raises((TableError, UsageError), match=message.replace("$", r"\.?$")):
            csv.read("W", 2029, path=path, mapping=wrong)
    with pytest.raises(TableError, match="for example --map author='Full name'"):
        csv.read("W", 2029, path=path, mapping=mapping, keep_authors=True)


def test_a_list_with_tabs_and_commas_is_not_taken_for_one_with_a_caption(table):
    rows = "".join(f"A, {n}\tMIT\n" for n in range(5))
    with pytest.raises(TableError, match=r"Then add --delimiter '\\t'\.$"):
        csv.read("W", 2029, path=table("title\taffiliation\n" + rows))


@pytest.mark.parametrize("between", ["; ", "|", "\n"])
def test_rows_that_are_papers_with_a_list_of_affiliations_are_refused(table, between):
    rows = "".join(f'Paper {n},"{between.join(("MIT", "ETH"))}"\n' for n in range(5))
    with pytest.raises(TableError, match=r"every paper has one row.*Give one row for each author"):
        csv.read("W", 2029, path=table("title,affiliation\n" + rows))
    registrations = csv.read(
        "W", 2029, path=table("title,affiliation\n" + rows), mapping={"paper": "", "title": ""}
    )
    assert registrations.counts["entries"] == 5


@pytest.mark.parametrize(("between", "split"), [("; ", ";"), ("|", "|"), ("\n", "\\n")])
def test_rows_that_are_papers_can_be_split(table, between, split):
    def paper(title, names, texts):
        return f'{title},"{between.join(names)}","{between.join(texts)}"\n'

    content = HEADER + (
        paper("A", ["Ada", "Bo"], ["Texas A&amp;M", "ETH"])
        + paper("B", ["Cleo"], ["ETH", ""])  # ends with what stands between
        + paper("C", ["Dan", "Eve", "Fay"], ["MIT", "None"])
    )
    path = table(content)
    year = csv.read("W", 2029, path=path, mapping=MAPPING, split=split, keep_authors=True)
    assert counted(year) == {"Texas A&M": 1, "ETH": 2, "MIT": 1, "": 2}
    assert (year.counts["papers"], year.counts["entries"]) == (3, 6)
    assert year.notes[0] == "Papers with another number of affiliations than of authors: 1."
    names = dict(zip(year.entries["author"], year.entries["affiliation"], strict=True))
    assert (names["Ada"], names["Bo"], names["Cleo"]) == ("Texas A&M", "ETH", "ETH")
    assert "Dan" not in names  # nothing says which one is Dan's
    without = csv.read("W", 2029, path=path, mapping=MAPPING | {"author": ""}, split=split)
    assert counted(without) == {"Texas A&M": 1, "ETH": 2, "MIT": 1, "": 1}


def test_a_long_list_of_authors_is_no_long_text(table):
    row = 'A,"' + "; ".join(["MIT"] * 2_000) + '"\n'
    path = table("title,affiliation\n" + row * 2)  # the same paper twice
    assert counted(csv.read("W", 2029, path=path, split=";")) == {"MIT": 2_000}
    path = table(f"title,affiliation\nA,MIT; {'x' * 6_000}\n")
    with pytest.raises(UsageError, match="line 2: the affiliation has 6,001 characters"):
        csv.read("W", 2029, path=path, split=";")


def test_only_rows_that_are_papers_can_be_split(table):
    path = table("title,affiliation,second\nA,MIT; ETH,KAIST\n")
    for mapping in (
        {"affiliation": ["affiliation", "second"]},
        {"title": "", "paper": ""},
    ):
        with pytest.raises(UsageError, match="split ';' is for rows that are papers"):
            csv.read("W", 2029, path=path, mapping=mapping, split=";")


def test_papers_of_one_row_each_get_a_note(table):
    rows = [f"Paper {n},Texas A&amp;M{'; MIT' * (n < 2)}\n" for n in range(5)]
    content = "title,affiliation\n" + "".join(rows)
    note = "Each paper has one row only, 5 in all: are all its authors there?"
    assert note in csv.read("W", 2029, path=table(content)).notes
    # one paper of two authors shows that rows are authors
    more = csv.read("W", 2029, path=table(content + "Paper 1,ETH\n"))
    assert more.notes == ()


def test_a_column_without_any_affiliation_is_refused(table):
    path = table("title,Affiliation,Institution\nA,,MIT\nB,N/A,ETH\n")
    with pytest.raises(TableError, match=r"names anything in 'Affiliation'.*--map affiliation="):
        csv.read("W", 2029, path=path)


def test_the_sheets_of_a_workbook_are_named_if_it_may_be_another(table):
    frame = pd.DataFrame({"About": ["this file"], "by": ["us"]})
    path = table(workbook(frame, ("Read me", "Authors")), "a.xlsx")
    with pytest.raises(TableError, match=r"Its sheets are 'Read me', 'Authors': --sheet names one"):
        csv.read("W", 2029, path=path)
    with pytest.raises(TableError, match="no column 'affiliation'") as error:
        csv.read("W", 2029, path=table(workbook(frame), "b.xlsx"))
    assert "--sheet" not in str(error.value)


def test_authors_with_a_row_for_each_affiliation_are_counted(table):
    path = table(HEADER + "A,x,MIT\nA,x,ETH\nA,y,MIT\nB,x,MIT\n")
    year = csv.read("W", 2029, path=path, mapping=MAPPING)
    assert year.notes == ("Rows of an author whom the paper has already, counted as entries: 1.",)
    assert year.counts["entries"] == 4


def test_columns_that_do_not_say_the_conference_can_be_left_out(table):
    path = table("conference,year,title,affiliation\nW 2029,1st,A,MIT\n")
    with pytest.raises(TableError, match=r"it has W 2029 1st\..*--map conference= or --map year="):
        csv.read("W", 2029, path=path)
    year = csv.read("W", 2029, path=path, mapping={"conference": "", "year": ""})
    assert counted(year) == {"MIT": 1}
    path = table("conference,title,affiliation\nMyConf,A,MIT\n")
    assert counted(csv.read("myconf", 2029, path=path)) == {"MIT": 1}


def test_files_that_are_not_what_their_names_say_are_told(table):
    content = workbook(pd.DataFrame({"title": ["A"], "affiliation": ["MIT"]}))
    with pytest.raises(UsageError, match=r"a\.csv: is a workbook or a ZIP archive, not CSV"):
        csv.read("W", 2029, path=table(content, "a.csv"))
    with pytest.raises(UsageError, match=r"is compressed \(gzip\), not CSV.*Nothing was added"):
        csv.read("W", 2029, path=table(gzip.compress(b"title,affiliation\n"), "a.csv.gz"))
    with pytest.raises(UsageError, match=r"If it is a CSV, end its name with \.csv"):
        csv.read("W", 2029, path=table("title,affiliation\nA,MIT\n", "a.xlsx"))
    with pytest.raises(UsageError, match=r"Its sheets are 'Export'\."):
        csv.read("W", 2029, path=table(content, "a.xlsx"), sheet="Sheet1")


def test_names_can_only_be_kept_if_there_are_any(table):
    with pytest.raises(TableError, match="no column 'author'"):
        csv.read("W", 2031, path=table("title,affiliation\nA,MIT\n"), keep_authors=True)


def test_two_columns_of_one_name_are_refused(table):
    with pytest.raises(TableError, match="has several columns 'affiliation'"):
        csv.read("W", 2031, path=table("title,affiliation,affiliation\nA,MIT,ETH\n"))


def test_a_header_in_the_middle_is_left_out_and_said(table):
    path = table(HEADER + "A,x,MIT\n" + HEADER + "B,y,ETH\n")
    year = csv.read("W", 2031, path=path, mapping=MAPPING)
    assert counted(year) == {"MIT": 1, "ETH": 1}
    assert year.counts["repeated_headers"] == 1
    assert "Lines that repeat the header, left out: 1." in year.notes


def test_a_table_written_twice_counts_once(table):
    rows = "A,x,MIT\nA,y,MIT\nB,x,ETH\n"
    path = table(HEADER + rows + HEADER + rows)
    year = csv.read("W", 2031, path=path, mapping=MAPPING)
    assert counted(year) == {"MIT": 2, "ETH": 1}
    assert year.counts["repeated_rows"] == 3


def test_equal_rows_without_names_are_different_persons(table):
    year = csv.read("W", 2031, path=table("title,affiliation\nA,MIT\nA,MIT\n"))
    assert counted(year) == {"MIT": 2}
    assert "Rows that equal another one but name no author, kept: 1." in year.notes


def test_authors_without_names_count(table):
    path = table(HEADER + "A,,MIT\nA,None,ETH\nA,z,EPFL\n")
    year = csv.read("W", 2031, path=path, mapping=MAPPING)
    assert year.counts["entries"] == 3
    assert "Rows without an author, counted as entries: 2." in year.notes


def test_line_breaks_and_blanks_in_titles_make_no_new_paper(table):
    path = table(HEADER + '"Counting\nClouds",x,MIT\n"Counting  Clouds",y,"ETH\r\nZurich"\n')
    year = csv.read("W", 2031, path=path, mapping=MAPPING)
    assert year.counts["papers"] == 1
    assert counted(year) == {"MIT": 1, "ETH Zurich": 1}


def test_bytes_of_another_encoding_are_named_by_line(table):
    content = (HEADER + "A,x,MIT\nB,y,Université\n").encode("cp1252")
    with pytest.raises(UsageError, match=r"line 3: byte 0xe9 .*--encoding cp1252"):
        csv.read("W", 2031, path=table(content), mapping=MAPPING)
    year = csv.read("W", 2031, path=table(content), mapping=MAPPING, encoding="cp1252")
    assert counted(year) == {"MIT": 1, "Université": 1}
    replaced = csv.read("W", 2031, path=table(content), mapping=MAPPING, encoding_errors="replace")
    assert "Characters that could not be read and stand as U+FFFD: 1." in replaced.notes


def test_a_very_long_field_is_named_by_line(table):
    path = table(HEADER + f'A,x,MIT\n"B\nC",y,{"x" * 10_000_000}\n')
    with pytest.raises(UsageError, match=r"line 3: the affiliation has 10,000,000 characters"):
        csv.read("W", 2031, path=path, mapping=MAPPING)


def test_a_very_long_field_that_is_not_used_does_no_harm(table):
    path = table(f"title,affiliation,abstract\nA,MIT,{'x' * 10_000_000}\n")
    assert counted(csv.read("W", 2031, path=path)) == {"MIT": 1}


def test_a_row_of_another_width_or_an_open_quote_is_named_by_line(table):
    with pytest.raises(UsageError, match="line 3 has 2 fields instead of 3"):
        csv.read("W", 2031, path=table(HEADER + "A,x,MIT\nB,y\n"), mapping=MAPPING)
    with pytest.raises(UsageError, match="line 2: is not CSV"):
        csv.read("W", 2031, path=table(HEADER + 'A,x,"MIT\nB,y,ETH\n'), mapping=MAPPING)


def test_a_row_without_a_paper_is_named_by_line(table):
    with pytest.raises(UsageError, match=r"line 3: tells no paper\..*has to be filled down"):
        csv.read("W", 2031, path=table(HEADER + "A,x,MIT\n,y,ETH\n"), mapping=MAPPING)


def test_only_rows_of_the_conference_and_year_are_read(table):
    content = (
        "conference,year,title,affiliation\nNIPS,2031,A,MIT\nneurips,2030,B,ETH\nICML,2031,C,X\n"
    )
    year = csv.read("nips", 2031, path=table(content))
    assert counted(year) == {"MIT": 1}
    assert year.conference == "NeurIPS"
    assert "Rows of other conferences or years, left out: 2." in year.notes


def test_a_wrong_conference_or_year_says_which_there_are(table):
    path = table("conference,year,title,affiliation\nNIPS,2031,A,MIT\nICML,2030,C,X\n")
    with pytest.raises(YearError, match="no rows of ICML 2031; it has ICML 2030, NeurIPS 2031"):
        csv.read("ICML", 2031, path=path)
    with pytest.raises(TableError, match="no rows of KDD 2031; it has"):
        csv.read("KDD", 2031, path=path)


@pytest.mark.parametrize(
    ("content", "message"), [("", "is empty"), (HEADER, "a header but no rows")]
)
def test_a_file_without_rows_is_said(table, content, message):
    with pytest.raises(UsageError, match=message):
        csv.read("W", 2031, path=table(content), mapping=MAPPING)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(DownloadError, match=r"nowhere.csv: cannot be read \(no such file\)"):
        csv.read("W", 2031, path=tmp_path / "nowhere.csv")


def test_escapes_addresses_and_own_names_are_cleaned(table):
    path = table(
        HEADER
        + "A,Ada Sample,Huawei Noah&amp;#x27;s Ark Lab\nA,Bo Tester,tester\n"
        + "B,Cleo Proband,cleo@mit.example\nB,Dov Muster,see https://sample.example/dov\n"
    )
    year = csv.read("W", 2031, path=path, mapping=MAPPING)
    assert counted(year) == {"Huawei Noah's Ark Lab": 1, "": 1, "@mit.example": 1, "see": 1}


def test_paper_numbers_tell_nothing_and_stay_the_same(table):
    one = csv.read("W", 2031, path=table(HEADER + "A,x,MIT\nB,y,ETH\n"), mapping=MAPPING)
    other = csv.read("W", 2031, path=table(HEADER + "B,y,ETH\nA,x,MIT\n"), mapping=MAPPING)
    assert one.entries.equals(other.entries)
    assert set(one.entries["paper"]) == {1, 2}


@pytest.mark.parametrize("text", sorted(texts.NOTHING - {"null"}))
def test_what_counts_as_nothing_is_empty_for_the_geocoder_too(text):
    assert resolve(text).status == "empty"
