"""The spools that this process writes, one for each of its traces."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import monotonic_ns

from .collector import Collector
from .functions import FunctionTable
from .locks import RLock
from .notes import leave_note
from .settings import Settings
from .tracing import Trace
from .writer import SpoolFullError, SpoolWriter


class Spools:
    """Moves what waits on traces' tapes into their files.

    Args:
        settings: where the files are and how long they may become.
        functions: what the records' sites are about.
        collector: the one that records.
    """

    def __init__(self, settings: Settings, functions: FunctionTable, collector: Collector) -> None:
        self._settings = settings
        self._functions = functions
        self._collector = collector
        self._writers: dict[str, SpoolWriter] = {}
        self.lock = RLock()
        """Held while something is written."""

    def begin(self, trace_id: str) -> None:
        """A trace is recorded here; its file is made with the first records."""
        self._writers[trace_id] = SpoolWriter(
            self._settings, self._functions, trace_id, self._collector.name, self._collector.append_block
        )

    def forget(self, trace_id: str) -> None:
        """The trace is not kept any longer."""
        self._writers.pop(trace_id, None)

    def start_over(self) -> None:
        """This process is a forked child, and the files are its parent's."""
        self.lock = RLock()
        self._writers.clear()

    def drain(self, trace: Trace, pause: Callable[[], None] | None = None, at_most: float = inf) -> None:
        """Write what waits.

        Args:
            trace: whose.
            pause: called now and then if it takes long; who gives it lets others that want to write go first.
            at_most: nanoseconds after which it is left at that: others may go on recording all the while.
        """
        until = monotonic_ns() + at_most
        while self.write(trace, pause) and trace.tape.pending() and monotonic_ns() < until:
            if pause is not None and self.lock.wanted:
                return

    def write(self, trace: Trace, pause: Callable[[], None] | None = None) -> bool:
        """Write a piece of what waits, all of it unless it is very much; False where nothing waited."""
        with self.lock:
            writer = self._writers.get(trace.id)
            if writer is None or not trace.tape.pending():
                return False
            trace.last_event = monotonic_ns()
            piece = trace.tape.take(pause)
            if trace.unwritable:
                return True
            try:
                writer.append(piece)
            except SpoolFullError:
                trace.tape.stopped = trace.unwritable = True
            except OSError:
                trace.tape.stopped = trace.unwritable = True
                settings = self._settings
                leave_note(settings.spool_dir, settings.service, f"writing the spool of {trace.id}")
            return True

    def close(self, trace: Trace) -> None:
        """Nothing runs for the trace any more, though it may come back."""
        trace.tape.close()
        self.drain(trace)
        trace.tape.rest()

    def end(self, trace: Trace) -> None:
        """The process ends: write what waits, and after that nothing, whatever other threads still record."""
        trace.tape.stopped = True  # before the lock: who holds it writes for as long as calls come
        with self.lock:
            self.drain(trace)
            writer = self._writers.pop(trace.id, None)
            if writer is not None and not trace.unwritable:
                writer.end()
