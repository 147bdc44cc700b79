"""Clean what conference sites print: escapes, white space, addresses, words for "nothing"."""

from __future__ import annotations

import html
import re

_LOCAL_PART = re.compile(r"[\w.+-]+@(?=[\w-]+(?:\.[\w-]+)+)")
_PAGE_ADDRESS = re.compile(r"https?://\S*")

#: What sites and people write where nothing is known, in lower case.
NOTHING = frozenset(("", "none", "null", "n/a", "na", "nan", "-", ".", "no affiliation"))

_SPELLINGS = {"icml": "ICML", "neurips": "NeurIPS", "nips": "NeurIPS", "iclr": "ICLR"}


def one_line(text: str) -> str:
    """Collapse runs of white space."""
    return " ".join(text.split())


def unescape(text: str) -> str:
    """Resolve HTML escapes, also those that a site escaped several times."""
    while "&" in text and (plain := html.unescape(text)) != text:
        text = plain
    return text


def without_personal_data(text: str) -> str:
    """Drop the local part of e-mail addresses (the host is evidence) and page addresses."""
    return one_line(_PAGE_ADDRESS.sub("", _LOCAL_PART.sub("@", unescape(text))))


def without_own_name(affiliation: str, author: str) -> str:
    """Drop an affiliation that is only the author's full or last name, typed in the wrong field."""
    own = {author.casefold(), author.casefold().rpartition(" ")[2]}
    return "" if affiliation.casefold() in own else affiliation


def affiliation_text(text: str | None) -> str:
    """Return an affiliation without escapes and personal data; empty if it says nothing."""
    plain = without_personal_data(text or "")
    return "" if plain.casefold() in NOTHING else plain


def title_key(title: str) -> str:
    """Return what two spellings of one title share: letters and digits, in lower case."""
    folded = unescape(title).casefold()
    return "".join(filter(str.isalnum, folded)) or one_line(folded)


def conference_name(name: str) -> str:
    """Return ``NeurIPS`` for ``nips``, ``ICML`` for ``icml``; other names stay as they are."""
    plain = one_line(name)
    return _SPELLINGS.get(plain.casefold(), plain)
