"""Paths of the static graph through code that no recording follows."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from tracer.model.graph import Call, CallGraph

_MOST_VISITED = 20_000
_DEEPEST = 12


class Unrecorded:
    """Finds how a call got from one recorded function to another through read code that is not recorded.

    Args:
        graph: the static call graph.
        seen_modules: modules of which anything was recorded.
        packages: dotted names of packages and modules that the recorder followed; where empty, every
            top-level package of which anything was recorded is taken to have been followed.
    """

    def __init__(self, graph: CallGraph, seen_modules: Collection[str], packages: Collection[str]) -> None:
        self._graph = graph
        chosen = packages or {module.partition(".")[0] for module in seen_modules}
        followed = tuple(f"{package}." for package in chosen)
        modules = {function.id: function.module for function in graph.functions() if function.file}
        self._hidden = {
            identity
            for identity, module in modules.items()
            if module not in seen_modules and not f"{module}.".startswith(followed)
        }

    def follows(self, identity: str) -> bool:
        """Whether calls of a read function would have been recorded."""
        return identity not in self._hidden

    def path(self, caller: str, callee: str, lines: Collection[int]) -> list[Call]:
        """A shortest path of at least two calls whose inner functions are all unrecorded; empty for none.

        Args:
            caller, callee: function ids.
            lines: the caller's lines from which it may start; empty for any.
        """
        if not self._hidden or caller not in self._graph or callee not in self._graph:
            return []
        came: dict[str, Call] = {}
        waiting: deque[tuple[str, int]] = deque()
        self._spread(
            (call for call in self._graph.callees(caller) if not lines or call.line in lines),
            came,
            waiting,
            1,
        )
        while waiting and len(came) < _MOST_VISITED:
            at, depth = waiting.popleft()
            for call in self._graph.callees(at):
                if call.callee == callee:
                    return self._back(call, came)
            if depth < _DEEPEST:
                self._spread(self._graph.callees(at), came, waiting, depth + 1)
        return []

    def _spread(
        self, calls: Iterable[Call], came: dict[str, Call], waiting: deque[tuple[str, int]], depth: int
    ) -> None:
        for call in calls:
            if call.callee in self._hidden and call.callee not in came:
                came[call.callee] = call
                waiting.append((call.callee, depth))

    @staticmethod
    def _back(last: Call, came: dict[str, Call]) -> list[Call]:
        calls = [last]
        while calls[-1].caller in came:
            calls.append(came[calls[-1].caller])
        return calls[::-1]
