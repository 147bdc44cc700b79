"""Sustainability statements: a TOML file that says what was run becomes a disclosure.

``reading`` checks the file, ``content`` estimates and says in words, ``writing`` renders Markdown,
LaTeX and JSON.
"""

from __future__ import annotations

from caraml_analysis.reproduce.statement.content import Statement, make_statement
from caraml_analysis.reproduce.statement.reading import Declaration, read_declaration, template
from caraml_analysis.reproduce.statement.writing import (
    to_json,
    to_latex,
    to_markdown,
    written_forms,
)

__all__ = [
    "Declaration",
    "Statement",
    "make_statement",
    "read_declaration",
    "template",
    "to_json",
    "to_latex",
    "to_markdown",
    "written_forms",
]
