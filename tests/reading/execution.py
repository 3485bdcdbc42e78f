"""What a program really calls: the truth of the corpus, seen by running it.

Nothing here knows the analyzer or the recorder. A program runs inside this process under
``sys.monitoring`` and every entry into one of its own functions becomes an edge:

- The caller is the nearest function of the program itself below the callee on the stack; frames of
  libraries in between are left out: ``sorted(rows, key=rank)`` in ``show`` is a call of ``rank`` by ``show``.
- Bodies of classes and inlined comprehensions belong to the function or module that runs them.
- Running a module because it was imported is not an edge.
- A generator or coroutine is called by what creates it and by whatever resumes it.
- Where the interpreter sees no caller because the work crossed a thread, an event loop or a message,
  the caller is what started the thread, submitted the task, scheduled the callback or sent the message.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import io
import linecache
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

SUPPORTED = sys.version_info >= (3, 12)
"""Whether this interpreter can observe the making of a generator (``sys.monitoring``)."""

Edge = tuple[str, str]

_FOLDED = {"<listcomp>", "<setcomp>", "<dictcomp>"}
_RESUMABLE = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_TOOL = 4


def executed_edges(roots: list[Path], entry: str, unread: tuple[str, ...] = ()) -> dict[Edge, set[str]]:
    """Import ``entry`` from ``roots`` and return the calls made among the modules under them.

    Args:
        roots: folders to put on ``sys.path``; every file below them is the program's own.
        entry: dotted name of the module whose import is the run.
        unread: file names below the roots that drive the program without being part of it.

    Returns:
        Edges (caller id, callee id), each with the crossings it was seen over (empty: on the same stack).
    """
    with watched(roots, unread) as edges:
        importlib.import_module(entry)
    return edges


@contextlib.contextmanager
def watched(roots: list[Path], unread: tuple[str, ...] = ()) -> Iterator[dict[Edge, set[str]]]:
    """Collect the calls among the modules under ``roots`` while the block runs, also when it fails."""
    with _clean_imports(roots), _Watch(roots, unread) as watch, contextlib.redirect_stdout(io.StringIO()):
        yield watch.edges


class _Watch:
    """Collects edges while entered."""

    def __init__(self, roots: list[Path], unread: tuple[str, ...]) -> None:
        self.edges: dict[Edge, set[str]] = {}
        self._prefixes = tuple(f"{root.resolve()}/" for root in roots)
        self._unread = unread
        self._undo: list[Callable[[], None]] = []
        self._own_cache: dict[str, bool] = {}

    def __enter__(self) -> _Watch:
        for patch in (_threads, _executors, _event_loop, _eventlet, _oslo_messaging, _webob, _libvirt):
            self._undo.extend(patch(self))
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(_TOOL, "truth")
        sys.monitoring.register_callback(_TOOL, events.PY_START, self._on_entry)
        sys.monitoring.register_callback(_TOOL, events.PY_RESUME, self._on_entry)
        sys.monitoring.register_callback(_TOOL, events.CALL, self._on_call)
        sys.monitoring.set_events(_TOOL, events.PY_START | events.PY_RESUME | events.CALL)
        return self

    def __exit__(self, *_: object) -> None:
        sys.monitoring.set_events(_TOOL, 0)
        events = sys.monitoring.events
        for event in (events.PY_START, events.PY_RESUME, events.CALL):
            sys.monitoring.register_callback(_TOOL, event, None)
        sys.monitoring.free_tool_id(_TOOL)
        for undo in reversed(self._undo):
            undo()

    def caller_here(self) -> str | None:
        """The program's own function that is running now in this thread."""
        return self._caller(sys._getframe(1))[0]

    def identity_of(self, called: object) -> str | None:
        """The id of a function or method if it is the program's own."""
        function = getattr(called, "__func__", called)
        if not isinstance(function, FunctionType) or not self._own(function.__code__):
            return None
        return f"{function.__globals__['__name__']}:{function.__code__.co_qualname}"

    def _on_entry(self, code: CodeType, offset: int) -> None:
        if not self._own(code) or _is_folded(code) or code.co_name == "<module>":
            return
        frame = sys._getframe(1)
        self._add(*self._caller(frame.f_back), _identity(frame))

    def _on_call(self, code: CodeType, offset: int, called: object, argument: object) -> None:
        made = getattr(getattr(called, "__func__", called), "__code__", None)
        if made is None or not made.co_flags & _RESUMABLE or made.co_name in _FOLDED:
            return
        callee = self.identity_of(called)
        if callee is not None:
            self._add(*self._caller(sys._getframe(1)), callee)

    def _add(self, caller: str | None, crossing: str, callee: str) -> None:
        if caller is not None:
            self.edges.setdefault((caller, callee), set()).add(crossing)

    def _caller(self, frame: FrameType | None) -> tuple[str | None, str]:
        while frame is not None:
            code = frame.f_code
            if code is _run_for.__code__:
                return frame.f_locals["caller"], frame.f_locals["crossing"]
            if self._own(code) and not _is_folded(code):
                return _identity(frame), ""
            frame = frame.f_back
        return None, ""

    def _own(self, code: CodeType) -> bool:
        known = self._own_cache.get(code.co_filename)
        if known is None:
            path = Path(code.co_filename)
            known = str(path).startswith(self._prefixes) and path.name not in self._unread
            self._own_cache[code.co_filename] = known
        return known


def _identity(frame: FrameType) -> str:
    return f"{frame.f_globals['__name__']}:{frame.f_code.co_qualname}"


