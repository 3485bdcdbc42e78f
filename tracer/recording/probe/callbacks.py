"""Callbacks of ``sys.monitoring`` in Python: what happens most is done here, all else by the `Recorder`.

Callbacks in Python are dear, and what they call is dearer: reading the clock takes as long as the whole of a
callback that does nothing, making a frame object longer. So code that can yield, whose frames have to be told
apart, has callbacks that look at them; all other code has callbacks that do not. These look at the caller's
frame, of which the instruction is wanted, and which is made once for all that it calls. If it is the one at
the strand's top, that also proves that the strand is the running thread's.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe as running_frame
from time import monotonic
from types import CodeType, FrameType

from .format import RAISED, RETURNED, YIELDED
from .functions import FunctionEntry, FunctionTable
from .guard import failed
from .recorder import Recorder, proven_calling
from .strand import PythonStrand
from .tracing import running, running_strand

Callbacks = dict[str, Callable[..., object]]


def plain_callbacks(functions: FunctionTable, recorder: Recorder) -> Callbacks:
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
            caller = running_frame(2).f_back
            if caller is not None and caller.f_back is not None:
                raise failure
            enter(known[id(code)], None, caller, resumed=False)
        except Exception as another:
            failed(another, "following calls")

    def call_otherwise(strand: PythonStrand, code: CodeType, caller: FrameType) -> FrameType | None:
        """The frame of the function at the top of the strand, which calls; None where the call is recorded
        here, as that was not easily proven."""
        top = proven_calling(strand, caller)
        if top is None:
            enter(known[id(code)], None, caller, resumed=False)
        return top

    def on_start(code: CodeType, offset: int) -> None:
        try:
            strand: PythonStrand | None = running_strand()  # type: ignore[assignment]
            if strand is None:
                return
            caller = running_frame(2)
            now = monotonic()
            if strand.leaf is not None:
                if (
                    caller.f_code is strand.leaf
                    and caller.f_back is strand.top
                    and len(strand.events) <= strand.tape.hold_back_at
                ):
                    strand.stack = (strand.top, strand.stack)
                    strand.top = caller
                else:
                    caller = call_otherwise(strand, code, caller)  # type: ignore[assignment]
                    if caller is None:
                        return
            elif caller is not strand.top:
                under = caller.f_back
                if under is strand.top and under is not None:  # by way of one that is not recorded
                    caller = under
                else:
                    caller = call_otherwise(strand, code, caller)  # type: ignore[assignment]
                    if caller is None:
                        return
            events = strand.events
            events.append(code)
            events.append(caller.f_lasti)
            events.append(now)
            strand.leaf = code
        except ValueError as failure:
            begin_low(code, failure)
        except Exception as failure:
            failed(failure, "following calls")

    def on_return(code: CodeType, offset: int, value: object) -> None:
        try:
            strand: PythonStrand | None = running_strand()  # type: ignore[assignment]
            if strand is None:
                return
            if strand.leaf is code:
                strand.events.append(monotonic())
                strand.leaf = None
            elif strand.leaf is None and (strand.top is running_frame(1) or strand.top is code):
                strand.events.append(monotonic())
                strand.top, strand.stack = strand.stack  # type: ignore[misc]
                if strand.top is None:
                    strand.tape.strands[strand] = None
            elif strand.top is not None:
                leave(known[id(code)], running_frame(1), RETURNED, value)
        except Exception as failure:
            failed(failure, "following calls")

    return {"PY_START": on_start, "PY_RETURN": on_return}


def resumable_callbacks(functions: FunctionTable, recorder: Recorder) -> Callbacks:
    """Of code that can yield and of whose values nothing is taken."""
    known = functions.by_code
    enter = recorder.enter
    leave = recorder.leave

    def on_start(code: CodeType, offset: int) -> None:
        try:
            strand: PythonStrand | None = running_strand()  # type: ignore[assignment]
            if strand is None:
                return
            frame = running_frame(1)
            top = caller = frame.f_back
            if caller is not None and (caller is not strand.top or strand.leaf is not None):
                top = proven_calling(strand, caller)
            if top is None:
                enter(known[id(code)], frame, caller, resumed=False)
                return
            strand.tape.activations.pop(id(frame), None)
            now = monotonic()
            events = strand.events
            events.append(code)
            events.append(top.f_lasti)
            events.append(now)
            strand.stack = (top, strand.stack)
            strand.top = frame
        except Exception as failure:
            failed(failure, "following calls")

    def on_return(code: CodeType, offset: int, value: object) -> None:
        try:
            strand: PythonStrand | None = running_strand()  # type: ignore[assignment]
            if strand is None:
                return
            now = monotonic()
            frame = running_frame(1)
            if strand.top is frame and strand.leaf is None:
                strand.tape.activations.pop(id(frame), None)
                strand.events.append(now)
                strand.top, strand.stack = strand.stack  # type: ignore[misc]
                if strand.top is None:
                    strand.tape.strands[strand] = None
            elif strand.top is not None:
                leave(known[id(code)], frame, RETURNED, value)
        except Exception as failure:
            failed(failure, "following calls")

    def on_yield(code: CodeType, offset: int, value: object) -> None:
        try:
            strand: PythonStrand | None = running_strand()  # type: ignore[assignment]
            if strand is None:
                return
            now = monotonic()
            frame = running_frame(1)
            if strand.top is frame and strand.leaf is None:
                strand.events.append(-now)
                strand.top, strand.stack = strand.stack  # type: ignore[misc]
                if strand.top is None:
                    strand.tape.strands[strand] = None
            elif strand.top is not None:
                leave(known[id(code)], frame, YIELDED, value)
        except Exception as failure:
            failed(failure, "following calls")

    return {"PY_START": on_start, "PY_RETURN": on_return, "PY_YIELD": on_yield}


def careful_callbacks(
    functions: FunctionTable, recorder: Recorder, choose: Callable[[FunctionEntry], None]
) -> Callbacks:
    """Of all code, whatever is taken of its values.

    Args:
        functions: those that are recorded.
        recorder: is told what happens.
        choose: has a generator followed that was never started and is of code not met before.
    """
    known = functions.by_code
    enter = recorder.enter
    leave = recorder.leave

    def on_start(code: CodeType, offset: int) -> None:
        try:
            if running() is not None:
                frame = running_frame(1)
                enter(known[id(code)], frame, frame.f_back, resumed=False)
        except Exception as failure:
            failed(failure, "following calls")

    def on_resume(code: CodeType, offset: int) -> None:
        try:
            strand: PythonStrand | None = running_strand()  # type: ignore[assignment]
            if strand is None:
                return
            frame = running_frame(1)
            top = caller = frame.f_back
            if caller is not None and (caller is not strand.top or strand.leaf is not None):
                top = proven_calling(strand, caller)
            if top is None:
                enter(known[id(code)], frame, caller, resumed=True)
                return
            activations = strand.tape.activations
            identity = id(frame)
            activations[identity] = activation = activations.get(identity, 0) + 1
            now = monotonic()
            events = strand.events
            events.append(code)
            events.append(top.f_lasti)
            events.append(activation)
            events.append(now)
            strand.stack = (top, strand.stack)
            strand.top = frame
        except Exception as failure:
            failed(failure, "following calls")

    def on_end(outcome: int) -> Callable[[CodeType, int, object], None]:
        def ended(code: CodeType, offset: int, value: object) -> None:
            try:
                if running() is not None:
                    leave(known[id(code)], running_frame(1), outcome, value)
            except Exception as failure:
                failed(failure, "following calls")

        return ended

    # Not local: of code that is not chosen, too, and of a generator that was never started.

    def on_throw(code: CodeType, offset: int, error: BaseException) -> None:
        try:
            if running() is not None:
                frame = running_frame(1)
                function = known.get(id(code))
                if function is None:
                    function = functions.classify(code, frame.f_globals.get("__name__"))
                    if function is not None:
                        choose(function)
                if function is not None:
                    enter(function, frame, frame.f_back, resumed=True)
        except Exception as failure:
            failed(failure, "following calls")

    def on_unwind(code: CodeType, offset: int, error: BaseException) -> None:
        try:
            if running() is not None:
                function = known.get(id(code))
                if function is not None:
                    leave(function, running_frame(1), RAISED, error)
        except Exception as failure:
            failed(failure, "following calls")

    return {
        "PY_START": on_start,
        "PY_RESUME": on_resume,
        "PY_RETURN": on_end(RETURNED),
        "PY_YIELD": on_end(YIELDED),
        "PY_THROW": on_throw,
        "PY_UNWIND": on_unwind,
    }
