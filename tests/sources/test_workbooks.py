"""Workbooks from the network: whole ones are read, others are refused before they do harm."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import pytest

from caraml_analysis.errors import ArchiveError, SourceChangedError
from caraml_analysis.sources.workbooks import read_sheet
from tests.upstreams import LOGIN, xlsx

SMALL = xlsx([["Rank", "Country"], [1, "Kenya"], ["", 2.5]], "64")


def test_cells_and_sheet_name():
    sheet = read_sheet(SMALL, "a.xlsx")
    assert sheet.name == "64"
    assert sheet.rows == [["Rank", "Country"], [1, "Kenya"], ["", 2.5]]


def test_an_empty_first_row_is_kept():
    assert read_sheet(xlsx([[], ["Rank"]]), "a.xlsx").rows == [[""], ["Rank"]]


def test_a_missing_sheet_is_named_with_those_that_are_there():
    with pytest.raises(SourceChangedError, match=r"no sheet 'Country Analytical.*but 64"):
        read_sheet(SMALL, "a.xlsx", "Country Analytical History")


@pytest.mark.parametrize("length", [4, 60, 500, -200, -30])
def test_a_truncated_workbook_is_an_archive_error(length):
    with pytest.raises(ArchiveError, match=r"a\.xlsx: is damaged or truncated.*nothing was chang"):
        read_sheet(SMALL[:length], "a.xlsx")


def test_a_damaged_old_workbook_is_an_archive_error():
    broken = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    with pytest.raises(ArchiveError, match=r"a\.xls: is damaged or truncated"):
        read_sheet(broken, "a.xls")


def test_a_login_page_is_told_from_a_workbook():
    with pytest.raises(
        SourceChangedError, match=r"is a login page \('Login \| TOP500'\).*the file itself"
    ):
        read_sheet(LOGIN, "a.xlsx")
    with pytest.raises(SourceChangedError, match=r"is a web page \('without a title'\)"):
        read_sheet(b"<html><p>Moved</p></html>", "a.xlsx")


def test_other_files_are_refused():
    with pytest.raises(SourceChangedError, match=r"is no Excel workbook .it begins b'Rank,Count"):
        read_sheet(b"Rank,Country\n1,Kenya\n", "a.xlsx")


def test_a_zip_bomb_is_not_unpacked():
    bomb = xlsx([["Rank"]], extra={"xl/media/a.bin": bytes(80_000_000)})
    assert len(bomb) < 200_000
    with pytest.raises(ArchiveError, match=r"would unpack from .* to 80,.* It was not opened"):
        read_sheet(bomb, "a.xlsx")


def test_a_zip_that_lies_about_its_size_is_found_out():
    content = bytearray(xlsx([["Rank"]], extra={"xl/media/a.bin": bytes(3_000_000)}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        real = archive.getinfo("xl/media/a.bin").file_size
    lie = content.replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(ArchiveError, match="is damaged or truncated"):
        read_sheet(bytes(lie), "a.xlsx")


def test_many_members_are_refused():
    many = xlsx([["Rank"]], extra={f"xl/{i}.xml": b"" for i in range(600)})
    with pytest.raises(ArchiveError, match="in 605 files: no workbook is like that"):
        read_sheet(many, "a.xlsx")


def test_cells_far_apart_are_refused_before_memory_is_asked_for():
    sheet = xlsx([["Rank"]])
    with zipfile.ZipFile(io.BytesIO(sheet)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = members[name].replace(
        b"</row>", b'</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    with pytest.raises(ArchiveError, match="a sheet of 1,048,576 rows and 16,384 columns"):
        read_sheet(buffer.getvalue(), "a.xlsx")


def test_without_the_reader_the_message_says_what_to_install():
    code = (
        "import sys; sys.modules['python_calamine'] = None\n"
        "from caraml_analysis.sources.workbooks import read_sheet\n"
        "from caraml_analysis.errors import UsageError\n"
        "try:\n    read_sheet(b'', 'a.xlsx')\n"
        "except UsageError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'caraml-analysis[data]'" in done.stdout
