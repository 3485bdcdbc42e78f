"""Several scenarios at the same moment, each recorded on its own."""

from __future__ import annotations

import fcntl
import io
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from runtime.record import record
from runtime.scenarios.driver import Order, play
from runtime.scenarios.target import Target
from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import Recording
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import PlainSteps, Step, Steps

POLLS_PER_SECOND = 10
"""Of all clients together: asking takes from the services what they need for the work."""


def record_many(
    target: Target, order: Order, count: int, at_once: int, folder: Path, command: str, steps: Steps
) -> list[Recording]:
    """Play a scenario several times, each time with its one request traced.

    Args:
        target: the stack.
        order: the scenario; the servers are called after its name, with a number.
        count: how many.
        at_once: how many requests are sent at the same moment; the next are sent when all of these are done.
        folder: for the recordings, one folder each.
        command: the command line, for the recordings' headers.
        steps: shows progress.

    Raises:
        UserError: at least one failed; what was recorded of the others is kept.
    """
    with steps.step("Prepare image, flavor and network"):
        for _ in play(target, replace(order, scene="prepare")):
            pass
    orders = [
        replace(order, name=f"{order.name}-{number:03}", poll_interval=at_once / POLLS_PER_SECOND)
        for number in range(1, count + 1)
    ]
    made: list[Recording] = []
    failed: list[str] = []
    with steps.step(f"{order.scene.capitalize()} {count} servers, {at_once} at once", count) as step:
        for first in range(0, count, at_once):
            group = _Group(target, orders[first : first + at_once], folder, command, step)
            group.play()
            made += group.made
            failed += group.failed
    if failed:
        raise UserError(
            f"{len(failed):,} of {count:,} did not come to their end.",
            f"The recordings of the others are in {folder}.",
            details=tuple(failed),
            exit_code=ANSWER_IS_NO,
        )
    return sorted(made, key=lambda recording: recording.folder.name)


class _Group:
    """Clients that wait for each other and then send their requests together."""

    def __init__(self, target: Target, orders: list[Order], folder: Path, command: str, step: Step) -> None:
        self._target = target
        self._orders = orders
        self._folder = folder
        self._command = command
        self._step = step
        self._waiting = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._done = 0
        self.made: list[Recording] = []
        self.failed: list[str] = []

    def play(self) -> None:
        """Play all of them to their end."""
        with _gate() as (path, open_gate), ThreadPoolExecutor(len(self._orders)) as pool:
            results = [pool.submit(self._one, replace(order, gate=path)) for order in self._orders]
            try:
                for _ in self._orders:
                    self._waiting.acquire()
            finally:
                open_gate()
            for result in results:
                result.result()

    def _one(self, order: Order) -> None:
        ready = _Once(self._waiting.release)
        try:
            recording = record(
                self._target,
                order,
                self._folder / order.name,
                self._command,
                PlainSteps(io.StringIO()),
                among_others=True,
                on_ready=ready,
            )
        except (UserError, RecordingError) as error:
            with self._lock:
                self.failed.append(f"{order.name}: {error.message}")
        else:
            with self._lock:
                self.made.append(recording)
        finally:
            ready()
            with self._lock:
                self._done += 1
                self._step.note(f"{self._done} done, {len(self.failed)} failed")
                self._step.advance()


class _Once:
    """Calls a function the first time that it is called itself."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._waiting = [function]

    def __call__(self) -> None:
        while self._waiting:
            self._waiting.pop()()


@contextmanager
def _gate() -> Iterator[tuple[str, Callable[[], None]]]:
    """A file that nobody else can lock until the function that is given along has been called."""
    with tempfile.NamedTemporaryFile(prefix="stackwalk-gate-") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield gate.name, lambda: fcntl.flock(gate, fcntl.LOCK_UN)
