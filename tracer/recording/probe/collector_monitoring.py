"""Collectors over ``sys.monitoring`` (Python 3.12 and later), and the one whose callbacks are Python's own.

Two of the interpreter's tools are used. One is told of each piece of code when it first runs, and never
again: so that is known which code is chosen, at no cost from then on. The other one's events are on while a
trace runs here, and local to the chosen code; of exceptions alone it is told wherever they go.

Callbacks in Python are dear, and what they call is dearer: reading the clock takes as long as the whole of a
callback that does nothing, making a frame object longer. So there is a third tool for those: code that can
yield, whose frames have to be told apart, has callbacks that look at them, all other code has callbacks that
do not. These look at the caller's frame, of which the instruction is wanted, and which is made once for all
that it calls. If it is the one at the strand's top, that also proves that the strand is the running thread's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import CO_OPTIMIZED
from sys import _getframe as running_frame
from time import monotonic_ns
from types import CodeType
from typing import Any

from . import tracing
from .blocks import AppendBlock, append_block
from .capture import Capture
from .collector import Owner
from .format import RAISED, RETURNED, YIELDED
from .functions import RESUMABLE, FunctionEntry, FunctionTable
from .guard import failed
from .recorder import Recorder, is_at_top
from .strand import PythonStrand
from .tape import PythonTape, Tape
from .tracing import Context, running

NAME = "stackwalk"
RESUMABLE_NAME = "stackwalk-resumable"
DISCOVERY = "stackwalk-discovery"
TOOLS = (4, 3, 5, 2, 1, 0)

LOCAL = ("PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD")
GLOBAL = ("PY_THROW", "PY_UNWIND")

DISCOVERED_AT_MOST = 200_000
"""Pieces of chosen code to be listened to; a program that keeps making more has the first ones followed."""

Callbacks = dict[str, Callable[..., object]]


class MonitoringCollector:
    """Turns events on and off; a subclass gives the callbacks.

    Args:
        functions: chooses code.
        callbacks: by event, called with what `sys.monitoring` gives.
        enter_caller: records that the function at whose beginning code is discovered has begun, unless it
            knows that already.
        of_resumable: those of code that can yield, where they are others.
    """

    name = "monitoring"
    linger = 750_000_000
    append_block: AppendBlock = staticmethod(append_block)

    def __init__(
        self,
        functions: FunctionTable,
        callbacks: Callbacks,
        enter_caller: Callable[[CodeType], None],
        of_resumable: Callbacks | None = None,
    ) -> None:
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        events = self._monitoring.events
        self._functions = functions
        self._enter_caller = enter_caller
        self._codes: list[CodeType] = []
        self._once: list[CodeType] = []
        """Bodies of modules and classes, met while events were on: as a rule they do not run again."""
        self._on = False
        self._tool, self._tool_of_resumable, discovery = self._claim_tools(apart=of_resumable is not None)
        self._register(self._tool, callbacks)
        if of_resumable is not None:
            self._register(self._tool_of_resumable, of_resumable)
        self._local = sum(getattr(events, name) for name in LOCAL)
        self._register(discovery, {"PY_START": self._discoverer()})
        self._monitoring.set_events(discovery, events.PY_START)

    def _register(self, tool: int, callbacks: Callbacks) -> None:
        for name, callback in callbacks.items():
            event = getattr(self._monitoring.events, name)
            self._monitoring.register_callback(tool, event, callback)

    def _claim_tools(self, *, apart: bool) -> tuple[int, int, int]:
        wanted = (NAME, RESUMABLE_NAME, DISCOVERY) if apart else (NAME, DISCOVERY)
        free = [tool for tool in TOOLS if self._monitoring.get_tool(tool) is None]
        if len(free) < len(wanted):
            raise RuntimeError("too few of the interpreter's monitoring tools are free")
        # The interpreter tells the one with the higher number first: what that was told of is not discovered.
        tools = sorted(free[: len(wanted)], reverse=True)
        for tool, name in zip(tools, wanted, strict=True):
            self._monitoring.use_tool_id(tool, name)
        return tools[0], tools[-2], tools[-1]

    def _discoverer(self) -> Callable[[CodeType, int], object]:
        dismiss = self._monitoring.DISABLE
        known = self._functions.by_code
        classify = self._functions.classify
        mend = self.mend

        def on_first_start(code: CodeType, offset: int) -> object:
            try:
                function = known.get(id(code))
                if function is None:
                    function = classify(code, running_frame(1).f_globals.get("__name__"))
                if function is not None:
                    # Of a known one, too: it may be one that another thread is about to choose.
                    self.choose(function)
                    if self._on:
                        self._enter_caller(code)
                mend(code)
            except Exception as failure:
                failed(failure, "discovering code")
            return dismiss

        return on_first_start

    def start(self) -> None:
        """Turn the events on, for all threads at once."""
        self._on = True
        self.follow_exceptions(self._tool, on=True)
        for code in tuple(self._codes):
            self._listen(code, self._local)

    def stop(self) -> None:
        """Turn all events off."""
        self._on = False
        self.follow_exceptions(self._tool, on=False)
        for code in (*self._codes, *self._once):
            self._listen(code, 0)
        self._once.clear()

    def follow_exceptions(self, tool: int, *, on: bool) -> None:
        """Turn the events on or off that cannot be local."""
        events = self._monitoring.events
        self._monitoring.set_events(tool, sum(getattr(events, name) for name in GLOBAL) if on else 0)

    def context_entered(self) -> None:
        """Events are not per thread: nothing to do."""

    def context_left(self) -> None:
        """Events are not per thread: nothing to do."""

    def context_changed(self) -> None:
        """The running context is asked for at each event: nothing to do."""

    def choose(self, function: FunctionEntry) -> None:
        """Listen to the function's code whenever events are on."""
        code = function.code
        if not code.co_flags & CO_OPTIMIZED and "<locals>" not in code.co_qualname:
            if self._on:
                self._once.append(code)
        elif len(self._codes) < DISCOVERED_AT_MOST:
            self._codes.append(code)
        else:
            return
        if self._on:
            self._listen(code, self._local)

    def _listen(self, code: CodeType, events: int) -> None:
        tool = self._tool_of_resumable if code.co_flags & RESUMABLE else self._tool
        self._monitoring.set_local_events(tool, code, events)
        self.mend(code)

    def mend(self, code: CodeType) -> None:
        """Events were turned on or off in ``code``, of which its speed may have suffered."""


