"""Greenlets: each has a context of its own; green threads spawned inside a trace run in it, and so does what
green threads hand to native ones."""

from __future__ import annotations

from functools import partial
from typing import Any

from .. import guard, tracing
from ..attach import Attach, replace
from ..session import Session
from ..tracing import outside_of_traces
from .threads import serves_the_process


def hooks(session: Session) -> dict[str, Attach]:
    """The hooks of greenlet and eventlet."""
    return {
        "greenlet": lambda module: tracing.tell_greenlets_apart(module.getcurrent),
        "eventlet.greenthread": lambda module: _attach(session, module),
        "eventlet.tpool": lambda module: replace(module, "execute", partial(_spawning, session, 0)),
    }


def _attach(session: Session, module: Any) -> None:
    for name, position in (("spawn", 0), ("spawn_n", 0), ("spawn_after", 1), ("spawn_after_local", 1)):
        replace(module, name, partial(_spawning, session, position))


def _spawning(session: Session, position: int, original: Any) -> Any:
    def spawn(*args: Any, **kwargs: Any) -> Any:
        parcel = None
        if len(args) > position:
            try:
                if not serves_the_process(args[position]):
                    parcel = session.parcel(f"spawn {getattr(args[position], '__qualname__', '')}".rstrip())
            except Exception as error:
                guard.failed(error, "spawning a green thread")
        if parcel is None:
            with outside_of_traces():
                return original(*args, **kwargs)
        function = args[position]
        return original(*args[:position], session.run_parcel, parcel, function, args[position + 1 :], kwargs)

    return spawn
