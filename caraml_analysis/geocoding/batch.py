"""Many texts at once: each distinct one is resolved once, on one core or on several."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, NamedTuple

from caraml_analysis.errors import GeocodeError, UsageError
from caraml_analysis.geocoding import resolver
from caraml_analysis.geocoding.overrides import Overrides, OverridesLike
from caraml_analysis.geocoding.resolution import Resolution
from caraml_analysis.geocoding.tiers import (
    DEFAULT_TIERS,
    Step,
    Tiers,
    ask,
    forgiving,
    is_open,
    open_tiers,
)

if TYPE_CHECKING:
    import pandas as pd

#: More distinct texts than this are long work: a progress bar is shown.
LONG_WORK = 20_000
#: Texts that a process gets at a time; fewer than two such parts stay in this process.
PART = 2_000


class Answer(NamedTuple):
    """One row of ``caraml_analysis.tables.RESOLUTIONS``, cheap to send and to keep."""

    country: str | None
    countries: str
    status: str
    method: str
    evidence: str
    confidence: float


def geocode(
    series: Iterable[str | None],
    prefix: str = "",
    *,
    tiers: Tiers = DEFAULT_TIERS,
    overrides: OverridesLike | None = None,
    jobs: int = 1,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Return the countries of many affiliation texts, one row each, in the same order.

    Parameters
    ----------
    series : Series, Index, array, list or other sequence of str
        Affiliation texts; missing values are ``empty``. Equal texts are resolved once.
    prefix : str
        Put before each column name.
    tiers : sequence of {"embedded", "ror"} or objects with a method ``resolve``
        Who is asked, in order, as in :func:`caraml_analysis.resolve`.
    overrides : path, DataFrame, mapping or Overrides, optional
        Your own judgements, which win over every tier. Read them first with :meth:`Overrides.read`
        if you want to see afterwards which rows were not used.
    jobs : int
        Processes that resolve, at least 1. The result is the same for any number. Tiers that are
        given as objects, and those after them, are asked in this process only. In a script that
        runs where processes are spawned (Windows, macOS), call from below
        ``if __name__ == "__main__":``.
    progress : bool, optional
        Whether to show a progress bar on standard error; by default only for long work, more than
        ``LONG_WORK`` distinct texts.

    Returns
    -------
    DataFrame
        Columns country, countries (joined by ``;``), status, method, evidence, confidence: the
        contract ``caraml_analysis.tables.RESOLUTIONS``. The index is that of `series`.

    Raises
    ------
    TypeError
        If an element is neither a text nor missing; names its position.
    UsageError
        If a tier is not known or `jobs` is less than 1.
    TableError
        If an override has a fault.
    GeocodeError
        If a process or a named tier fails. Never means "not found".

    Notes
    -----
    Where a tier that is an object fails (a server that is down, a cap that is reached), the rows
    have status ``error``, with the reason as evidence: what the other tiers know is not lost. An
    error is not "unknown": leave such rows out, or call again for them, before you count.

    Examples
    --------
    >>> geocode(["KAIST", None, "MIT / DeepMind"])["countries"].tolist()
    ['KOR', '', 'USA;GBR']
    """
    import pandas as pd

    resolver.loaded()
    codes, distinct = _factorised(_values(series))
    index = series.index if isinstance(series, pd.Series) else None
    with (
        Geocoder(tiers=tiers, overrides=overrides, jobs=jobs) as geocoder,
        _bar(len(distinct), progress) as bar,
    ):
        answers = geocoder.answers(distinct, advance=bar.update)
    # one more answer, for everything that is missing
    table = _table([*answers, as_answer(resolver.resolve(None))]).take(codes)
    table.index = pd.RangeIndex(len(codes)) if index is None else index
    return table.add_prefix(prefix)


def as_answer(found: Resolution) -> Answer:
    """Return a resolution as a row of the table."""
    evidence = found.evidence
    if not evidence.isascii():
        # half of a surrogate pair can stand in a text, but neither in a file nor in an Arrow column
        evidence = evidence.encode("utf-8", "replace").decode("utf-8")
    return Answer(
        found.country,
        ";".join(found.countries),
        found.status,
        found.method,
        evidence,
        found.confidence,
    )


def _as_resolution(answer: Answer) -> Resolution:
    countries = tuple(answer.countries.split(";")) if answer.countries else ()
    return Resolution(
        answer.country,
        countries,
        answer.status,
        answer.method,
        answer.evidence,
        answer.confidence,
    )


# --- the column that came in, and the table that goes out -------------------------------------


def _values(series: Any) -> list[Any]:
    kind = type(series).__name__
    one_text = isinstance(series, (str, bytes, bytearray))
    if one_text or isinstance(series, (Mapping, Set)) or kind == "DataFrame":
        raise TypeError(
            f"geocode takes a column of texts, not one {kind}. "
            + (
                "Use resolve(text) for one text; nothing was resolved."
                if one_text
                else "Give one column or a list; nothing was resolved."
            )
        )
    if hasattr(series, "to_pylist"):  # an Arrow array: its elements are not str
        return series.to_pylist()
    try:
        return list(series)
    except TypeError:
        raise TypeError(
            f"geocode takes a column of texts, not {kind} ({series!r:.60}). Nothing was resolved."
        ) from None


