"""Internet hosts in a text. Of an e-mail address only the host is kept: the rest is a person."""

from __future__ import annotations

import re
from typing import Final

from caraml_analysis.geocoding.vocabulary import NOT_A_HOST

# Bounded repetitions, and a start only at the edge of a label: linear on any text.
_HOST: Final = re.compile(
    r"(?P<mail>(?<![\w.+-])[\w.+-]{1,64}@)?(?P<web>https?://)?"
    r"(?P<host>(?<![A-Za-z0-9-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,6}[A-Za-z]{2,10})\b"
)
# what every host has, and few other texts: a dot between two letters or digits
_DOT_INSIDE: Final = re.compile(r"[A-Za-z0-9-]\.[A-Za-z0-9]")


class Host:
    """An internet host, and where in the text it stands."""

    __slots__ = ("certain", "name", "position")

    def __init__(self, position: int, name: str, certain: bool) -> None:
        self.position = position
        self.name = name
        self.certain = certain  # part of an e-mail or web address


def without_persons(text: str) -> tuple[str, list[Host]]:
    """Return the text without the local parts of e-mail addresses, and all internet hosts."""
    hosts: list[Host] = []
    if "." not in text or not _DOT_INSIDE.search(text):
        return text, hosts
    pieces: list[str] = []
    last = removed = 0
    for found in _HOST.finditer(text):
        if found["mail"]:
            pieces.append(text[last : found.start()])
            last = found.start("host")
            removed += last - found.start()
        host = found["host"]
        certain = bool(found["mail"] or found["web"] or host.lower().startswith("www."))
        if certain or (host.islower() and host.partition(".")[0] not in NOT_A_HOST):
            hosts.append(Host(found.start("host") - removed, host.lower(), certain))
    pieces.append(text[last:])
    return "".join(pieces), hosts
