"""A stack of running functions and what happened on it, kept in Python."""

from __future__ import annotations

from time import monotonic
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from . import format as spool

if TYPE_CHECKING:
    from .event_records import Sites
    from .python_tape import PythonTape

Below = tuple["FrameType | CodeType | None", "Below | None"]
"""The frame, or the code, of a running function, and what is below it."""


class PythonStrand:
    """A `Strand`. Its events are a flat list, so that none costs an object of its own that the garbage
    collector would look at. Times are seconds, as `time.monotonic` gives them: it is read sooner than the
    clock in whole nanoseconds, and takes less memory. An event is one of

    - a function's code, the offset of the calling instruction (negative where not known) and the time: a
      call;
    - the same with how often the function went on before the time: it goes on after a yield;
    - a time: the end of the call at the top, which returned, or, negated, which yielded;
    - ``(CALL, time, code, instruction, values)``, ``(RETURN, time, outcome, value)`` or
      ``(OUTGOING, time, link, key, detail)``: what there is more to say about.

    Attributes:
        leaf: the code of the function that runs above `top`, as long as it has called no other: most never
            do, and beginning and ending they change nothing else. None where `top` is at the top itself.
        top: the frame of the function at the top but for the leaf, or, as long as nobody has had to ask for
            that, its code, because a frame object is dear; None when none is running.
        stack: what `top` was when its function began, and what this was; None when none is
            running. Pairs, because a list's methods would have to be called: after a call the interpreter
            lets other threads and signal handlers run, and then half of a change would be seen.
        below: identity of the frame that called the function at the bottom.
    """

    __slots__ = (
        *("below", "callers", "events", "incoming", "leaf", "number", "sites", "spans", "stack"),
        *("tape", "thread", "top"),
    )

    def __init__(self, tape: PythonTape, incoming: str) -> None:
        self.tape = tape
        self.incoming = incoming
        self.leaf: CodeType | None = None
        self.top: FrameType | CodeType | None = None
        self.stack: Below | None = None
        self.below = 0
        self.events: list[Any] = []
        self.thread = ""
        self.spans: list[int] = []
        """The stack as far as it is encoded."""
        self.callers: list[Sites] = []
        """Of each of `spans` the sites in the code that called it."""
        self.sites: Sites | None = None
        """Those in the code at the top of `spans`; None before anything was encoded."""
        self.number = -1

    @property
    def depth(self) -> int:
        """How many recorded functions are running."""
        depth = int(self.leaf is not None)
        stack = self.stack
        while stack is not None:
            depth += 1
            stack = stack[1]
        return depth

    def outgoing(self, link: int, key: str, detail: str) -> None:
        """Note that something leaves the function at the top."""
        self.events.append((spool.OUTGOING, monotonic(), link, key, detail))
        self.tape.strands[self] = None

    def settle(self) -> None:
        """Have the function at the top be at `top`, though it may be a leaf."""
        leaf = self.leaf
        if leaf is not None:
            self.stack = (self.top, self.stack)
            self.top = leaf
            self.leaf = None

    def pop(self) -> None:
        """The function at the top, which is no leaf, has ended."""
        self.top, self.stack = self.stack  # type: ignore[misc]

    def forget_frames(self) -> None:
        """Have the next call look at more than whether its caller's frame is the one at the top."""
        top, stack = self.top, self.stack
        if stack is None:
            return
        under, rest = stack
        forgetful = (getattr(under, "f_code", under), rest)
        code = getattr(top, "f_code", top)
        if self.stack is stack and self.top is top:  # else it has gone on meanwhile, and will be asked again
            self.top = code
            self.stack = forgetful
