"""Words that say what a stretch of text is: the kind of an organisation, not its name.

Names belong to the tables in ``data/geocoding``; here are only words that many names share, as
``text.word`` spells them.
"""

from __future__ import annotations

from typing import Final


def word_set(listing: str) -> frozenset[str]:
    """Return the words of a listing."""
    return frozenset(listing.split())


#: Nouns that say "this is an organisation", in the languages that occur.
HEADS: Final = word_set("""
    academia academy akademie center centro centrum clinic college ecole egyetem ens escola
    escuela eth fachhochschule facultad faculte faculty fh hochschule hogeschool hopital hospital
    insa institut institute instituto instituut istituto iut klinikum laboratoire laboratorio
    laboratory observatory politechnika politecnica politecnico polytech polytechnic polytechnique
    school scuola tu u uni universidad universidade universita universitas universitat
    universitate universitatea universite universiteit universitesi universitet universitetet
    universiti university univerza univerzita univerzitet uniwersytet yliopisto zentrum
""")

#: Of these: what an institution calls itself if English is not its language.
NOT_ENGLISH_HEADS: Final = word_set("""
    ecole egyetem escola escuela fachhochschule facultad faculte hochschule hogeschool instituto
    istituto politechnika politecnica politecnico polytechnique scuola universidad universidade
    universita universitat universitatea universite universiteit universitet universitetet
    univerzita univerzitet uniwersytet yliopisto
""")

#: Countries whose universities have English names, as ISO alpha-3.
ENGLISH_SPEAKING: Final = word_set("AUS GBR IND IRL NGA NZL PAK USA")

#: Of these: nouns that end a name, so that a word before them is not a name by itself.
UNIVERSITIES: Final = word_set(
    "college faculte universidad universidade universitat universite university"
)

#: Words after a place that do not make it part of a longer name: "Qualcomm India Private Limited".
LEGAL_FORMS: Final = word_set("""
    ag bv campus co company corp corporation gmbh inc incorporated kk limited llc llp ltd nv oy plc
    private pte pty pvt sa sarl sas spa srl
""")

#: Words that stand beside a place in an address: "Hubei Province", "69622 Villeurbanne Cedex".
ADDRESS_WORDS: Final = word_set("""
    and cedex city county district municipality of prefecture province region republic state the
""")

#: Words after which a name goes on: "Israel Institute of ...".
GOES_ON: Final = word_set("da das de del della der des di do dos du for fur of")

#: Words before a place that is no part of a name: "a start-up in Nairobi".
PREPOSITIONS: Final = word_set("at in near")

#: Words before an organisation that somebody belongs to without working there: "Member, IEEE".
MEMBERSHIP: Final = word_set("fellow member")

#: "And" in languages in which a name goes on with "and of".
AND_OF: Final = word_set("e et und y")

#: What people write who have no organisation.
NO_ORGANISATION: Final = word_set("""
    a affiliation anonymous applicable consultant employed freelance freelancer independent
    individual n na no none not organisation organization other private research researcher retired
    scientist self startup stealth student tbd unaffiliated unknown various
""")

#: Codes of countries or regions that are also what fields and departments are called.
FIELD_CODES: Final = word_set("AI BA CS DS EE IS IT ME ML MS NA PH SE TM")

#: Endings of hosts that are used all over the world, whatever country they were made for.
WORLDWIDE_ENDINGS: Final = word_set("""
    ac ag ai am bz cc cd co fm gg gl io la ly me ml nu re sh so st tk to tv vc ws
""")

#: Ends of labels before a dot that show an abbreviation, not a host: "Univ.de Paris".
NOT_A_HOST: Final = word_set("dept dr eng fac inst lab prof sci st tech univ")

#: Abbreviations, spelling variants and plurals that never tell two organisations apart.
SAME_WORD: Final[dict[str, str]] = {
    "acad": "academy",
    "centre": "center",
    "coll": "college",
    "dept": "department",
    "dpt": "department",
    "hosp": "hospital",
    "inst": "institute",
    "instit": "institute",
    "intl": "international",
    "lab": "laboratory",
    "laboratories": "laboratory",
    "labs": "laboratory",
    "natl": "national",
    "saint": "st",
    "sci": "science",
    "sciences": "science",
    "technol": "technology",
    "technological": "technology",
    "technologies": "technology",
    "univ": "university",
    "universitaet": "universitat",
    # misspellings of the commonest word, as people type them
    "unversity": "university",
    "universiy": "university",
    "universtiy": "university",
    "universty": "university",
    "univeristy": "university",
    "univerity": "university",
    "universitiy": "university",
    "universirty": "university",
    "univercity": "university",
    "univeresity": "university",
    "univerisity": "university",
    "univerisy": "university",
    "univerty": "university",
    "univesity": "university",
    "unviersity": "university",
    "unverisity": "university",
    "unviersiy": "university",
    "uninversity": "university",
    "institution": "institute",
    "institue": "institute",
    "insitute": "institute",
    "instutite": "institute",
    "institude": "institute",
    "institiute": "institute",
    "institure": "institute",
    "insititute": "institute",
    "intitute": "institute",
    "techonology": "technology",
    "technolodgy": "technology",
    "techology": "technology",
    "technolgy": "technology",
    "tehnology": "technology",
    "techonolgy": "technology",
}
