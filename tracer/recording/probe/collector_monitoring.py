"""The collector over ``sys.monitoring`` (Python 3.12 and later)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from sys import _getframe as running_frame
from types import CodeType
from typing import Any

from .format import RAISED, RETURNED, YIELDED
from .functions import FunctionEntry, FunctionTable
from .guard import failed
from .recorder import Recorder
from .tracing import running

NAME = "stackwalk"


class MonitoringCollector:
    """Global events while a trace runs here; code that is not chosen is dismissed at its first event."""

    name = "monitoring"

    def __init__(self, functions: FunctionTable, recorder: Recorder) -> None:
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        events = self._monitoring.events
        self._tool = self._claim_tool()
        callbacks = _callbacks(self._monitoring.DISABLE, functions, recorder)
        self._events = 0
        for name, callback in callbacks.items():
            event = getattr(events, name)
            self._monitoring.register_callback(self._tool, event, callback)
            self._events |= event

    def _claim_tool(self) -> int:
        for tool in (4, 3, 5, 2, 1, 0):
            if self._monitoring.get_tool(tool) is None:
                self._monitoring.use_tool_id(tool, NAME)
                return tool
        raise RuntimeError("all of the interpreter's monitoring tools are taken")

    def start(self) -> None:
        """Turn the events on, for all threads at once."""
        self._monitoring.set_events(self._tool, self._events)

    def stop(self) -> None:
        """Turn all events off."""
        self._monitoring.set_events(self._tool, 0)

    def context_entered(self) -> None:
        """Events are not per thread: nothing to do."""

    def context_left(self) -> None:
        """Events are not per thread: nothing to do."""

    def code_added(self) -> None:
        """Hear again from code that was dismissed."""
        self._monitoring.restart_events()


def _callbacks(
    dismiss: object, functions: FunctionTable, recorder: Recorder
) -> dict[str, Callable[..., object]]:
    known = functions.by_code
    classify = functions.classify
    enter = recorder.enter
    leave = recorder.leave

    def look_up(code: CodeType) -> FunctionEntry | None:
        return classify(code, running_frame(2).f_globals.get("__name__"))

    def on_start(code: CodeType, offset: int) -> object:
        try:
            function = known.get(id(code)) or look_up(code)
            if function is None:
                return dismiss
            context = running()
            if context is not None:
                enter(context, function, running_frame(1), resumed=False)
        except Exception as failure:
            failed(failure, "following calls")
        return None

    def on_resume(code: CodeType, offset: int) -> object:
        try:
            function = known.get(id(code)) or look_up(code)
            if function is None:
                return dismiss
            context = running()
            if context is not None:
                enter(context, function, running_frame(1), resumed=True)
        except Exception as failure:
            failed(failure, "following calls")
        return None

    # Ends are looked up as starts are: a frame that began before the events were turned on must not get
    # the place
    # where its function ends dismissed.

    def on_return(code: CodeType, offset: int, value: object) -> object:
        try:
            function = known.get(id(code)) or look_up(code)
            if function is None:
                return dismiss
            context = running()
            if context is not None:
                leave(context, function, running_frame(1), RETURNED, value)
        except Exception as failure:
            failed(failure, "following calls")
        return None

    def on_yield(code: CodeType, offset: int, value: object) -> object:
        try:
            function = known.get(id(code)) or look_up(code)
            if function is None:
                return dismiss
            context = running()
            if context is not None:
                leave(context, function, running_frame(1), YIELDED, value)
        except Exception as failure:
            failed(failure, "following calls")
        return None

    # The two below cannot be dismissed per place: the interpreter reports them for all code or for none.

    def on_throw(code: CodeType, offset: int, error: BaseException) -> object:
        try:
            context = running()
            if context is not None:
                function = known.get(id(code)) or look_up(code)
                if function is not None:
                    enter(context, function, running_frame(1), resumed=True)
        except Exception as failure:
            failed(failure, "following calls")
        return None

    def on_unwind(code: CodeType, offset: int, error: BaseException) -> object:
        try:
            context = running()
            if context is not None:
                function = known.get(id(code))
                if function is not None:
                    leave(context, function, running_frame(1), RAISED, error)
        except Exception as failure:
            failed(failure, "following calls")
        return None

    return {
        "PY_START": on_start,
        "PY_RESUME": on_resume,
        "PY_RETURN": on_return,
        "PY_YIELD": on_yield,
        "PY_THROW": on_throw,
        "PY_UNWIND": on_unwind,
    }
