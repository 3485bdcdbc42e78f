"""Programs that a traced process starts or becomes.

As a rule, a child that only exists to become another program runs nothing of the trace: one that is Python
under the probe's environment records what reaches it by messages of its own. Where a whole program is
followed, so are the Python programs that it starts: they find the link to where they were started in their
environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from ..attach import Attach, replace
from ..session import Session
from ..settings import PARENT
from ..tracing import outside_of_traces
from .outgoing import announce

ENVIRONMENT_AT = 7
"""Position of the child's environment among the arguments of ``Popen._execute_child``; ``self`` is 0."""


def hooks(session: Session) -> dict[str, Attach]:
    """The hooks of the ways to start a program, and, for a whole program, of the ways to leave at once."""
    found: dict[str, Attach] = {
        "subprocess": lambda module: _attach(session, module),
        "eventlet.green.subprocess": lambda module: _attach(session, module),
    }
    if session.whole_program:
        found["multiprocessing.util"] = lambda module: _attach_multiprocessing(session, module)
        found["multiprocessing.pool"] = lambda module: _attach_pool(session, module)
        found["os"] = lambda module: _attach_leaving(session, module)
    return found


def follow_whole(session: Session, trace_id: str, key: str) -> None:
    """Have all that this process does from now on recorded, under the link ``key``."""
    session.enter(trace_id, key)


def _attach(session: Session, module: Any) -> None:
    def make(original: Any) -> Any:
        def _execute_child(*args: Any, **kwargs: Any) -> Any:
            if session.whole_program and len(args) > ENVIRONMENT_AT:
                given = args[ENVIRONMENT_AT]
                variables = _with_parent(session, _program(args[1]), os.environ if given is None else given)
                if variables is not None:
                    args = (*args[:ENVIRONMENT_AT], variables, *args[ENVIRONMENT_AT + 1 :])
            return session.start_program(original, *args, **kwargs)

        return _execute_child

    # Eventlet's may be a copy of the standard library's, or stand on that very one.
    if not hasattr(module.Popen._execute_child, "__wrapped__"):
        replace(module.Popen, "_execute_child", make)


def _with_parent(session: Session, program: str, variables: Any) -> dict[Any, Any] | None:
    """``variables`` with the link to the running span; None for an environment that is not the probe's."""
    if "STACKWALK_SPOOL_DIR" not in variables:
        return None
    traceparent = announce(session, "spawn", f"program {program}")
    return None if traceparent is None else {**variables, PARENT: traceparent}


def _program(arguments: Any) -> str:
    first = arguments
    if isinstance(arguments, (list, tuple)):
        first = arguments[0] if arguments else ""
    if isinstance(first, os.PathLike):
        first = os.fspath(first)
    if isinstance(first, bytes):
        first = os.fsdecode(first)
    return first.partition(" ")[0].rpartition("/")[2] if isinstance(first, str) else "?"


def _attach_multiprocessing(session: Session, module: Any) -> None:
    def make(original: Any) -> Any:
        def spawnv_passfds(path: Any, args: Any, passfds: Any) -> Any:
            variables = _with_parent(session, "multiprocessing", os.environ)
            if variables is None:
                return original(path, args, passfds)
            before = os.environ.get(PARENT)
            os.environ[PARENT] = variables[PARENT]
            try:
                with outside_of_traces():
                    return original(path, args, passfds)
            finally:
                if before is None:
                    del os.environ[PARENT]
                else:
                    os.environ[PARENT] = before

        return spawnv_passfds

    replace(module, "spawnv_passfds", make)


def _attach_pool(session: Session, module: Any) -> None:
    """A pool's workers are killed when they are no longer needed: what a task did is written before its
    result is handed back."""

    def make(original: Any) -> Any:
        def worker(inqueue: Any, outqueue: Any, *args: Any, **kwargs: Any) -> Any:
            put = outqueue.put

            def save_and_put(item: Any) -> Any:
                session.save(closing=False)
                return put(item)

            outqueue.put = save_and_put
            return original(inqueue, outqueue, *args, **kwargs)

        return worker

    replace(module, "worker", make)


def _attach_leaving(session: Session, module: Any) -> None:
    """Close the spools before the process ends or becomes another program without any clean-up."""

    def before(close: Callable[[], None], original: Callable[..., Any]) -> Any:
        def leave(*args: Any, **kwargs: Any) -> Any:
            close()
            return original(*args, **kwargs)

        return leave

    replace(module, "_exit", partial(before, session.end))
    for name in ("execv", "execve"):
        replace(module, name, partial(before, partial(session.save, closing=True)))
