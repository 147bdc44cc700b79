"""A statement as Markdown, LaTeX or JSON. Texts of the user are escaped in each."""

from __future__ import annotations

import json
import re

from caraml_analysis.reproduce.statement.content import Section, Statement

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
}


def to_json(statement: Statement) -> str:
    """Return the numbers of a statement as JSON, with the form named in ``schema``."""
    return json.dumps(statement.data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_markdown(statement: Statement) -> str:
    """Return a statement as Markdown (tables as GitHub reads them)."""
    lines = [f"# {_markdown(statement.title)}", "", f"**{_markdown(statement.summary)}**"]
    for section in statement.sections:
        lines += ["", f"## {_markdown(section.heading)}"]
        if section.rows:
            header = section.columns or ("", "")
            lines += ["", _row(header), _row(["---"] * len(header))]
            lines += [_row([_markdown(cell) for cell in row]) for row in section.rows]
        if section.bullets:
            lines += ["", *(f"- {_markdown(text)}" for text in section.bullets)]
        for note in section.notes:
            lines += ["", _markdown(note)]
    return "\n".join(lines) + "\n"


def to_latex(statement: Statement) -> str:
    """Return a statement as LaTeX, to be read into a paper with "input"; it needs no package."""
    lines = [
        "% Written by caraml statement: change the TOML file and run it again.",
        rf"\section*{{{_latex(statement.title)}}}",
        _latex(statement.summary),
    ]
    for section in statement.sections:
        lines += ["", rf"\subsection*{{{_latex(section.heading)}}}", *_latex_body(section)]
    return "\n".join(lines) + "\n"


def _latex_body(section: Section) -> list[str]:
    lines: list[str] = []
    if section.rows:
        widths = {2: (0.44, 0.50), 3: (0.28, 0.22, 0.42)}[len(section.rows[0])]
        columns = "".join(rf"p{{{width:.2f}\linewidth}}" for width in widths)
        lines += [r"\noindent", rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}", r"\hline"]
        if section.columns:
            lines += [_latex_row(section.columns), r"\hline"]
        lines += [_latex_row(row) for row in section.rows]
        lines += [r"\hline", r"\end{tabular}"]
    if section.bullets:
        # {} keeps a text that begins with [ from being taken for a label
        items = [rf"\item {{}}{_latex(text)}" for text in section.bullets]
        lines += [r"\begin{itemize}", *items, r"\end{itemize}"]
    return [*lines, *(f"\n{_latex(note)}" for note in section.notes)]


def _latex_row(cells: tuple[str, ...]) -> str:
    return " & ".join(_latex(cell) for cell in cells) + r" \\"


def _latex(text: str) -> str:
    # first the words of the program, then every sign that LaTeX would take for itself
    opened = re.sub(r'(^|[\s(\[])"', r"\1``", _one_line(text))
    escaped = "".join(_LATEX.get(letter, letter) for letter in opened)
    return re.sub(r"\bCO2e\b", r"CO$_2$e", re.sub(r"\bm3\b", r"m$^3$", escaped))


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown(text: str) -> str:
    escaped = re.sub(r"([\\`*_<>|\[\]~$#&])", r"\\\1", _one_line(text))
    # at the beginning of a point, these would start a list of their own
    return re.sub(r"^([-+]|\d+(?=[.)]\s))", lambda m: _unlisted(m.group()), escaped)


def _unlisted(start: str) -> str:
    return f"\\{start}" if start in "+-" else f"{start}\\"


def _one_line(text: str) -> str:
    """Return the text without line breaks and other control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def written_forms(statement: Statement) -> dict[str, tuple[str, str]]:
    """Return the ending of the file and the text of each form: markdown, latex, json.

    All are made before a caller writes the first one, so that nothing is half written.
    """
    return {
        "markdown": ("md", to_markdown(statement)),
        "latex": ("tex", to_latex(statement)),
        "json": ("json", to_json(statement)),
    }