class PythonMonitoringCollector(MonitoringCollector):
    """The callbacks are Python functions."""

    def __init__(self, functions: FunctionTable, capture: Capture, owner: Owner) -> None:
        recorder = Recorder(capture, owner)
        enter = recorder.enter

        def enter_caller(code: CodeType) -> None:
            context = running()
            frame = running_frame(2)
            if context is None:
                return
            if not is_at_top(context.strand, frame):  # type: ignore[arg-type]
                enter(context, functions.by_code[id(code)], frame, frame.f_back, resumed=False)

        careful = _callbacks(functions, recorder, self.choose)
        if recorder.takes_values:
            super().__init__(functions, careful, enter_caller)
        else:
            super().__init__(
                functions, careful | _plain_callbacks(functions, recorder), enter_caller, careful
            )
        self._takes_values = recorder.takes_values

    def tape(self) -> Tape:
        """A tape for a new trace."""
        return PythonTape(takes_values=self._takes_values)


def _plain_callbacks(functions: FunctionTable, recorder: Recorder) -> Callbacks:
    """Of code that cannot yield and of whose values nothing is taken.

    From the first that they change to the last, nothing is called that the interpreter would let another
    thread or a signal handler run after; so their events are whole without a tuple for each.
    """
    known = functions.by_code
    enter = recorder.enter
    leave = recorder.leave

    def begin_low(code: CodeType, failure: Exception) -> None:
        """Record a function of a thread or greenlet in which there are not so many frames."""
        try:
            context = running()
            caller = running_frame(2).f_back
            if context is None or (caller is not None and caller.f_back is not None):
                raise failure
            enter(context, known[id(code)], None, caller, resumed=False)
        except Exception as another:
            failed(another, "following calls")

    def on_start(code: CodeType, offset: int) -> None:
        try:
            context = running()
            if context is None:
                return
            strand: PythonStrand = context.strand  # type: ignore[assignment]
            caller = running_frame(2)
            now = monotonic_ns()
            top = strand.top
            if caller is not top:
                if caller.f_code is top:  # this is the first that it calls
                    under = strand.stack[0]  # type: ignore[index]
                    if len(strand.events) > strand.tape.hold_back_at:
                        top = None
                    elif running_frame(3) is under:
                        top = caller
                    elif caller is not under and context.owner == tracing.owner_id():
                        top = caller  # itself called by way of what is not recorded
                    else:
                        top = None
                elif running_frame(3) is not top:
                    top = None
                if top is None:
                    enter(context, known[id(code)], None, caller, resumed=False)
                    return
            events = strand.events
            events.append(code)
            events.append(top.f_lasti)
            events.append(now)
            strand.stack = (top, strand.stack)
            strand.top = code
        except ValueError as failure:
            begin_low(code, failure)
        except Exception as failure:
            failed(failure, "following calls")

    def on_return(code: CodeType, offset: int, value: object) -> None:
        try:
            context = running()
            if context is None:
                return
            strand: PythonStrand = context.strand  # type: ignore[assignment]
            now = monotonic_ns()
            if strand.top is code or strand.top is running_frame(1):
                strand.events.append(now)
                strand.top, strand.stack = strand.stack  # type: ignore[misc]
                if strand.top is None:
                    strand.tape.strands[strand] = None
            elif strand.top is not None:
                leave(context, known[id(code)], running_frame(1), RETURNED, value)
        except Exception as failure:
            failed(failure, "following calls")

    return {"PY_START": on_start, "PY_RETURN": on_return}


