"""The probe's state in one process: which traces run here, when events are on, and who writes the spools."""

from __future__ import annotations

import atexit
import os
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from contextlib import suppress
from time import monotonic_ns, sleep
from typing import Any

from . import guard, tracing
from .authority import Authority, read_key
from .capture import Capture
from .collector import make_collector
from .functions import FunctionTable
from .locks import LockedOutError, RLock
from .mask_file import read_mask_file
from .masking import Masker
from .notes import leave_note
from .settings import Settings
from .spools import Spools
from .tape import Tape
from .traceparent import parse
from .tracing import Context, Trace, current_context, on_change, outside_of_traces, run_in
from .window import SUFFIX, Window

TIDY_EVERY = 500_000_000
"""Nanoseconds after which the writing thread looks, while requests run, whether a trace is over or somebody
is not to be followed any longer."""

CLOSE_AFTER = 1_000_000_000
"""Nanoseconds without any context after which a spool is closed."""

QUIET_AFTER = 3_000_000_000
"""Nanoseconds without a recorded call after which threads that a request left behind are no longer
followed."""

WRITE_AT_MOST = 50_000_000
"""Nanoseconds for which the writing thread writes one trace before it looks after the others."""

PAUSE_AT_MOST = 5_000_000
"""Nanoseconds of a write in which pauses are made. Where threads want the interpreter all the while, a pause
lasts for as long as one of them is let have it, much longer than what is encoded between two."""

WAIT_AT_MOST = 2_000_000_000
"""Nanoseconds for which anybody waits until something is written."""

NAP = 0.001

KEPT_TRACES = 32

Token = tuple[Context, "Context | None"]
Parcel = tuple[Trace, str]
"""A trace and the key of a link, on their way to another thread of this process."""