def _factorised(values: Sequence[Any]) -> tuple[list[int], list[str]]:
    """Return the distinct texts in order of appearance, and for each value which one it is.

    A missing value gets the number after the last text.
    """
    numbers: dict[str, int] = {}
    codes: list[int] = []
    missing: list[int] = []
    for position, value in enumerate(values):
        if isinstance(value, str):
            codes.append(numbers.setdefault(value, len(numbers)))
        else:
            _require_missing(value, position)
            missing.append(position)
            codes.append(-1)
    for position in missing:
        codes[position] = len(numbers)
    return codes, list(numbers)


def _require_missing(value: Any, position: int) -> None:
    import pandas as pd

    if pd.api.types.is_scalar(value) and pd.isna(value):  # NaN of any width, NaT, NA
        return
    try:
        resolver.resolve(value)
    except TypeError as error:
        raise TypeError(f"position {position}: {error}") from None


def _table(answers: Sequence[Answer]) -> pd.DataFrame:
    import pandas as pd

    text = pd.Series(["text"]).dtype  # what this version of pandas has for texts
    columns = dict(zip(Answer._fields, zip(*answers, strict=True), strict=True))
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=float if name == "confidence" else text)
            for name, values in columns.items()
        }
    )


def _bar(total: int, progress: bool | None) -> Any:
    from tqdm import tqdm

    shown = total > LONG_WORK if progress is None else progress
    return tqdm(total=total, unit=" texts", disable=not shown, file=sys.stderr)


# --- resolving distinct texts -----------------------------------------------------------------


class Geocoder:
    """Overrides, tiers and processes, kept ready for one list of texts after another.

    Parameters
    ----------
    tiers, overrides, jobs
        As in :func:`geocode`.

    Notes
    -----
    Named tiers answer in the processes. Overrides are looked up here, so that their use can be
    counted; tiers that are objects are asked here, since their connections cannot be copied.
    """

    def __init__(
        self,
        *,
        tiers: Tiers = DEFAULT_TIERS,
        overrides: OverridesLike | None = None,
        jobs: int = 1,
    ) -> None:
        if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
            raise UsageError(f"jobs is {jobs!r}; give a number of processes, 1 or more.")
        self.overrides = Overrides.read(overrides) if overrides is not None else None
        steps = open_tiers(tiers)
        objects = (number for number, step in enumerate(steps) if not step.is_named)
        # a first tier that is an object is guarded by its step and stays here, too
        split = next(objects, len(steps))
        self._shared = steps[:split]
        self._own = tuple(step if step.is_named else forgiving(step) for step in steps[split:])
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Geocoder:
        """Return the geocoder; its processes end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, without waiting for parts that have not begun."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def answers(
        self, texts: Sequence[str], advance: Callable[[int], object] = lambda number: None
    ) -> list[Answer]:
        """Return the answer to each of `texts`, which should be distinct.

        Parameters
        ----------
        texts : sequence of str
            What to resolve.
        advance : callable
            Told the number of texts that were done since the last call.
        """
        found: list[Answer | None] = [self._override(text) for text in texts]
        rest = [number for number, answer in enumerate(found) if answer is None]
        advance(len(texts) - len(rest))
        shared = self._answers_of_shared([texts[number] for number in rest])
        for number, answer in zip(rest, shared, strict=True):
            found[number] = self._finished(texts[number], answer)
            advance(1)
        return [answer for answer in found if answer is not None]

    def _override(self, text: str) -> Answer | None:
        found = self.overrides.find(text) if self.overrides else None
        return as_answer(found) if found else None

    def _answers_of_shared(self, texts: list[str]) -> Iterator[Answer | None]:
        """Yield the answer of the tiers that any process can ask; None if there are none."""
        if not self._shared:
            yield from (None for _ in texts)
        elif self._jobs == 1 or len(texts) < 2 * PART:
            for text in texts:
                yield _ask_shared(text, self._shared)
        else:
            yield from self._answers_of_processes(texts)

    def _answers_of_processes(self, texts: list[str]) -> Iterator[Answer]:
        if self._pool is None:
            names = tuple(step.name for step in self._shared)
            self._pool = ProcessPoolExecutor(
                self._jobs, initializer=_start_process, initargs=(names,)
            )
        parts = [texts[start : start + PART] for start in range(0, len(texts), PART)]
        try:
            for answers in self._pool.map(_resolve_part, parts):
                yield from answers
        except BrokenProcessPool:
            self._pool = None
            raise GeocodeError(
                "a process that resolves texts could not start or was ended (memory?), so nothing "
                "was returned. In a script, call from below 'if __name__ == \"__main__\":'; or "
                "use jobs=1."
            ) from None

    def _finished(self, text: str, answer: Answer | None) -> Answer:
        """Ask the tiers of this process if the others left the text open."""
        if answer is None:
            return as_answer(ask(text, self._own))
        if not self._own or not is_open(answer.status, answer.method):
            return answer
        return as_answer(ask(text, self._own, _as_resolution(answer)))


def _ask_shared(text: str, steps: Sequence[Step]) -> Answer:
    if len(steps) == 1:
        return as_answer(steps[0].resolve(text))
    return as_answer(ask(text, steps))


# --- in another process -----------------------------------------------------------------------

_steps_of_process: tuple[Step, ...] = ()


def _start_process(names: tuple[str, ...]) -> None:
    """Load the tiers once for each process."""
    import signal

    global _steps_of_process
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what a fork copied is for that process, too
    _steps_of_process = open_tiers(names)


def _resolve_part(texts: list[str]) -> list[Answer]:
    return [_ask_shared(text, _steps_of_process) for text in texts]
