"""Named steps with elapsed times and clear failures, for the time before any library is installed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

DETAIL_LINES = 20


class SetupError(Exception):
    """Something the person at the terminal can mend while setting up.

    Args:
        message: what is wrong.
        remedy: what to do about it.
        details: lines that show the cause, such as the end of a program's output.
    """

    def __init__(self, message: str, remedy: str = "", details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.details = tuple(details)


def say(text: str) -> None:
    """Print one line on standard error."""
    print(text, file=sys.stderr, flush=True)


def render(error: SetupError) -> None:
    """Print ``error`` the way the front door prints its own errors."""
    say(f"error: {error.message}")
    for line in error.details:
        say(f"    {line}")
    if error.remedy:
        say(f"remedy: {error.remedy}")


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Show that ``name`` is running and, when it has ended, how long it took.

    A terminal gets one line that counts the seconds; anything else one plain line at the end.
    """
    started = time.monotonic()
    ended = threading.Event()
    ticker: threading.Thread | None = None
    if sys.stderr.isatty():

        def tick() -> None:
            while not ended.wait(0.5):
                sys.stderr.write(f"\r… {name} {time.monotonic() - started:.0f} s ")
                sys.stderr.flush()

        ticker = threading.Thread(target=tick, daemon=True)
        ticker.start()

    def finish(line: str) -> None:
        ended.set()
        if ticker is not None:
            ticker.join()
            sys.stderr.write("\r\x1b[K")
        say(line)

    try:
        yield
    except BaseException:
        finish(f"{name}: failed after {time.monotonic() - started:.1f} s")
        raise
    finish(f"{name}: {time.monotonic() - started:.1f} s")


def run(
    command: Sequence[str],
    failure: str,
    remedy: str = "",
    *,
    environment: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> str:
    """Run a program to its end and return what it printed on both streams.

    Args:
        command: program and arguments.
        failure: what it means for the user when the program fails.
        remedy: what to do then.
        environment: added to this process's environment.
        cwd: folder to run in.

    Raises:
        SetupError: the program is not there or ended with another code than 0.
    """
    try:
        finished = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=cwd,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise SetupError(failure, remedy, [f"{command[0]}: {error.strerror}"]) from error
    if finished.returncode != 0:
        lines = [line.rstrip() for line in finished.stdout.splitlines() if line.strip()]
        raise SetupError(failure, remedy, [f"$ {' '.join(command)}", *lines[-DETAIL_LINES:]])
    return finished.stdout
