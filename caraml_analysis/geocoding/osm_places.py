"""What to ask OpenStreetMap about an affiliation text, and which of its answers count.

A gazetteer of the whole world has a village for every word, so this is strict at both ends: only a
named institution or an address is asked, never a bare acronym or what may be a company; and only
an answer with the very name that was asked counts. ``Amazon`` is not Brazil and ``Meta`` not
Colombia. Pure functions; ``nominatim`` does the asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from caraml_analysis.countries import to_alpha3
from caraml_analysis.errors import CountryError
from caraml_analysis.geocoding.hosts import without_persons
from caraml_analysis.geocoding.text import clean, forms, spelled, word
from caraml_analysis.geocoding.vocabulary import (
    ADDRESS_WORDS,
    GOES_ON,
    HEADS,
    LEGAL_FORMS,
    NO_ORGANISATION,
    UNIVERSITIES,
    word_set,
)

MOST_CHARACTERS = 300
MOST_PIECES = 4

#: Classes and types of OpenStreetMap that are places of an organisation; ``None``: every type.
ORGANISATIONS: Mapping[str, frozenset[str] | None] = {
    "amenity": word_set("clinic college hospital library research_institute school university"),
    "building": word_set("college hospital school university"),
    "office": None,
}
#: Classes and types that are places where people live.
SETTLEMENTS: Mapping[str, frozenset[str] | None] = {
    "boundary": word_set("administrative"),
    "place": word_set("""
        borough city city_block country county district hamlet municipality neighbourhood province
        quarter state suburb town village
    """),
}

#: Territories with a country code of their own, by the ISO 3166-2 code that OpenStreetMap gives.
TERRITORIES = {
    "CN-HK": "HKG",
    "CN-MO": "MAC",
    "CN-TW": "TWN",
    "FR-NC": "NCL",
    "FR-PF": "PYF",
    "NL-AW": "ABW",
    "NL-CW": "CUW",
    "NL-SX": "SXM",
    "US-AS": "ASM",
    "US-GU": "GUM",
    "US-MP": "MNP",
    "US-PR": "PRI",
    "US-VI": "VIR",
}

# Heads that are too short to say "institution", or that companies use as well.
_NO_HEADS = word_set("ens eth fh insa iut laboratoire laboratorio laboratory tu u uni")
_INSTITUTIONS = (HEADS - _NO_HEADS) | frozenset(
    map(
        word,
        word_set("""
            akademi akademia bibliotheque biblioteca conservatory kolej library mahavidyalaya
            politeknik polyclinic seminary sekolah vidyalaya vidyapeeth vishwavidyalaya
            университет институт академия больница університет інститут академія универзитет
            πανεπιστημιο جامعة معهد كلية مستشفى دانشگاه پژوهشگاه אוניברסיטת מכללת
        """),
    )
)
# Scripts without spaces: the institution is part of the word.
_PARTS_OF_WORDS = tuple(
    sorted(word_set("大学 大學 学院 學院 研究所 研究院 医院 醫院 病院 대학교 대학 연구소 연구원"))
)
_WHOLE_INSTITUTIONS = UNIVERSITIES | word_set("""
    academy hospital polytechnic universita universitas universiteit universitet university
""")

_GLUE = GOES_ON | word_set("a al and at d di e el et in l la las le les los on the und y")
# Words that many institutions share: a name of nothing else is no name.
_GENERIC = word_set("""
    administration advanced aeronautics agricultural agriculture analytics applied architecture art
    arts artificial astronomy automation basic bioinformatics biology biomedical biotechnology
    business campus central chemical chemistry civil clinical cognitive communication computation
    computational computer computing control cs cybernetics data dental department development
    division earth economics education electrical electronic electronics energy engineering
    environment environmental faculty federal finance for general geography geology global graduate
    group health higher humanities informatics information innovation intelligence intelligent
    international language law learning life linguistics machine main management marine material
    materials mathematical mathematics mechanical mechanics medical medicine memorial military
    mining modern music national natural neuroscience north nuclear nursing of open optics pharmacy
    philosophy physical physics planning polytechnical primary private program programme psychology
    public quantum regional research robotics royal rural science secondary security social software
    south space st state statistical statistics studies study superior sustainable system systems
    technical technique technology teaching telecommunication theoretical training unit vocational
    west east
""")
_COMPANY_WORDS = (LEGAL_FORMS - word_set("campus private")) | word_set("bank consulting holdings")
_ADDRESS_MARKS = word_set("""
    avenue cedex city county district municipality prefecture province road street town village
