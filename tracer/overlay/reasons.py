"""Why a call was seen and not predicted, worked out from the graph and the recorded source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection

from tracer.model.function import Function
from tracer.model.graph import CallGraph
from tracer.model.kinds import CallKind
from tracer.model.overlaid import Cause, Reason
from tracer.overlay.source_lines import Dynamic, SourceFile, constructs

_GENERATED = (
    "<lambda>",
    "<listcomp>",
    "<setcomp>",
    "<dictcomp>",
    "<genexpr>",
    "__create_fn__",
    "<generic parameters",
)
_NAMED_AT_MOST = 3
_STANDARD = sys.stdlib_module_names | {"builtins"}


class Reasons:
    """Finds the reason for each edge that was not predicted.

    Args:
        graph: the static call graph.
        function: the function of an id.
        source: the text of a recorded source file, or None where it was not recorded.
    """

    def __init__(
        self, graph: CallGraph, function: Callable[[str], Function], source: Callable[[str], str | None]
    ) -> None:
        self._graph = graph
        self._function = function
        self._text = source
        self._files: dict[str, SourceFile | None] = {}
        self._read_modules = {one.module for one in graph.functions() if one.file}

    def is_class_body(self, identity: str) -> bool:
        """Whether the id is that of a class whose body runs as a frame of its own."""
        if self._read(identity):
            return False
        function = self._function(identity)
        file = self._source(function.file)
        return file is not None and function.qualname in file.classes

    def reason(self, caller: str, callee: str, kind: CallKind, lines: Collection[int]) -> Reason:
        """Why the edge was not predicted.

        Args:
            caller, callee: function ids.
            kind: `CallKind.CALL` for a plain call, else the link that was seen.
            lines: the 1-based lines in the caller's file at which it was; empty where not known.
        """
        for identity, cause in ((caller, Cause.CALLER_NOT_READ), (callee, Cause.CALLEE_NOT_READ)):
            if self._function(identity).module not in self._read_modules:
                return Reason(cause, self._function(identity).module)
        imported = self._imported(caller, callee)
        if imported is not None:
            return imported
        for identity in (callee, caller):
            if not self._read(identity):
                return self._unknown_in_a_read_module(identity)
        if kind is not CallKind.CALL:
            return Reason(Cause.OTHER_PROCESS, str(kind))
        return self._at_lines(caller, callee, lines)

    def _imported(self, caller: str, callee: str) -> Reason | None:
        if callee.endswith(":<module>"):
            return Reason(Cause.IMPORT_TIME, "a module's body")
        if self.is_class_body(callee):
            return Reason(Cause.IMPORT_TIME, "a class's body")
        if self.is_class_body(caller):
            return Reason(Cause.IMPORT_TIME, "called from a class's body")
        return None

    def _read(self, identity: str) -> bool:
        return identity in self._graph and bool(self._graph.function(identity).file)

    def _unknown_in_a_read_module(self, identity: str) -> Reason:
        name = self._function(identity).qualname
        if not self._function(identity).file:
            return Reason(Cause.NAMING, f"{name} was generated as the program ran")
        if any(generated in name for generated in _GENERATED):
            return Reason(Cause.NAMING, f"{name} has no such name in the source")
        return Reason(Cause.NAMING, f"the read source has no {name}; it may be of another version")

    def _at_lines(self, caller: str, callee: str, lines: Collection[int]) -> Reason:
        function = self._function(caller)
        file = self._source(function.file)
        if file is None or not lines:
            what = "its source was not recorded" if file is None else "no line was recorded"
            return Reason(Cause.GAP, f"{function.file}: {what}")
        place = f"{function.file}:{min(lines)}"
        name = callee.rpartition(":")[2].rpartition(".")[2]
        found = self._by_name(file, callee, name, lines)
        if found and self._leads_outside(caller, name, lines):
            return self._hidden(caller, place, file, lines)
        if found:
            return Reason(Cause.GAP, f"{place}: {found}")
        if name in set().union(*(file.operators.get(line, ()) for line in lines)):
            return Reason(Cause.OPERATOR, f"{place}: {name}")
        dynamic = set().union(*(file.dynamic.get(line, ()) for line in lines))
        if not constructs(callee.rpartition(":")[2]):
            dynamic.discard(Dynamic.OWN_CLASS)
        if Dynamic.COMPUTED in dynamic:
            return Reason(Cause.COMPUTED_NAME, f"{place}: {Dynamic.COMPUTED} is called")
        if dynamic:
            return Reason(Cause.GAP, f"{place}: {min(dynamic)} is called")
        if any(line in file.imports for line in lines):
            return Reason(Cause.IMPORT_TIME, f"{place}: an import")
        return self._hidden(caller, place, file, lines)

    def _by_name(self, file: SourceFile, callee: str, name: str, lines: Collection[int]) -> str:
        called = set().union(*(file.called.get(line, ()) for line in lines))
        if name in called:
            return f"{name} is called by name"
        made = constructs(callee.rpartition(":")[2])
        if made and made in called:
            return f"{made} is called by name"
        if name in set().union(*(file.attributes.get(line, ()) for line in lines)):
            return f"{name} is an attribute"
        return ""

    def _leads_outside(self, caller: str, name: str, lines: Collection[int]) -> bool:
        """Whether a call of this name at these lines is known to lead to a class or module that is not read.

        A name behind a call or an item (``f().name``) is no knowledge: nobody knows what that gives.
        """
        return any(
            call.callee.endswith(f".{name}")
            and not any(sign in call.callee for sign in "([")
            and not self._read(call.callee)
            for call in self._graph.callees(caller)
            if call.line in lines
        )

    def _hidden(self, caller: str, place: str, file: SourceFile, lines: Collection[int]) -> Reason:
        """No name or operator at these lines leads to the callee: other frames ran in between.

        Of what is called there, only what has a name of the lines' calls is told.
        """
        called = set().union(*(file.called.get(line, ()) for line in lines))
        every = {call.callee for call in self._graph.callees(caller) if call.line in lines}
        named = {one for one in every if one.rpartition(":")[2].rpartition(".")[2] in called} or every
        inside = sorted(one for one in named if self._read(one))
        outside = sorted(one for one in named if not self._read(one) and one.partition(":")[0] != "?")
        library = [one for one in outside if one.partition(":")[0].partition(".")[0] not in _STANDARD]
        known = [one for one in library if not any(sign in one for sign in "([")]
        if known or (library and not inside):
            return Reason(Cause.THROUGH_LIBRARY, f"{place}: through {_some(known or library)}")
        if inside:
            return Reason(
                Cause.THROUGH_LIBRARY, f"{place}: what is outside of the read trees wraps {_some(inside)}"
            )
        if outside:
            return Reason(Cause.THROUGH_C, f"{place}: through {_some(outside)}")
        told = f"a call of {_some(sorted(called))}, of which nothing is known" if called else "an attribute"
        return Reason(Cause.THROUGH_LIBRARY, f"{place}: through {told}")

    def _source(self, file: str) -> SourceFile | None:
        if file not in self._files:
            text = self._text(file) if file else None
            self._files[file] = None if text is None else SourceFile(text)
        return self._files[file]


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
