"""Golden cases of the geocoder, most of them texts that led simpler methods astray."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from caraml_analysis import paths
from caraml_analysis.geocoding import Resolution, resolve
from caraml_analysis.geocoding.rules import METHODS
from caraml_analysis.tables import STATUSES

GOLDEN = {
    "a place named in the text wins over the seat": {
        "Microsoft Research, India": "IND",
        "Google Brain (Zurich)": "CHE",
        "Google Research, NY": "USA",
        "Microsoft Research Cambridge (UK)": "GBR",
        "Alibaba Group (US) Inc": "USA",
        "Qualcomm India Private Limited": "IND",
        "Siemens Medical Solutions USA, Inc.": "USA",
        "IBM Research Europe Zurich": "CHE",
    },
    "no country word inside a name": {
        "University of New Mexico": "USA",
        "University of New South Wales": "AUS",
        "Beth Israel Deaconess Medical Center": "USA",
        "Microsoft Research New England": "USA",
        "Naval Surface Warfare Center Panama City": "USA",
        "Indiana University": "USA",
        "Princeton, New Jersey": "USA",
        "Dartmouth-Hitchcock Medical Center, Lebanon, NH USA.": "USA",
    },
    "no city word inside a name": {
        "Saint Mary's University, Halifax": "CAN",
        "Carnegie mellon Univ.": "USA",
        "Orange Labs": "FRA",
        "Mila": "CAN",
        "York University": "CAN",
        "Lancaster University": "GBR",
        "Warwick Business School": "GBR",
        "Butterfly Network": "USA",
    },
    "cities and regions of several countries": {
        "Massachusetts Institute of Technology, Cambridge MA": "USA",
        "University of Cambridge, Cambridge": "GBR",
        "Emory University, Atlanta, Georgia": "USA",
        "Tbilisi State University, Tbilisi, Georgia": "GEO",
        "Eastern Virginia Medical School, Norfolk": "USA",
        "Universität Potsdam (DE)": "DEU",
        "University of Delaware, Newark, DE": "USA",
    },
    "territories keep their own codes": {
        "The Chinese University of Hong Kong, Hong Kong SAR, People's Republic of China": "HKG",
        "City University of Hong Kong, China": "HKG",
        "Hsinchu 300, Republic of China": "TWN",
        "National Chung Hsing University, Taichung, Taiwan 804, Republic of China": "TWN",
        "University of Puerto Rico, Mayagüez, Puerto Rico, USA": "PRI",
        "University of Prishtina, Kosovo": "XKX",
        "Namibia University of Science and Technology, Namibia": "NAM",
    },
    "acronyms are whole tokens, as written": {
        "MIT": "USA",
        "EPFL": "CHE",
        "HKUST": "HKG",
        "KAIST": "KOR",
        "M.I.T.": "USA",
        "ETHZ": "CHE",
    },
    "branch campuses": {
        "NYU Shanghai": "CHN",
        "The Chinese University of Hong Kong, Shenzhen": "CHN",
        "HKUST (Guangzhou)": "CHN",
        "Duke Kunshan University": "CHN",
        "New York University Abu Dhabi": "ARE",
        "Carnegie Mellon University Africa": "RWA",
        "Monash University Malaysia": "MYS",
        "Georgia Tech Lorraine": "FRA",
        "Tsinghua University, Shenzhen": "CHN",
    },
    "one name, several institutions": {
        "Ecole Normale Superieure": "FRA",
        "Northeastern University": "USA",
        "Northwestern University": "USA",
        "Korea University": "KOR",
        "Soochow University, China": "CHN",
        "Heidelberg University": "DEU",
    },
    "regional names are no countries": {
        "Microsoft Research Asia": "CHN",
        "NEC Laboratories America": "USA",
        "NEC Laboratories Europe": "DEU",
        "Naver Labs Europe": "FRA",
        "National ICT Australia": "AUS",
    },
    "unit before parent": {
        "Google Brain": "USA",
        "DeepMind": "GBR",
        "Google DeepMind": "GBR",
        "Google Research, Brain team": "USA",
    },
    "unknown universities by their place": {
        "TU Darmstadt": "DEU",
        "Technical University Munich": "DEU",
        "Hochschule Osnabrück": "DEU",
        "Università di Udine": "ITA",
        "University of Kragujevac": "SRB",
    },
    "abbreviations, misspellings, glued words": {
        "Dept. of Comput. Sci., Hong Kong Univ. of Sci. & Technol., Kowloon#TAB#": "HKG",
        "Georgia Institute of Technolodgy": "USA",
        "Shanghai Jiao Tong Univesity": "CHN",
        "MacauUniversity of Science and Technology": "MAC",
        "Peking UniversityShenzhen Graduate School": "CHN",
        "Current addressKhalifa University": "ARE",
        "HongKong University": "HKG",
        "Universit &eacute; de Montr&eacute;al, Canada": "CAN",
        "Université Laval, Qu´ebec": "CAN",
    },
    "marks, markup and noise": {
        "†IWK Health Centre": "CAN",
        "**Wellcome Sanger Institute": "GBR",
        "%ETH Zurich": "CHE",
        "[Univ. of Southern Mississippi, Hattiesburg]": "USA",
        "Amazon - We are hiring!": "USA",
        "Microsoft Research New England (-(-_(-_-)_-)-)": "USA",
        "Instituto Superior Tecnico VAT- 501507930": "PRT",
        "Texas A&amp;M University": "USA",
        "A*STAR": "SGP",
    },
    "internet hosts": {
        "name@cs.umd.edu": "USA",
        "name@ntu.edu.sg": "SGP",
        "ucl.ac.uk": "GBR",
        "http://www.uregina.ca": "CAN",
    },
    "a second country that does not fit": {
        "National University of Singapore (NUS), Singapore, Switzerland": "SGP",
        "Fuyang 236000,China China": "CHN",
    },
    "several organisations": {
        "MIT / DeepMind": "USA;GBR",
        "University of Alberta & Google Brain": "CAN;USA",
        "USI Lugano / Tel Aviv University / Intel": "CHE;ISR;USA",
        "JKU Linz // Zalando Research": "AUT;DEU",
        "New York University \\ Jagiellonian University": "USA;POL",
        "University of Illinios at Chicago/Shenzhen University": "USA;CHN",
        "Stanford, Google, UC Berkeley": "USA",
        "UC Berkeley | Gradescope | Covariant": "USA",
        "INRIA, Lille, France; University of Toronto, Canada": "FRA;CAN",
    },
    "one organisation with a separator in its name or address": {
        "University of Science and Technology of China": "CHN",
        "Texas A&M University": "USA",
        "Institute of Refrigeration and Cryogenics, Shanghai Jiao Tong University, China": "CHN",
        "Technion-IIT": "ISR",
    },
}
CASES = [(text, codes, why) for why, texts in GOLDEN.items() for text, codes in texts.items()]


@pytest.mark.parametrize(("text", "codes", "why"), CASES)
def test_golden(text, codes, why):
    found = resolve(text)
    assert ";".join(found.countries) == codes, f"{why}: {found!r}"
    assert found.country == codes.split(";")[0]
    assert found.status == "resolved"
    assert 0 < found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Guo",
        "Micr",
        "Faculty",
        "contact us",
        "it",
        "gmail.com",
        "someone@163.com",
        "Normal",
        "Mary",
    ],
)
def test_fragments_stay_unknown(text):
    found = resolve(text)
    assert found.status == "not_found"
    assert found.country is None
    assert found.countries == ()


@pytest.mark.parametrize(
    "text", ["Independent Researcher", "Unaffiliated", "(organization)", "Self Employed", "Unknown"]
)
def test_people_without_organisation(text):
    assert resolve(text).status == "not_found"
    assert resolve(text).method == "no_organisation"


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "None", "N/A", "n/a", "NA", "-", ".", "No Affiliation", "(--)", "&nbsp;"),
        *(None, math.nan, pd.NA, pd.NaT),
    ],
)
def test_empty(text):
    assert resolve(text) == Resolution(None, (), "empty", "empty")


@pytest.mark.parametrize("text", [1, 2.5, b"MIT", ["MIT"], {"a": 1}, True])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(TypeError, match=f"not {type(text).__name__}.*Nothing was resolved"):
        resolve(text)


def test_ambiguous_says_what_it_considered():
    found = resolve("Toledo Polytechnic")
    assert found.status == "ambiguous"
    assert found.country is None
    assert any("ESP" in line and "USA" in line for line in found.considered)
    assert found.status in STATUSES


def test_headquarters_are_marked():
    assert resolve("Google").method == "headquarters"
    assert resolve("Huawei, Nairobi").method == "city"
    assert resolve("Google").confidence < resolve("University of Oxford").confidence


def test_evidence_quotes_text_and_row():
    assert resolve("Kyoto Univ., Seoul").evidence == '"Seoul" -> city Seoul (KOR)'


def test_local_part_of_an_address_is_not_kept():
    shown = repr(resolve("Uppsala.Jansson@ecs.soton.ac.uk"))
    assert "GBR" in shown
    assert "Jansson" not in shown
    assert "Uppsala" not in shown


def test_representations():
    found = resolve("<b>Kyoto</b> University & Aalto University")
    assert "Japan (JPN), Finland (FIN)" in repr(found)
    assert len(repr(found).splitlines()) == 2
    assert "<b>" not in found._repr_html_()
    assert "&quot;" in found._repr_html_()
    assert repr(resolve("Guo")).startswith("Resolution: not_found")
    assert "not_found" in resolve("Guo")._repr_html_()


def test_documented_examples_hold():
    lines = (paths.project_dir() / "docs/geocoding_rules.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip(" `") for cell in line.replace("\\|", "¦").split("|")[1:-1]]
        for line in lines.splitlines()
        if line.startswith("| `")
    ]
    examples = [(row[0], row[2], row[3]) for row in rows if len(row) == 4]
    methods = {method for method, _, _ in examples}
    assert methods >= {*METHODS, "no_organisation", "several_countries", "empty", "none"}
    for method, text, codes in examples:
        found = resolve(text.replace("¦", "|"))
        assert (found.method, ";".join(found.countries)) == (method, codes), text


def test_a_resolution_cannot_be_changed():
    with pytest.raises(AttributeError, match="set attribute"):
        resolve("MIT").country = "JOR"


def test_soft_hyphens_are_no_letters():
    assert resolve("Depart\N{SOFT HYPHEN}ment of Ma\N{SOFT HYPHEN}chine Learning").countries == ()
    assert resolve("Univer\N{SOFT HYPHEN}sity of Oslo").country == "NOR"


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("name@monash.edu.my", ("MYS",)),  # not Monash University in Australia
        ("University of Maryland; name@cs.umd.edu", ("USA",)),
        ("ntu.edu.sg / kaist.ac.kr", ("SGP", "KOR")),
        ("name@gmail.com", ()),
    ],
)
def test_a_host_that_tells_a_country_is_no_name(text, countries):
    assert resolve(text).countries == countries


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("Intel, Moscow", ("RUS",)),  # not the one in Idaho
        ("Adobe, Paris", ("FRA",)),
        ("Microsoft, Vancouver", ("CAN",)),
        ("Google, Cambridge", ("USA",)),  # no country dominates: the head office's
    ],
)
def test_a_city_after_a_multinational_is_the_one_usually_meant(text, countries):
    assert resolve(text).countries == countries


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Standford University", "USA"),
        ("Massachussetts Institute of Technology", "USA"),
        ("Nanyang Technolgical University", "SGP"),  # not the city of Nanyang
        ("Simon Frasor University", "CAN"),
        ("Miicrosoft Research", "USA"),
    ],
)
def test_one_slip_in_the_name_of_an_institution_is_seen_through(text, country):
    found = resolve(text)
    assert (found.country, found.method) == (country, "misspelled")


@pytest.mark.parametrize(
    "text",
    [
        "Lamar Institute of Technology",  # not the Lamarr Institute
        "Phillips Research",  # not Philips
        "Dijla University College",  # not Dilla University
        "Nigar",  # not Niger
    ],
)
def test_what_may_be_another_name_is_not_taken_for_a_misspelling(text):
    assert resolve(text).method != "misspelled"


def test_a_text_cut_off_inside_a_word_is_completed_if_one_country_is_left():
    assert resolve("Universidade Federal do Rio de Janei").country == "BRA"
    assert resolve("University of Science and Tech").country is None
