"""The ``caraml`` command: a thin face on the rooms below, one file per family of commands.

Exit codes: 0 fine, 1 a check or a step failed, 2 wrong use, 130 stopped with Ctrl-C, 143 ended
with SIGTERM.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from caraml_analysis import __version__
from caraml_analysis.cli import carbon, data, figures, geocode, years
from caraml_analysis.cli.running import run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="caraml",
        description="Reproduce, trace and extend the analyses of the CARAML paper.",
        epilog="example:\n  caraml reproduce",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"caraml {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for family in (figures, geocode, years, carbon, data):
        family.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    return run(build_parser().parse_args(arguments))
