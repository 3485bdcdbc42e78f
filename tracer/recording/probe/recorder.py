"""What happens when a recorded function is entered and left; every collector ends up here."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns
from types import FrameType
from typing import Any

from . import tracing
from .capture import Capture
from .format import ENTER, EXIT, NOTICE, RAISED, YIELDED
from .functions import FunctionEntry
from .tracing import HOLD_BACK_AT, Context, Trace, current_context, thread_name


class Recorder:
    """Keeps each context's stack of running functions and turns what happens to it into events.

    Args:
        capture: takes arguments and results.
        hold_back: lets the running thread wait when a trace has many events waiting to be written.
        adopt: gives a thread or greenlet that runs with another's context one of its own.
    """

    def __init__(
        self, capture: Capture, hold_back: Callable[[Trace], None], adopt: Callable[[Context], Context | None]
    ) -> None:
        self._arguments = capture.arguments
        self._result = capture.result
        self._hold_back = hold_back
        self._adopt = adopt

    def enter(self, context: Context, function: FunctionEntry, frame: FrameType, *, resumed: bool) -> None:
        """``frame`` of ``function`` begins, or, a generator or coroutine, goes on after a yield."""
        if context.left:
            current_context.set(None)
            return
        if context.owner != tracing.owner_id():
            adopted = self._adopt(context)
            if adopted is None:
                return
            context = adopted
        trace = context.trace
        if trace.stopped:
            return
        activation = 0
        values = None
        if resumed:
            activation = trace.activations.get(id(frame), 0) + 1
            trace.activations[id(frame)] = activation
        else:
            values = self._arguments(function, frame)
        stack = context.stack
        span = trace.next_span()
        if stack:
            parent, calling, parent_frame = stack[-1]
            at = parent_frame.f_lasti
            incoming = ""
        else:
            parent = at = 0
            calling = None
            incoming = context.incoming
            context.thread = thread_name()
        now = monotonic_ns()
        events = trace.events
        events.append(
            (
                ENTER,
                now,
                span,
                parent,
                function.number,
                calling,
                at,
                activation,
                context.thread,
                incoming,
                values,
            )
        )
        stack.append((span, frame.f_code, frame))
        trace.last_event = now
        if len(events) > HOLD_BACK_AT:
            self._hold_back(trace)

    def leave(
        self, context: Context, function: FunctionEntry, frame: FrameType, outcome: int, value: Any
    ) -> None:
        """``frame`` of ``function`` returned, yielded or raised ``value``."""
        stack = context.stack
        if not stack or context.owner != tracing.owner_id():
            return
        now = monotonic_ns()
        trace = context.trace
        span, _, top = stack[-1]
        if top is not frame:
            if not any(entry[2] is frame for entry in stack):
                return
            lost = 0
            while stack[-1][2] is not frame:
                trace.events.append((EXIT, now, stack.pop()[0], RAISED, None))
                lost += 1
            trace.events.append(
                (NOTICE, now, f"the ends of {lost} calls were not seen and are taken from their caller's")
            )
            span = stack[-1][0]
        stack.pop()
        if outcome == YIELDED:
            trace.activations.setdefault(id(frame), 0)
        elif trace.activations:
            trace.activations.pop(id(frame), None)
        trace.events.append((EXIT, now, span, outcome, self._result(function, outcome, value)))
        trace.last_event = now
