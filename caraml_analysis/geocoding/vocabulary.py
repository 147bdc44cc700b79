"""Words that say what a stretch of text is: the kind of an organisation, not its name.

Names belong to the tables in ``data/geocoding``; here are only words that many names share, as
``text.word`` spells them.
"""

from __future__ import annotations


def _set(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


#: Nouns that say "this is an organisation", in the languages that occur.
HEADS = _set("""
    academia academy akademie center centro centrum clinic college ecole egyetem ens escola escuela
    eth fachhochschule facultad faculte faculty fh hochschule hogeschool hopital hospital insa
    institut institute instituto instituut istituto iut klinikum laboratoire laboratorio laboratory
    observatory politechnika politecnica politecnico polytech polytechnic polytechnique school scuola
    tu uni universidad universidade universita universitas universitat universitate universitatea
    universite universiteit universitesi universitet universitetet universiti university univerza
    univerzita univerzitet uniwersytet yliopisto zentrum
""")

#: Words after a place that do not make it part of a longer name: "Qualcomm India Private Limited".
LEGAL_FORMS = _set("""
    ag bv campus co company corp corporation gmbh inc incorporated kk limited llc llp ltd nv oy plc
    private pte pty pvt sa sarl sas spa srl
""")

#: Words that stand beside a place in an address: "Hubei Province", "69622 Villeurbanne Cedex".
ADDRESS_WORDS = _set("""
    and cedex city county district municipality of prefecture province region republic state the
""")

#: Words after which a name goes on: "Israel Institute of ...".
GOES_ON = _set("da das de del della der des di do dos du for fur of")

#: Words before a place that is no part of a name: "a start-up in Nairobi".
PREPOSITIONS = _set("at in near")

#: What people write who have no organisation.
NO_ORGANISATION = _set("""
    a affiliation anonymous applicable consultant employed freelance freelancer independent
    individual n na no none not organisation organization other private research researcher retired
    scientist self startup stealth student tbd unaffiliated unknown various
""")

#: Codes of countries or regions that are also what fields and departments are called.
FIELD_CODES = _set("AI BA CS DS EE IS IT ME ML MS PH SE TM")

#: Endings of hosts that are used all over the world, whatever country they were made for.
WORLDWIDE_ENDINGS = _set("""
    ac ag ai am bz cc cd co fm gg gl io la ly me ml nu re sh so st tk to tv vc ws
""")

#: Ends of labels before a dot that show an abbreviation, not a host: "Univ.de Paris".
NOT_A_HOST = _set("dept dr eng fac inst lab prof sci st tech univ")
