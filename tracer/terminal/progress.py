"""Named steps with elapsed times: bars on a terminal, quiet plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Step(Protocol):
    """One running step, as the work inside it sees it."""

    def note(self, text: str) -> None:
        """Say in a few words what the step is doing now."""

    def advance(self, amount: float = 1) -> None:
        """Count ``amount`` units of the step's total as done."""


class Steps(Protocol):
    """A sequence of named steps shown to the person who waits for them."""

    def step(self, name: str, total: float | None = None) -> AbstractContextManager[Step]:
        """Run one step; ``total`` in units of `Step.advance`, None when unknown."""

    def say(self, text: str) -> None:
        """Print a line that stays, above any bar."""


class _BarStep:
    def __init__(self, progress: Progress, task: TaskID, name: str) -> None:
        self._progress, self._task, self._name = progress, task, name

    def note(self, text: str) -> None:
        self._progress.update(self._task, note=text)

    def advance(self, amount: float = 1) -> None:
        self._progress.advance(self._task, amount)


class BarSteps:
    """Steps as live bars on a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}[/]"),
            console=console,
        )

    @contextmanager
    def step(self, name: str, total: float | None = None) -> Iterator[Step]:
        """See `Steps.step`."""
        task = self._progress.add_task(name, total=total, note="")
        if not self._progress.live.is_started:
            self._progress.start()
        try:
            yield _BarStep(self._progress, task, name)
        except BaseException:
            self._progress.update(task, description=f"[red]{name}[/]", note="failed")
            self._progress.stop_task(task)
            self._progress.stop()
            raise
        total_done = total if total is not None else 1
        self._progress.update(task, total=total_done, completed=total_done, note="")
        if self._progress.finished:
            self._progress.stop()

    def say(self, text: str) -> None:
        """See `Steps.say`."""
        self._progress.console.print(text, highlight=False, markup=False)


class _PlainStep:
    def note(self, text: str) -> None:
        """Plain output says only when a step begins and ends."""

    def advance(self, amount: float = 1) -> None:
        """Plain output shows no bar."""


class PlainSteps:
    """Steps as one plain line each, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @contextmanager
    def step(self, name: str, total: float | None = None) -> Iterator[Step]:
        """See `Steps.step`."""
        started = time.monotonic()
        try:
            yield _PlainStep()
        except BaseException:
            self.say(f"{name}: failed after {time.monotonic() - started:.1f} s")
            raise
        self.say(f"{name}: {time.monotonic() - started:.1f} s")

    def say(self, text: str) -> None:
        """See `Steps.say`."""
        print(text, file=self._stream, flush=True)


def steps(stream: TextIO | None = None) -> Steps:
    """Steps fit for ``stream`` (default: standard error): bars on a terminal, plain lines elsewhere."""
    target = sys.stderr if stream is None else stream
    console = Console(file=target)
    return BarSteps(console) if console.is_terminal else PlainSteps(target)
