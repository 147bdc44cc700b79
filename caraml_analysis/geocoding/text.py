"""Affiliation texts as words: one spelling for the gazetteer and for what it is compared with.

Conference sites, publishers and people write the same name in many ways. Everything that is only
a way of writing (markup, accents, capitals, punctuation, ``Univ.``) is evened out here; everything
that could change which organisation is meant is left alone.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

from caraml_analysis.geocoding.vocabulary import SAME_WORD

# In capitals these are names of their own: the SCI Institute.
_NAMES_IN_CAPITALS: Final = frozenset(("SCI",))

# Letters that do not come apart into a base letter and an accent.
_LETTERS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | dict.fromkeys("'’‘ʼʻ`´", None)
)

# "U.S.A." is one word with its letters apart
WORD: Final = re.compile(
    r"((?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])|[^\W_]+(?:['’‘ʼʻ`´][^\W_]+)*|&)"
)
_PLAIN: Final = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,})*")
_MARKUP: Final = re.compile(r"#(?:N|R|TAB)#|<[^<>]{0,40}>")
# "Qu´ebec" and "Universit ´e": an accent typed beside its letter
_LOOSE_ACCENT: Final = re.compile(r"(?<=[^\W\d_]) ?[´¨] ?(?=[a-z])")
# "E ́cole": an accent that combines with the space before it
_APART: Final = re.compile(r"(?<=[^\W\d_]) [\u0300-\u036f]+(?=[^\W\d_])")
# "Oxford¹" and "(1) Oxford (2) Google": footnote marks, which separate
_NUMBERED: Final = re.compile(r"[(\[]\d[)\]]")
_SUPERSCRIPTS: Final = re.compile(r"[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+")
_DAGGERS: Final = re.compile(r"[†‡]+")
# one look tells whether a text has any of what the patterns here are about
_RARE: Final = re.compile("[\u00ad´¨†‡\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u0300-\u036f]")
# "Universit\\'e": accents as LaTeX writes them
_LATEX: Final = re.compile(r"\\([`'^\"~])\s?\{?([A-Za-z])\}?")
_LATEX_ACCENTS: Final = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308"}
_GLUED: Final = re.compile(
    r"(?<=大学)(?=[^\W\d_a-zA-Z院部])|(?<=大學)(?=[^\W\d_a-zA-Z院部])"
    r"|(?<=[a-z])(?=(?:University|Institute|College|Hospital|School|Department)\b)"
    r"|(?<=\bUniversity)(?=[A-Z])|(?<=\bInstitute)(?=[A-Z])|(?<=\bCollege)(?=[A-Z])"
)
_CAMEL: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")


def clean(text: str) -> str:
    """Return `text` without markup, entities and odd spaces; names keep their spelling."""
    for _ in range(3):  # sites escape what was escaped before
        if "&" not in text:
            break
        text = html.unescape(text)
    if "\\" in text:
        text = _LATEX.sub(_from_latex, text)
    if "-\n" in text:
        text = text.replace("-\n", "")  # hyphenated at the end of a line
    if "(1)" in text or "[1]" in text:
        text = _NUMBERED.sub(" ; ", text)
    if not text.isascii():
        text = _clean_letters(text)
    if "#" in text or "<" in text:
        text = _MARKUP.sub(" ", text)
    if "  " in text or not text.isprintable():  # tabs and line ends are not printable
        text = " ".join(text.split())
    return text.strip()


def _clean_letters(text: str) -> str:
    """Return `text` without what only texts beyond ASCII have: odd accents, marks and hyphens."""
    if "Ã" in text or "Å" in text:
        text = _read_again(text)
    if _RARE.search(text):
        text = text.replace("\N{SOFT HYPHEN}", "")
        text = _APART.sub("", _LOOSE_ACCENT.sub("", text))
        text = _DAGGERS.sub(" ", _SUPERSCRIPTS.sub(" ; ", text))
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return text


def _from_latex(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", found[2] + _LATEX_ACCENTS[found[1]])


def _read_again(text: str) -> str:
    """Return UTF-8 that was taken for cp1252 as it was meant: "MontrÃ©al" is "Montréal"."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def word(written: str) -> str:
    """Return one word as it is compared: folded, without accents, abbreviations spelled out."""
    if written.isascii():
        folded = written.lower()
        if not folded.isalnum():
            folded = "and" if folded == "&" else folded.translate(_LETTERS)
    else:
        folded = written.casefold()
        apart = unicodedata.normalize("NFKD", folded)
        bare = "".join([c for c in apart if not unicodedata.combining(c)])
        folded = unicodedata.normalize("NFC", bare).translate(_LETTERS)
    return folded if written in _NAMES_IN_CAPITALS else SAME_WORD.get(folded, folded)


def unglue(text: str) -> str:
    """Put a space between an organisation's kind and the word glued to it."""
    return _GLUED.sub(" ", text)


def unglue_all(text: str) -> str:
    """Put a space wherever a small letter meets a capital: only for texts nothing else reads."""
    return _CAMEL.sub(" ", text)


def without_footnote(form: str) -> str:
    """Return "Oxford" for "Oxford1" and for "1Oxford": whether that is meant, others must tell."""
    return form.strip("0123456789")


def is_camel(written: str) -> bool:
    """Tell if a small letter meets a capital inside a word."""
    return _CAMEL.search(written) is not None


def forms(text: str) -> list[str]:
    """Return the words of a clean text as they are written, without the dots of "U.S.A."."""
    return [form.replace(".", "") for form in WORD.split(join_initials(text))[1::2]]


def spelled(text: str) -> list[str]:
    """Return the words of a clean text as they are compared."""
    return [word(form) for form in forms(text)]


_KNOWN: Final[dict[str, str]] = {}  # words of names: few, and met again and again
_MOST_KNOWN: Final = 50_000


def _known_word(written: str) -> str:
    known = _KNOWN.get(written)
    if known is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[written] = word(written)
    return known


def key(name: str) -> str:
    """Return a gazetteer name as it is compared: words joined by spaces, no leading "the"."""
    if _PLAIN.fullmatch(name):  # most names; the same result, faster
        words = [_known_word(written) for written in name.split(" ")]
    else:
        words = [_known_word(form) for form in forms(clean(name))]
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)


_INITIALS: Final = re.compile(r"(?<![^\W_])([^\W\d_]\.) (?=[^\W\d_](?![^\W_]))")


def join_initials(text: str) -> str:
    """Return "D. E. Shaw" as "D.E. Shaw": letters that stand apart are one word."""
    return _INITIALS.sub(r"\1", text) if ". " in text else text