""")
_NOT_IN_QUESTION = word_set("bag box bp email fax mail phone po tel telephone zip")

_PIECE = re.compile(r"[;|]|\s/\s|//|\s\+\s")
_SEGMENT = re.compile(r"[,:()\[\]{}]|\s[-–—]\s")
_ACRONYM_ASIDE = re.compile(r"[(\[]\s*(?:[A-Z]\w?){2,10}\s*[)\]]")
# "{a.b, c.d}@host" and "name@host"
_MAIL_GROUP = re.compile(r"[{(\[<][^{}()\[\]<>]{0,200}[})\]>] ?@[^ ]*")
_MAIL = re.compile(r"[^ ,;|]*@[^ ,;|]*")
_IN_PARENTHESES = re.compile(r"\([^()]*\)")
_NAME_KEYS = word_set("alt_name int_name loc_name name official_name old_name short_name")


class Question(NamedTuple):
    """What is asked about one organisation or address.

    Attributes
    ----------
    text : str
        As it is sent.
    names : frozenset of tuple of str
        An answer must have one of these names, word by word.
    words : frozenset of str
        All of them must stand in the name or the address of the answer.
    """

    text: str
    names: frozenset[tuple[str, ...]]
    words: frozenset[str]


class Place(NamedTuple):
    """An answer that counts: its country as ISO alpha-3, and what it is."""

    country: str
    description: str


def questions(text: str) -> tuple[list[Question], str]:
    """Return what to ask about an affiliation text; if nothing, why not.

    Parameters
    ----------
    text : str
        As a person wrote it. E-mail addresses and hosts are not passed on.

    Returns
    -------
    questions : list of Question
        One for each organisation, at most ``MOST_PIECES``.
    reason : str
        Empty if there are questions.
    """
    if len(text) > MOST_CHARACTERS:
        return [], f"longer than {MOST_CHARACTERS} characters"
    # a lone surrogate is no character and cannot be sent
    cleaned = clean(text.encode("utf-8", "ignore").decode())
    pieces = [piece for piece in _PIECE.split(_public_part(cleaned)) if piece.strip()]
    results = [_question(piece) for piece in pieces[:MOST_PIECES]]
    found = [result for result in results if isinstance(result, Question)]
    reasons = [result for result in results if isinstance(result, str)]
    return list(dict.fromkeys(found)), "" if found else (reasons or ["no letters"])[0]


def _public_part(text: str) -> str:
    """Return `text` without e-mail addresses and hosts: they are nobody else's business."""
    without, hosts = without_persons(_MAIL.sub(" ", _MAIL_GROUP.sub(" ", text)))
    for host in hosts:
        without = re.sub(re.escape(host.name), " ", without, flags=re.IGNORECASE)
    return without


def _question(piece: str) -> Question | str:
    """Return the question about one organisation or address, or why there is none."""
    words = spelled(piece)
    if not any(map(str.isalpha, piece)):
        return "no letters"
    if not _COMPANY_WORDS.isdisjoint(words):
        return "a company"
    if NO_ORGANISATION.issuperset(words):
        return "no organisation"
    segments = _segments(piece)
    start = _institution(segments)
    if start is not None:
        asked = segments[start:]
        return Question(", ".join(asked), frozenset((name_words(asked[0]),)), _significant(asked))
    if any(_is_institution(w) for w in words):
        return "the name of no particular institution"
    if all(form.isupper() for form in forms(piece) if form.isalpha()):
        return "a bare acronym"
    marked = any(w in _ADDRESS_MARKS or _is_postcode(w) for w in words)
    if not marked or sum(len(name_words(s)) for s in segments) < 2:
        return "neither an institution nor an address; it may be a company"
    names = frozenset(name_words(s) for s in segments if _is_distinctive(name_words(s)))
    if not names:
        return "the name of no particular place"
    return Question(", ".join(segments), names, _significant(segments))


def _segments(piece: str) -> list[str]:
    """Return the parts of a piece that a map may know, without postcodes and post boxes."""
    result = []
    for segment in _SEGMENT.split(_ACRONYM_ASIDE.sub(",", piece)):
        words = spelled(segment)
        if not _NOT_IN_QUESTION.isdisjoint(words):
            continue
        kept = segment
        if not any(map(_is_institution, words)):  # "Lille 1" keeps its number
            kept = " ".join(t for t in segment.split() if not any(map(str.isdigit, t)))
        kept = kept.strip(" .*†‡§#%&'\"-–—_/\\")
        if any(map(str.isalpha, kept)):
            result.append(re.sub(r"^[\W\d_]+", "", kept))
    return result


def _institution(segments: list[str]) -> int | None:
    """Return which segment names an institution; a university before its school."""
    named = [
        i
        for i, segment in enumerate(segments)
        if any(map(_is_institution, spelled(segment))) and _is_distinctive(name_words(segment))
    ]
    for i in named:
        if not _WHOLE_INSTITUTIONS.isdisjoint(name_words(segments[i])):
            return i
    return named[0] if named else None


