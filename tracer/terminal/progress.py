"""Named steps with elapsed times: bars on a terminal, quiet plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO


class Step(Protocol):
    """One running step, as the work inside it sees it."""

    def note(self, text: str) -> None:
        """Say in a few words what the step is doing now."""

    def advance(self, amount: float = 1) -> None:
        """Count ``amount`` units of the step's total as done."""


class Steps(Protocol):
    """A sequence of named steps shown to the person who waits for them.

    Steps may follow each other, run inside each other, and run at the same time in several threads.
    """

    def step(self, name: str, total: float | None = None) -> AbstractContextManager[Step]:
        """Run one step; ``total`` in units of `Step.advance`, None when unknown."""

    def say(self, text: str) -> None:
        """Print a line that stays, above any bar."""


class Nesting(threading.local):
    """How many steps run around the one that begins now, in this thread."""

    depth = 0

    @contextmanager
    def deeper(self) -> Iterator[str]:
        """Go one step deeper; gives the indentation of the step that begins."""
        indent = "  " * self.depth
        self.depth += 1
        try:
            yield indent
        finally:
            self.depth -= 1


class _PlainStep:
    def note(self, text: str) -> None:
        """Plain output says only how a step ended."""

    def advance(self, amount: float = 1) -> None:
        """Plain output shows no bar."""


class PlainSteps:
    """Steps as one plain line each, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._nesting = Nesting()

    @contextmanager
    def step(self, name: str, total: float | None = None) -> Iterator[Step]:
        """See `Steps.step`."""
        started = time.monotonic()
        with self._nesting.deeper() as indent:
            try:
                yield _PlainStep()
            except BaseException:
                self.say(f"{indent}{name}: failed after {time.monotonic() - started:.1f} s")
                raise
            self.say(f"{indent}{name}: {time.monotonic() - started:.1f} s")

    def say(self, text: str) -> None:
        """See `Steps.say`."""
        print(text, file=self._stream, flush=True)


def steps(stream: TextIO | None = None) -> Steps:
    """Steps fit for ``stream`` (default: standard error): bars on a terminal, plain lines elsewhere."""
    target = sys.stderr if stream is None else stream
    if not target.isatty():
        return PlainSteps(target)
    from rich.console import Console

    from tracer.terminal.bars import BarSteps

    console = Console(file=target, highlight=False)
    return PlainSteps(target) if console.is_dumb_terminal else BarSteps(console)
