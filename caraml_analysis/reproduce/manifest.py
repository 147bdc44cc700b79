"""The manifest of a run: what was written from what, and when."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from caraml_analysis import paths, registry
from caraml_analysis.errors import UsageError
from caraml_analysis.reproduce.saving import versions

NAME = "manifest.json"


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def current_commit() -> str:
    """Return the commit of the clone that runs, or ``"unknown"`` outside of one."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=paths.project_dir(),
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return found.stdout.strip()


def write_manifest(folder: Path, *, seconds: float, parameters: dict[str, object]) -> Path:
    """Write ``manifest.json`` over all outputs in `folder` and all embedded inputs.

    Everything but the block ``run`` (time, duration, commit) is the same for the same inputs on
    the same machine.
    """
    outputs = sorted(
        p for p in folder.iterdir() if p.is_file() and p.name != NAME and p.name[0] != "."
    )
    content = {
        "parameters": parameters,
        "versions": versions(),
        "inputs": {card.file: card.sha256 for card in registry.cards().values()},
        "outputs": {path.name: sha256_of(path) for path in outputs},
        "run": {
            "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "duration_s": round(seconds, 1),
            "commit": current_commit(),
        },
    }
    return paths.write_atomically(folder / NAME, json.dumps(content, indent=2) + "\n")


def explain(picture: Path) -> str:
    """Say where a saved figure comes from.

    Parameters
    ----------
    picture : Path
        One of the files of a figure, for example ``figures/fig1_compute.svg``.

    Returns
    -------
    str
        Title, function, notebook, command, parameters and inputs, and whether the file is still
        the one that was written.

    Raises
    ------
    UsageError
        If the file or its sidecar is not there.
    """
    sidecar = picture.with_suffix(".json")
    if not picture.is_file():
        raise UsageError(f"{picture}: no such file. 'caraml figure --list' names the figures.")
    if not sidecar.is_file():
        raise UsageError(
            f"{picture}: has no sidecar {sidecar.name}, so its origin is not recorded. "
            "Make it again with 'caraml figure NAME'."
        )
    facts = json.loads(sidecar.read_text(encoding="utf-8"))
    recorded = facts["outputs"].get(picture.name)
    notebook = facts["notebook"] and f"notebooks/{facts['notebook']}"
    told = (
        ("made by", facts["function"]),
        ("notebook", notebook),
        ("again with", facts["command"]),
        ("table", sidecar.with_suffix(".csv").name),
    )
    lines = [f"{picture.name}: {facts['title'] or 'no title'}"]
    lines += [f"  {name:<10} {value}" for name, value in told if value]
    for name, value in facts["parameters"].items():
        lines += [f"  parameter  {_plain(name)} = {words}" for words in _each_in_words(value)]
    lines += [
        f"  input      data/{card['file']} ({card['edition']}; sha256 {card['sha256'][:12]})"
        for card in facts["inputs"]
    ]
    lines.append("  versions   " + ", ".join(f"{k} {v}" for k, v in facts["versions"].items()))
    if recorded is not None and recorded != sha256_of(picture):
        lines.append("  WARNING    the file was changed after it was written")
    return "\n".join(lines)


def _each_in_words(value: Any) -> list[str]:
    """Return a parameter in words; of several tables each by itself."""
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return [_in_words(one) for one in value]
    if isinstance(value, dict) and any(isinstance(one, dict) for one in value.values()):
        return [f"{name}: {_in_words(one)}" for name, one in value.items()]
    return [_in_words(value)]


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        pairs = ((_plain(str(name)), _in_words(one)) for name, one in value.items())
        return ", ".join(f"{name} {words}" for name, words in pairs if words)
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return f"{value[:12]}…" if _is_sha256(value) else str(value)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _is_sha256(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None
