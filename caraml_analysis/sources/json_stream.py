"""Read large JSON in pieces, one element at a time, so that memory stays small."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

#: One element (a record) is never longer than this.
MOST_CHARACTERS = 8_000_000

#: Makes the error for invalid JSON from the number of elements read and what is wrong.
Invalid: TypeAlias = Callable[[int, str], Exception]

#: Stands before the elements of the array that :func:`fields` streams; it may have none.
BEGIN = object()


def decoded(blocks: Iterable[bytes]) -> Iterator[str]:
    """Yield UTF-8 bytes as text, without a byte-order mark; raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    for block in blocks:
        if piece := decoder.decode(block):  # none in the middle of a letter
            yield piece
    yield decoder.decode(b"", final=True)


def array(pieces: Iterable[str], invalid: Invalid) -> Iterator[Any]:
    """Yield the elements of a JSON array that comes in pieces, one at a time."""
    reader = _Reader(pieces, invalid)
    yield from reader.elements()
    reader.end("array")


def fields(pieces: Iterable[str], streamed: str, invalid: Invalid) -> Iterator[tuple[str, Any]]:
    """Yield names and values of a JSON object that comes in pieces.

    The array under the name `streamed` is yielded element by element, each with this name, after
    :data:`BEGIN`.
    """
    reader = _Reader(pieces, invalid)
    reader.take("{")
    if reader.peek() == "}":
        reader.take("}")
    else:
        while True:
            name = reader.element()
            if not isinstance(name, str):
                raise reader.invalid(f"{name!r:.20} where a name should be")
            reader.take(":")
            if name == streamed and reader.peek() == "[":
                yield name, BEGIN
                for element in reader.elements():
                    yield name, element
            else:
                yield name, reader.element()
            if reader.take(",}") == "}":
                break
    reader.end("object")


class _Reader:
    """JSON text that comes in pieces, and a place in it."""

    _space = re.compile(r"[ \t\r\n]*")
    _decoder = json.JSONDecoder()

    def __init__(self, pieces: Iterable[str], invalid: Invalid) -> None:
        self.pieces = iter(pieces)
        self.make_error = invalid
        self.buffer = ""
        self.at = 0
        self.count = 0

    def invalid(self, what: str) -> Exception:
        return self.make_error(self.count, what)

    def more(self) -> bool:
        """Add a piece; tell if there was one."""
        piece = next(self.pieces, "")
        self.buffer, self.at = self.buffer[self.at :] + piece, 0
        if len(self.buffer) > MOST_CHARACTERS:
            raise self.invalid("a record does not end")
        return bool(piece)

    def peek(self) -> str:
        """Return the next mark that is no space, or an empty text at the end."""
        while True:
            self.at = self._space.match(self.buffer, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def take(self, expected: str) -> str:
        """Go past the next mark, which must be one of those expected."""
        found = self.peek()
        if not found or found not in expected:
            there = repr(self.buffer[self.at : self.at + 20]) if found else "the end"
            raise self.invalid(f"{there} where one of {expected} should be")
        self.at += 1
        return found

    def element(self) -> Any:
        """Go past the next element and return it."""
        self.peek()
        while True:
            try:
                element, end = self._decoder.raw_decode(self.buffer, self.at)
            except RecursionError:
                raise self.invalid("nested too deeply") from None
            except ValueError as error:
                if not self.more():  # else it may only be cut off
                    raise self.invalid(str(error).partition(":")[0]) from None
            else:
                # a number at the end of the buffer may go on in the next piece
                if end == len(self.buffer) and isinstance(element, (int, float)) and self.more():
                    continue
                self.at = end
                self.count += 1
                return element

    def elements(self) -> Iterator[Any]:
        """Go past an array and yield its elements."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.element()
            if self.take(",]") == "]":
                return

    def end(self, what: str) -> None:
        """Check that nothing follows."""
        if self.peek():
            raise self.invalid(f"something follows the {what}")
