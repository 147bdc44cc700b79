"""One run of everything: notebooks, figures, tables, report, manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tqdm import tqdm

from caraml_analysis import paths
from caraml_analysis.errors import NotebookError
from caraml_analysis.reproduce.figures import FIGURES
from caraml_analysis.reproduce.manifest import write_manifest
from caraml_analysis.reproduce.notebooks import NOTEBOOKS, execute_all
from caraml_analysis.reproduce.report import write_report


@dataclass(frozen=True)
class Step:
    """One line of the closing table."""

    name: str
    written: str
    seconds: float


def reproduce(figures: Path | None = None, executed: Path | None = None) -> list[Step]:
    """Execute all notebooks and write figures, report and manifest.

    Parameters
    ----------
    figures : Path, optional
        Folder of figures and report; the project's ``figures/`` by default.
    executed : Path, optional
        Folder of the executed notebooks; ``build/notebooks`` by default.

    Returns
    -------
    list of Step
        What was written, and how long it took.

    Raises
    ------
    NotebookError
        If a notebook fails or a figure is missing afterwards.
    """
    start = perf_counter()
    figures = figures or paths.figures_dir()
    executed = executed or paths.build_dir() / "notebooks"
    steps = []

    with tqdm(total=len(NOTEBOOKS), desc="notebooks", unit="notebook") as bar:
        for done in execute_all(executed, figures):
            bar.update()
            bar.set_postfix_str(done.name)
    steps.append(Step("notebooks", f"{len(NOTEBOOKS)} in {executed}", perf_counter() - start))

    missing = [
        f"{name}.{ending}"
        for name in FIGURES
        for ending in ("svg", "png", "csv", "json")
        if not (figures / f"{name}.{ending}").is_file()
    ]
    if missing:
        raise NotebookError(
            f"the notebooks ran but did not write {', '.join(missing)}. The other figures are "
            "kept, the report was not written."
        )
    steps.append(Step("figures", f"{len(FIGURES)} in {figures}", 0.0))

    before = perf_counter()
    with tqdm(total=1, desc="report", unit="report") as bar:
        written = write_report(figures)
        bar.update()
    steps.append(
        Step(
            "report", f"report.html, report.md, {len(written) - 2} tables", perf_counter() - before
        )
    )

    before = perf_counter()
    manifest = write_manifest(
        figures, seconds=before - start, parameters={"notebooks": list(NOTEBOOKS)}
    )
    steps.append(Step("manifest", manifest.name, perf_counter() - before))
    steps.append(Step("total", "", perf_counter() - start))
    return steps
