"""Runs a command: exit codes, Ctrl-C and SIGTERM, standard output that fails or is closed."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

from caraml_analysis.errors import CaramlError, OutputError, UsageError


def run(options: argparse.Namespace) -> int:
    """Run the command that was chosen and return its exit code."""
    output = sys.stdout
    try:
        with _terminable(), redirect_stdout(_StandardOutput(output)):
            code = options.run(options) or 0
            sys.stdout.flush()  # here a full disk can still be told
            return code
    except UsageError as error:
        return _fail(error, 2, options.debug)
    except CaramlError as error:
        return _fail(error, 1, options.debug)
    except KeyboardInterrupt as stop:
        print(
            "\ncaraml: stopped. Files that were written are whole and kept; run the command "
            "again to make the rest.",
            file=sys.stderr,
        )
        return 143 if isinstance(stop, _Terminated) else 130
    except BrokenPipeError:
        # the reader of our output has gone (for example `| head`): nothing is wrong
        _discard(output)
        return 0


def standard_output() -> TextIO:
    """Return standard output as the csv module wants it; it stays open for the interpreter."""
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    return sys.stdout


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a run as Ctrl-C does: what is half written goes away."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM into an exception, unless somebody else has a use for it."""
    main_thread = threading.current_thread() is threading.main_thread()
    if not main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def terminate(number: int, frame: Any) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one would disturb the tidying up
        raise _Terminated

    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class _StandardOutput:
    """Standard output, whose failures are told as ours; a reader who has gone is no failure."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._told():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._told():
            self._stream.flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            _discard(self._stream)
            raise OutputError(
                f"standard output cannot be written ({error.strerror or error}).\n"
                "What came out so far is not whole. Make room, or write to another place."
            ) from error


def _discard(stream: TextIO) -> None:
    """Send what is still in the buffer nowhere: the interpreter would fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _fail(error: CaramlError, code: int, debug: bool) -> int:
    if debug:
        raise error
    print(f"caraml: {error}", file=sys.stderr)
    return code
