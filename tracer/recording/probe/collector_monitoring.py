"""Collectors over ``sys.monitoring`` (Python 3.12 and later), and the one whose callbacks are Python's own.

Two of the interpreter's tools are used. One is told of each piece of code when it first runs, and never
again: so that is known which code is chosen, at no cost from then on. The other one's events are on while a
trace runs here, and local to the chosen code; of exceptions alone it is told wherever they go.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import CO_OPTIMIZED
from sys import _getframe as running_frame
from time import monotonic_ns
from types import CodeType
from typing import Any

from .blocks import AppendBlock, append_block
from .capture import Capture
from .collector import Owner
from .format import RAISED, RETURNED, YIELDED
from .functions import FunctionEntry, FunctionTable
from .guard import failed
from .recorder import Recorder
from .tape import PythonStrand, PythonTape, Tape
from .tracing import running

NAME = "stackwalk"
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
    """

    name = "monitoring"
    linger = 750_000_000
    append_block: AppendBlock = staticmethod(append_block)

    def __init__(
        self, functions: FunctionTable, callbacks: Callbacks, enter_caller: Callable[[CodeType], None]
    ) -> None:
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        events = self._monitoring.events
        self._functions = functions
        self._enter_caller = enter_caller
        self._codes: list[CodeType] = []
        self._once: list[CodeType] = []
        """Bodies of modules and classes, met while events were on: as a rule they do not run again."""
        self._on = False
        self._tool, discovery = self._claim_tools()
        for name, callback in callbacks.items():
            self._monitoring.register_callback(self._tool, getattr(events, name), callback)
        self._local = sum(getattr(events, name) for name in LOCAL)
        self._monitoring.register_callback(discovery, events.PY_START, self._discoverer())
        self._monitoring.set_events(discovery, events.PY_START)

    def _claim_tools(self) -> tuple[int, int]:
        free = [tool for tool in TOOLS if self._monitoring.get_tool(tool) is None]
        if len(free) < 2:
            raise RuntimeError("too few of the interpreter's monitoring tools are free")
        # The interpreter tells the one with the higher number first: what that was told of is not discovered.
        tool, discovery = sorted(free[:2], reverse=True)
        self._monitoring.use_tool_id(tool, NAME)
        self._monitoring.use_tool_id(discovery, DISCOVERY)
        return tool, discovery

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
        self._monitoring.set_local_events(self._tool, code, events)
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
            strand: PythonStrand = context.strand  # type: ignore[assignment]
            if not strand.stack or strand.stack[-1] is not frame:
                enter(context, functions.by_code[id(code)], frame, resumed=False)

        super().__init__(functions, _callbacks(functions, recorder, self.choose), enter_caller)
        self._takes_values = recorder.takes_values

    def tape(self) -> Tape:
        """A tape for a new trace."""
        return PythonTape(takes_values=self._takes_values)


def _callbacks(
    functions: FunctionTable, recorder: Recorder, choose: Callable[[FunctionEntry], None]
) -> Callbacks:
    known = functions.by_code
    enter = recorder.enter
    leave = recorder.leave
    hold_back = recorder.hold_back

    # What happens most: a recorded function calls another, of which nothing is to be taken, and that returns.
    # Whose frame it is says that the strand is the running thread's own.

    def on_plain_start(code: CodeType, offset: int) -> None:
        try:
            context = running()
            if context is None:
                return
            strand: PythonStrand = context.strand  # type: ignore[assignment]
            stack = strand.stack
            frame = running_frame(1)
            if stack and frame.f_back is stack[-1]:
                tape = strand.tape
                if tape.stopped:
                    return
                if tape.activations:
                    tape.activations.pop(id(frame), None)
                events = strand.events
                events.extend((code, stack[-1].f_lasti, monotonic_ns()))
                stack.append(frame)
                if len(events) > tape.hold_back_at:
                    hold_back(tape)
            else:
                enter(context, known[id(code)], frame, resumed=False)
        except Exception as failure:
            failed(failure, "following calls")

    def on_plain_return(code: CodeType, offset: int, value: object) -> None:
        try:
            context = running()
            if context is None:
                return
            strand: PythonStrand = context.strand  # type: ignore[assignment]
            stack = strand.stack
            frame = running_frame(1)
            if len(stack) > 1 and stack[-1] is frame:
                stack.pop()
                activations = strand.tape.activations
                if activations:
                    activations.pop(id(frame), None)
                strand.events.append(monotonic_ns())
            else:
                leave(context, known[id(code)], frame, RETURNED, value)
        except Exception as failure:
            failed(failure, "following calls")

    def on_start(code: CodeType, offset: int) -> None:
        try:
            context = running()
            if context is not None:
                enter(context, known[id(code)], running_frame(1), resumed=False)
        except Exception as failure:
            failed(failure, "following calls")

    def on_resume(code: CodeType, offset: int) -> None:
        try:
            context = running()
            if context is not None:
                enter(context, known[id(code)], running_frame(1), resumed=True)
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
            if context is not None:
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
                    enter(context, function, frame, resumed=True)
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
        "PY_START": on_start if recorder.takes_values else on_plain_start,
        "PY_RESUME": on_resume,
        "PY_RETURN": on_return if recorder.takes_values else on_plain_return,
        "PY_YIELD": on_yield,
        "PY_THROW": on_throw,
        "PY_UNWIND": on_unwind,
    }
