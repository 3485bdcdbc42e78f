"""What happens when a recorded function is entered and left; every collector ends up here."""

from __future__ import annotations

from time import monotonic_ns
from types import FrameType
from typing import Any

from . import tracing
from .capture import Capture
from .collector import Owner
from .format import CALL, RAISED, RETURN, YIELDED
from .functions import FunctionEntry
from .tape import PythonStrand
from .tracing import Context, thread_name


class Recorder:
    """Keeps each context's stack of running functions and turns what happens to it into events.

    Args:
        capture: takes arguments and results.
        owner: says in which context to record.
    """

    def __init__(self, capture: Capture, owner: Owner) -> None:
        self._arguments = capture.arguments
        self._result = capture.result
        self.takes_values = capture.mode != "none"
        self.hold_back = owner.hold_back
        self._own = owner.own

    def enter(self, given: Context, function: FunctionEntry, frame: FrameType, *, resumed: bool) -> None:
        """``frame`` of ``function`` begins, or, a generator or coroutine, goes on after a yield."""
        context = given
        if given.left or given.owner != tracing.owner_id():
            own = self._own(given)
            if own is None:
                return
            context = own
        strand: PythonStrand = context.strand  # type: ignore[assignment]
        tape = strand.tape
        if tape.stopped:
            return
        activation = 0
        values = None
        if resumed:
            activation = tape.activations.get(id(frame), 0) + 1
            tape.activations[id(frame)] = activation
        else:
            if tape.activations:
                tape.activations.pop(id(frame), None)
            if self.takes_values:
                values = self._arguments(function, frame)
        stack = strand.stack
        at = 0
        if stack:
            at = stack[-1].f_lasti
        else:
            strand.thread = strand.thread or thread_name()
        events = strand.events
        if activation or values is not None:
            events.append((CALL, monotonic_ns(), frame.f_code, at, activation, values))
        else:
            events.extend((frame.f_code, at, monotonic_ns()))
        stack.append(frame)
        if len(stack) == 1:
            tape.strands[strand] = None
        if len(events) > tape.hold_back_at:
            self.hold_back(tape)

    def leave(
        self, context: Context, function: FunctionEntry, frame: FrameType, outcome: int, value: Any
    ) -> None:
        """``frame`` of ``function`` returned, yielded or raised ``value``."""
        strand: PythonStrand = context.strand  # type: ignore[assignment]
        stack = strand.stack
        if not stack or context.owner != tracing.owner_id():
            return
        now = monotonic_ns()
        tape = strand.tape
        events = strand.events
        if stack[-1] is not frame:
            if frame not in stack:
                return
            lost = 0
            while stack[-1] is not frame:
                stack.pop()
                events.append((RETURN, now, RAISED, None))
                lost += 1
            tape.notice(f"the ends of {lost} calls were not seen and are taken from their caller's")
        stack.pop()
        if outcome == YIELDED:
            tape.activations.setdefault(id(frame), 0)
        elif tape.activations:
            tape.activations.pop(id(frame), None)
        taken = self._result(function, outcome, value) if self.takes_values else None
        if outcome or taken is not None:
            events.append((RETURN, now, outcome, taken))
        else:
            events.append(now)
        if not stack:
            tape.strands[strand] = None