def _is_folded(code: CodeType) -> bool:
    """Whether the code is a class body, a comprehension or a scope of type parameters."""
    if code.co_name == "<module>":
        return False
    return (
        not code.co_flags & inspect.CO_OPTIMIZED
        or code.co_name in _FOLDED
        or code.co_name.startswith("<generic parameters of")
    )


@contextlib.contextmanager
def _clean_imports(roots: list[Path]) -> Iterator[None]:
    """Let the program find its own modules, and forget them afterwards."""
    path, finders = list(sys.path), list(sys.meta_path)
    before = dict(sys.modules)
    write_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    own = {name.stem for root in roots for name in root.iterdir() if name.suffix == ".py" or name.is_dir()}
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in own}
    sys.path[:0] = [str(root.resolve()) for root in roots]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:], sys.meta_path[:] = path, finders
        sys.dont_write_bytecode = write_bytecode
        for name in list(sys.modules):
            if name.partition(".")[0] in own and name not in before:
                del sys.modules[name]
        for name in hidden:
            sys.modules.pop(name, None)
        sys.modules.update(hidden)
        linecache.clearcache()


def _run_for(caller: str | None, crossing: str, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Run ``function`` so that what it enters is seen as called by ``caller``, over ``crossing``."""
    return function(*args, **kwargs)


Undo = Iterator[Callable[[], None]]


def _replace(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], None]:
    original = owner.__dict__[name]
    setattr(owner, name, make(original))
    return lambda: setattr(owner, name, original)


def _threads(watch: _Watch) -> Undo:
    def make(start: Any) -> Any:
        @functools.wraps(start)
        def started(thread: threading.Thread) -> None:
            thread.run = functools.partial(_run_for, watch.caller_here(), "spawn", thread.run)  # type: ignore[method-assign]
            start(thread)

        return started

    yield _replace(threading.Thread, "start", make)


def _executors(watch: _Watch) -> Undo:
    from concurrent.futures import Future, ThreadPoolExecutor

    def make_submit(submit: Any) -> Any:
        @functools.wraps(submit)
        def submitted(pool: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
            return submit(pool, _run_for, watch.caller_here(), "spawn", function, *args, **kwargs)

        return submitted

    def make_done(add: Any) -> Any:
        @functools.wraps(add)
        def added(future: Any, callback: Any) -> Any:
            return add(future, functools.partial(_run_for, watch.caller_here(), "callback", callback))

        return added

    yield _replace(ThreadPoolExecutor, "submit", make_submit)
    yield _replace(Future, "add_done_callback", make_done)


def _event_loop(watch: _Watch) -> Undo:
    import asyncio
    import weakref
    from asyncio.base_events import BaseEventLoop

    creators: weakref.WeakKeyDictionary[Any, str | None] = weakref.WeakKeyDictionary()

    def wrapped(callback: Any) -> Any:
        task = getattr(callback, "__self__", None)
        if isinstance(task, asyncio.Task):
            creator = creators.setdefault(task, watch.caller_here())
            return functools.partial(_run_for, creator, "spawn", callback)
        return functools.partial(_run_for, watch.caller_here(), "spawn", callback)

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


def _eventlet(watch: _Watch) -> Undo:
    threads, natives = sys.modules.get("eventlet.greenthread"), sys.modules.get("eventlet.tpool")
    if threads is None or natives is None:
        return

    def make_main(main: Any) -> Any:
        @functools.wraps(main)
        def started(thread: Any, function: Any, args: Any, kwargs: Any) -> None:
            main(thread, _run_for, (spawners.pop(thread, None), "spawn", function, *args), kwargs)

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
            return spawn(seconds, _run_for, (watch.caller_here(), "spawn", function, *args), kwargs)

        return spawned

    def make_execute(execute: Any) -> Any:
        @functools.wraps(execute)
        def executed(function: Any, *args: Any, **kwargs: Any) -> Any:
            return execute(_run_for, watch.caller_here(), "spawn", function, *args, **kwargs)

        return executed

    spawners: dict[Any, str | None] = {}
    yield _replace(threads.GreenThread, "__init__", make_init)
    yield _replace(threads.GreenThread, "main", make_main)
    yield _replace(threads, "_spawn_n", make_spawn_n)
    yield _replace(natives, "execute", make_execute)


def _oslo_messaging(watch: _Watch) -> Undo:
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
            return _run_for(sender or None, crossing, dispatch, endpoints, incoming)

        return dispatched

    yield _replace(client._BaseCallContext, "cast", make_send("rpc-cast"))
    yield _replace(client._BaseCallContext, "call", make_send("rpc-call"))
    yield _replace(dispatcher.RPCDispatcher, "dispatch", make_dispatch)


def _webob(watch: _Watch) -> Undo:
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
            return functools.partial(_run_for, function, "callback", answer)

        return called

    yield _replace(dec.wsgify, "call_func", make)


def _libvirt(watch: _Watch) -> Undo:
    """The hypervisor's events come from its event loop; who registered for them is their caller."""
    libvirt = sys.modules.get("libvirt")
    if libvirt is None:
        return

    def make(register: Any) -> Any:
        @functools.wraps(register)
        def registered(connection: Any, domain: Any, event: int, callback: Any, opaque: Any) -> Any:
            seen = functools.partial(_run_for, watch.caller_here(), "callback", callback)
            return register(connection, domain, event, seen, opaque)

        return registered

    yield _replace(libvirt.virConnect, "domainEventRegisterAny", make)
