"""Measure the geocoder beside its competitors: speed, loading, memory, precision and coverage.

    make benchmark                                everything; writes data/geocoding/benchmark.csv
    python benchmarks/geocoding.py --quick        a minute on fewer texts; prints, writes nothing
    python benchmarks/geocoding.py --test-half    also precision on the test half of the audit

Every measurement runs in a fresh process of its own; this process stays small, since a child's peak
memory begins with its parent's. Speed: all systems in one process, one after the other, on the same
distinct texts, which none of them has seen before; each repetition is a new process, so that no
cache knows a text, and the order of the systems changes. The median counts. Loading and memory: one
system alone. Needs the extra ``benchmark``; Linux or macOS.
"""

from __future__ import annotations

import argparse
import csv
import gc
import importlib
import json
import logging
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CLONE), str(CLONE / "data/builders")]

DATA = CLONE / "data"
GOLD = CLONE / "tests/data/dev_gold/dev_gold.csv"
RESULT = "geocoding/benchmark.csv"
COLUMNS = ("system", "version", "measure", "on", "value", "unit")

OURS = "caraml_analysis"
WITH_ROR = "caraml_analysis with ROR"
RIVAL = "geotext"
SCHOLARLY = ("s2aff_train", "ror_api_logs_2023", "springer_2023", "aps_manual_2022")
# Answered before the clock starts, so that no system builds its tables on our time.
WARM_UP = ["Nowhere, Iceland", "Institute of Nothing, Oslo, Norway", "-"]

NOT_FOUND = "not found"

Texts = list[str]
AnswerAll = Callable[[Texts], list[Any]]


# --- the systems ------------------------------------------------------------------------------


@dataclass(frozen=True)
class System:
    """One geocoder: how it is loaded, and how its raw answers become alpha-3 codes."""

    package: str
    how: str
    load: Callable[[], AnswerAll]
    codes: Callable[[Any], tuple[str, ...]]


def _load_ours() -> AnswerAll:
    from caraml_analysis import resolve

    return lambda texts: [resolve(text) for text in texts]


def _load_with_ror() -> AnswerAll:
    from caraml_analysis import resolve

    return lambda texts: [resolve(text, tiers=("embedded", "ror")) for text in texts]


def _load_geotext() -> AnswerAll:
    from geotext import GeoText

    return lambda texts: [GeoText(text).country_mentions for text in texts]


def _load_flashgeotext() -> AnswerAll:
    from loguru import logger

    logger.remove()  # it logs what it loads
    from flashgeotext.geotext import GeoText

    geotext = GeoText()
    geotext.remove("cities")  # its cities do not say in which country they are
    return lambda texts: [geotext.extract(text)["countries"] for text in texts]


def _load_country_converter() -> AnswerAll:
    import country_converter

    logging.getLogger("country_converter").setLevel(logging.CRITICAL)
    converter = country_converter.CountryConverter()
    return lambda texts: converter.convert(texts, to="ISO3", not_found=NOT_FOUND)


def _load_pycountry() -> AnswerAll:
    import pycountry

    def look_up(text: str) -> str:
        try:
            return pycountry.countries.lookup(text.rpartition(",")[2].strip()).alpha_3
        except LookupError:
            return NOT_FOUND

    return lambda texts: [look_up(text) for text in texts]


def _alpha3(code: str) -> str:
    from caraml_analysis.countries import to_alpha3
    from caraml_analysis.errors import CountryError

    try:
        return to_alpha3(code)
    except CountryError:
        return code


def _named(name: str) -> str:
    """Return the code of a country that a system calls by its English name."""
    import pycountry

    from caraml_analysis import resolve

    try:
        return pycountry.countries.lookup(name).alpha_3
    except LookupError:
        return resolve(name).country or name


def _listed(answer: str | list[str]) -> tuple[str, ...]:
    codes = [answer] if isinstance(answer, str) else answer
    return tuple(code for code in codes if code != NOT_FOUND)


