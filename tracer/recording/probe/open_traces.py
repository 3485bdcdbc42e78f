"""The traces that run in this process, in which contexts they do, and whether events are on for them."""

from __future__ import annotations

from time import monotonic_ns

from .collector import Collector
from .locks import RLock
from .spools import Spools
from .tracing import Context, Trace

CLOSE_AFTER = 1_000_000_000
"""Nanoseconds without any context after which a spool is closed."""

QUIET_AFTER = 3_000_000_000
"""Nanoseconds without a recorded call after which threads that a request left behind are no longer
followed."""

KEPT_TRACES = 32


class OpenTraces:
    """Begins traces, counts their contexts, and closes what is over.

    Args:
        collector: its events are on while anything runs, and for a while after.
        spools: where the traces are written.

    Attributes:
        lock: for the state of traces and contexts; never held while something is written.
        active: how many contexts there are.
    """

    def __init__(self, collector: Collector, spools: Spools) -> None:
        self._collector = collector
        self._spools = spools
        self.lock = RLock()
        self.active = 0
        self._traces: dict[str, Trace] = {}
        self._open: set[str] = set()
        self._collecting = False
        self._last_left = 0

    @property
    def over(self) -> bool:
        """Whether there is nothing left to write, to close or to turn off."""
        return not self._open and not self._collecting

    def opened(self) -> list[Trace]:
        """Those that are not closed."""
        with self.lock:
            return [self._traces[trace_id] for trace_id in self._open]

    def trace(self, trace_id: str) -> Trace:
        """The trace with that id, begun here if need be; the caller has the lock."""
        trace = self._traces.get(trace_id)
        if trace is None:
            closed = [known for known in self._traces if known not in self._open]
            for known in closed[: max(0, len(self._traces) - KEPT_TRACES)]:
                del self._traces[known]
                self._spools.forget(known)
            trace = self._traces[trace_id] = Trace(trace_id, self._collector.tape())
            self._spools.begin(trace_id)
        return trace

    def hold(self, context: Context) -> None:
        """Count ``context`` in, and have events on; the caller has the lock."""
        context.trace.contexts.add(context)
        context.trace.last_event = monotonic_ns()
        self._open.add(context.trace.id)
        self.active += 1
        if not self._collecting:
            self._collecting = True
            self._collector.start()
        self._collector.context_entered()

    def release(self, context: Context) -> None:
        """Count ``context`` out, unless that was done; the caller has the lock."""
        if context.left:
            return
        context.left = True
        context.trace.contexts.discard(context)
        context.trace.last_event = monotonic_ns()
        self.active -= 1
        if self.active == 0:
            self._last_left = monotonic_ns()

    def stop_collecting(self) -> None:
        """Turn events off, unless something runs; the caller has the lock."""
        if self._collecting and not self.active:
            self._collecting = False
            self._collector.stop()

    def quiet_until(self) -> int | None:
        """When there is something to tidy next (nanoseconds of the monotonic clock) if nobody enters a trace
        before; None while anything runs or waits to be written. The caller has the lock."""
        waiting = self.opened()
        if self.active or any(trace.tape.pending() for trace in waiting):
            return None
        due = [trace.last_event + CLOSE_AFTER for trace in waiting]
        if self._collecting:
            due.append(self._last_left + self._collector.linger)
        return min(due, default=monotonic_ns())

    def tidy(self) -> None:
        """Let go of threads that have become quiet, turn events off where they are not needed, and close what
        is over."""
        traces = self.opened()
        with self.lock:
            for trace in traces:
                self._let_go_of_the_quiet(trace)
            if monotonic_ns() - self._last_left > self._collector.linger:
                self.stop_collecting()
        for trace in traces:
            self._close_if_over(trace)

    def _let_go_of_the_quiet(self, trace: Trace) -> None:
        now = monotonic_ns()
        if not trace.contexts or now - trace.last_event < QUIET_AFTER:
            return
        if not any(context.lasting or context.strand.depth for context in trace.contexts):
            names = sorted({context.strand.thread or "a thread" for context in trace.contexts})
            trace.tape.notice(f"no longer followed after being quiet: {', '.join(names)}")
            for context in tuple(trace.contexts):
                self.release(context)

    def _close_if_over(self, trace: Trace) -> None:
        with self.lock:
            if trace.contexts or monotonic_ns() - trace.last_event < CLOSE_AFTER:
                return
            self._open.discard(trace.id)
        self._spools.close(trace)

    def close_all(self) -> list[Trace]:
        """Those that were open; from now on none is."""
        with self.lock:
            left = self.opened()
            self._open.clear()
        return left

    def start_over(self) -> None:
        """This process is a forked child, and none of its parent's traces runs in it."""
        self.lock = RLock()
        self.active = 0
        self._traces.clear()
        self._open.clear()
        self.stop_collecting()
