"""The collector over ``sys.setprofile``: for Python 3.11, and a second opinion on later ones.

Only threads in which a context is entered carry the profile function. It is told neither whether a
function returned
``None``, yielded ``None`` or raised, nor whether a generator starts or goes on: the instruction at which
the frame stands
says it.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from collections.abc import Callable
from opcode import opmap
from time import monotonic
from types import CodeType, FrameType
from typing import Any

from .blocks import AppendBlock, append_block
from .capture import Capture
from .collector import Owner
from .format import RAISED, RETURNED, YIELDED
from .functions import RESUMABLE, FunctionEntry, FunctionTable
from .guard import failed
from .python_tape import PythonTape
from .recorder import Recorder, proven_calling
from .strand import PythonStrand
from .tape import Tape
from .tracing import running, running_strand

RESUME = opmap["RESUME"]
YIELDS = frozenset(opmap[name] for name in ("YIELD_VALUE", "INSTRUMENTED_YIELD_VALUE") if name in opmap)
RETURNS = frozenset(opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in opmap)
DISMISSED_AT_MOST = 100_000


class ProfileCollector:
    """A profile function in each thread in which a context is entered, for as long as it is."""

    name = "profile"
    linger = 750_000_000
    flush_every = 0.02
    append_block: AppendBlock = staticmethod(append_block)

    def __init__(self, functions: FunctionTable, capture: Capture, owner: Owner) -> None:
        self._functions = functions
        self._recorder = Recorder(capture, owner)
        self._dismissed: dict[int, CodeType] = {}
        self._instructions: dict[int, bytes] = {}
        self._contexts: dict[int, int] = {}
        self._thrown_at: dict[int, int] = {}
        self._before: dict[int, Any] = {}
        self._on = False
        self._event = self._listener()

    def start(self) -> None:
        """Threads are handled as contexts are entered in them."""
        self._on = True

    def stop(self) -> None:
        """Let go of what was kept; profile functions still set take themselves away at the next call."""
        self._on = False
        self._thrown_at.clear()
        if self._contexts.pop(get_ident(), 0):
            sys.setprofile(self._before.pop(get_ident(), None))
        self._contexts.clear()
        self._before.clear()

    def context_entered(self) -> None:
        """Set the running thread's profile function, unless another context of the thread has."""
        thread = get_ident()
        count = self._contexts.get(thread, 0)
        self._contexts[thread] = count + 1
        if count == 0:
            before = sys.getprofile()
            self._before[thread] = None if before == self._event else before
            sys.setprofile(self._event)

    def context_left(self) -> None:
        """Take the running thread's profile function away with its last context."""
        thread = get_ident()
        count = self._contexts.pop(thread, 0)
        if count > 1:
            self._contexts[thread] = count - 1
        elif count == 1:
            sys.setprofile(self._before.pop(thread, None))

    def context_changed(self) -> None:
        """The running context is asked for at each event: nothing to do."""

    def choose(self, function: FunctionEntry) -> None:
        """Forget that its code was dismissed."""
        self._dismissed.pop(id(function.code), None)

    def tape(self) -> Tape:
        """A tape for a new trace."""
        return PythonTape(takes_values=self._recorder.takes_values)

    def _listener(self) -> Callable[[FrameType, str, Any], None]:
        """The profile function: knows what happens most, of which nothing is to be taken, by itself.

        It is told of calls of C functions, too, and of code that is not recorded; those it dismisses first.
        """
        known = self._functions.by_code.get
        dismissed = self._dismissed
        takes_values = self._recorder.takes_values

        instructions = self._instructions

        def on_event(frame: FrameType, event: str, value: Any) -> None:
            try:
                if event == "call":
                    if not self._on:
                        sys.setprofile(None)
                        return
                    code = frame.f_code
                    function = known(id(code))
                    if function is None:
                        if id(code) not in dismissed:
                            self._call(frame)
                        return
                    strand: PythonStrand | None = running_strand()  # type: ignore[assignment]
                    if strand is None:
                        return
                    top = strand.top
                    caller = frame.f_back
                    if function.resumable or takes_values or caller is None or type(top) is not FrameType:
                        self._call(frame)
                        return
                    if caller is not top and caller.f_back is not top:
                        top = proven_calling(strand, caller)
                        if top is None:
                            self._call(frame)
                            return
                    events = strand.events
                    now = monotonic()
                    events.append(code)
                    events.append(top.f_lasti)
                    events.append(now)
                    strand.stack = (top, strand.stack)
                    strand.top = frame
                elif event == "return":
                    strand = running_strand()  # type: ignore[assignment]
                    if strand is None:
                        return
                    code = frame.f_code
                    if strand.top is not frame:
                        if known(id(code)) is not None:
                            self._return(frame, value)
                        return
                    if (
                        takes_values
                        or code.co_flags & RESUMABLE
                        or strand.stack[0] is None  # type: ignore[index]
                        or (
                            value is None
                            and (instructions.get(id(code)) or self._code(code))[frame.f_lasti] not in RETURNS
                        )
                    ):
                        self._return(frame, value)
                        return
                    strand.events.append(monotonic())
                    strand.top, strand.stack = strand.stack  # type: ignore[misc]
            except Exception as failure:
                failed(failure, "following calls")

        return on_event

    def _look_up(self, frame: FrameType) -> FunctionEntry | None:
        code = frame.f_code
        function = self._functions.by_code.get(id(code))
        if function is None and id(code) not in self._dismissed:
            function = self._functions.classify(code, frame.f_globals.get("__name__"))
            if function is None:
                if len(self._dismissed) >= DISMISSED_AT_MOST:
                    self._dismissed.clear()
                self._dismissed[id(code)] = code
        return function

    def _call(self, frame: FrameType) -> None:
        function = self._look_up(frame)
        if function is None:
            return
        if running() is None:
            return
        resumed = False
        if function.resumable:
            instructions = self._code(frame.f_code)
            at = frame.f_lasti
            if instructions[at] != RESUME:
                resumed = True
                self._thrown_at[id(frame)] = at
            else:
                resumed = instructions[at + 1] & 3 != 0
                self._thrown_at.pop(id(frame), None)
        self._recorder.enter(function, frame, frame.f_back, resumed=resumed)

    def _return(self, frame: FrameType, value: Any) -> None:
        function = self._look_up(frame)
        if function is None:
            return
        if running() is None:
            return
        self._recorder.leave(function, frame, self._outcome(function, frame, value), value)

    def _outcome(self, function: FunctionEntry, frame: FrameType, value: Any) -> int:
        if not function.resumable:
            if value is not None or self._code(frame.f_code)[frame.f_lasti] in RETURNS:
                return RETURNED
            return RAISED
        thrown_at = self._thrown_at.pop(id(frame), -1)
        instruction = self._code(frame.f_code)[frame.f_lasti]
        if instruction in YIELDS:
            return RAISED if value is None and thrown_at == frame.f_lasti else YIELDED
        return RETURNED if instruction in RETURNS else RAISED

    def _code(self, code: CodeType) -> bytes:
        instructions = self._instructions.get(id(code))
        if instructions is None:
            instructions = self._instructions[id(code)] = code.co_code
        return instructions
