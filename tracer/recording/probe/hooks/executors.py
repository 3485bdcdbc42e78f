"""Work handed to executors inside a trace runs in it, however long the executor's threads have been there."""

from __future__ import annotations

from typing import Any

from .. import guard
from ..attach import Attach, replace
from ..session import Session
from ..tracing import outside_of_traces

THREAD_EXECUTORS = (
    "ThreadPoolExecutor",
    "DynamicThreadPoolExecutor",
    "GreenThreadPoolExecutor",
    "SynchronousExecutor",
)
"""Of futurist's executors those whose work stays in this process."""


def hooks(session: Session) -> dict[str, Attach]:
    """The hooks of the standard library's thread pools and of futurist's executors."""
    return {
        "concurrent.futures.thread": lambda module: _attach(session, module.ThreadPoolExecutor),
        "futurist._futures": lambda module: _attach_futurist(session, module),
    }


def _attach_futurist(session: Session, module: Any) -> None:
    for value in list(vars(module).values()):
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and "submit" in vars(value) and value.__name__ in THREAD_EXECUTORS:
            _attach(session, value)


def _attach(session: Session, executor: Any) -> None:
    def make(original: Any) -> Any:
        def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            parcel = None
            try:
                parcel = session.parcel(f"submit {_name(fn)}".rstrip())
            except Exception as error:
                guard.failed(error, "submitting work")
            if parcel is None:
                return original(self, fn, *args, **kwargs)
            # Threads that the executor starts now will serve others as well: they must not inherit this
            # trace.
            with outside_of_traces():
                return original(self, session.run_parcel, parcel, fn, args, kwargs)

        return submit

    replace(executor, "submit", make)


def _name(function: Any) -> str:
    function = getattr(function, "func", function)
    name = getattr(function, "__qualname__", "")
    return name if isinstance(name, str) else ""
