"""Shortest ways through a call graph that a run can take.

A function that runs whatever it is handed is called from everywhere and calls everything that anybody hands
it. A way that goes in with one caller and comes out with another's work is one that no run takes. So a step
into what was handed over is taken only behind the function that handed it over, from the very call with which
it did so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tracer.model.graph import Call, CallGraph

THROUGH_DECORATOR: Final = "through decorator"
"""The rule of calls that lead past the wrappers of a decorated function to the function itself."""


class Handover(NamedTuple):
    """``giver`` hands ``callee`` to ``taker``, and ``caller``, which runs for the taker, calls it."""

    caller: str
    callee: str
    giver: str
    taker: str


class PathSearch:
    """Looks for ways through one graph.

    Args:
        graph: where to look.
        avoid: functions that no way may enter.
        allowed: which calls may be used; None for all.
        given: whether what was handed over is entered behind its giver only.
    """

    def __init__(
        self,
        graph: CallGraph,
        avoid: Iterable[str] = (),
        allowed: Callable[[Call], bool] | None = None,
        *,
        given: bool = True,
    ) -> None:
        self._graph = graph
        self._closed = {graph.index_of(name) for name in avoid if name in graph}
        self._allowed = allowed
        self._handed: set[tuple[int, int]] = set()
        self._given: dict[int, dict[int, list[tuple[int, int]]]] = {}
        for caller, callee, giver, taker in graph.handover_numbers if given else ():
            self._handed.add((caller, callee))
            self._given.setdefault(giver, {}).setdefault(callee, []).append((taker, caller))
        rules = graph.rules
        self._through = rules.index(THROUGH_DECORATOR) if THROUGH_DECORATOR in rules else -1
        self._handing: list[tuple[int, int]] = []
        self._ends: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}

    def shortest(self, start: int, goal: int) -> list[int]:
        """The rows of a shortest way; among equals the one whose calls are surest, then first by name.

        Returns:
            empty when there is no way or ``start`` is ``goal``.
        """
        dead: set[tuple[int, int]] = set()
        while True:
            steps = self._steps(start, goal, dead)
            rows: list[int] = []
            for at, callee, row in steps:
                if row >= 0:
                    rows.append(row)
                    continue
                between = self._around(at, callee)
                if not between:
                    dead.add((at, callee))
                    break
                rows += between
            else:
                return rows

    def reachable(self, start: int) -> Container[int]:
        """The functions that a way may lead to, and some that none does: what is handed over is taken to be
        called; wrappers that a way goes past are left out."""
        return self._spread(start, -1, set())

    def _steps(self, start: int, goal: int, dead: set[tuple[int, int]]) -> list[tuple[int, int, int]]:
        """The steps of a shortest way as (caller, callee, row), with -1 where something is handed over."""
        reached = self._spread(start, goal, dead)
        steps = []
        at = goal
        while at != start and at in reached:
            caller, row = reached[at]
            steps.append((caller, at, row))
            at = caller
        return steps[::-1]

    def _spread(self, start: int, goal: int, dead: set[tuple[int, int]]) -> dict[int, tuple[int, int]]:
        """What is reached until ``goal`` is, each with the caller and the row that reached it first."""
        graph = self._graph
        reached: dict[int, tuple[int, int]] = {start: (-1, -1)}
        waiting = deque([start])
        while waiting and goal not in reached:
            at = waiting.popleft()
            for row in self._rows(at, goal):
                callee = graph.callee_at(row)
                if callee not in reached:
                    reached[callee] = (at, row)
                    waiting.append(callee)
            for callee in self._given.get(at, ()):
                if callee not in reached and (at, callee) not in dead and self._ends_of(at, callee):
                    reached[callee] = (at, -1)
                    waiting.append(callee)
        return reached

    def _rows(self, at: int, goal: int) -> list[int]:
        """The calls of ``at`` to follow, surest first. Where a call reaches a decorated function, the way
        goes straight to the function: a wrapper's own calls lead to everything that it wraps anywhere."""
        graph = self._graph
        rows = graph.rows_of(at)
        bridged: dict[int, bool] = {}
        for row in rows:
            if graph.rule_at(row) == self._through:
                plain = not self._is_wrapper(graph.callee_at(row), goal)
                bridged[graph.line_at(row)] = plain or bridged.get(graph.line_at(row), False)
        chosen = []
        for row in sorted(rows, key=graph.certainty_at):
            callee = graph.callee_at(row)
            if callee in self._closed or (at, callee) in self._handed:
                continue
            if self._is_wrapper(callee, goal):
                past_all = bridged.get(graph.line_at(row))
                if past_all or (past_all is not None and graph.rule_at(row) != self._through):
                    continue
            if self._may(row):
                chosen.append(row)
        return chosen

    def _is_wrapper(self, callee: int, goal: int) -> bool:
        return callee != goal and "<locals>" in self._graph.ids[callee]

    def _around(self, giver: int, callee: int) -> list[int]:
        """The rows from the call with which ``giver`` hands ``callee`` over to the call of it."""
        if (giver, callee) in self._handing:
            return []
        self._handing.append((giver, callee))
        found: list[int] = []
        for taker, caller, first, last in self._ends_of(giver, callee):
            between = self.shortest(taker, caller) if taker != caller else []
            if between or taker == caller:
                rows = [first, *between, last]
                if not found or len(rows) < len(found):
                    found = rows
        self._handing.pop()
        return found

    def _ends_of(self, giver: int, callee: int) -> list[tuple[int, int, int, int]]:
        """Each taker, who calls ``callee`` for it, and the rows into both, where a way may use them."""
        known = self._ends.get((giver, callee))
        if known is None:
            known = self._ends[giver, callee] = [
                (taker, caller, first, last)
                for taker, caller in self._given[giver][callee]
                if (first := self._row(giver, taker)) >= 0 and (last := self._row(caller, callee)) >= 0
            ]
        return known

    def _row(self, caller: int, callee: int) -> int:
        graph = self._graph
        if callee in self._closed:
            return -1
        rows = [row for row in graph.rows_of(caller) if graph.callee_at(row) == callee and self._may(row)]
        return min(rows, key=graph.certainty_at, default=-1)

    def _may(self, row: int) -> bool:
        return self._allowed is None or self._allowed(self._graph.call_at(row))
