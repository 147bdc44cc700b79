"""The validator finds what makes a reviewed table wrong, and says who wins."""

from __future__ import annotations

import pytest

from caraml_analysis.geocoding import validator
from caraml_analysis.geocoding.validator import ERROR, NOTE, Context, Row, validate

CONTEXT = Context(
    places={"ankara": "city", "princeton": "city", "chile": "country", "atlanta": "city"},
    codes=frozenset(("VT",)),
    ror={
        "acme university": "FRA",
        **{f"university of place{i}": "USA" for i in range(120)},
        **{f"technische universitat place{i}": "DEU" for i in range(2)},
    },
    words={"fast": 7},
)


def numbered(*rows):
    """Return the rows with the positions in which they win."""
    return [Row(**{**_fields(row), "position": i}) for i, row in enumerate(rows)]


def errors(*rows):
    found = validate(numbered(*rows), CONTEXT)
    return [(f.check, f.item) for f in found if f.severity == ERROR]


def test_a_proper_row_is_fine():
    row = Row(
        "Bilkent University",
        "TUR",
        aliases=("Bilkent", "Bilkent Üniversitesi"),
        acronyms=("UMRAM",),
        domains=("bilkent.edu.tr",),
    )
    assert errors(row) == []


@pytest.mark.parametrize(
    ("row", "check"),
    [
        (Row(" ", "TUR"), "name"),
        (Row("Acme", "TUR", kind="firm"), "kind"),
        (Row("Acme", "TR"), "country"),
        (Row("Acme", "TUR", headquarters="yes"), "headquarters"),
        (Row("Acme", "TUR", headquarters="1"), "headquarters"),
    ],
)
def test_fields(row, check):
    assert check in [found for found, _ in errors(row)]


@pytest.mark.parametrize("domain", ["Acme.org", "acme", "name@acme.org", "http://acme.org", "a..b"])
def test_domain_syntax(domain):
    assert errors(Row("Acme", "TUR", domains=(domain,))) == [("domain", domain)]


def test_a_host_below_another_of_the_row():
    assert errors(Row("Acme", "TUR", domains=("cs.acme.org", "acme.org"))) == [
        ("domain", "cs.acme.org")
    ]


@pytest.mark.parametrize("acronym", ["Acme", "acme", "VT", "FAST"])
def test_what_is_no_acronym(acronym):
    assert errors(Row("Other", "TUR", acronyms=(acronym,))) == [("acronym", acronym)]


@pytest.mark.parametrize("acronyms", [("UTokyo",), ("CMU", "cmu"), ("ÚFAL",), ("C-DAC",)])
def test_what_is_an_acronym(acronyms):
    assert errors(Row("Other", "TUR", acronyms=acronyms)) == []


@pytest.mark.parametrize(
    ("alias", "check"),
    [
        ("Acme*", "mark"),
        ("name@acme.org", "mark"),
        ("Acme; Other", "mark"),
        ("Universit? Acme", "mark"),
        ("Acme &amp; Sons", "mark"),
        ("Acme 06800", "number"),
        ("1 Acme University", "number"),
        ("Acme University1", "number"),
        ("Acme (Ankara", "unfinished"),
        ("Institute of", "unfinished"),
        ("Acme,", "unfinished"),
    ],
)
def test_marks_that_no_name_has(alias, check):
    assert errors(Row("Acme University", "TUR", aliases=(alias,))) == [(check, alias)]


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("Bilkent University", "Bilkent University, Ankara"),
        ("Bilkent University", "Bilkent University Ankara"),
        ("Universidad Central", "Universidad Central, Chile"),
        ("Georgia Institute of Technology", "Georgia Institute of Technology Atlanta"),
        ("Bilkent University", "Bilkent University (BU)"),
        ("Bilkent University", "Department of Computer Science Bilkent University"),
        ("Bilkent University", "Vision Group, Bilkent University"),
        ("Bilkent University", "Bilkent University and Acme University"),
        ("Bilkent University", "Bilkent University & Acme University"),
    ],
)
def test_an_alias_that_says_more_than_a_name(name, alias):
    row = Row(name, "TUR", aliases=(alias,), acronyms=("BU",))
    assert ("composed", alias) in errors(row, Row("Acme University", "TUR"))


@pytest.mark.parametrize(
    "alias", ["Agency for Science, Technology and Research", "Allianz SE", "Bilkent Ankara"]
)
def test_commas_and_legal_forms_belong_to_names(alias):
    assert errors(Row("Allianz", "DEU", aliases=(alias,))) == []


def test_a_row_that_is_a_raw_text_with_its_parent():
    parent = Row("Academy of Sciences", "TUR")
    raw = Row("Institute of Optics, Academy of Sciences", "TUR")
    assert errors(parent, raw) == [("composed", raw.name)]
    known = Row(raw.name, "TUR", acronyms=("IOAS",))
    assert errors(parent, known) == []


