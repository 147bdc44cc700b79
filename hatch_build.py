"""Compile the geocoder's engine while the package is built, where a C compiler is at hand.

The engine is plain Python and runs as it is; compiled with mypyc it reads several times as many
texts a second. Without a compiler (or with CARAML_COMPILE=0) the package is built without it, and
says so. In a clone the compiled modules lie beside their sources: `make install` builds them anew
after a change.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "caraml_analysis/geocoding"
MODULES = (
    "vocabulary",
    "text",
    "gazetteer",
    "words",
    "hosts",
    "matching",
    "parts",
    "rules",
    "spelling",
    "engine",
)


class CompileEngine(BuildHookInterface):
    """Compiles the modules above and adds the results to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build in place; on any failure leave the package as pure Python."""
        root = Path(self.root)
        remove_compiled(root)
        if self.target_name != "wheel" or os.environ.get("CARAML_COMPILE") == "0":
            return
        try:
            compile_engine(root)
        except (Exception, SystemExit) as error:  # the compiler's failures come in all kinds
            remove_compiled(root)
            reason = str(error).strip().splitlines()[-1:] or [type(error).__name__]
            print(
                f"The engine was not compiled, it will run as Python: {reason[0]}", file=sys.stderr
            )
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for library in compiled(root):
            name = library.relative_to(root).as_posix()
            build_data["force_include"][name] = name


def compiled(root: Path) -> list[Path]:
    """Return the compiled modules in a clone."""
    return [p for p in sorted((root / FOLDER).iterdir()) if p.suffix in (".so", ".pyd")]


def remove_compiled(root: Path) -> None:
    """Remove what an earlier build left: it would be imported instead of its sources."""
    for library in compiled(root):
        library.unlink()


def compile_engine(root: Path) -> None:
    """Compile the engine's modules in place."""
    from mypyc.build import mypycify
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext

    with chdir(root), tempfile.TemporaryDirectory() as folder:
        extensions = mypycify(
            ["--ignore-missing-imports", *(f"{FOLDER}/{module}.py" for module in MODULES)],
            target_dir=folder,
            group_name=f"{FOLDER.replace('/', '.')}.engine",
        )
        command = build_ext(Distribution({"name": "engine", "ext_modules": extensions}))
        command.inplace = True
        command.build_temp = command.build_lib = folder
        command.ensure_finalized()
        command.run()
