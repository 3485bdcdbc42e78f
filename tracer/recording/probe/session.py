"""The probe's state in one process: which traces run here, when events are on, and who writes the spools."""

from __future__ import annotations

import atexit
import os
from _thread import RLock, start_new_thread
from collections.abc import Callable
from contextlib import suppress
from time import monotonic_ns, sleep
from typing import Any

from . import guard
from .capture import Capture
from .collector import make_collector
from .format import CLOSE, NOTICE
from .functions import FunctionTable
from .masking import Masker
from .notes import leave_note
from .recorder import Recorder
from .settings import Settings
from .tracing import Context, Trace, current_context
from .writer import SpoolFullError, SpoolWriter

FLUSH_EVERY = 0.08
"""Seconds between two writes while a trace is open here; what a killed process loses at most."""

EVENTS_OFF_AFTER = 250_000_000
"""Nanoseconds without any context after which events are turned off: a request's calls into one service
come in bursts, and
turning events on makes the interpreter prepare all running code anew."""

CLOSE_AFTER = 1_000_000_000
"""Nanoseconds without any context after which a spool is closed."""

QUIET_AFTER = 3_000_000_000
"""Nanoseconds without a recorded call after which threads that a request left behind are no longer
followed."""

KEPT_TRACES = 32

Token = tuple[Context, "Context | None"]
Parcel = tuple[Trace, str]
"""A trace and the key of a link, on their way to another thread of this process."""


