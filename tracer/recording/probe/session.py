"""The probe in one process: what its hooks ask for, and what forks and the process's end mean to it."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from . import guard, tracing
from .authority import Authority, read_key
from .capture import Capture
from .collector import make_collector
from .functions import FunctionTable
from .locks import LockedOutError
from .mask_file import read_mask_file
from .masking import Masker
from .notes import leave_note
from .open_traces import OpenTraces
from .settings import Settings
from .spools import Spools
from .tape import Tape
from .traceparent import parse
from .tracing import Context, Trace, current_context, on_change, outside_of_traces, run_in
from .window import SUFFIX, Window
from .writing_thread import WAIT_AT_MOST, WritingThread

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
        self._spools = Spools(settings, self.functions, self._collector)
        self._traces = OpenTraces(self._collector, self._spools)
        self._writing = WritingThread(self._traces, self._spools, self._collector.flush_every)
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
            with self._traces.lock:
                context = Context(self._traces.trace(trace_id), incoming, lasting=lasting)
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
            with self._traces.lock:
                self._traces.release(context)
                if not self._writing.running:
                    self._traces.stop_collecting()
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

    def _hold(self, context: Context) -> None:
        """Count ``context`` in; the caller has the traces' lock."""
        self._traces.hold(context)
        self._writing.needed()

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
        with self._traces.lock:
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
            for trace in self._traces.opened():
                self._spools.drain(trace, at_most=WAIT_AT_MOST)
        except Exception as error:
            guard.failed(error, "writing spools")

    def hold_back(self, tape: Tape) -> None:
        """Let the calling thread wait until less waits to be taken from ``tape``."""
        self._writing.hold_back(tape)

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
            for trace in self._traces.opened():
                if closing:
                    trace.tape.close()
                self._spools.drain(trace, at_most=WAIT_AT_MOST)

    def end(self) -> None:
        """The process ends now: close the spools, though threads may go on calling meanwhile."""
        self._writing.hurried = True
        with suppress(Exception):
            for trace in self._traces.close_all():
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
            self._traces.lock.acquire()
            self._spools.lock.acquire()

    def _after_fork(self) -> None:
        if tracing.owner_id() in self._starting:
            return
        self._spools.lock.release()
        self._traces.lock.release()

    def _in_child(self) -> None:
        if tracing.owner_id() in self._starting:
            return
        self._starting.clear()
        self._spools.start_over()
        self._writing.start_over()
        run_in(None)
        try:
            self._traces.start_over()
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