def _callbacks(
    functions: FunctionTable, recorder: Recorder, choose: Callable[[FunctionEntry], None]
) -> Callbacks:
    known = functions.by_code
    enter = recorder.enter
    leave = recorder.leave

    takes_values = recorder.takes_values

    def entered(context: Context, function: FunctionEntry, *, resumed: bool) -> None:
        frame = running_frame(2)
        enter(context, function, frame, frame.f_back, resumed=resumed)

    def on_start(code: CodeType, offset: int) -> None:
        try:
            context = running()
            if context is not None:
                entered(context, known[id(code)], resumed=False)
        except Exception as failure:
            failed(failure, "following calls")

    def on_resume(code: CodeType, offset: int) -> None:
        try:
            context = running()
            if context is None:
                return
            strand: PythonStrand = context.strand  # type: ignore[assignment]
            top = strand.top
            frame = running_frame(1)
            caller = frame.f_back
            if caller is None or caller is not top:
                under = strand.stack and strand.stack[0]
                if (
                    caller is not None
                    and caller.f_code is top
                    and caller is not under
                    and (caller.f_back is under or context.owner == tracing.owner_id())
                ):
                    top = caller
                elif caller is None or top is None or caller.f_back is not top:
                    enter(context, known[id(code)], frame, caller, resumed=True)
                    return
            events = strand.events
            activations = strand.tape.activations
            identity = id(frame)
            activations[identity] = activation = activations.get(identity, 0) + 1
            now = monotonic_ns()
            events.append(code)
            events.append(top.f_lasti)
            events.append(~activation)
            events.append(now)
            strand.stack = (top, strand.stack)
            strand.top = frame
        except Exception as failure:
            failed(failure, "following calls")

    def on_return(code: CodeType, offset: int, value: object) -> None:
        try:
            context = running()
            if context is not None:
                leave(context, known[id(code)], running_frame(1), RETURNED, value)
        except Exception as failure:
            failed(failure, "following calls")

    def on_yield(code: CodeType, offset: int, value: object) -> None:
        try:
            context = running()
            if context is None:
                return
            strand: PythonStrand = context.strand  # type: ignore[assignment]
            now = monotonic_ns()
            if strand.top is running_frame(1) and not takes_values:
                strand.events.append(~now)
                strand.top, strand.stack = strand.stack  # type: ignore[misc]
                if strand.top is None:
                    strand.tape.strands[strand] = None
            elif strand.top is not None:
                leave(context, known[id(code)], running_frame(1), YIELDED, value)
        except Exception as failure:
            failed(failure, "following calls")

    # Not local: of code that is not chosen, too, and of a generator that was never started.

    def on_throw(code: CodeType, offset: int, error: BaseException) -> None:
        try:
            context = running()
            if context is not None:
                frame = running_frame(1)
                function = known.get(id(code))
                if function is None:
                    function = functions.classify(code, frame.f_globals.get("__name__"))
                    if function is not None:
                        choose(function)
                if function is not None:
                    enter(context, function, frame, frame.f_back, resumed=True)
        except Exception as failure:
            failed(failure, "following calls")

    def on_unwind(code: CodeType, offset: int, error: BaseException) -> None:
        try:
            context = running()
            if context is not None:
                function = known.get(id(code))
                if function is not None:
                    leave(context, function, running_frame(1), RAISED, error)
        except Exception as failure:
            failed(failure, "following calls")

    return {
        "PY_START": on_start,
        "PY_RESUME": on_resume,
        "PY_RETURN": on_return,
        "PY_YIELD": on_yield,
        "PY_THROW": on_throw,
        "PY_UNWIND": on_unwind,
    }