SYSTEMS = {
    OURS: System(
        OURS, "resolve(text), embedded tier", _load_ours, lambda answer: tuple(answer.countries)
    ),
    RIVAL: System(
        RIVAL,
        "country_mentions, most frequent first",
        _load_geotext,
        lambda answer: tuple(map(_alpha3, answer)),
    ),
    "flashgeotext": System(
        "flashgeotext",
        "demo data, countries only",
        _load_flashgeotext,
        lambda answer: tuple(map(_named, answer)),
    ),
    "country_converter": System(
        "country_converter", "one call with all texts", _load_country_converter, _listed
    ),
    "pycountry": System(
        "pycountry", "countries.lookup of what follows the last comma", _load_pycountry, _listed
    ),
}

# Measured for precision and coverage only, where a ROR release was fetched.
ALL_SYSTEMS = SYSTEMS | {
    WITH_ROR: System(
        OURS,
        'resolve(text, tiers=("embedded", "ror"))',
        _load_with_ror,
        lambda answer: tuple(answer.countries),
    ),
}


def _version(package: str) -> str:
    if package == OURS:
        return importlib.import_module(OURS).__version__
    return version(package)


# --- the texts --------------------------------------------------------------------------------


def _read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _conference_texts() -> Texts:
    texts = (row["affiliation"] for row in _read(DATA / "conferences/affiliations.csv"))
    return list(dict.fromkeys(filter(None, texts)))


def _scholarly_texts() -> Texts:
    return list(dict.fromkeys(row["string"] for row in _read(GOLD)))


CORPORA = {"conference texts": _conference_texts, "scholarly texts": _scholarly_texts}


def _corpora(limit: int) -> dict[str, Texts]:
    """Return the texts to time; with a limit, the same few in every process."""
    found = {name: texts() for name, texts in CORPORA.items()}
    if limit:
        found = {name: random.Random(1).sample(texts, limit) for name, texts in found.items()}
    return found


# --- workers: each runs in a process of its own and returns what it measured ------------------


def _peak_mib() -> float:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _usable() -> tuple[dict[str, AnswerAll], dict[str, str]]:
    """Return the systems that work here, and why the others do not."""
    usable, failed = {}, {}
    for name, system in SYSTEMS.items():
        try:
            answer_all = system.load()
            answer_all(WARM_UP)
        except Exception as error:  # whatever breaks a competitor here must not stop the others
            failed[name] = f"{type(error).__name__}: {error}"
        else:
            usable[name] = answer_all
    return usable, failed


def measure_speed(limit: int, repetition: int) -> dict[str, Any]:
    """Time all systems on the same texts in this process."""
    corpora = _corpora(limit)
    usable, failed = _usable()
    names = list(usable)
    turn = repetition % len(names)
    gc.collect()
    gc.freeze()  # what one system loaded is no work for the collector while another one runs
    seconds: dict[str, dict[str, float]] = {name: {} for name in names}
    for corpus, texts in corpora.items():
        for name in names[turn:] + names[:turn]:
            start = time.perf_counter()
            usable[name](texts)
            seconds[name][corpus] = time.perf_counter() - start
    size = {name: (len(texts), sum(map(len, texts))) for name, texts in corpora.items()}
    return {"seconds": seconds, "size": size, "failed": failed}


def measure_one(limit: int, name: str) -> dict[str, Any]:
    """Load one system, answer all texts; return loading time and peak memory."""
    texts = [text for corpus in _corpora(limit).values() for text in corpus]
    result: dict[str, Any] = {}
    if name in SYSTEMS:
        try:
            start = time.perf_counter()
            answer_all = SYSTEMS[name].load()
            answer_all(WARM_UP)
            result = {"loading": time.perf_counter() - start}
            answer_all(texts)
        except Exception as error:  # see _usable
            return {"failed": f"{type(error).__name__}: {error}"}
    return result | {"peak": _peak_mib()}


def _ror_is_fetched() -> bool:
    from caraml_analysis.geocoding.ror_index import index_path

    return index_path().is_file()


