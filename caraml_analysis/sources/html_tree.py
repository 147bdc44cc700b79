"""A web page as a small tree, enough for the few elements that we look for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
_CLOSED_BY_NEXT = frozenset(("p", "li", "option"))


@dataclass
class Node:
    """An element: its tag, attributes and content."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    parent: Node | None = field(default=None, repr=False)

    @property
    def classes(self) -> list[str]:
        """Return its classes, in lower case: sites change the case."""
        return self.attributes.get("class", "").lower().split()

    @property
    def text(self) -> str:
        """Return all text in it, on one line."""
        return " ".join("".join(part for part in self.walk() if isinstance(part, str)).split())

    def walk(self) -> Iterator[Node | str]:
        """Yield everything inside, in the order of the page."""
        waiting: list[Node | str] = list(reversed(self.children))
        while waiting:
            part = waiting.pop()
            yield part
            if isinstance(part, Node):
                waiting.extend(reversed(part.children))

    def find(self, *tags: str, having: tuple[str, ...] = ()) -> Iterator[Node]:
        """Yield the elements inside with one of these tags (or any) and all these classes."""
        for part in self.walk():
            if (
                isinstance(part, Node)
                and (not tags or part.tag in tags)
                and set(having) <= set(part.classes)
            ):
                yield part


def parse(page: str) -> Node:
    """Return the root of a page. Never fails: what is not closed ends with its parent."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.root


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _CLOSED_BY_NEXT and self.at.tag == tag:
            self.at = self.at.parent or self.root
        node = Node(tag, {name: value or "" for name, value in attrs}, parent=self.at)
        self.at.children.append(node)
        if tag not in _VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self.at
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.at = node.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)
