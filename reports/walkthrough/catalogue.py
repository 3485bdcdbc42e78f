"""Every function that a reader can open: those on the path and those that these call, with who calls whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reports.walkthrough.call_index import CallIndex
from tracer.model.function import Function
from tracer.model.graph import CallGraph
from tracer.model.kinds import CallKind
from tracer.model.observed import KIND_OF_LINK

MOST_RELATIONS = 400
"""Callers or callees of one function that the site holds; how many more there are is said."""
MOST_FUNCTIONS = 40_000
"""Functions that did not run which the site names at most."""


@dataclass(frozen=True)
class Relation:
    """A call from one function to another, by their numbers.

    ``times`` is how often it was seen, 0 for one that was possible and not taken. ``rule`` and
    ``certainty`` are empty for a call that was seen and that no static rule foretold.
    """

    caller: int
    callee: int
    line: int
    times: int
    kind: str
    rule: str = ""
    certainty: str = ""


@dataclass
class Catalogue:
    """The functions, those that ran first and in the recording's order, and the calls between them."""

    functions: list[Function]
    ran: int
    callees: dict[int, list[Relation]] = field(default_factory=dict)
    callers: dict[int, list[Relation]] = field(default_factory=dict)
    left_out: dict[int, int] = field(default_factory=dict)
    """By function how many of its callers the site does not hold."""
    graph_label: str = ""

    def relation(self, caller: int, callee: int) -> Relation | None:
        """The best known call between two functions: one that was seen and foretold before others."""
        found = [one for one in self.callees.get(caller, ()) if one.callee == callee]
        return max(found, key=lambda one: (one.times > 0, bool(one.rule)), default=None)


def make_catalogue(index: CallIndex, graph: CallGraph | None) -> Catalogue:
    """Gather the functions of a request and, with a static graph, those that they could call.

    Args:
        index: the request.
        graph: what could happen; None when only what happened is known.
    """
    functions = list(index.tree.functions)
    ran = len(functions)
    numbers = dict(index.function_numbers)
    seen = _seen(index)
    foretold = _foretold(graph, numbers, functions) if graph is not None else {}
    taken = _reached(index)
    relations: list[Relation] = []
    matched: set[tuple[int, int, int]] = set()
    for (caller, callee, line), (times, kind) in seen.items():
        static = foretold.get((caller, callee, line)) or foretold.get((caller, callee, 0))
        if (caller, callee, line) in foretold:
            matched.add((caller, callee, line))
        kind, rule, certainty = static if static else (kind, "", "")
        relations.append(Relation(caller, callee, line, times, kind, rule, certainty))
    for (caller, callee, line), (kind, rule, certainty) in foretold.items():
        if line and (caller, callee, line) not in matched:
            times = taken.get((caller, callee), 0)
            relations.append(Relation(caller, callee, line, times, kind, rule, certainty))
    catalogue = Catalogue(functions, ran, graph_label=graph.summary.label if graph else "")
    _file_relations(catalogue, relations)
    return catalogue


def _seen(index: CallIndex) -> dict[tuple[int, int, int], tuple[int, str]]:
    return {key: (times, str(KIND_OF_LINK[link])) for key, (times, link) in index.edges.items()}


def _reached(index: CallIndex) -> dict[tuple[int, int], int]:
    """How often each function was reached from another with nothing but closures of decorators in between."""
    closure = ["<locals>" in function.id for function in index.tree.functions]
    spans = index.tree.spans
    plain_above: list[int] = []
    result: dict[tuple[int, int], int] = {}
    for at, above in enumerate(index.parent):
        near = above
        if above >= 0 and closure[spans[above].function]:
            near = plain_above[above]
        plain_above.append(near)
        if near >= 0 and near != above and spans[at].activation < 2:
            key = (spans[near].function, spans[at].function)
            result[key] = result.get(key, 0) + 1
    return result


def _foretold(
    graph: CallGraph, numbers: dict[str, int], functions: list[Function]
) -> dict[tuple[int, int, int], tuple[str, str, str]]:
    """What the graph says of the calls of functions that ran, by line and, with line 0, by the surest."""
    ran = len(functions)
    result: dict[tuple[int, int, int], tuple[str, str, str]] = {}
    for function in functions[:ran]:
        if function.id not in graph:
            continue
        for call in graph.callees(function.id):
            callee = numbers.get(call.callee)
            if callee is None:
                if len(functions) - ran >= MOST_FUNCTIONS:
                    continue
                callee = numbers[call.callee] = len(functions)
                functions.append(graph.function(call.callee))
            how = (str(call.kind), call.rule, str(call.certainty))
            caller = numbers[function.id]
            result.setdefault((caller, callee, call.line), how)
            result.setdefault((caller, callee, 0), how)
    return result


def _file_relations(catalogue: Catalogue, relations: Iterable[Relation]) -> None:
    for relation in relations:
        catalogue.callees.setdefault(relation.caller, []).append(relation)
        catalogue.callers.setdefault(relation.callee, []).append(relation)
    for callees in catalogue.callees.values():
        callees.sort(key=lambda one: (one.line, not one.times, one.callee))
    for callee, callers in catalogue.callers.items():
        callers.sort(key=lambda one: (-one.times, one.caller, one.line))
        if len(callers) > MOST_RELATIONS:
            catalogue.left_out[callee] = len(callers) - MOST_RELATIONS
            del callers[MOST_RELATIONS:]


def not_taken(catalogue: Catalogue, function: int) -> Sequence[Relation]:
    """The calls that a function could have made and did not, plain ones of its decorators left out."""
    return [
        one
        for one in catalogue.callees.get(function, ())
        if not one.times and one.kind != CallKind.DECORATOR and one.rule
    ]