class Session:
    """Everything the probe's hooks need; its methods never raise for failures of the probe's own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.functions = FunctionTable(settings)
        capture = Capture(settings.values, Masker())
        self._recorder = Recorder(capture, self._drain, self._adopt)
        self._collector = make_collector(settings, self.functions, self._recorder)
        self._lock = RLock()
        self._traces: dict[str, Trace] = {}
        self._writers: dict[str, SpoolWriter] = {}
        self._open: set[str] = set()
        self._active = 0
        self._collecting = False
        self._last_left = 0
        self._flushing = False
        self.disabled = False
        guard.on_failure(self.disable)
        atexit.register(self._at_exit)
        self._fork_key: Parcel | None = None
        os.register_at_fork(
            before=self._before_fork, after_in_parent=self._after_fork, after_in_child=self._in_child
        )

    def enter(self, trace_id: str, incoming: str, *, lasting: bool = True) -> Token | None:
        """Begin running for a trace in this thread; the token is for `leave`, None where the probe is
        disabled."""
        if self.disabled:
            return None
        before = current_context.get()
        try:
            with self._lock:
                trace = self._trace(trace_id)
                context = Context(trace, incoming, lasting=lasting)
                self._hold(context)
            current_context.set(context)
        except Exception as error:
            guard.failed(error, "entering a trace")
            return None
        return context, before

    def leave(self, token: Token | None) -> None:
        """End what `enter` began, in the same thread."""
        if token is None:
            return
        context, before = token
        current_context.set(before)
        try:
            self._collector.context_left()
            self._release(context)
        except Exception as error:
            guard.failed(error, "leaving a trace")

    def parcel(self, detail: str) -> Parcel | None:
        """What takes the running trace to another thread; None outside of traces."""
        context = current_context.get()
        if context is None or context.left or self.disabled:
            return None
        return context.trace, context.send("spawn", detail)

    def run_parcel(self, parcel: Parcel, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Call ``function`` in this thread under the link that ``parcel`` names."""
        token = self.enter(parcel[0].id, parcel[1], lasting=False)
        try:
            return function(*args, **kwargs)
        finally:
            self.leave(token)

    def choose(self, code: Any, module: str) -> None:
        """Record ``code`` whatever its module."""
        if id(code) not in self.functions.by_code:
            self.functions.add(code, module)
            self._collector.code_added()

    def _trace(self, trace_id: str) -> Trace:
        trace = self._traces.get(trace_id)
        if trace is None:
            closed = [known for known in self._traces if known not in self._open]
            for known in closed[: max(0, len(self._traces) - KEPT_TRACES)]:
                del self._traces[known], self._writers[known]
            trace = self._traces[trace_id] = Trace(trace_id)
            self._writers[trace_id] = SpoolWriter(
                self.settings, self.functions, trace_id, self._collector.name
            )
        return trace

    def _hold(self, context: Context) -> None:
        """Count ``context`` in; the caller has the lock."""
        context.trace.contexts.add(context)
        context.trace.last_event = monotonic_ns()
        self._open.add(context.trace.id)
        self._active += 1
        if not self._collecting:
            self._collecting = True
            self._collector.start()
        self._collector.context_entered()
        self._start_flushing()

    def _release(self, context: Context) -> None:
        with self._lock:
            if context.left:
                return
            context.left = True
            context.trace.contexts.discard(context)
            context.trace.last_event = monotonic_ns()
            self._active -= 1
            if self._active == 0:
                self._last_left = monotonic_ns()
                if not self._flushing:
                    self._stop_collecting()

    def _stop_collecting(self) -> None:
        if self._collecting and not self._active:
            self._collecting = False
            self._collector.stop()

    def _adopt(self, context: Context) -> Context | None:
        """A context of its own for code that runs in another thread or greenlet with a copy of
        ``context``."""
        with self._lock:
            if context.left:
                current_context.set(None)
                return None
            own = Context(context.trace, context.send("spawn", "copied context"), lasting=False)
            self._hold(own)
        current_context.set(own)
        return own

    def flush(self) -> None:
        """Write all that waits."""
        with self._lock:
            for trace_id in tuple(self._open):
                self._drain(self._traces[trace_id])

    def _drain(self, trace: Trace) -> None:
        with self._lock:
            count = len(trace.events)
            if not count:
                return
            batch = trace.events[:count]
            del trace.events[:count]
            writer = self._writers.get(trace.id)
            if writer is None:
                return
            try:
                writer.append(batch)
            except SpoolFullError:
                trace.stopped = True
            except OSError:
                trace.stopped = True
                leave_note(self.settings.spool_dir, self.settings.service, f"writing the spool of {trace.id}")

    def _start_flushing(self) -> None:
        if not self._flushing:
            self._flushing = True
            try:
                start_new_thread(self._flush_loop, ())
            except RuntimeError:  # the interpreter is shutting down; what waits is written at exit
                self._flushing = False

    def _flush_loop(self) -> None:
        try:
            while True:
                sleep(FLUSH_EVERY)
                with self._lock:
                    if monotonic_ns() - self._last_left > EVENTS_OFF_AFTER:
                        self._stop_collecting()
                    for trace_id in tuple(self._open):
                        self._tend(self._traces[trace_id])
                    if not self._open:
                        self._flushing = False
                        return
        except Exception as error:
            self._flushing = False
            guard.failed(error, "writing spools")

    def _tend(self, trace: Trace) -> None:
        now = monotonic_ns()
        quiet = bool(trace.contexts) and now - trace.last_event > QUIET_AFTER
        if quiet and not any(context.lasting or context.stack for context in trace.contexts):
            names = sorted({context.thread or "a thread" for context in trace.contexts})
            said = f"no longer followed after being quiet: {', '.join(names)}"
            trace.events.append((NOTICE, now, said))
            for context in tuple(trace.contexts):
                self._release(context)
        if not trace.contexts and now - trace.last_event > CLOSE_AFTER:
            self._close(trace)
        else:
            self._drain(trace)

    def _close(self, trace: Trace) -> None:
        trace.events.append((CLOSE, monotonic_ns()))
        self._drain(trace)
        trace.activations.clear()
        self._open.discard(trace.id)

    def disable(self, doing: str) -> None:
        """Switch the probe off in this process for good, leaving a note that says why."""
        if self.disabled:
            return
        self.disabled = True
        leave_note(
            self.settings.spool_dir, self.settings.service, f"the probe switched itself off while {doing}"
        )
        with suppress(Exception):
            self._collector.stop()

    def _at_exit(self) -> None:
        with suppress(Exception), self._lock:
            for trace_id in tuple(self._open):
                self._close(self._traces[trace_id])

    def _before_fork(self) -> None:
        self._fork_key = None
        with suppress(Exception):
            self._fork_key = self.parcel("fork")
        self._lock.acquire()

    def _after_fork(self) -> None:
        self._lock.release()

    def _in_child(self) -> None:
        self._lock = RLock()
        current_context.set(None)
        try:
            if self._collecting:
                self._collecting = False
                self._collector.stop()
            self._traces.clear()
            self._writers.clear()
            self._open.clear()
            self._active = 0
            self._flushing = False
            if self._fork_key is not None:
                self.enter(self._fork_key[0].id, self._fork_key[1], lasting=False)
        except Exception as error:
            guard.failed(error, "starting over in a forked child")


_session: Session | None = None


def install(settings: Settings) -> Session:
    """Make this process's session."""
    global _session
    _session = Session(settings)
    return _session


def ready() -> bool:
    """Whether a trace can be started here."""
    return _session is not None and not _session.disabled


def run_as_root(trace_id: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call ``function`` as the root of the trace; its spool is complete when this returns."""
    session = _session
    if session is None:
        raise RuntimeError("the probe is not installed")
    code = getattr(function, "__code__", None)
    if code is not None:
        session.choose(code, getattr(function, "__module__", "") or "?")
    token = session.enter(trace_id, "")
    try:
        return function(*args, **kwargs)
    finally:
        session.leave(token)
        session.flush()
