"""The interface behind which collectors stand: ways of hearing from the interpreter that functions begin
and end."""

from __future__ import annotations

import sys
from typing import Protocol

from .functions import FunctionTable
from .recorder import Recorder
from .settings import Settings


class Collector(Protocol):
    """Feeds a `Recorder`. Every collector gives the same trees.

    The interpreter reports nothing, and nothing is slowed, outside of `start` and `stop`.
    """

    name: str

    def start(self) -> None:
        """A first context is entered in this process."""

    def stop(self) -> None:
        """The last context of this process was left."""

    def context_entered(self) -> None:
        """A context was entered in the running thread."""

    def context_left(self) -> None:
        """A context was left in the running thread."""

    def code_added(self) -> None:
        """The function table chose code that may have been dismissed before."""


def make_collector(settings: Settings, functions: FunctionTable, recorder: Recorder) -> Collector:
    """The best collector this interpreter has, or the one the settings name where it can do the work."""
    # From 3.13 on a profile function can no longer tell a yield from an exception.
    monitoring_only = sys.version_info >= (3, 13)
    if monitoring_only or (sys.version_info >= (3, 12) and settings.collector != "profile"):
        from .collector_monitoring import MonitoringCollector

        return MonitoringCollector(functions, recorder)
    from .collector_profile import ProfileCollector

    return ProfileCollector(functions, recorder)
