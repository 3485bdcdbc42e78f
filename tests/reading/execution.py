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
import importlib
import inspect
import io
import linecache
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType

from tests.reading.crossings import all_crossings, run_for

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
        self._undo.extend(all_crossings(self))
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

    def see_making(self, called: object, frame: FrameType) -> None:
        """Note that ``frame`` calls something that may be a generator function of the program."""
        made = getattr(getattr(called, "__func__", called), "__code__", None)
        if not isinstance(made, CodeType) or not made.co_flags & _RESUMABLE or made.co_name in _FOLDED:
            return
        callee = self.identity_of(called)
        if callee is not None:
            self._add(*self._caller(frame), callee)

    def _on_entry(self, code: CodeType, offset: int) -> None:
        if not self._own(code) or _is_folded(code) or code.co_name == "<module>":
            return
        frame = sys._getframe(1)
        self._add(*self._caller(frame.f_back), _identity(frame))

    def _on_call(self, code: CodeType, offset: int, called: object, argument: object) -> None:
        self.see_making(called, sys._getframe(1))

    def _add(self, caller: str | None, crossing: str, callee: str) -> None:
        if caller is not None:
            self.edges.setdefault((caller, callee), set()).add(crossing)

    def _caller(self, frame: FrameType | None) -> tuple[str | None, str]:
        while frame is not None:
            code = frame.f_code
            if code is run_for.__code__:
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
