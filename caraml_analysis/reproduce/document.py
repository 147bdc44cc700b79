"""A report as a list of blocks, written as Markdown and as HTML from the same content."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list of plain texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A picture beside the report, with its caption."""

    file: str
    caption: str


@dataclass(frozen=True)
class Table:
    """A table whose cells are shown as they are; numbers are formatted by the caller."""

    rows: pd.DataFrame


Block = Heading | Paragraph | Bullets | Picture | Table

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; }
table { border-collapse: collapse; font-size: 0.85rem; margin: 1rem 0; }
th, td { border-bottom: 1px solid #ddd; padding: 0.3rem 0.6rem; text-align: left;
         vertical-align: top; }
th { border-bottom: 2px solid #888; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1.5rem 0; } figure img { max-width: 100%; } figcaption { color: #555; }
.scroll { overflow-x: auto; }
"""


def to_markdown(blocks: Sequence[Block]) -> str:
    """Return the blocks as GitHub-flavoured Markdown."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def to_html(blocks: Sequence[Block], title: str) -> str:
    """Return the blocks as one HTML page that needs only its pictures."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _cell(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Paragraph(text):
            return text
        case Bullets(items):
            return "\n".join(f"- {item}" for item in items)
        case Picture(file, caption):
            return f"![{caption}]({file})\n\n*{caption}*"
        case Table(rows):
            lines = [list(map(str, rows.columns)), ["---"] * len(rows.columns)]
            lines += [[_cell(value) for value in row] for row in rows.itertuples(index=False)]
            return "\n".join(
                "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
                for line in lines
            )


def _html(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{html.escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{html.escape(text)}</p>"
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>"
        case Picture(file, caption):
            words = html.escape(caption)
            return (
                f'<figure><img src="{html.escape(file)}" alt="{words}">'
                f"<figcaption>{words}</figcaption></figure>"
            )
        case Table(rows):
            head = "".join(f"<th>{html.escape(str(name))}</th>" for name in rows.columns)
            body = "".join(
                "<tr>" + "".join(map(_html_cell, row)) + "</tr>"
                for row in rows.itertuples(index=False)
            )
            return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _html_cell(value: object) -> str:
    text = _cell(value)
    number = text[:1].isdigit() or (text[:1] in "+-−" and text[1:2].isdigit())
    kind = ' class="number"' if number and len(text) < 20 else ""
    return f"<td{kind}>{html.escape(text)}</td>"
