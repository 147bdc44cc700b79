"""Time every figure of the compute divide: table, drawing, and writing SVG and PNG.

python benchmarks/compute_figures.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

#: All of them together, with loading the libraries.
LIMIT_S = 20.0


def main() -> int:
    """Print the seconds of each figure and of all; return 1 if they are over the limit."""
    start = perf_counter()
    import matplotlib as mpl

    mpl.use("agg")
    from caraml_analysis.reproduce import compute_figures
    from caraml_analysis.reproduce.figures import FIGURES

    print(f"{'libraries':<28} {perf_counter() - start:6.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        for name, figure in FIGURES.items():
            if figure.make.__module__ == compute_figures.__name__:
                before, busy = perf_counter(), process_time()
                figure.save(Path(folder))
                # on a machine that others use, too, the processor's time says more
                print(
                    f"{name:<28} {perf_counter() - before:6.2f} s, "
                    f"processor {process_time() - busy:5.2f} s"
                )
    total = perf_counter() - start
    print(f"{'all':<28} {total:6.2f} s (limit {LIMIT_S:g} s), processor {process_time():.2f} s")
    return int(total > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
