"""Trace context: which code of this process runs for which trace, and under what.

A `Context` belongs to one thread (or greenlet, or task) for as long as something of a trace runs there. It is
kept in a context variable, so that greenlets and tasks each have their own.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident
from collections.abc import Callable
from contextvars import ContextVar
from time import monotonic_ns

from .format import LINKS
from .tape import Strand, Tape


class Trace:
    """What this process records of one trace, until it is written."""

    def __init__(self, trace_id: str, tape: Tape) -> None:
        self.id = trace_id
        self.tape = tape
        self.contexts: set[Context] = set()
        self.unwritable = False
        """Nothing more is written, not even the ends of calls."""
        self.last_event = monotonic_ns()
        """When something of it was last seen to have happened."""


class Context:
    """Something of a trace running in one thread, greenlet or task.

    Attributes:
        incoming: key of the link under which the bottom of the stack runs, empty for the root.
        lasting: a request being served, which holds the trace open until it is left; else a spawned thread
        or task, which
            holds it only while recorded functions run or keep coming.
        strand: the recorded functions running now.
    """

    __slots__ = ("__weakref__", "incoming", "lasting", "left", "owner", "strand", "trace")

    def __init__(self, trace: Trace, incoming: str, *, lasting: bool) -> None:
        self.trace = trace
        self.incoming = incoming
        self.lasting = lasting
        self.left = False
        self.owner = owner_id()
        self.strand = trace.tape.strand(incoming)

    def send(self, link: str, detail: str) -> str:
        """Note that something leaves the running span towards elsewhere, and give it its key.

        Where no recorded function runs yet, what leaves continues the link that led here. The root, which
        has none, sends
        nothing: the key is empty then.
        """
        if not self.strand.depth:
            return self.incoming
        key = os.urandom(8).hex()
        self.strand.outgoing(LINKS.index(link), key, detail)
        return key

    def note_answer(self, what: str, key: str) -> None:
        """Note that the message with ``key`` begins to be answered here ("answering"), or has been where it
        was sent from ("answered")."""
        self.strand.outgoing(LINKS.index(what), key, "")


current_context: ContextVar[Context | None] = ContextVar("stackwalk", default=None)
running: Callable[[], Context | None] = current_context.get

_current_strand: ContextVar[Strand | None] = ContextVar("stackwalk-strand", default=None)
running_strand: Callable[[], Strand | None] = _current_strand.get
"""The strand of `running`, for whom one step more would be too many."""

_changed: list[Callable[[], None]] = []


def on_change(changed: Callable[[], None]) -> None:
    """Have ``changed`` called whenever another context begins to run here."""
    _changed[:] = [changed]


def run_in(context: Context | None) -> None:
    """From now on this thread, greenlet or task runs in ``context``."""
    current_context.set(context)
    _current_strand.set(None if context is None else context.strand)
    for changed in _changed:
        changed()


class outside_of_traces:  # noqa: N801 - used as a statement
    """Runs its block in no trace, so that what another mechanism underneath starts is not linked a second
    time."""

    def __enter__(self) -> None:
        self._before = current_context.get()
        run_in(None)

    def __exit__(self, *error: object) -> None:
        run_in(self._before)


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