def measure_accuracy(limit: int, test_half: bool) -> dict[str, Any]:
    """Return precision and coverage of each system on the labelled texts, and coverage on others.

    Precision: the first country is among the label's, of the texts with an answer.
    """
    import pandas as pd

    from caraml_analysis import load_authorships
    from caraml_analysis.analysis.audit import judge, overall

    gold = pd.DataFrame(_read(GOLD)).rename(columns={"string": "text", "country_alpha2": "label"})
    audit = pd.DataFrame(_read(DATA / "geocoding/audit.csv")).rename(columns={"countries": "label"})
    halves = ("development", "test") if test_half else ("development",)
    four = gold["source"].isin(SCHOLARLY)
    sets = dict(iter(gold.groupby("source", sort=False)))
    sets["no country named"] = gold[four & (gold["names_country"] == "0")]
    sets["country named"] = gold[four & (gold["names_country"] == "1")]
    for (half, sample), rows in audit[audit["half"].isin(halves)].groupby(["half", "sample"]):
        sets[f"audit {half}, by {'entry' if sample == 'entries' else 'text'}"] = rows
    unseen = pd.DataFrame(_read(DATA / "geocoding/unseen.csv")).rename(
        columns={"countries": "label"}
    )
    for (sample, half), rows in unseen.groupby(["sample", "half"]):
        sets[f"unseen {sample}, {half}"] = rows
    if limit:
        sets = {name: rows.head(limit) for name, rows in sets.items()}
    usable, _ = _usable()
    if _ror_is_fetched():
        usable[WITH_ROR] = _load_with_ror()
    texts = list(dict.fromkeys(text for rows in sets.values() for text in rows["text"]))
    entries = load_authorships().groupby("affiliation")["entries"].sum()
    conference = _corpora(limit)["conference texts"]
    weights = entries.reindex(conference).fillna(0)
    result: dict[str, Any] = {}
    for name, answer_all in usable.items():
        raw = answer_all(texts)
        codes = dict(zip(texts, map(ALL_SYSTEMS[name].codes, raw), strict=True))
        result[name] = {}
        for group, rows in sets.items():
            given = [codes[text] for text in rows["text"]]
            answers = pd.DataFrame(
                {
                    "country": [code[0] if code else None for code in given],
                    "countries": [";".join(code) for code in given],
                    "method": name,
                    "confidence": 0.0,
                },
                index=rows.index,
            )
            scores = overall(judge(rows["label"], answers, "any")).iloc[0]
            lists = overall(judge(rows["label"], answers, "subset")).iloc[0]
            kept = ("texts", "precision", "precision_low", "precision_high", "coverage")
            result[name][group] = {key: float(scores[key]) for key in kept}
            result[name][group]["list_precision"] = float(lists["precision"])
        has = [bool(ALL_SYSTEMS[name].codes(answer)) for answer in answer_all(conference)]
        result[name]["conference texts"] = {"coverage": sum(has) / len(has)}
        covered = float(weights.to_numpy()[has].sum() / weights.sum())
        result[name]["conference entries"] = {"coverage": covered}
    return result


def measure_embedded(limit: int) -> dict[str, Any]:
    """Load the gazetteer and geocode all embedded entries as one column."""
    import caraml_analysis as ca

    entries = ca.load_authorships()
    column = entries.loc[entries.index.repeat(entries["entries"]), "affiliation"]
    column = column.head(limit or len(column)).reset_index(drop=True)
    start = time.perf_counter()
    ca.resolve(WARM_UP[0])
    loaded = time.perf_counter()
    found = ca.geocode(column)
    done = time.perf_counter()
    return {
        "loading": loaded - start,
        "seconds": done - loaded,
        "entries": len(found),
        "texts": int(column.nunique()),
    }


def measure_stream(source: str, target: str) -> dict[str, Any]:
    """Run ``caraml geocode`` on a file in this process; return time and peak memory."""
    from caraml_analysis.cli import main

    start = time.perf_counter()
    code = main(["geocode", source, "--column", "affiliation", "--output", target])
    return {"code": code, "seconds": time.perf_counter() - start, "peak": _peak_mib()}


WORKERS: dict[str, Callable[..., dict[str, Any]]] = {
    "speed": measure_speed,
    "one": measure_one,
    "accuracy": measure_accuracy,
    "embedded": measure_embedded,
    "stream": measure_stream,
}


