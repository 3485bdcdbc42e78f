"""Trace context: which code of this process runs for which trace, and under what.

A `Context` belongs to one thread (or greenlet, or task) for as long as something of a trace runs there. It is
kept in a context variable, so that greenlets and tasks each have their own. An event is a tuple
``(opcode, time, ...)`` on its trace's list:

- ``(ENTER, time, span, parent, function, calling code, instruction, activation, thread, incoming, values)``
- ``(EXIT, time, span, outcome, value)``
- ``(OUTGOING, time, span, link, key, detail)``
- ``(NOTICE, time, text)`` and ``(CLOSE, time)``
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident
from collections.abc import Callable
from contextvars import ContextVar
from itertools import count
from time import monotonic_ns
from types import CodeType, FrameType
from typing import Any

from .format import OUTGOING

HOLD_BACK_AT = 50_000
"""Events waiting to be written from which on the threads that record are held back."""

StackEntry = tuple[int, CodeType, FrameType]


class Trace:
    """What this process records of one trace, until it is written."""

    def __init__(self, trace_id: str) -> None:
        self.id = trace_id
        self.events: list[tuple[Any, ...]] = []
        self.next_span = count(1).__next__
        self.contexts: set[Context] = set()
        self.activations: dict[int, int] = {}
        self.stopped = False
        """No further calls are recorded: the spool is full or cannot be written."""
        self.unwritable = False
        """Nothing more is written, not even the ends of calls."""
        self.last_event = monotonic_ns()


class Context:
    """Something of a trace running in one thread, greenlet or task.

    Attributes:
        incoming: key of the link under which the bottom of the stack runs, empty for the root.
        lasting: a request being served, which holds the trace open until it is left; else a spawned thread
        or task, which
            holds it only while recorded functions run or keep coming.
        stack: the recorded functions running now, outermost first.
    """

    __slots__ = ("__weakref__", "incoming", "lasting", "left", "owner", "stack", "thread", "trace")

    def __init__(self, trace: Trace, incoming: str, *, lasting: bool) -> None:
        self.trace = trace
        self.incoming = incoming
        self.lasting = lasting
        self.left = False
        self.owner = owner_id()
        self.thread = ""
        self.stack: list[StackEntry] = []

    def send(self, link: str, detail: str) -> str:
        """Note that something leaves the running span towards elsewhere, and give it its key.

        Where no recorded function runs yet, what leaves continues the link that led here. The root, which
        has none, sends
        nothing: the key is empty then.
        """
        if not self.stack:
            return self.incoming
        key = os.urandom(8).hex()
        self.trace.events.append((OUTGOING, monotonic_ns(), self.stack[-1][0], link, key, detail))
        return key

    def note_answer(self, what: str, key: str) -> None:
        """Note that the message with ``key`` begins to be answered here ("answering"), or has been where it
        was sent from ("answered")."""
        span = self.stack[-1][0] if self.stack else 0
        self.trace.events.append((OUTGOING, monotonic_ns(), span, what, key, ""))


current_context: ContextVar[Context | None] = ContextVar("stackwalk", default=None)
running: Callable[[], Context | None] = current_context.get


class outside_of_traces:  # noqa: N801 - used as a statement
    """Runs its block in no trace, so that what another mechanism underneath starts is not linked a second
    time."""

    def __enter__(self) -> None:
        self._before = current_context.get()
        current_context.set(None)

    def __exit__(self, *error: object) -> None:
        current_context.set(self._before)


owner_id: Callable[[], int] = get_ident
"""Identifies who runs: the thread, or, once greenlets are there, the greenlet."""


def tell_greenlets_apart(current_greenlet: Callable[[], object]) -> None:
    """From now on take the greenlet, not the thread, as the owner of a context."""
    global owner_id

    def greenlet_id() -> int:
        return id(current_greenlet())

    owner_id = greenlet_id


def thread_name() -> str:
    """The running thread's name, with the greenlet's number where it is not the thread's main one."""
    threading = sys.modules.get("threading")
    thread = getattr(threading, "_active", {}).get(get_ident())
    name = getattr(thread, "_name", None)
    if type(name) is not str:
        name = f"thread-{get_ident()}"
    greenlet = sys.modules.get("greenlet")
    if greenlet is not None and owner_id is not get_ident:
        running_now = greenlet.getcurrent()
        if running_now.parent is not None:
            name = f"{name}/greenlet-{id(running_now) & 0xFFFFFF:x}"
    return name
