"""The manifest of a run: what was written from what, and when."""

from __future__ import annotations

import datetime
import hashlib
import json
import subprocess
from pathlib import Path

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
    lines = [
        f"{picture.name}: {facts['title'] or 'no title'}",
        f"  made by    {facts['function']}",
        f"  notebook   notebooks/{facts['notebook']}",
        f"  again with {facts['command']}",
        f"  table      {sidecar.with_suffix('.csv').name}",
    ]
    lines += [f"  parameter  {name} = {value}" for name, value in facts["parameters"].items()]
    lines += [
        f"  input      data/{card['file']} ({card['edition']}; sha256 {card['sha256'][:12]})"
        for card in facts["inputs"]
    ]
    lines.append("  versions   " + ", ".join(f"{k} {v}" for k, v in facts["versions"].items()))
    if recorded is not None and recorded != sha256_of(picture):
        lines.append("  WARNING    the file was changed after it was written")
    return "\n".join(lines)
