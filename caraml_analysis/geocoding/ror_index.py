"""The index of the optional ROR tier: built once from a release, a SQLite file.

It holds for each organisation its names as the geocoder compares them, its places and domains; for
each word in how many names and countries it is found; and for each name what its words weigh.
"""

from __future__ import annotations

import math
import re
import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from caraml_analysis import countries as country_names
from caraml_analysis import paths
from caraml_analysis.errors import CacheError, OutputError
from caraml_analysis.geocoding.text import key
from caraml_analysis.geocoding.vocabulary import LEGAL_FORMS, word_set

#: Changes with the layout of the index, so that an old one is built again and not misread.
LAYOUT = "1"

# Words of grammar, of companies and of careers say nothing about which organisation is meant.
_IGNORED = LEGAL_FORMS | word_set("""
    a an and as at currently da das de dei del della der des di do dos du d e ehemals el en et for
    former formerly from fur i il in l la las le les lo los now of og och on present presently the
    to und van von voor with within y zu zum zur
""")

#: Mail hosts that anyone can use: they belong to companies, their users do not.
FREE_MAIL = word_set("""
    126.com 139.com 163.com aliyun.com aol.com daum.net foxmail.com free.fr gmail.com gmx.com
    gmx.de gmx.net googlemail.com hanmail.net hotmail.com icloud.com inbox.ru laposte.net live.com
    libero.it mac.com mail.com mail.ru me.com msn.com naver.com orange.fr outlook.com proton.me
    protonmail.com qq.com rediffmail.com sina.cn sina.com sohu.com t-online.de tom.com wanadoo.fr
    web.de yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com
    yandex.ru yeah.net
""")

_LISTED_NAMES = 999  # a word in more names than this leads to none of them
_SUFFIX = re.compile(r"\s*\(([^()]*)\)\s*$")

#: Kinds of names in the index. A name that says its country is no name of a text without it.
NAME, SAYS_COUNTRY, BRANCH, ACRONYM = "name", "says country", "branch", "acronym"