class Session:
    """Everything the probe's hooks need; its methods never raise for failures of the probe's own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.functions = FunctionTable(settings)
        capture = Capture(settings.values, Masker(read_mask_file(settings.mask)))
        self._collector = make_collector(settings, self.functions, capture, self)
        on_change(self._collector.context_changed)
        self._lock = RLock()
        """For the state of traces and contexts; never held while something is written."""
        self._spools = Spools(settings, self.functions, self._collector)
        self._wake = allocate_lock()
        self._wake.acquire()
        self._traces: dict[str, Trace] = {}
        self._open: set[str] = set()
        self._active = 0
        self._collecting = False
        self._last_left = 0
        self._flushing = False
        self._resting = False
        """The writing thread waits for longer: nothing can be recorded before somebody enters a trace."""
        self._pause_until = 0
        self._ending = False
        self.whole_program = bool(settings.parent)
        """All of this process, and of what it forks, belongs to one trace."""
        self.authority = Authority(read_key(settings.key_file) if settings.key_file else b"")
        self._window = Window(settings.spool_dir + SUFFIX)
        self.disabled = False
        guard.on_failure(self.disable)
        atexit.register(self.end)
        self._fork_key: Parcel | None = None
        self._starting: set[int] = set()
        """Who starts another program now: what they fork runs nothing of this one but what leads there."""
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
            run_in(context)
        except Exception as error:
            guard.failed(error, "entering a trace")
            return None
        return context, before

    def leave(self, token: Token | None) -> None:
        """End what `enter` began, in the same thread."""
        if token is None:
            return
        context, before = token
        run_in(before)
        try:
            self._collector.context_left()
            self._release(context)
        except Exception as error:
            guard.failed(error, "leaving a trace")

    def admit(self, parent: object, state: object) -> tuple[str, str] | None:
        """Trace id and link key under which a request from outside of the process is to be recorded, or None.

        Args:
            parent: its ``traceparent``, if any.
            state: its ``tracestate``, if any.
        """
        link = parse(parent)
        if link is not None and self.authority.allows(link[0], state):
            return link
        trace_id = self._window.new_trace(self.settings.service)
        return (trace_id, trace_id[16:]) if trace_id else None

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
            self._collector.choose(self.functions.add(code, module))

    def _trace(self, trace_id: str) -> Trace:
        trace = self._traces.get(trace_id)
        if trace is None:
            closed = [known for known in self._traces if known not in self._open]
            for known in closed[: max(0, len(self._traces) - KEPT_TRACES)]:
                del self._traces[known]
                self._spools.forget(known)
            trace = self._traces[trace_id] = Trace(trace_id, self._collector.tape())
            self._spools.begin(trace_id)
        return trace

    def _hold(self, context: Context) -> None:
        """Count ``context`` in; the caller has the lock."""
        context.trace.contexts.add(context)
        context.trace.last_event = monotonic_ns()
        self._open.add(context.trace.id)
        self._active += 1
        if self._resting:
            self._resting = False
            self._wake_up()
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

    def own(self, context: Context) -> Context | None:
        """The context in which code records that runs with ``context``: a thread or greenlet with a copy of
        another's gets one of its own. None where the context was left and nothing is to be recorded."""
        if context.left:
            run_in(None)
            return None
        return context if self.is_own(context) else self._adopt(context)

    @staticmethod
    def is_own(context: Context) -> bool:
        """Whether ``context`` is the running thread's or greenlet's own."""
        return context.owner == tracing.owner_id()

    def _adopt(self, context: Context) -> Context | None:
        with self._lock:
            if context.left:
                run_in(None)
                return None
            own = Context(context.trace, context.send("spawn", "copied context"), lasting=False)
            self._hold(own)
        run_in(own)
        return own

    def flush(self) -> None:
        """Write everything that was recorded before this call."""
        try:
            for trace in self._opened():
                self._spools.drain(trace, at_most=WAIT_AT_MOST)
        except Exception as error:
            guard.failed(error, "writing spools")

    def hold_back(self, tape: Tape) -> None:
        """Let a thread wait that records faster than can be written, so that memory stays bounded."""
        until = monotonic_ns() + WAIT_AT_MOST
        much = tape.pending()
        while self._flushing and tape.pending() >= much and monotonic_ns() < until:
            self._wake_up()
            sleep(NAP)

    def _wake_up(self) -> None:
        with suppress(RuntimeError):
            self._wake.release()

    def _start_flushing(self) -> None:
        if not self._flushing:
            self._flushing = True
            try:
                start_new_thread(self._flush_loop, ())
            except RuntimeError:  # the interpreter is shutting down; what waits is written at exit
                self._flushing = False

    def _pause(self) -> None:
        """Let other threads run: without it, each of their waits would end only with the interpreter's switch
        interval."""
        if monotonic_ns() < self._pause_until and not self._ending and not self._spools.lock.wanted:
            sleep(0.00005)

    def _flush_loop(self) -> None:
        tidied = 0
        try:
            while True:
                self._wait()
                self._pause_until = monotonic_ns() + PAUSE_AT_MOST
                for trace in self._opened():
                    if trace.tape.pending():
                        self._spools.drain(trace, self._pause, WRITE_AT_MOST)
                now = monotonic_ns()
                if self._active and now - tidied < TIDY_EVERY:
                    continue
                tidied = now
                self._tidy()
                with self._lock:
                    if not self._open and not self._collecting:
                        self._flushing = False
                        return
        except Exception as error:
            self._flushing = False
            guard.failed(error, "writing spools")

    def _wait(self) -> None:
        """Until there may be something to do: where the writing thread wakes for nothing, the thread of a
        request that runs meanwhile has to make way for it all the same."""
        seconds = self._collector.flush_every
        if not self._active:
            now = monotonic_ns()
            with self._lock:
                waiting = [self._traces[trace_id] for trace_id in self._open]
                if not self._active and not any(trace.tape.pending() for trace in waiting):
                    due = [trace.last_event + CLOSE_AFTER for trace in waiting]
                    if self._collecting:
                        due.append(self._last_left + self._collector.linger)
                    seconds = max(seconds, (min(due, default=now) - now) / 1e9)
                    self._resting = True
        if self._wake.acquire(timeout=seconds) and seconds > self._collector.flush_every:
            self._wake.acquire(timeout=self._collector.flush_every)
        self._resting = False

    def _opened(self) -> list[Trace]:
        with self._lock:
            return [self._traces[trace_id] for trace_id in self._open]

    def _tidy(self) -> None:
        traces = self._opened()
        with self._lock:
            for trace in traces:
                self._let_go_of_the_quiet(trace)
            if monotonic_ns() - self._last_left > self._collector.linger:
                self._stop_collecting()
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
                self._release(context)

    def _close_if_over(self, trace: Trace) -> None:
        with self._lock:
            if trace.contexts or monotonic_ns() - trace.last_event < CLOSE_AFTER:
                return
            self._open.discard(trace.id)
        self._spools.close(trace)

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

    def save(self, *, closing: bool) -> None:
        """Write what was recorded until now, because the process may end without warning; it may go on, too.

        Args:
            closing: close the spools: the process becomes another program.
        """
        with suppress(Exception):
            for trace in self._opened():
                if closing:
                    trace.tape.close()
                self._spools.drain(trace, at_most=WAIT_AT_MOST)

    def end(self) -> None:
        """The process ends now: close the spools, though threads may go on calling meanwhile."""
        self._ending = True
        with suppress(Exception):
            with self._lock:
                left = [self._traces[trace_id] for trace_id in self._open]
                self._open.clear()
            for trace in left:
                self._spools.end(trace)

    def start_program(self, start: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call ``start``, which makes a child that becomes another program: in no trace, and without what a
        forked child costs that goes on with this one."""
        me = tracing.owner_id()
        self._starting.add(me)
        try:
            with outside_of_traces():
                return start(*args, **kwargs)
        finally:
            self._starting.discard(me)

    def _before_fork(self) -> None:
        self._fork_key = None
        if tracing.owner_id() in self._starting:
            return
        with suppress(Exception):
            self._fork_key = self.parcel("fork")
        with suppress(LockedOutError):
            self._lock.acquire()
            self._spools.lock.acquire()

    def _after_fork(self) -> None:
        if tracing.owner_id() in self._starting:
            return
        self._spools.lock.release()
        self._lock.release()

    def _in_child(self) -> None:
        if tracing.owner_id() in self._starting:
            return
        self._starting.clear()
        self._lock = RLock()
        self._spools.start_over()
        self._wake = allocate_lock()
        self._wake.acquire()
        run_in(None)
        try:
            if self._collecting:
                self._collecting = False
                self._collector.stop()
            self._traces.clear()
            self._open.clear()
            self._active = 0
            self._flushing = self._resting = False
            if self._fork_key is not None:
                self.enter(self._fork_key[0].id, self._fork_key[1], lasting=self.whole_program)
        except Exception as error:
            guard.failed(error, "starting over in a forked child")


_session: Session | None = None


def install(settings: Settings) -> Session:
    """Make this process's session."""
    global _session
    _session = Session(settings)
    return _session


def installed() -> Session | None:
    """This process's session, once there is one."""
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
