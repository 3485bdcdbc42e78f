"""Steps as live bars on a terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from tracer.terminal.progress import Nesting, Step


class _BarStep:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def note(self, text: str) -> None:
        self._progress.update(self._task, note=text.partition("\n")[0])

    def advance(self, amount: float = 1) -> None:
        self._progress.advance(self._task, amount)


class BarSteps:
    """Steps as live bars; each that ends leaves one line with its time.

    Args:
        console: the terminal to draw on.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._nesting = Nesting()
        self._lock = threading.Lock()
        self._running = 0
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
            console=console,
            transient=True,
        )

    @contextmanager
    def step(self, name: str, total: float | None = None) -> Iterator[Step]:
        """See `Steps.step`."""
        with self._nesting.deeper() as indent:
            started = time.monotonic()
            task = self._begin(indent + name, total)
            try:
                yield _BarStep(self._progress, task)
            except BaseException:
                self._end(task, f"[red]✗[/] {indent}{escape(name)} [red]failed[/]", started)
                raise
            self._end(task, f"[green]✓[/] {indent}{escape(name)}", started)

    def say(self, text: str) -> None:
        """See `Steps.say`."""
        self._console.print(text, markup=False)

    def _begin(self, name: str, total: float | None) -> TaskID:
        with self._lock:
            task = self._progress.add_task(name, total=total, note="")
            self._running += 1
            if self._running == 1:
                self._progress.start()
            return task

    def _end(self, task: TaskID, line: str, started: float) -> None:
        with self._lock:
            self._progress.remove_task(task)
            self._running -= 1
            if self._running == 0:
                self._progress.stop()
        self._console.print(f"{line} [dim]{time.monotonic() - started:.1f} s[/]")