def test_namesakes_in_two_countries_may_name_theirs():
    colombian = Row("Universidad de los Andes", "COL")
    assert errors(colombian, Row("Universidad de los Andes, Chile", "CHL")) == []


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("RIKEN Brain Institute", "RIKEB Brain Institute"),
        ("Princeton University", "Pinceton University"),
        ("University of Southern California", "University of Southern Califor"),
        ("Acme Place", "Acme Univercsity"),
    ],
)
def test_misspelled_aliases(name, alias):
    found = validate(numbered(Row(name, "USA", aliases=(alias,))), CONTEXT)
    assert ("misspelled", alias) in [(f.check, f.item) for f in found if f.severity == ERROR]


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("University of Lüneburg", "University of Lueneburg"),
        ("University of Tokyo", "UTokyo Labs"),
        ("Technische Universität Graz", "Graz University of Technology"),
        ("Universität Wien", "University of Vienna"),
    ],
)
def test_other_languages_are_no_misspellings(name, alias):
    assert errors(Row(name, "AUT", aliases=(alias,))) == []


def test_a_name_of_two_rows_of_one_country_is_shadowed():
    first = Row("Caltech", "USA", aliases=("California Institute",))
    second = Row("California Institute", "USA")
    (finding,) = validate(numbered(first, second), CONTEXT)
    assert (finding.check, finding.row) == ("shadowed name", "Caltech")
    assert finding.message == "California Institute (USA) wins."  # a name before an alias


@pytest.mark.parametrize(
    "extra", [{"aliases": ("Short Name",)}, {"acronyms": ("NTU",)}, {"domains": ("ntu.edu",)}]
)
def test_two_countries_are_a_clash_unless_the_reason_quotes_it(extra):
    item = next(iter(extra.values()))[0]
    first, second = Row("One", "SGP", **extra), Row("Two", "TWN", **extra)
    (finding,) = validate(numbered(first, second), CONTEXT)
    assert (finding.severity, finding.row) == (ERROR, "Two")
    assert "One (SGP) wins" in str(finding)
    assert finding.check.endswith("clash")
    settled = Row("One", "SGP", **extra, reason=f'"{item}" is in Singapore, where most are')
    (finding,) = validate(numbered(settled, second), CONTEXT)
    assert finding.severity == NOTE


def test_an_acronym_wins_over_the_same_word_of_another_country():
    rows = numbered(Row("One", "ZAF", acronyms=("UNISA",)), Row("Two", "AUS", aliases=("UniSA",)))
    (finding,) = validate(rows, CONTEXT)
    assert (finding.check, finding.item) == ("name clash", "UniSA")
    assert finding.message == "One (ZAF) wins where it is written as its acronym."


def test_repeated_entries_of_a_row():
    row = Row("Acme Labs", "USA", aliases=("Acme Laboratories",), domains=("acme.org", "acme.org"))
    assert errors(row) == [
        ("repeated alias", "acme laboratory"),
        ("repeated domain", "acme.org"),
    ]


def test_a_name_of_a_place_needs_a_reason():
    row = Row("Princeton University", "USA", aliases=("Princeton",))
    assert errors(row) == [("place", "Princeton")]
    reasoned = Row(
        row.name, "USA", aliases=row.aliases, reason='"Princeton" alone is the university'
    )
    assert errors(reasoned) == []


def test_other_countries_in_ror_are_noted():
    (finding,) = validate([Row("Acme University", "TUR")], CONTEXT)
    assert (finding.severity, finding.check) == (NOTE, "ROR")
    assert "FRA" in finding.message


def test_rows_that_decide_nothing_are_noted():
    rows = [Row("One", "TUR"), Row("Two", "TUR")]
    used = validator.deciding(
        ['"a" -> city Rome (ITA); "two" -> organisation Two (TUR)', '"One" -> ROR name One (TUR)']
    )
    assert used == {"Two (TUR)"}
    (finding,) = validator.unused(rows, used)
    assert (finding.severity, finding.row) == (NOTE, "One")


@pytest.fixture(scope="module")
def tables():
    return validator.read_rows(), validator.read_context()


def test_the_tables_have_no_errors(tables):
    """If this fails, correct the row, or quote the name in its ``reason`` if it is right."""
    found = validate(*tables)
    assert [str(finding) for finding in found if finding.severity == ERROR] == []


def test_raw_texts_are_found_in_the_tables(tables):
    """Each of these was an alias once."""
    raw = {
        "RIKEN": "RIKEB Brain Science Institute",
        "Georgia Institute of Technology": "Georgia Institute of Technology Atlanta",
        "Aalto University": "HIIT, Aalto University",
        "University of Cambridge": "University of Cambirdge",
        "University of Helsinki": "Department of Computer Science University of Helsinki",
        "University of Genoa": "University of Genoa & Istituto Italiano di Tecnologia",
        "Karlsruhe Institute of Technology": "Karlsruhe Institute of Technology (KIT)",
        "University of Southern California": "University of Southern Califor",
        "Universidad Nacional del Sur": "Universidad Nacional del Sur 8000",
    }
    rows, context = tables
    changed = [
        Row(**{**_fields(row), "aliases": (*row.aliases, raw[row.name])})
        if row.name in raw
        else row
        for row in rows
    ]
    found = [f.item for f in validate(changed, context) if f.severity == ERROR]
    assert sorted(found) == sorted(raw.values())


def _fields(row):
    return {name: getattr(row, name) for name in Row.__dataclass_fields__}
