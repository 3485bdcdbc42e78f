"""The interface behind which collectors stand: ways of hearing from the interpreter that functions begin
and end."""

from __future__ import annotations

import sys
from typing import Protocol

from .blocks import AppendBlock
from .capture import Capture
from .functions import FunctionEntry, FunctionTable
from .settings import Settings
from .tape import Tape
from .tracing import Context


class Owner(Protocol):
    """What a collector asks of the session."""

    def own(self, context: Context) -> Context | None:
        """The context in which code records that runs with ``context``; None to record nothing."""

    def is_own(self, context: Context) -> bool:
        """Whether ``context`` is the running thread's or greenlet's own."""

    def hold_back(self, tape: Tape) -> None:
        """Let the running thread wait until less waits to be taken from ``tape``."""


class Collector(Protocol):
    """Puts what happens in contexts on their traces' tapes. Every collector gives the same trees.

    The interpreter reports nothing, and nothing is slowed, outside of `start` and `stop`.
    """

    name: str
    linger: int
    """Nanoseconds without any context after which it is to be stopped: a request's calls into one service
    come in bursts, and turning events on and off makes the interpreter prepare all chosen code anew."""

    flush_every: float
    """Seconds between two writes while a trace is open; what a killed process loses, but for the time that
    encoding and writing takes."""

    append_block: AppendBlock
    """Writes what was recorded."""

    def tape(self) -> Tape:
        """A tape for a new trace."""

    def start(self) -> None:
        """A first context is entered in this process."""

    def stop(self) -> None:
        """The last context of this process was left."""

    def context_entered(self) -> None:
        """A context was entered in the running thread."""

    def context_left(self) -> None:
        """A context was left in the running thread."""

    def context_changed(self) -> None:
        """Another context than before, or none, runs in this thread."""

    def choose(self, function: FunctionEntry) -> None:
        """The function table has chosen code that may have been dismissed before."""


def make_collector(settings: Settings, functions: FunctionTable, capture: Capture, owner: Owner) -> Collector:
    """The best collector this interpreter has, or the one the settings name where it can do the work."""
    wanted = settings.collector
    # From 3.13 on a profile function can no longer tell a yield from an exception.
    if sys.version_info < (3, 12) or (wanted == "profile" and sys.version_info < (3, 13)):
        from .collector_profile import ProfileCollector

        return ProfileCollector(functions, capture, owner)
    if wanted in ("", "native"):
        from .collector_native import native_collector

        native = native_collector(functions, capture, owner)
        if native is not None:
            return native
    from .collector_monitoring import PythonMonitoringCollector

    return PythonMonitoringCollector(functions, capture, owner)
