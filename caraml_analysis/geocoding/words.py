"""A text as a row of words: what each word is, and what stands between it and the one before.

What a word is (a noun of organisations, a number, an acronym ...) depends on the word alone, so it
is worked out once for every spelling and remembered. Reading a text is then one look-up for each
stretch between two spaces. The same goes for the few marks that people put between words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from caraml_analysis.geocoding import vocabulary
from caraml_analysis.geocoding.gazetteer import Entry, Gazetteer
from caraml_analysis.geocoding.text import WORD, is_camel, unglue, without_footnote, word

# What a word is; a word can be several of these.
HEAD: Final = 1  # noun of an organisation
UNIVERSITY: Final = 2  # noun that ends a name
FOREIGN_HEAD: Final = 4  # noun of an institution whose language is not English
GOES_ON: Final = 8  # a name goes on after it: "Institute of"
ADDRESS: Final = 16  # stands beside a place in an address
LEGAL_FORM: Final = 32
PREPOSITION: Final = 64  # before a place
NUMBER: Final = 128  # postcode or house number
AND: Final = 256
NO_ORGANISATION: Final = 512
LOWER: Final = 1024  # begins with a small letter
CAPITALS: Final = 2048  # all capitals
SHORT: Final = 4096
LIKE_ACRONYM: Final = 8192  # short, with more than one capital
GLUED: Final = 16384  # two words written as one: "MacauUniversity"
CAMEL: Final = 32768  # a small letter meets a capital: "DeepMind"
HAS_CAPITAL: Final = 65536
CODE: Final = 131072  # of a country or region
MEMBERSHIP: Final = 262144
AND_OF: Final = 524288
ACRONYM: Final = 1048576  # of an organisation
HAS_SMALL: Final = 2097152
FORMER: Final = 4194304
SOCIETY: Final = 8388608

# What stands before a word.
SPACE: Final = 1  # only a space
SEGMENT_END: Final = 2
STRONG: Final = 4  # separates organisations
NEVER_INSIDE: Final = 8  # a name
SLASH: Final = 16
DASH: Final = 32
WEAK: Final = 64  # may separate organisations
OPENS: Final = 128  # parentheses
CODE_MARK: Final = 256  # a code may follow
COMMA: Final = 512
HYPHEN: Final = 1024

_ENDS: Final = ",;.:)"
_ACRONYM_LENGTH: Final = 4
_SHORTEST_MARKED: Final = 3  # letters of a word that may carry a footnote mark
# Words and marks remembered at most; whatever is read, memory stays bounded.
_MOST_REMEMBERED: Final = 50_000

_MARKS: Final = (
    (SEGMENT_END, re.compile(r"[,;|/\\()\[\]{}•·:]|\s[-–—]+\s|—")),
    (STRONG, re.compile(r"[;|]|//")),
    (NEVER_INSIDE, re.compile(r"[;|)]|//")),
    (SLASH, re.compile(r"[/\\+]")),
    (DASH, re.compile(r"\s[-–—]|[-–—]\s|—")),
    (WEAK, re.compile(r",|\s[-–—]|[-–—]\s|—|\.\s")),
    (OPENS, re.compile(r"[(\[]\Z")),
    (CODE_MARK, re.compile(r"[,(\[]")),
    (COMMA, re.compile(r",")),
    (SPACE, re.compile(r" \Z")),
    (HYPHEN, re.compile(r"-\Z")),
)
_WHOLE: Final = SPACE | HYPHEN  # of these the mark is nothing else


def _flags() -> dict[str, int]:
    """Return what words of the vocabulary are."""
    sets = (
        (HEAD, vocabulary.HEADS),
        (UNIVERSITY, vocabulary.UNIVERSITIES),
        (FOREIGN_HEAD, vocabulary.NOT_ENGLISH_HEADS),
        (GOES_ON, vocabulary.GOES_ON),
        (ADDRESS, vocabulary.ADDRESS_WORDS),
        (LEGAL_FORM, vocabulary.LEGAL_FORMS),
        (PREPOSITION, vocabulary.PREPOSITIONS),
        (NO_ORGANISATION, vocabulary.NO_ORGANISATION),
        (AND, frozenset(("and",))),
        (MEMBERSHIP, vocabulary.MEMBERSHIP),
        (AND_OF, vocabulary.AND_OF),
        (FORMER, vocabulary.FORMER),
        (SOCIETY, vocabulary.SOCIETIES),
    )
    flags: dict[str, int] = {}
    for flag, members in sets:
        for member in members:
            flags[member] = flags.get(member, 0) | flag
    return flags


_FLAGS: Final = _flags()


class Word:
    """One spelling of a word, and all that it tells by itself."""

    __slots__ = ("acronym", "code", "entry", "flags", "following", "key", "written")

    def __init__(self, key: str, written: str, flags: int, gazetteer: Gazetteer) -> None:
        self.key = key  # as compared
        self.written = written  # without the dots of "U.S.A."
        self.flags = flags
        self.acronym: Entry | None = gazetteer.acronyms.get(written)
        self.code: Entry | None = gazetteer.codes.get(written)
        self.entry: Entry | None = gazetteer.entry(key)
        # the second words of names that begin with it (see `Gazetteer.following`)
        self.following: dict[str, int] | None = gazetteer.following.get(key)


class Token:
    """What stands between two spaces: words, and marks before, between and after them."""

    __slots__ = ("after", "before", "gaps", "words", "written")

    def __init__(
        self, words: list[Word], written: list[str], gaps: list[str], before: str, after: str
    ) -> None:
        self.words = words
        self.written = written
        self.gaps = gaps  # before each word
        self.before = before
        self.after = after  # all marks if there is no word


class Reading:
    """The words of a text, what stands before each, and in which segment each is."""

    __slots__ = ("flags", "gaps", "mark_flags", "marks", "segments", "words", "written")

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.written: list[str] = []  # as in the text
        self.gaps: list[str] = []
        self.marks: list[int] = []
        self.segments: list[int] = []  # numbers of the stretches between punctuation marks
        self.flags = 0  # of all words
        self.mark_flags = 0  # of all marks after the first word

    def quote(self, first: int, last: int) -> str:
        """Return the text from word `first` up to, not including, word `last`."""
        text = self.written[first]
        for i in range(first + 1, last):
            text += self.gaps[i] + self.written[i]
        return text

    def with_word(self, index: int, word: Word) -> Reading:
        """Return a copy that reads word `index` as another word; what is written stays."""
        copy = Reading()
        copy.words = self.words.copy()
        copy.words[index] = word
        copy.written = self.written
        copy.gaps = self.gaps
        copy.marks = self.marks
        copy.segments = self.segments
        copy.flags = self.flags | word.flags
        copy.mark_flags = self.mark_flags
        return copy

    def ends(self) -> list[int]:
        """Return for each word where in the text it ends."""
        end = 0
        result: list[int] = []
        for i, written in enumerate(self.written):
            end += len(self.gaps[i]) + len(written)
            result.append(end)
        return result


class Reader:
    """Reads texts, with the help of a gazetteer that knows acronyms and codes."""

    __slots__ = ("_gazetteer", "_marks", "_pieces")

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._pieces: dict[str, Word | Token] = {}
        self._marks: dict[str, int] = {}

    def learn(self, names: Iterable[str]) -> None:
        """Meet the words of names, so that they are known when the first text is read."""
        for name in names:
            for piece in name.split(" "):
                if piece not in self._pieces:
                    self._piece(piece)

    def read(self, text: str) -> Reading:
        """Cut a clean text into words."""
        reading = Reading()
        words, written, gaps = reading.words, reading.written, reading.gaps
        marks, segments = reading.marks, reading.segments
        pieces = self._pieces
        segment, flags, mark_flags = 0, 0, 0
        gap = ""  # before the next word
        for piece in text.split(" "):
            known = pieces.get(piece)
            if known is None:
                known = self._piece(piece)
            if isinstance(known, Word):
                word = known
            else:
                token = known
                gap += token.before
                for i, found in enumerate(token.words):
                    if i:
                        gap = token.gaps[i]
                    mark = SPACE if gap == " " else self._mark(gap)
                    if words:
                        mark_flags |= mark
                        if mark & SEGMENT_END:
                            segment += 1
                    words.append(found)
                    written.append(token.written[i])
                    gaps.append(gap)
                    marks.append(mark)
                    segments.append(segment)
                    flags |= found.flags
                    gap = ""
                gap += token.after + " "
                continue
            mark = SPACE if gap == " " else self._mark(gap)
            if words:
                mark_flags |= mark
                if mark & SEGMENT_END:
                    segment += 1
            words.append(word)
            written.append(piece)
            gaps.append(gap)
            marks.append(mark)
            segments.append(segment)
            flags |= word.flags
            gap = " "
        reading.flags = flags
        reading.mark_flags = mark_flags
        return reading

    def _mark(self, gap: str) -> int:
        found = self._marks.get(gap)
        if found is None:
            found = 0
            for mark, pattern in _MARKS:
                hit = pattern.match(gap) if mark & _WHOLE else pattern.search(gap)
                if hit:
                    found |= mark
            if len(self._marks) >= _MOST_REMEMBERED:
                self._marks.clear()
            self._marks[gap] = found
        return found

    def _piece(self, piece: str) -> Word | Token:
        """Return a piece that was not met before, and remember it."""
        if len(self._pieces) >= _MOST_REMEMBERED:
            self._pieces.clear()
        if piece.isalnum():
            return self.word(piece)
        if piece[:-1].isalnum() and piece[-1] in _ENDS:  # the commonest of the others
            form = piece[:-1]
            token = Token([self.word(form)], [form], [""], "", piece[-1])
        else:
            parts = WORD.split(piece)
            written = parts[1::2]
            words = [self.word(form) for form in written]
            token = Token(words, written, parts[0:-1:2], parts[0] if words else "", parts[-1])
        self._pieces[piece] = token
        return token

    def word(self, form: str) -> Word:
        """Return what is known of one word."""
        known = self._pieces.get(form)
        if isinstance(known, Word):
            return known
        word = self._new_word(form)
        if not form.isdigit():  # numbers seldom come again
            self._pieces[form] = word
        return word

    def _new_word(self, form: str) -> Word:
        gazetteer = self._gazetteer
        if (form[-1].isdigit() or form[0].isdigit()) and not form.isdigit():
            form = self._without_footnote(form)
        written = form.replace(".", "")
        key = word(written)
        flags = _FLAGS.get(key, 0)
        if len(key) == 1 and key != "u":
            flags |= NUMBER
        if not written.isascii() or not written.isalpha() or not written[1:].islower():
            flags |= _unusual_flags(form, written, key)
        elif written[0].islower():
            flags |= LOWER | HAS_SMALL
        else:
            flags |= HAS_CAPITAL | (HAS_SMALL if len(written) > 1 else 0)
        if len(written) < _ACRONYM_LENGTH:
            flags |= SHORT
        new = Word(key, written, flags, gazetteer)
        if new.entry is not None and new.flags & GLUED:
            new.flags ^= GLUED  # a name is not cut
        if new.code is not None:
            new.flags |= CODE
        if new.acronym is not None:
            new.flags |= ACRONYM
        return new

    def _without_footnote(self, form: str) -> str:
        """Return "Oxford" for "Oxford1", but keep "Layer6" and what is known with its number."""
        bare = without_footnote(form)
        gazetteer = self._gazetteer
        if len(bare) < _SHORTEST_MARKED or not bare.isalpha():
            return form
        if form in gazetteer.acronyms or gazetteer.entry(word(form)) is not None:
            return form
        if word(form) in gazetteer.following:
            return form
        key = word(bare)
        known = (
            bare in gazetteer.acronyms
            or key in gazetteer.following
            or key in _FLAGS
            or gazetteer.entry(key) is not None
        )
        return bare if known else form


def _unusual_flags(form: str, written: str, key: str) -> int:
    """Return what only words have that are not "Word" or "word"."""
    flags = 0
    capitals = sum(map(str.isupper, written))
    if any(map(str.isdigit, key[:12])):
        flags |= NUMBER
    if written[0].islower():
        flags |= LOWER
    if capitals:
        flags |= HAS_CAPITAL
    if any(map(str.islower, written)):
        flags |= HAS_SMALL
    if written.isupper():
        flags |= CAPITALS
    if len(written) <= _ACRONYM_LENGTH and capitals > 1:
        flags |= LIKE_ACRONYM
    if is_camel(form):
        flags |= CAMEL
    if unglue(form) != form:
        flags |= GLUED
    return flags
