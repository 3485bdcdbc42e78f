"""Finding calls that were read in the source among the spans of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property

from tests.acceptance.observability import Hop
from tracer.model.request_tree import RequestTree, Span

REMOTE_OBJECT = "remotable object"
WRAPPER_NAMES = frozenset(
    ["wrapper", "wrapped", "inner", "outer", "decorated", "decorated_function", "wrapped_func"]
)
ANONYMOUS = ("<lambda>", "<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>")
NEAR = 12
"""Lines by which a decorated function's first line and its ``def`` may lie apart."""


class How(StrEnum):
    """How a hop was found, the plainest way first."""

    DIRECT = "direct"
    LINK = "link"
    WRAPPERS = "through wrappers or frameworks"
    CLOSURE = "through a function inside the caller"
    HANDED_ON = "handed on: the caller returned the callee to the frame that then called it"
    ABSENT = ""


def dotted(function_id: str) -> str:
    """``module:Class.f.<locals>.g`` as ``module.Class.f.g``; a module's body is the module."""
    return function_id.replace(".<locals>", "").replace(":<module>", "").replace(":", ".")


class Matcher:
    """Looks hops up in one tree.

    Between a caller's span and its callee's these count for nothing: frames of frameworks, wrappers that
    decorators left, and anonymous functions. For remotable objects the conductor's stubs and dispatch count
    for nothing either.
    """

    def __init__(self, tree: RequestTree, own: tuple[str, ...] = ("nova.", "placement.", "neutron.")) -> None:
        self._tree = tree
        self._own = own
        self._names = [dotted(function.id) for function in tree.functions]
        self._transparent = [self._is_transparent(function.id) for function in tree.functions]

    @cached_property
    def _spans_of(self) -> dict[int, list[Span]]:
        result: dict[int, list[Span]] = {}
        for span in self._tree.spans:
            result.setdefault(span.function, []).append(span)
        return result

    def _is_transparent(self, function_id: str) -> bool:
        module, _, qualname = function_id.partition(":")
        last = qualname.rpartition(".")[2]
        if not f"{module}.".startswith(self._own) or last in ANONYMOUS:
            return True
        if ".<locals>." not in qualname:
            return False
        maker = dotted(f"{module}:{qualname.rpartition('.<locals>.')[0]}")
        return last in WRAPPER_NAMES or maker not in self._ran

    @cached_property
    def _ran(self) -> set[str]:
        return {self._names[number] for number in self._spans_of}

    def spans(self, name: str, file: str = "", line: int = 0) -> list[Span]:
        """All spans of the function with the dotted ``name``.

        Where no function has that name, those of the function of the same last name that begins within a few
        lines of ``line`` in ``file``; for a class, those of its constructor.
        """
        wanted = {name, f"{name}.__init__", f"{name}.__new__"}
        numbers = [number for number, known in enumerate(self._names) if known in wanted]
        if not numbers and file and line:
            last = name.rpartition(".")[2]
            numbers = [
                number
                for number, function in enumerate(self._tree.functions)
                if function.file
                and file.endswith(function.file)
                and abs(function.line - line) <= NEAR
                and self._names[number].rpartition(".")[2] == last
            ]
        return [span for number in numbers for span in self._spans_of.get(number, [])]

    def find(self, hop: Hop) -> How:
        """The plainest way in which any span of the callee shows ``hop``; `How.ABSENT` if none does."""
        found = {
            self._reached(span, hop) for span in self.spans(hop.callee, hop.callee_file, hop.callee_line)
        }
        return next((how for how in How if how in found), How.ABSENT)

    def _reached(self, callee: Span, hop: Hop) -> How:
        linked = bool(callee.link)
        between = False
        for above in self._tree.ancestors(callee):
            name = self._names[above.function]
            if name == hop.caller:
                return How.WRAPPERS if between else How.LINK if linked else How.DIRECT
            if name.startswith(f"{hop.caller}."):
                return How.CLOSURE
            if not self._passes(above, hop):
                break
            linked |= bool(above.link)
            between = True
        return How.HANDED_ON if self._handed_on(callee, hop) else How.ABSENT

    def _passes(self, span: Span, hop: Hop) -> bool:
        if self._transparent[span.function]:
            return True
        name = self._names[span.function]
        return hop.kind == REMOTE_OBJECT and name.startswith(
            ("nova.conductor.rpcapi.ConductorAPI.", "nova.conductor.manager.ConductorManager.")
        )

    def _handed_on(self, callee: Span, hop: Hop) -> bool:
        """Whether the caller ended right before the callee began, both called by the same frame."""
        siblings = self._tree.children.get(callee.parent, [])
        position = siblings.index(callee)
        if position == 0 or callee.parent == 0:
            return False
        before = siblings[position - 1]
        return (
            self._names[before.function] == hop.caller
            and before.end_ns <= callee.start_ns
            and before.thread == callee.thread
        )

    def why_absent(self, hop: Hop) -> str:
        """What the recording has instead of ``hop``, in a few words."""
        callees = self.spans(hop.callee, hop.callee_file, hop.callee_line)
        callers = self.spans(hop.caller)
        if not callees:
            return f"the callee never ran{'' if callers else ', nor did the caller'}"
        above = {" <- ".join(self._chain(span)) for span in callees}
        ran = "" if callers else "the caller never ran; "
        return f"{ran}the callee ran under {'; or '.join(sorted(above)[:3])}"

    def _chain(self, span: Span) -> Iterator[str]:
        for above in self._tree.ancestors(span):
            mark = f"[{above.link.value}] " if above.link else ""
            yield mark + self._names[above.function]
            if not self._transparent[above.function]:
                return
        yield "(root)"
