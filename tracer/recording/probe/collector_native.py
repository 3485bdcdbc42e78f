"""The collector whose callbacks are C (``native/``); there where the extension was built for this Python."""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location
from types import CodeType
from typing import Any

from . import guard
from .blocks import PACK_AFTER, PACK_FROM, PACK_LEVEL, PACK_MEMORY, PACK_WINDOW
from .capture import Capture
from .collector import Collector, Owner
from .collector_monitoring import MonitoringCollector
from .functions import FunctionEntry, FunctionTable
from .tape import Tape
from .tracing import Context, current_context, thread_name

FOLDER = "STACKWALK_NATIVE"
"""Environment variable with the folder below which the extensions lie, each in its Python's."""


def native_collector(functions: FunctionTable, capture: Capture, owner: Owner) -> Collector | None:
    """The collector, or None where there is no extension that fits this interpreter."""
    extension = _load()
    return None if extension is None else NativeCollector(extension, functions, capture, owner)


def _load() -> Any:
    folder = os.environ.get(FOLDER, "")
    path = f"{folder}/{sys.implementation.cache_tag}/_native{EXTENSION_SUFFIXES[0]}"
    if not folder or not os.path.exists(path):  # noqa: PTH110 - pathlib is not loaded in services for this
        return None
    name = f"{__package__}._native"
    try:
        spec = spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            return None
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError:  # built for an interpreter that is not quite this one
        sys.modules.pop(name, None)
        return None
    return module


class NativeCollector(MonitoringCollector):
    """The callbacks are the extension's."""

    name = "native"
    linger = 5_000_000_000  # in which what is not traced pays next to nothing
    flush_every = 0.07

    def __init__(self, extension: Any, functions: FunctionTable, capture: Capture, owner: Owner) -> None:
        self._extension = extension
        self._capture = capture
        self._forget = extension.forget
        extension.configure(
            current_context,
            _strand_of(owner),
            thread_name,
            owner.hold_back,
            self._classify,
            _failed,
            capture,
            capture.mode,
        )
        if extension.pack_with(PACK_FROM, PACK_AFTER, PACK_LEVEL, PACK_WINDOW, PACK_MEMORY):
            self.append_block = extension.append_block
        super().__init__(functions, extension.CALLBACKS, extension.enter_caller)

    def follow_exceptions(self, tool: int, *, on: bool) -> None:
        """Turn the events on or off that cannot be local, without what the interpreter's own way of doing so
        costs: each piece of code of the process is prepared anew when it next runs."""
        self._extension.follow_exceptions(tool, on)

    def mend(self, code: CodeType) -> None:
        """Give ``code`` the speed back that it lost when events were turned on or off in it."""
        self._extension.join_pairs(code)

    def tape(self) -> Tape:
        """A tape for a new trace."""
        tape: Tape = self._extension.Tape()
        return tape

    def context_changed(self) -> None:
        """What the extension keeps of the running context no longer holds."""
        self._forget()

    def choose(self, function: FunctionEntry) -> None:
        """Listen to the function's code whenever events are on."""
        self._add(function)
        super().choose(function)

    def _add(self, function: FunctionEntry) -> None:
        code = function.code
        capture = self._capture
        self._extension.add_function(
            code,
            function.number,
            function.id,
            function.file,
            capture.secret_name(function.name),
            function.resumable,
            function.leaf,
            *((code.co_varnames.index(name), capture.secret_name(name), name) for name in function.arguments),
        )

    def _classify(self, code: CodeType, module: object) -> bool:
        function = self._functions.classify(code, module)
        if function is None:
            return False
        self.choose(function)
        return True


def _strand_of(owner: Owner) -> Any:
    def strand_of(context: Context, begins: bool) -> Any:
        """The strand for what runs with ``context``; a beginning gets a copied one a context of its own."""
        if begins:
            own = owner.own(context)
            return None if own is None else own.strand
        return context.strand if not context.left and owner.is_own(context) else None

    return strand_of


def _failed(error: BaseException) -> None:
    if not isinstance(error, Exception):
        raise error
    guard.failed(error, "following calls")
