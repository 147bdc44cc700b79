"""Execute the notebooks in real kernels and keep what they became."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import get_ident
from time import perf_counter
from typing import Any

from caraml_analysis import paths
from caraml_analysis.errors import NotebookError

#: Every notebook, in reading order. A test compares the list with the folder, so that none can be
#: left out unnoticed.
NOTEBOOKS = (
    "fig1_compute.ipynb",
    "fig2_income.ipynb",
    "fig2_countries.ipynb",
    "income_trend.ipynb",
    "appendix_a.ipynb",
    "fig3_awareness.ipynb",
    "fig4_renewables.ipynb",
    "fig5_base_superstructure.ipynb",
    "fig6_pareto.ipynb",
    "pepr.ipynb",
    "carbon_section4.ipynb",
    "compute_history.ipynb",
    "compute_inequality.ipynb",
    "clean_electricity.ipynb",
    "double_penalty.ipynb",
    "training_emissions.ipynb",
    "authorship_and_compute.ipynb",
    "carbon_footnote2.ipynb",
    "carbon_runs.ipynb",
    "geocode_your_data.ipynb",
    "new_conference_year.ipynb",
)
TIMEOUT_S = 300


@dataclass(frozen=True)
class Executed:
    """One executed notebook."""

    name: str
    notebook: Path
    html: Path
    seconds: float


def _need_jupyter() -> None:
    try:
        import nbclient
        import nbconvert  # noqa: F401
    except ModuleNotFoundError as error:
        raise NotebookError(
            f"{error.name} is not installed, so no notebook can be executed and nothing was "
            "written. Install it with: pip install 'caraml-analysis[notebooks]', or make single "
            "figures with 'caraml figure NAME'."
        ) from None
    del nbclient


@lru_cache(maxsize=8)
def _exporter(thread: int) -> Any:
    """Return the exporter of a thread: making one takes longer than using it."""
    from nbconvert import HTMLExporter

    return HTMLExporter(template_name="lab")


def execute(name: str, output: Path, *, cwd: Path | None = None) -> Executed:
    """Execute one notebook and write it with its outputs as ``.ipynb`` and ``.html``.

    Parameters
    ----------
    name : str
        File name in the notebooks folder.
    output : Path
        Folder for the executed copies. The notebook itself is not changed.
    cwd : Path, optional
        Working directory of the kernel.

    Raises
    ------
    NotebookError
        If a cell fails: names the notebook, the cell and the error.
    """
    _need_jupyter()
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    start = perf_counter()
    source = paths.notebooks_dir() / name
    notebook = nbformat.read(source, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        kernel_name="python3",
        # a kernel on loopback need not warn that its traffic is not encrypted
        extra_arguments=["--log-level=40"],
        # times in the output would make two runs differ
        record_timing=False,
        resources={"metadata": {"path": str(cwd or Path.cwd())}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        reason = str(error.evalue).rstrip(".")
        raise NotebookError(
            f"{name}: a cell stopped with {error.ename}: {reason}. Figures that other "
            f"notebooks wrote are kept. Open {source} with 'make lab' and run it to see more."
        ) from error
    except (CellTimeoutError, DeadKernelError) as error:
        raise NotebookError(f"{name}: the kernel stopped or hung ({error}).") from error
    notebook.metadata.pop("widgets", None)
    html, _ = _exporter(get_ident()).from_notebook_node(notebook)
    written = paths.write_atomically(output / name, nbformat.writes(notebook) + "\n")
    page = paths.write_atomically((output / name).with_suffix(".html"), html)
    return Executed(name, written, page, perf_counter() - start)


def execute_all(
    output: Path, figures: Path, *, names: tuple[str, ...] = NOTEBOOKS, jobs: int | None = None
) -> Iterator[Executed]:
    """Execute notebooks on several cores and yield each as it is done.

    Parameters
    ----------
    output : Path
        Folder for the executed copies.
    figures : Path
        Folder where the notebooks save their figures.
    names : tuple of str
        Notebooks to execute; all by default.
    jobs : int, optional
        Kernels at a time; as many as there are cores by default.

    Raises
    ------
    NotebookError
        If a notebook fails; those that have not started yet are then not started.
    """
    _need_jupyter()
    os.environ["CARAML_FIGURES"] = str(figures.resolve())
    pool = ThreadPoolExecutor(max_workers=jobs or os.cpu_count() or 1)
    try:
        running = [pool.submit(execute, name, output) for name in names]
        for done in as_completed(running):
            yield done.result()
    finally:
        # on an error or Ctrl-C: nothing new starts, running kernels end with their client
        pool.shutdown(wait=True, cancel_futures=True)
