"""Time ``import caraml_analysis`` beside an empty interpreter and beside pandas.

python benchmarks/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from time import perf_counter

RUNS = 15


def seconds(code: str) -> float:
    """Return the median wall time of a fresh interpreter that runs `code`."""
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    empty = seconds("pass")
    print(f"{'interpreter alone':<24} {empty:6.3f} s")
    for code in ("import caraml_analysis", "import pandas", "import matplotlib.pyplot"):
        extra = seconds(code) - empty
        print(f"{code:<24} {extra:6.3f} s more")
