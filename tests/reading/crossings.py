"""Where a call leaves the stack: libraries are told to carry along who sent the work on.

Each function here replaces something of a library for the time of a run, so that what a thread, an event
loop or a message later enters is seen as called by whoever started, scheduled, registered or sent it.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol


class Watch(Protocol):
    """What the crossings need to know of the run."""

    def caller_here(self) -> str | None:
        """The program's own function that is running now in this thread."""

    def identity_of(self, called: object) -> str | None:
        """The id of a function or method if it is the program's own."""

    def see_making(self, called: object, frame: FrameType) -> None:
        """Note that ``frame`` calls something that may be a generator function of the program."""


def all_crossings(watch: Watch) -> Iterator[Callable[[], None]]:
    """Replace what has to be replaced; yields what puts each back."""
    for cross in (
        _context_managers,
        _threads,
        _executors,
        _event_loop,
        _eventlet,
        _oslo_messaging,
        _webob,
        _libvirt,
    ):
        yield from cross(watch)


def run_for(caller: str | None, crossing: str, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Run ``function`` so that what it enters is seen as called by ``caller``, over ``crossing``."""
    return function(*args, **kwargs)


Undo = Iterator[Callable[[], None]]


def _replace(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], None]:
    original = owner.__dict__[name]
    setattr(owner, name, make(original))
    return lambda: setattr(owner, name, original)


def _context_managers(watch: Watch) -> Undo:
    """``contextlib`` makes a generator by ``f(*args)``, of which Python 3.12 gives no event."""

    def make(init: Any) -> Any:
        @functools.wraps(init)
        def made(manager: Any, function: Any, args: Any, kwargs: Any) -> None:
            watch.see_making(function, sys._getframe(1))
            init(manager, function, args, kwargs)

        return made

    yield _replace(contextlib._GeneratorContextManagerBase, "__init__", make)  # type: ignore[attr-defined]


def _threads(watch: Watch) -> Undo:
    def make(start: Any) -> Any:
        @functools.wraps(start)
        def started(thread: threading.Thread) -> None:
            thread.run = functools.partial(run_for, watch.caller_here(), "spawn", thread.run)  # type: ignore[method-assign]
            start(thread)

        return started

    yield _replace(threading.Thread, "start", make)


def _executors(watch: Watch) -> Undo:
    from concurrent.futures import Future, ThreadPoolExecutor

    def make_submit(submit: Any) -> Any:
        @functools.wraps(submit)
        def submitted(pool: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
            return submit(pool, run_for, watch.caller_here(), "spawn", function, *args, **kwargs)

        return submitted

    def make_done(add: Any) -> Any:
        @functools.wraps(add)
        def added(future: Any, callback: Any) -> Any:
            return add(future, functools.partial(run_for, watch.caller_here(), "callback", callback))

        return added

    yield _replace(ThreadPoolExecutor, "submit", make_submit)
    yield _replace(Future, "add_done_callback", make_done)


def _event_loop(watch: Watch) -> Undo:
    import asyncio
    import weakref
    from asyncio.base_events import BaseEventLoop

    creators: weakref.WeakKeyDictionary[Any, str | None] = weakref.WeakKeyDictionary()

    def wrapped(callback: Any) -> Any:
        task = getattr(callback, "__self__", None)
        if isinstance(task, asyncio.Task):
            creator = creators.setdefault(task, watch.caller_here())
            return functools.partial(run_for, creator, "spawn", callback)
        return functools.partial(run_for, watch.caller_here(), "spawn", callback)

    def make_soon(soon: Any) -> Any:
        @functools.wraps(soon)
        def scheduled(loop: Any, callback: Any, *args: Any, context: Any = None) -> Any:
            return soon(loop, wrapped(callback), *args, context=context)

        return scheduled

    def make_at(at: Any) -> Any:
        @functools.wraps(at)
        def scheduled(loop: Any, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
            return at(loop, when, wrapped(callback), *args, context=context)

        return scheduled

    yield _replace(BaseEventLoop, "call_soon", make_soon)
    yield _replace(BaseEventLoop, "call_soon_threadsafe", make_soon)
    yield _replace(BaseEventLoop, "call_at", make_at)


def _eventlet(watch: Watch) -> Undo:
    threads, natives = sys.modules.get("eventlet.greenthread"), sys.modules.get("eventlet.tpool")
    if threads is None or natives is None:
        return

    def make_main(main: Any) -> Any:
        @functools.wraps(main)
        def started(thread: Any, function: Any, args: Any, kwargs: Any) -> None:
            main(thread, run_for, (spawners.pop(thread, None), "spawn", function, *args), kwargs)

        return started

    def make_init(init: Any) -> Any:
        @functools.wraps(init)
        def made(thread: Any, parent: Any) -> None:
            init(thread, parent)
            spawners[thread] = watch.caller_here()

        return made

    def make_spawn_n(spawn: Any) -> Any:
        @functools.wraps(spawn)
        def spawned(seconds: float, function: Any, args: Any, kwargs: Any) -> Any:
            return spawn(seconds, run_for, (watch.caller_here(), "spawn", function, *args), kwargs)

        return spawned

    def make_execute(execute: Any) -> Any:
        @functools.wraps(execute)
        def executed(function: Any, *args: Any, **kwargs: Any) -> Any:
            return execute(run_for, watch.caller_here(), "spawn", function, *args, **kwargs)

        return executed

    spawners: dict[Any, str | None] = {}
    yield _replace(threads.GreenThread, "__init__", make_init)
    yield _replace(threads.GreenThread, "main", make_main)
    yield _replace(threads, "_spawn_n", make_spawn_n)
    yield _replace(natives, "execute", make_execute)


def _oslo_messaging(watch: Watch) -> Undo:
    """Carry the sender's identity in the message's context, as a trace header travels."""
    client = sys.modules.get("oslo_messaging.rpc.client")
    dispatcher = sys.modules.get("oslo_messaging.rpc.dispatcher")
    if client is None or dispatcher is None:
        return
    key = "truth-sender"

    def make_send(kind: str) -> Callable[[Any], Any]:
        def make(send: Any) -> Any:
            @functools.wraps(send)
            def sent(call_context: Any, context: Any, method: str, **kwargs: Any) -> Any:
                fanout = kind == "rpc-cast" and call_context.target.fanout
                crossing = "rpc-fanout" if fanout else kind
                marked = {**context, key: f"{watch.caller_here()}|{crossing}"}
                return send(call_context, marked, method, **kwargs)

            return sent

        return make

    def make_dispatch(dispatch: Any) -> Any:
        @functools.wraps(dispatch)
        def dispatched(endpoints: Any, incoming: Any) -> Any:
            sender, _, crossing = incoming.ctxt.pop(key, "").partition("|")
            return run_for(sender or None, crossing, dispatch, endpoints, incoming)

        return dispatched

    yield _replace(client._BaseCallContext, "cast", make_send("rpc-cast"))
    yield _replace(client._BaseCallContext, "call", make_send("rpc-call"))
    yield _replace(dispatcher.RPCDispatcher, "dispatch", make_dispatch)


def _webob(watch: Watch) -> Undo:
    """An application that a ``wsgify`` function returns is called by webob in that function's place."""
    dec = sys.modules.get("webob.dec")
    if dec is None:
        return

    def make(call: Any) -> Any:
        @functools.wraps(call)
        def called(decorated: Any, *args: Any, **kwargs: Any) -> Any:
            answer = call(decorated, *args, **kwargs)
            function = watch.identity_of(decorated.func)
            if function is None or not callable(answer) or isinstance(answer, sys.modules["webob"].Response):
                return answer
            return functools.partial(run_for, function, "callback", answer)

        return called

    yield _replace(dec.wsgify, "call_func", make)


def _libvirt(watch: Watch) -> Undo:
    """The hypervisor's events come from its event loop; who registered for them is their caller."""
    libvirt = sys.modules.get("libvirt")
    if libvirt is None:
        return

    def make(register: Any) -> Any:
        @functools.wraps(register)
        def registered(connection: Any, domain: Any, event: int, callback: Any, opaque: Any) -> Any:
            seen = functools.partial(run_for, watch.caller_here(), "callback", callback)
            return register(connection, domain, event, seen, opaque)

        return registered

    yield _replace(libvirt.virConnect, "domainEventRegisterAny", make)
