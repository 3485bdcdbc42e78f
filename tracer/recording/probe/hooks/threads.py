"""Threads started inside a trace run in it; timers are threads, too."""

from __future__ import annotations

from typing import Any

from .. import guard
from ..attach import Attach, replace
from ..session import Session
from ..tracing import outside_of_traces

PARCEL = "_stackwalk_parcel"

INFRASTRUCTURE = (
    "oslo_messaging._drivers",
    "oslo_messaging._metrics",
    "oslo_privsep",
    "oslo_log",
    "concurrent.futures",
    "futurist",
    "amqp",
    "kombu",
    "logging",
    "multiprocessing",
    "sqlalchemy",
    "dogpile",
    "eventlet",
    "ovs",
    "ovsdbapp",
)
"""Whose threads serve the whole process, whichever request happens to start them."""


def hooks(session: Session) -> dict[str, Attach]:
    """The hook of ``threading``."""
    return {"threading": lambda module: _attach(session, module)}


def _attach(session: Session, module: Any) -> None:
    def make_start(original: Any) -> Any:
        def start(self: Any) -> Any:
            parcel = None
            try:
                body = _body(self)
                if not serves_the_process(body):
                    parcel = session.parcel(f"thread {getattr(body, '__qualname__', '')}".rstrip())
            except Exception as error:
                guard.failed(error, "starting a thread")
            if parcel is None:
                return original(self)
            self.__dict__[PARCEL] = parcel
            with outside_of_traces():
                return original(self)

        return start

    def make_bootstrap(original: Any) -> Any:
        def _bootstrap_inner(self: Any) -> Any:
            parcel = self.__dict__.pop(PARCEL, None)
            if parcel is None:
                return original(self)
            return session.run_parcel(parcel, original, (self,), {})

        return _bootstrap_inner

    replace(module.Thread, "start", make_start)
    replace(module.Thread, "_bootstrap_inner", make_bootstrap)


def _body(thread: Any) -> Any:
    """What the thread is to run: its target, a timer's function, or its class's own ``run``."""
    for name in ("_target", "function"):
        body = thread.__dict__.get(name)
        if body is not None:
            return getattr(body, "func", body)
    return type(thread).run


def serves_the_process(body: Any) -> bool:
    """Whether ``body``, which a thread is to run, belongs to what serves all of the process."""
    module = getattr(body, "__module__", None)
    if not isinstance(module, str):
        return False
    return module in INFRASTRUCTURE or module.startswith(tuple(name + "." for name in INFRASTRUCTURE))
