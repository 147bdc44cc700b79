"""How every command looks to its user: one summary, one example, the same options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any


def add_command(
    commands: Any, name: str, run: Callable | None, summary: str, example: str
) -> argparse.ArgumentParser:
    """Add a command that `run` carries out (None: it only has actions), and return its parser."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    # also after the command; SUPPRESS, so that it does not undo the one before it
    parser.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,
        help="show the traceback of an error",
    )
    return parser


def add_workspace(command: Any, *, overrides: bool = False) -> None:
    """Add the options that name the user's own years and judgements."""
    command.add_argument(
        "--workspace",
        type=Path,
        metavar="FOLDER",
        help="folder of your own years (CARAML_WORKSPACE, or one below your data folder)",
    )
    if overrides:
        command.add_argument(
            "--overrides",
            type=Path,
            metavar="CSV",
            help="your own judgements about texts (overrides.csv in the workspace)",
        )
