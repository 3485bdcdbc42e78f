"""Collectors over ``sys.monitoring`` (Python 3.12 and later), and the one whose callbacks are Python's own.

Two of the interpreter's tools are used. One is told of each piece of code when it first runs, and never
again: so that is known which code is chosen, at no cost from then on. The other one's events are on while a
trace runs here, and local to the chosen code; of exceptions alone it is told wherever they go.

Callbacks in Python have a third one (`callbacks`): code that can yield is not listened to as other code is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import CO_OPTIMIZED
from sys import _getframe as running_frame
from types import CodeType
from typing import Any

from .blocks import AppendBlock, append_block
from .callbacks import Callbacks, careful_callbacks, plain_callbacks, resumable_callbacks
from .capture import Capture
from .collector import Owner
from .functions import RESUMABLE, FunctionEntry, FunctionTable
from .guard import failed
from .python_tape import PythonTape
from .recorder import Recorder, is_at_top
from .tape import Tape
from .tracing import running

NAME = "stackwalk"
RESUMABLE_NAME = "stackwalk-resumable"
DISCOVERY = "stackwalk-discovery"
TOOLS = (4, 3, 5, 2, 1, 0)

LOCAL = ("PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD")
GLOBAL = ("PY_THROW", "PY_UNWIND")

DISCOVERED_AT_MOST = 200_000
"""Pieces of chosen code to be listened to; a program that keeps making more has the first ones followed."""


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
    flush_every = 0.02
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
                enter(functions.by_code[id(code)], frame, frame.f_back, resumed=False)

        careful = careful_callbacks(functions, recorder, self.choose)
        if recorder.takes_values:
            super().__init__(functions, careful, enter_caller)
        else:
            plain = careful | plain_callbacks(functions, recorder)
            resumable = careful | resumable_callbacks(functions, recorder)
            super().__init__(functions, plain, enter_caller, resumable)
        self._takes_values = recorder.takes_values

    def tape(self) -> Tape:
        """A tape for a new trace."""
        return PythonTape(takes_values=self._takes_values)
