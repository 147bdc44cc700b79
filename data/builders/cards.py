"""Keep the checksums of the provenance cards up to date: ``python data/builders/cards.py FILE...``.

Only the ``sha256`` line inside the section of each file is replaced; everything else on a card is
written by people.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent
REGISTRY = DATA / "registry.toml"


def with_checksum(registry: str, file: str, sha256: str) -> str:
    """Return the text of the registry with the checksum of one file replaced."""
    section = re.compile(
        rf'(^\["{re.escape(file)}"\]\n(?:(?!\[).*\n)*?sha256\s*=\s*")[^"]*(")', re.MULTILINE
    )
    text, replaced = section.subn(rf"\g<1>{sha256}\g<2>", registry)
    if replaced != 1:
        raise SystemExit(
            f"{file}: {replaced} sections with a sha256 line in data/registry.toml, wanted 1. "
            "Nothing was written. Write its card first."
        )
    return text


def refresh(files: Iterable[str]) -> None:
    """Write the present checksums of `files` (names below ``data/``) into their cards."""
    registry = before = REGISTRY.read_text(encoding="utf-8")
    for file in files:
        digest = hashlib.sha256((DATA / file).read_bytes()).hexdigest()
        registry = with_checksum(registry, file, digest)
    if registry != before:
        REGISTRY.write_text(registry, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    refresh(sys.argv[1:])