def _in_new_process(worker: str, *arguments: Any) -> dict[str, Any]:
    """Run a worker in a fresh interpreter and return what it measured."""
    command = [sys.executable, __file__, "--worker", json.dumps([worker, *arguments])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


# --- from measurements to rows ----------------------------------------------------------------


def _row(system: str, measure: str, on: str, value: Any, unit: str = "") -> dict[str, str]:
    shown = f"{value:.4g}" if isinstance(value, float) and abs(value) < 1000 else None
    if shown is None:
        shown = f"{value:.0f}" if isinstance(value, float) else str(value)
    found = _version(ALL_SYSTEMS[system].package) if system in ALL_SYSTEMS else ""
    return dict(zip(COLUMNS, (system, found, measure, on, shown, unit), strict=True))


def speed_rows(limit: int, repetitions: int) -> list[dict[str, str]]:
    """Return the medians over fresh processes, and the ratios to geotext within each of them."""
    runs = [_in_new_process("speed", limit, number) for number in range(repetitions)]
    rows = [
        _row(name, "not measured", "", reason) for name, reason in sorted(runs[0]["failed"].items())
    ]
    for corpus, (count, characters) in runs[0]["size"].items():
        rows.append(_row("machine", "texts", corpus, count))
        rows.append(_row("machine", "characters", corpus, characters))
        for name in runs[0]["seconds"]:
            times = [run["seconds"][name][corpus] for run in runs]
            seconds = statistics.median(times)
            rows += [
                _row(name, "speed", corpus, count / seconds, "texts/s"),
                _row(name, "time per text", corpus, 1e6 * seconds / count, "µs"),
                _row(name, "time per character", corpus, 1e9 * seconds / characters, "ns"),
            ]
            if RIVAL in runs[0]["seconds"]:
                ratios = [
                    run["seconds"][RIVAL][corpus] / run["seconds"][name][corpus] for run in runs
                ]
                rows.append(_row(name, "speed / geotext's", corpus, statistics.median(ratios)))
    return rows


def alone_rows(limit: int, repetitions: int) -> list[dict[str, str]]:
    """Return loading time and peak memory of each system alone, and of Python without one."""
    rows = []
    for name in ("none", *SYSTEMS):
        runs = [_in_new_process("one", limit, name) for _ in range(repetitions)]
        if "failed" in runs[0]:
            continue
        subject = name if name in SYSTEMS else "Python alone"
        peak = statistics.median(run["peak"] for run in runs)
        rows.append(_row(subject, "peak memory", "all texts", peak, "MiB"))
        if name in SYSTEMS:
            loading = statistics.median(run["loading"] for run in runs)
            rows.append(_row(name, "loading", "import to first answer", loading, "s"))
    return rows


def accuracy_rows(limit: int, test_half: bool) -> list[dict[str, str]]:
    """Return precision and coverage by system and set of texts."""
    return [
        _row(name, measure.replace("_", " "), group, value)
        for name, groups in _in_new_process("accuracy", limit, test_half).items()
        for group, scores in groups.items()
        for measure, value in scores.items()
        if "precision" not in measure or scores["precision"] == scores["precision"]
    ]


def embedded_rows(limit: int, repetitions: int) -> list[dict[str, str]]:
    """Return how long the gazetteer takes to load and all embedded entries to geocode."""
    runs = [_in_new_process("embedded", limit) for _ in range(repetitions)]
    on = f"{runs[0]['entries']} embedded entries ({runs[0]['texts']} texts)"
    return [
        _row(OURS, "loading", "gazetteer", statistics.median(r["loading"] for r in runs), "s"),
        _row(OURS, "geocode", on, statistics.median(r["seconds"] for r in runs), "s"),
    ]


def write_rows(target: Path, number: int) -> None:
    """Write a CSV of affiliations drawn from the embedded ones; every tenth occurs only once."""
    texts = _conference_texts()
    draw = random.Random(2)
    with open(target, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["id", "affiliation"])
        for i in range(number):
            text = draw.choice(texts)
            writer.writerow([i, f"Group {i}, {text}" if i % 10 == 0 else text])


def stream_rows(number: int) -> list[dict[str, str]]:
    """Return time and peak memory of ``caraml geocode`` on a long file."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
        write_rows(source, number)
        run = _in_new_process("stream", str(source), str(target))
        with open(target, encoding="utf-8", newline="") as stream:
            written = sum(1 for _ in csv.reader(stream)) - 1
    if run["code"] or written != number:
        raise SystemExit(f"caraml geocode wrote {written} of {number} rows (exit {run['code']}).")
    on = f"CSV of {number} rows"
    return [
        _row(OURS, "caraml geocode", on, run["seconds"], "s"),
        _row(OURS, "peak memory", on, run["peak"], "MiB"),
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def machine_rows(repetitions: int) -> list[dict[str, str]]:
    """Return when and with what this was measured."""
    notes = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "pandas": version("pandas"),
        "repetitions": repetitions,
    }
    return [_row("machine", measure, "", value) for measure, value in notes.items()]


# --- the face ---------------------------------------------------------------------------------


def headline(rows: list[dict[str, str]]) -> list[str]:
    """Return the sentences that matter most: our speed in geotext's."""
    return [
        f"{OURS} answers {row['on']} at {float(row['value']):.2f} times the speed of {RIVAL}, in "
        "the same process, per text and per character."
        for row in rows
        if row["system"] == OURS and row["measure"] == "speed / geotext's"
    ]


def _matrix(rows: list[dict[str, str]], measures: dict[str, str]) -> str:
    """Return a plain table: a line for each thing measured, a column for each system."""
    cells: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["measure"] in measures and row["system"] in SYSTEMS:
            unit = f" ({row['unit']})" if row["unit"] else ""
            line = f"{row['measure']}, {row['on']}{unit}"
            value = float(row["value"])
            cells.setdefault(line, {})[row["system"]] = f"{value:{measures[row['measure']]}}"
    lines = [["", *SYSTEMS]]
    lines += [[line, *(found.get(name, "") for name in SYSTEMS)] for line, found in cells.items()]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            f"{cell:<{width}}" if not i else f"{cell:>{width}}"
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def show(rows: list[dict[str, str]]) -> None:
    """Print what was measured, and the headline last."""
    notes = [f"{r['measure']} {r['value']}" for r in rows if r["system"] == "machine"]
    print("; ".join(notes))
    for system in SYSTEMS.values():
        print(f"{system.package}: {system.how}")
    for row in rows:
        if row["measure"] == "not measured":
            print(f"{row['system']} was not measured: {row['value']}")
    blocks = (
        {"speed": ",.0f", "time per text": ",.1f", "time per character": ",.0f"},
        {"speed / geotext's": ".2f"},
        {"loading": ".2f", "peak memory": ".0f", "geocode": ".2f", "caraml geocode": ".1f"},
        {"precision": ".3f", "list precision": ".3f"},
        {"coverage": ".3f"},
    )
    for measures in blocks:
        print(f"\n{_matrix(rows, measures)}")
    print("\n" + "\n".join(headline(rows)))


def save(rows: list[dict[str, str]]) -> None:
    """Write the rows into the embedded data and their checksum onto the card."""
    import io

    from cards import refresh

    from caraml_analysis.paths import write_atomically

    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(DATA / RESULT, stream.getvalue())
    refresh([RESULT])
    print(f"written: data/{RESULT}; run 'caraml report' to bring it into the report")


def main() -> int:
    """Measure everything that was asked for."""
    parser = argparse.ArgumentParser(description="Measure the geocoder beside its competitors.")
    parser.add_argument("--quick", action="store_true", help="fewer texts; writes nothing")
    parser.add_argument(
        "--test-half",
        action="store_true",
        help="also measure on the test half of the audit: only for final figures",
    )
    parser.add_argument("--repetitions", type=int, default=5, help="fresh processes per time (5)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker, *arguments = json.loads(options.worker)
        print(json.dumps(WORKERS[worker](*arguments)))
        return 0
    limit, repetitions = (300, 2) if options.quick else (0, options.repetitions)
    rows = machine_rows(repetitions)
    for step in (
        lambda: speed_rows(limit, repetitions),
        lambda: alone_rows(limit, repetitions),
        lambda: embedded_rows(20 * limit, repetitions),
        lambda: stream_rows(20_000 if options.quick else 1_000_000),
        lambda: accuracy_rows(limit, options.test_half),
    ):
        rows += step()
    show(rows)
    if not options.quick:
        save(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