class Organisation(Protocol):
    """What the index needs of a record; see ``sources.ror.Organisation``."""

    @property
    def ror_id(self) -> str: ...  # noqa: D102
    @property
    def names(self) -> Sequence[tuple[str, str]]: ...  # noqa: D102
    @property
    def places(self) -> Sequence[tuple[str, str, str]]: ...  # noqa: D102
    @property
    def countries(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def domains(self) -> Sequence[str]: ...  # noqa: D102


class Built(NamedTuple):
    """What an index holds."""

    path: Path
    organisations: int
    names: int


# places and countries repeat
_country_name = lru_cache(maxsize=None)(country_names.name)
_place_key = lru_cache(maxsize=50_000)(key)


def index_path() -> Path:
    """Return where the index of this user is."""
    return paths.cache_dir() / "ror" / "index.sqlite"


def content(words: Iterable[str]) -> frozenset[str]:
    """Return the words that say something about which organisation is meant."""
    return frozenset(word for word in words if word not in _IGNORED)


def weight_of(names: int, of: int) -> float:
    """Return how much a word says that is in so many names of all."""
    return math.log(max(of, 1) / (names + 1))


# --- building ---------------------------------------------------------------------------------

_LAYOUT_SQL = """
    CREATE TABLE about (what TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE organisation (
        id INTEGER PRIMARY KEY, ror TEXT NOT NULL, name TEXT NOT NULL, countries TEXT NOT NULL,
        places TEXT NOT NULL);
    CREATE TABLE name (
        id INTEGER PRIMARY KEY, organisation INTEGER NOT NULL, spelled TEXT NOT NULL,
        written TEXT NOT NULL, kind TEXT NOT NULL);
    CREATE TABLE weight (weights BLOB NOT NULL);
    CREATE TABLE word (
        word TEXT PRIMARY KEY, names INTEGER NOT NULL, countries INTEGER NOT NULL,
        ids BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE domain (domain TEXT PRIMARY KEY, organisations TEXT NOT NULL) WITHOUT ROWID;
"""


class _Words:
    """How many names and which countries a word is found in, and where."""

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()
        self.countries: defaultdict[str, set[str]] = defaultdict(set)
        self.ids: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._seen: dict[str, frozenset[str]] = {}

    def count(self, spelled: str, codes: Iterable[str]) -> None:
        """Count the words of a name once, in whatever number of records it is found."""
        codes = frozenset(codes)
        known = self._seen.get(spelled)
        if known is not None and codes <= known:
            return
        self._seen[spelled] = codes if known is None else codes | known
        for word in content(spelled.split()):
            self.names[word] += known is None
            self.countries[word] |= codes

    def __len__(self) -> int:
        return len(self._seen)


def build_index(
    organisations: Iterable[Organisation],
    *,
    edition: str,
    sha256: str,
    background: Mapping[str, str] | None = None,
    target: Path | None = None,
) -> Built:
    """Write the index of a release, whole or not at all.

    Parameters
    ----------
    organisations : iterable of Organisation
        As ``sources.ror.organisations`` gives them.
    edition, sha256 : str
        Of the release; kept in the index.
    background : mapping of str to str, optional
        Further names as :func:`text.key` spells them, with their countries (ISO 3166-1 alpha-3,
        joined by ``;``). They are not found, but say how common words are.
    target : Path, optional
        The file to write, :func:`index_path` by default.

    Returns
    -------
    Built

    Raises
    ------
    CacheError
        If it cannot be written; what was there is left as it was. So it is after any error of
        `organisations`.
    """
    target = target or index_path()
    try:
        with paths.atomic_path(target) as temporary:
            connection = sqlite3.connect(temporary, isolation_level=None)
            try:
                counts = _fill(connection, organisations, background or {})
                about = {"layout": LAYOUT, "edition": edition, "sha256": sha256}
                connection.executemany("INSERT INTO about VALUES (?, ?)", (about | counts).items())
                connection.execute("COMMIT")
            finally:
                connection.close()
    except (OutputError, sqlite3.Error) as error:
        raise CacheError(
            f"{target}: the index of ROR cannot be written ({error!s:.100}). What was there is "
            "unchanged. Make room, or name another folder with CARAML_CACHE."
        ) from error
    return Built(target, int(counts["organisations"]), int(counts["names"]))


def _fill(
    connection: sqlite3.Connection,
    organisations: Iterable[Organisation],
    background: Mapping[str, str],
) -> dict[str, str]:
    connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_LAYOUT_SQL}")
    connection.execute("BEGIN")
    words = _Words()
    for spelled, joined in background.items():
        words.count(spelled, joined.split(";"))
    domains: defaultdict[str, list[str]] = defaultdict(list)
    number = row = 0
    for number, organisation in enumerate(organisations, start=1):
        codes = tuple(dict.fromkeys(code for code, _, _ in organisation.places))
        connection.execute(
            "INSERT INTO organisation VALUES (?, ?, ?, ?, ?)",
            (
                number,
                organisation.ror_id,
                _shown(organisation),
                ";".join(codes),
                _places(organisation),
            ),
        )
        for spelled, written, kind in _index_names(organisation, codes):
            row += 1
            connection.execute(
                "INSERT INTO name VALUES (?, ?, ?, ?, ?)", (row, number, spelled, written, kind)
            )
            if kind != ACRONYM:
                words.count(spelled, codes)
            for word in content(spelled.split()):
                words.ids[word].append(row)
        for domain in organisation.domains:
            if domain not in FREE_MAIL:
                domains[domain].append(str(number))
    of_word = {word: weight_of(words.names[word], len(words)) for word in words.ids}
    weights = array("f", [0.0])
    for (spelled,) in connection.execute("SELECT spelled FROM name ORDER BY id"):
        weights.append(math.fsum(map(of_word.__getitem__, content(spelled.split()))))
    connection.execute("INSERT INTO weight VALUES (?)", (weights.tobytes(),))
    connection.executemany(
        "INSERT INTO word VALUES (?, ?, ?, ?)",
        (
            (
                word,
                words.names[word],
                len(words.countries[word]),
                b"" if len(ids) > _LISTED_NAMES else ids.tobytes(),
            )
            for word, ids in sorted(words.ids.items())
        ),
    )
    connection.executemany(
        "INSERT INTO domain VALUES (?, ?)",
        ((domain, ",".join(found)) for domain, found in sorted(domains.items())),
    )
    return {"organisations": str(number), "names": str(row), "different_names": str(len(words))}


def _shown(organisation: Organisation) -> str:
    names = organisation.names
    return next((name for name, kind in names if kind == "name"), names[0][0] if names else "")


def _places(organisation: Organisation) -> str:
    """Return the cities and regions of an organisation, each as "USA:cambridge"."""
    return "|".join(
        dict.fromkeys(
            f"{code}:{spelled}"
            for code, *places in organisation.places
            for place in places
            if (spelled := _place_key(place))
        )
    )


def _index_names(
    organisation: Organisation, codes: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """Yield the names of an organisation as compared, as written, and of what kind."""
    listed_names = (*organisation.countries, *map(_country_name, codes))
    own = {_place_key(name) for name in listed_names if name}
    seen = set()
    for written, listed in organisation.names:
        kind = ACRONYM if listed == "acronym" else NAME
        name = written
        suffix = _SUFFIX.search(written) if kind == NAME else None
        if suffix and key(suffix[1]) in own:
            name, kind = written[: suffix.start()], BRANCH
        spelled = key(name)
        if kind == NAME and any(f" {country} " in f" {spelled} " for country in own):
            kind = SAYS_COUNTRY
        form = written if kind == ACRONYM else spelled
        if spelled and content(spelled.split()) and (form, kind) not in seen:
            seen.add((form, kind))
            yield spelled, written, kind
