"""Time a modern year from cached JSON to figure, in a fresh interpreter each time.

    python benchmarks/new_year.py [--papers 2600] [--runs 5]

The year is made up of the affiliation texts of NeurIPS 2022 in the shape of a virtual site, served
once on loopback so that it is in the cache as a download would be. Measured is everything after
that: starting Python, loading the libraries and the geocoder, reading and checking the JSON,
placing 11,000 authors, comparing them with the last year, adding the year, drawing and saving.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import perf_counter

import caraml_analysis as ca

STEPS = """
import sys
from time import perf_counter, process_time
times = [("start of Python", perf_counter(), process_time())]
import caraml_analysis as ca
from caraml_analysis.reproduce.any_years import save_authorship_figure
from caraml_analysis.sources.http import Client
times.append(("libraries", perf_counter(), process_time()))
from caraml_analysis.geocoding import resolver
resolver.engine()
times.append(("geocoder", perf_counter(), process_time()))
new = ca.add_year("ICML", 2024, client=Client(offline=True), base=sys.argv[1])
assert new.change == "added"
times.append(("JSON to workspace", perf_counter(), process_time()))
save_authorship_figure(["ICML"], [2017, 2024])
times.append(("figure", perf_counter(), process_time()))
times.append(("cached JSON to figure", *times[-1][1:]))
for (_, *before), (name, *after) in [*zip(times, times[1:-1]), (times[1], times[-1])]:
    print(name, after[0] - before[0], after[1] - before[1], sep=";")
"""


def year_of_texts(papers: int, seed: int = 7) -> dict:
    """Return a year in the shape of a virtual site, with authors from NeurIPS 2022."""
    rows = ca.load_authorships("NeurIPS", 2022)
    chance = random.Random(seed)
    texts = rows["affiliation"].repeat(rows["entries"]).tolist()
    records = []
    for number in range(papers):
        authors = [
            {"id": 0, "fullname": f"Author {number} {n}", "institution": chance.choice(texts)}
            for n in range(chance.choice((3, 4, 5)) + (number % 4 == 0))
        ]
        for event in ("Poster", "Oral")[: 1 + (number % 20 == 0)]:
            records.append(
                {
                    "id": len(records),
                    "name": f"Paper {number} of a made-up year",
                    "authors": authors,
                    "decision": f"Accept ({event.lower()})",
                    "eventtype": event,
                    "virtualsite_url": f"/virtual/2024/poster/{len(records)}",
                    "sourceurl": "https://openreview.net/group?id=ICML.cc/2024/Conference",
                    "paper_url": f"https://openreview.net/forum?id=made{number}",
                }
            )
    return {"count": len(records), "next": None, "previous": None, "results": records}


def served(content: bytes) -> ThreadingHTTPServer:
    """Return a server on loopback that gives `content` for every address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    """Print the median of every step and of the whole."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--papers", type=int, default=2_600)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    year = year_of_texts(options.papers)
    authors = sum(len(record["authors"]) for record in year["results"])
    content = json.dumps(year).encode()
    print(f"{len(year['results']):,} records, {authors:,} authors, {len(content) / 1e6:.1f} MB")
    server = served(content)
    base = f"http://127.0.0.1:{server.server_address[1]}"
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            name: str(Path(folder) / name)
            for name in ("CARAML_CACHE", "CARAML_WORKSPACE", "CARAML_FIGURES")
        }
        environment = os.environ | settings
        command = [sys.executable, "-m", "caraml_analysis.cli", "add-year", "ICML", "2024"]
        subprocess.run(
            [*command, "--dry-run", "--server", base],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server.shutdown()  # from here on only the cache answers
        totals: list[float] = []
        steps: dict[str, list[tuple[float, ...]]] = {}
        for run in range(options.runs):
            environment["CARAML_WORKSPACE"] = str(Path(folder) / f"workspace{run}")
            start = perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", STEPS, base],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            totals.append(perf_counter() - start)
            for line in done.stdout.splitlines():
                name, *seconds = line.split(";")
                steps.setdefault(name, []).append(tuple(map(float, seconds)))
    print(f"{'':<24}{'seconds':>9}{'of processor':>14}")
    for name, times in steps.items():
        passed, computed = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name:<24}{passed:>9.2f}{computed:>14.2f}")
    print(f"{'all, with Python itself':<24}{statistics.median(totals):>9.2f}")


if __name__ == "__main__":
    main()
