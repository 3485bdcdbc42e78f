"""What happens when a recorded function is entered and left; every collector ends up here."""

from __future__ import annotations

from time import monotonic
from types import CodeType, FrameType
from typing import Any

from . import tracing
from .capture import Capture
from .collector import Owner
from .format import CALL, RAISED, RETURN, YIELDED
from .functions import FunctionEntry
from .strand import PythonStrand
from .tracing import running, thread_name

NOWHERE = -1
"""Offset of a calling instruction that is not known."""


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

    def enter(
        self,
        function: FunctionEntry,
        frame: FrameType | None,
        caller: FrameType | None,
        *,
        resumed: bool,
    ) -> None:
        """A function begins, or, a generator or coroutine, goes on after a yield.

        Args:
            function: which one.
            frame: its frame; None for one that is neither resumable nor are its values taken.
            caller: the frame below its own.
            resumed: it goes on.
        """
        context = running()
        if context is not None and (context.left or context.owner != tracing.owner_id()):
            context = self._own(context)
        if context is None:
            return
        strand: PythonStrand = context.strand  # type: ignore[assignment]
        tape = strand.tape
        if tape.stopped:
            return
        strand.settle()
        activation = 0
        values = None
        if resumed:
            activation = tape.activations.get(id(frame), 0) + 1
            tape.activations[id(frame)] = activation
        elif frame is not None:
            if tape.activations:
                tape.activations.pop(id(frame), None)
            if self.takes_values:
                values = self._arguments(function, frame)
        top = _calling(strand, caller)
        at = NOWHERE
        if top is None:
            strand.thread = strand.thread or thread_name()
            strand.below = id(caller)
        elif type(top) is FrameType:
            at = top.f_lasti
        events = strand.events
        if values is not None:
            events.append((CALL, monotonic(), function.code, at, values))
        elif activation:
            events.extend((function.code, at, activation, monotonic()))
        else:
            events.extend((function.code, at, monotonic()))
        if frame is None and type(top) is FrameType:
            strand.top = top
            strand.leaf = function.code
        else:
            strand.stack = (top, strand.stack)
            strand.top = frame or function.code
        if top is None:
            tape.strands[strand] = None
        if len(events) > tape.hold_back_at:
            self.hold_back(tape)

    def leave(self, function: FunctionEntry, frame: FrameType, outcome: int, value: Any) -> None:
        """``frame`` of ``function`` returned, yielded or raised ``value``."""
        context = running()
        if context is None:
            return
        strand: PythonStrand = context.strand  # type: ignore[assignment]
        if strand.stack is None or context.owner != tracing.owner_id():
            return
        now = monotonic()
        strand.settle()
        tape = strand.tape
        events = strand.events
        if not is_at_top(strand, frame):
            lost = _above(strand, frame)
            if not lost:
                return
            _lose(strand, lost, now)
        strand.pop()
        if outcome != YIELDED and tape.activations:
            tape.activations.pop(id(frame), None)
        taken = self._result(function, outcome, value) if self.takes_values else None
        if outcome == RAISED or taken is not None:
            events.append((RETURN, now, outcome, taken))
        elif outcome == YIELDED:
            events.append(-now)
        else:
            events.append(now)
        if strand.top is None:
            tape.strands[strand] = None


def is_at_top(strand: PythonStrand, frame: FrameType) -> bool:
    """Whether ``frame`` is that of the function at the top of the strand."""
    top, stack = strand.top, strand.stack
    if strand.leaf is not None:
        top, stack = strand.leaf, (top, stack)
    if top is frame:
        return True
    code = frame.f_code
    if top is not code or stack is None:
        return False
    # Another frame of the same code may be at the top, below this one, which never was on the strand.
    under = stack[0]
    below = frame.f_back
    if type(under) is FrameType:
        while below is not None and below is not under:
            if below.f_code is code:
                return False
            below = below.f_back
        return True
    known = 1
    while stack is not None:
        known += stack[0] is code or getattr(stack[0], "f_code", None) is code
        stack = stack[1]
    while below is not None and id(below) != strand.below:
        known -= below.f_code is code
        below = below.f_back
    return known > 0


def proven_calling(strand: PythonStrand, caller: FrameType) -> FrameType | None:
    """The frame of the function at the top of the strand, where it is easily proven that a call by way of
    ``caller`` comes from it, in the thread that is the strand's; it is at `top` then, and there is no leaf.
    """
    if len(strand.events) > strand.tape.hold_back_at:
        return None
    context = running()
    own = context is not None and context.owner == tracing.owner_id()
    top, leaf = strand.top, strand.leaf
    if leaf is not None:
        if caller is top or caller.f_code is not leaf or not (own or caller.f_back is top):
            return None
        strand.settle()
    elif type(top) is FrameType:
        # A frame that no longer runs has none below it.
        return top if caller.f_back is top or (own and top.f_back is not None) else None
    elif top is None or caller.f_code is not top:
        return None
    else:
        under = strand.stack[0]  # type: ignore[index]
        if caller is under or not (own or caller.f_back is under):
            return None
    strand.top = caller
    return caller


def _above(strand: PythonStrand, frame: FrameType) -> int:
    """How many functions are above that of ``frame``; 0 where it is not on the strand."""
    code = frame.f_code
    above = 0
    stack = strand.stack
    while stack is not None:
        above += 1
        if stack[0] is frame or stack[0] is code:
            return above
        stack = stack[1]
    return 0


def _calling(strand: PythonStrand, caller: FrameType | None) -> FrameType | CodeType | None:
    """The frame of the function at the top of the strand, from which a call comes by way of ``caller``; its
    code where that is not among the callers.

    An end is lost where somebody else's exception, such as a signal handler's, comes up in the middle of its
    callback. The function then still is on the strand, but no longer among the callers.
    """
    stack = strand.stack
    if stack is None:
        return None
    top = strand.top
    under = stack[0]
    frame = caller
    while frame is not None and frame is not under:
        if frame is top or frame.f_code is top:
            return frame
        frame = frame.f_back
    running = set()
    while caller is not None:
        running |= {id(caller), id(caller.f_code)}
        caller = caller.f_back
    lost = 0
    while stack is not None:
        lost += 1
        below, stack = stack
        if (strand.below if below is None else id(below)) in running:
            _lose(strand, lost, monotonic())
            break
    return strand.top


def _lose(strand: PythonStrand, count: int, now: float) -> None:
    """The functions at the top of the strand, so many, have ended without being seen to."""
    for _ in range(count):
        strand.pop()
        strand.events.append((RETURN, now, RAISED, None))
    strand.tape.notice(f"the ends of {count} calls were not seen and are taken from what came after them")
