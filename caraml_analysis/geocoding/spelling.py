"""Misspelled and cut-off names of reviewed organisations.

Only whole names count: one letter more, less, another or two exchanged, in one word of a name
of several words, the first letter right. A word that is in a name, or that is a place, is never
changed: Niger and Nigeria, Columbia and Colombia are one letter apart.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from caraml_analysis.geocoding.gazetteer import Entry, Gazetteer
from caraml_analysis.geocoding.vocabulary import SAME_WORD
from caraml_analysis.geocoding.words import Reading

_SHORTEST: Final = 5  # letters; shorter words have too many neighbours
_MOST_REMEMBERED: Final = 50_000
_CUT_OFF: Final = 12  # letters that a cut-off name must have at least
_SENTINEL: Final = "\U0010ffff"  # comes after every name that begins alike


class Speller:
    """Knows the words and names of reviewed organisations."""

    __slots__ = ("_corrections", "_gazetteer", "_known", "_names", "_words")

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._words: dict[str, list[str]] = {}  # by first letter and length
        self._known: set[str] = set()  # words of names
        self._names = sorted(gazetteer.organisations)
        self._corrections: dict[str, tuple[str, ...]] = {}
        self._index()

    def corrections(self, key: str) -> tuple[str, ...]:
        """Return the words of organisations, as compared, that are one slip of the pen away."""
        if len(key) < _SHORTEST or not key.isalpha():
            return ()
        known = self._corrections.get(key)
        if known is None:
            if len(self._corrections) >= _MOST_REMEMBERED:
                self._corrections.clear()
            known = self._corrections[key] = self._look_up(key)
        return known

    def completed(self, reading: Reading) -> Entry | None:
        """Return what a text names that was cut off at its end, if that tells the country."""
        start = " ".join([word.key for word in reading.words])
        if len(start) < _CUT_OFF or len(reading.words) < 2:
            return None
        first = bisect_left(self._names, start)
        last = bisect_left(self._names, start + _SENTINEL)
        found: Entry | None = None
        for i in range(first, last):
            name = self._names[i]
            if " " in name[len(start) : len(start) + 2] or len(name) < len(start) + 2:
                return None  # it ends with a whole word: perhaps this is all of another name
            entry = self._gazetteer.organisations[name]
            if found is not None and found.countries != entry.countries:
                return None
            found = found or entry
        return found

    def _look_up(self, key: str) -> tuple[str, ...]:
        if key in self._known:
            return ()
        found: dict[str, None] = {}
        for length in (len(key), len(key) + 1, len(key) - 1):
            for word in self._words.get(f"{key[0]}{length}", ()):
                if is_one_slip(key, word) and key != word + "s" and word != key + "s":
                    found[SAME_WORD.get(word, word)] = None
        return tuple(found)

    def _index(self) -> None:
        for name in self._gazetteer.organisations:
            if " " in name:
                self._known.update(name.split(" "))
        for word in sorted(self._known | set(SAME_WORD)):
            if len(word) >= _SHORTEST and word.isalpha():
                self._words.setdefault(f"{word[0]}{len(word)}", []).append(word)


def is_one_slip(a: str, b: str) -> bool:
    """Tell if one letter was left out, added, replaced, or exchanged with its neighbour."""
    if len(a) > len(b):
        a, b = b, a
    short, long = len(a), len(b)
    if long - short > 1 or a == b:
        return False
    i = 0
    while i < short and a[i] == b[i]:
        i += 1
    if short < long:
        return a[i:] == b[i + 1 :]
    return a[i + 1 :] == b[i + 1 :] or (
        i + 1 < long and a[i] == b[i + 1] and a[i + 1] == b[i] and a[i + 2 :] == b[i + 2 :]
    )