def _is_institution(spelled: str) -> bool:
    return spelled in _INSTITUTIONS or any(
        part in spelled and part != spelled for part in _PARTS_OF_WORDS
    )


def _is_distinctive(words: Iterable[str]) -> bool:
    """Tell if a name has a word that is not shared by many institutions."""
    return any(
        len(w) > 1
        and not w.isdigit()
        and w not in _GENERIC
        and w not in _INSTITUTIONS
        and w not in HEADS
        and w not in ADDRESS_WORDS
        and w not in _PARTS_OF_WORDS
        for w in words
    )


def _is_postcode(spelled: str) -> bool:
    return spelled.isdigit() and 4 <= len(spelled) <= 7


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in order, spelled alike, without "of" and "the"."""
    return tuple(w for w in spelled(clean(name)) if w not in _GLUE)


def _significant(segments: list[str]) -> frozenset[str]:
    words = chain.from_iterable(map(name_words, segments))
    return frozenset(words) - ADDRESS_WORDS - {"campus", "main"}


def judge(question: Question, places: Iterable[Any]) -> tuple[list[Place], list[str]]:
    """Return the answers that count, and for each of the others why it does not.

    Parameters
    ----------
    question : Question
        What was asked.
    places : iterable of dict
        The elements of Nominatim's answer (``format=json`` or ``jsonv2``, ``addressdetails=1``).
    """
    accepted, refused = [], []
    for place in places:
        fields = place if isinstance(place, dict) else {}
        reason = _objection(question, fields)
        country = "" if reason else _country(fields)
        if country:
            accepted.append(Place(country, _describe(fields, country)))
        else:
            refused.append(f"{_describe(fields)}: {reason or 'no country that we know'}")
    return accepted, refused


def _objection(question: Question, place: dict[str, Any]) -> str:
    """Return why a place does not count, or nothing."""
    if not (_is_one_of(place, ORGANISATIONS) or _is_one_of(place, SETTLEMENTS)):
        return "not a place of an organisation"
    names = [words for name in _names(place) if (words := _without_campus(name_words(name)))]
    agreeing = [words for words in names if words in question.names]
    if not agreeing:
        return "its name is not the one that was asked"
    there = {w for text in _address(place) for w in name_words(text)}
    missing = question.words - there.union(*agreeing)
    if missing:
        return f"its address does not have {', '.join(sorted(missing))}"
    return ""


def _is_one_of(place: dict[str, Any], kinds: Mapping[str, frozenset[str] | None]) -> bool:
    kind = _class(place)
    types = kinds.get(kind, frozenset())
    return types is None or _text(place, "type") in types


def _class(place: dict[str, Any]) -> str:
    return _text(place, "class") or _text(place, "category")


def _text(fields: Any, key: str) -> str:
    value = fields.get(key) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""


def _names(place: dict[str, Any]) -> list[str]:
    """Return every name of a place, in all languages, without what stands in parentheses."""
    details = place.get("namedetails")
    names = [_text(place, "display_name").partition(",")[0], _text(place, "name")]
    for key in details if isinstance(details, dict) else ():
        if isinstance(key, str) and key.partition(":")[0] in _NAME_KEYS:
            names += _text(details, key).split(";")
    return [bare for name in names for bare in {name, _IN_PARENTHESES.sub(" ", name)}]


def _without_campus(words: tuple[str, ...]) -> tuple[str, ...]:
    if words[-1:] != ("campus",):
        return words
    return words[:-2] if words[-2:-1] == ("main",) else words[:-1]


def _address(place: dict[str, Any]) -> list[str]:
    address = place.get("address")
    parts = address.values() if isinstance(address, dict) else ()
    return [_text(place, "display_name"), *(part for part in parts if isinstance(part, str))]


def _country(place: dict[str, Any]) -> str:
    """Return the alpha-3 code; Hong Kong and others by the code of their first-level region."""
    address = place.get("address")
    for key in address if isinstance(address, dict) else ():
        if isinstance(key, str) and key.startswith("ISO3166-2"):
            territory = TERRITORIES.get(_text(address, key).upper())
            if territory:
                return territory
    try:
        return to_alpha3(_text(address, "country_code"))
    except CountryError:
        return ""


def _describe(place: dict[str, Any], country: str = "") -> str:
    name = (_names(place)[0] or "without a name")[:80]
    where = country or _text(place.get("address"), "country_code").upper()
    what = f"{_class(place) or 'unknown'} {_text(place, 'type')}".strip()
    return f"{what} {name} ({where})" if where else f"{what} {name}"
