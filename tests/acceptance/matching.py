"""Finding calls that were read in the source among the spans of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from tests.acceptance.observability import Hop
from tracer.model.request_tree import RequestTree, Span

REMOTE_OBJECT = "remotable object"
WRAPPER_NAMES = frozenset(
    ["wrapper", "wrapped", "inner", "outer", "decorated", "decorated_function", "wrapped_func"]
)
HANDING_ON = ("callback/partial", "dynamic getattr")
"""Kinds of calls whose caller may return the callee to the frame that then calls it."""

ANONYMOUS = ("<lambda>", "<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>")
MOST_CHAINS = 2
NEAR = 12
"""Lines by which a decorated function's first line and its ``def`` may lie apart."""


class How(StrEnum):
    """How a hop was found, the plainest way first."""

    DIRECT = "direct"
    LINK = "link"
    WRAPPERS = "through wrappers or frameworks"
    CLOSURE = "through a function inside the caller"
    HANDED_ON = "handed on: the caller returned to the frame that then called the callee"
    ABSENT = ""


def dotted(function_id: str) -> str:
    """``module:Class.f.<locals>.g`` as ``module.Class.f.g``; a module's body is the module."""
    return function_id.replace(".<locals>", "").replace(":<module>", "").replace(":", ".")


class Matcher:
    """Looks hops up in one tree.

    Between a caller's span and its callee's these count for nothing: frames of frameworks, wrappers that
    decorators left (functions made inside another one that is not running around them), and anonymous
    functions. For remotable objects the conductor's stubs and dispatch count for nothing either.

    Args:
        tree: the recorded request.
        own: beginnings of the module names that are no framework's.
    """

    def __init__(self, tree: RequestTree, own: tuple[str, ...] = ("nova.", "placement.", "neutron.")) -> None:
        self._tree = tree
        self._own = own
        self._names = [dotted(function.id) for function in tree.functions]
        self._spans_of: dict[int, list[Span]] = {}
        for span in tree.spans:
            self._spans_of.setdefault(span.function, []).append(span)

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
        below = callee
        for above in self._tree.ancestors(callee):
            name = self._names[above.function]
            if name == hop.caller:
                return How.WRAPPERS if below is not callee else How.LINK if linked else How.DIRECT
            if name.startswith(f"{hop.caller}."):
                return How.CLOSURE
            if hop.kind in HANDING_ON and self._ran_before(below, hop.caller):
                return How.HANDED_ON
            if not self._passes(above, hop):
                break
            below = above
        return How.ABSENT

    def _passes(self, span: Span, hop: Hop) -> bool:
        if self._transparent(span):
            return True
        name = self._names[span.function]
        return hop.kind == REMOTE_OBJECT and name.startswith(
            ("nova.conductor.rpcapi.ConductorAPI.", "nova.conductor.manager.ConductorManager.")
        )

    def _transparent(self, span: Span) -> bool:
        module, _, qualname = self._tree.function(span).id.partition(":")
        maker, _, last = qualname.rpartition(".<locals>.")
        if not f"{module}.".startswith(self._own) or last in ANONYMOUS:
            return True
        if not maker:
            return False
        made_in = f"{module}:{maker}"
        return last in WRAPPER_NAMES or all(
            self._tree.function(above).id != made_in for above in self._tree.ancestors(span)
        )

    def _ran_before(self, span: Span, caller: str) -> bool:
        """Whether ``caller`` had run to its end when ``span`` began, both called by the same frame."""
        return any(
            self._names[before.function] == caller
            and before.end_ns <= span.start_ns
            and before.thread == span.thread
            for before in self._tree.children.get(span.parent, [])
        )

    def why_absent(self, hop: Hop) -> str:
        """What the recording has instead of ``hop``, in a few words."""
        callees = self.spans(hop.callee, hop.callee_file, hop.callee_line)
        callers = self.spans(hop.caller)
        if not callees:
            return f"the callee never ran{'' if callers else ', nor did the caller'}"
        above = {" <- ".join(self._chain(span)) for span in callees}
        ran = "" if callers else "the caller never ran; "
        more = f" (and {len(above) - MOST_CHAINS} more)" if len(above) > MOST_CHAINS else ""
        return f"{ran}the callee ran under {'; or '.join(sorted(above)[:MOST_CHAINS])}{more}"

    def _chain(self, span: Span) -> Iterator[str]:
        for above in self._tree.ancestors(span):
            mark = f"[{above.link.value}] " if above.link else ""
            yield mark + self._names[above.function]
            if not self._transparent(above):
                return
        yield "(root)"
