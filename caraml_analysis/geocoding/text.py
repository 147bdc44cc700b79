"""Affiliation texts as words: one spelling for the gazetteer and for what it is compared with.

Conference sites, publishers and people write the same name in many ways. Everything that is only
a way of writing (markup, accents, capitals, punctuation, ``Univ.``) is evened out here; everything
that could change which organisation is meant is left alone.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

# Abbreviations, spelling variants and plurals that never tell two organisations apart.
_SAME_WORD = {
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

# In capitals these are names of their own: the SCI Institute.
_NAMES_IN_CAPITALS = frozenset(("SCI",))

# Letters that do not come apart into a base letter and an accent.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | dict.fromkeys("'’‘ʼʻ`´", None)
)

# "U.S.A." and "D. E. Shaw" are one word with its letters apart
_WORD = re.compile(r"(?<![^\W_])[^\W\d_](?:\. ?[^\W\d_])+(?![^\W_])|[^\W_]+(?:['’‘ʼʻ`´][^\W_]+)*|&")
_PLAIN = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,})*")
_MARKUP = re.compile(r"#(?:N|R|TAB)#|<[^<>]{0,40}>")
# "Qu´ebec" and "Universit ´e": an accent typed beside its letter
_LOOSE_ACCENT = re.compile(r"(?<=[^\W\d_]) ?[´¨] ?(?=[a-z])")
_SPACES = re.compile(r"\s+")
_GLUED = re.compile(
    r"(?<=[a-z])(?=(?:University|Institute|College|Hospital|School|Department)\b)"
    r"|(?<=\bUniversity)(?=[A-Z])|(?<=\bInstitute)(?=[A-Z])|(?<=\bCollege)(?=[A-Z])"
)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")


class Words(NamedTuple):
    """A text cut into words: as compared, as written, where, and what stands before each."""

    text: str
    words: list[str]
    written: list[str]
    starts: list[int]
    ends: list[int]
    gaps: list[str]

    def quote(self, first: int, last: int) -> str:
        """Return the text from word `first` up to, not including, word `last`."""
        return self.text[self.starts[first] : self.ends[last - 1]]


def clean(text: str) -> str:
    """Return `text` without markup, entities and odd spaces; names keep their spelling."""
    for _ in range(3):  # sites escape what was escaped before
        unescaped = html.unescape(text)
        if unescaped == text:
            break
        text = unescaped
    if not text.isascii():
        text = text.replace("\N{SOFT HYPHEN}", "")
        text = unicodedata.normalize("NFKC", _LOOSE_ACCENT.sub("", text))
    if "#" in text or "<" in text:
        text = _MARKUP.sub(" ", text)
    return _SPACES.sub(" ", text).strip()


def word(written: str) -> str:
    """Return one word as it is compared: folded, without accents, abbreviations spelled out."""
    folded = written.casefold()
    if folded.isascii():
        if not folded.isalnum():
            folded = "and" if folded == "&" else folded.translate(_LETTERS)
    else:
        bare = "".join(
            c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c)
        )
        folded = unicodedata.normalize("NFC", bare).translate(_LETTERS)
    return folded if written in _NAMES_IN_CAPITALS else _SAME_WORD.get(folded, folded)


def split_words(text: str) -> Words:
    """Cut a clean text into words."""
    words, written, starts, ends, gaps = [], [], [], [], []
    end = 0
    for match in _WORD.finditer(text):
        start = match.start()
        form = match.group()
        if "." in form or " " in form:
            form = form.replace(".", "").replace(" ", "")
        gaps.append(text[end:start])
        end = match.end()
        starts.append(start)
        ends.append(end)
        written.append(form)
        words.append(word(form))
    return Words(text, words, written, starts, ends, gaps)


def unglue(text: str) -> str:
    """Put a space between an organisation's kind and the word glued to it."""
    return _GLUED.sub(" ", text)


def unglue_all(text: str) -> str:
    """Put a space wherever a small letter meets a capital: only for texts nothing else reads."""
    return _CAMEL.sub(" ", text)


def key(name: str) -> str:
    """Return a gazetteer name as it is compared: words joined by spaces, no leading "the"."""
    if _PLAIN.fullmatch(name):  # most names; the same result, five times faster
        words = list(map(word, name.split(" ")))
    else:
        words = split_words(clean(name)).words
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words)
