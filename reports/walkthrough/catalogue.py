"""Every function that a reader can open: those on the path and those that these call, with who calls whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from reports.walkthrough.call_index import CallIndex
from tracer.model.function import Function
from tracer.model.observed import KIND_OF_LINK
from tracer.model.overlaid import Overlaid

MOST_RELATIONS = 400
"""Callers or callees of one function that the site holds; how many more there are is said."""
MOST_FUNCTIONS = 40_000
"""Functions that did not run which the site names at most."""


@dataclass(frozen=True)
class Relation:
    """A call from one function to another, by their numbers.

    ``times`` is how often it was seen, 0 for one that was possible and not taken. ``rule`` and
    ``certainty`` are empty for a call that was seen and that no static rule foretold; then ``cause`` says
    why, where that is known.
    """

    caller: int
    callee: int
    line: int
    times: int
    kind: str
    rule: str = ""
    certainty: str = ""
    cause: str = ""


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
    numbers: dict[str, int] = field(default_factory=dict)
    """Numbers of the functions by id."""

    def relation(self, caller: int, callee: int) -> Relation | None:
        """The best known call between two functions: one that was seen and foretold before others."""
        found = [one for one in self.callees.get(caller, ()) if one.callee == callee]
        return max(found, key=lambda one: (one.times > 0, bool(one.rule)), default=None)


def make_catalogue(index: CallIndex, overlaid: Overlaid | None) -> Catalogue:
    """Gather the functions of a request and, with a static graph, those that they could call.

    Args:
        index: the request.
        overlaid: what could happen, with the request laid over it; None when only what happened is known.
    """
    functions = list(index.tree.functions)
    ran = len(functions)
    numbers = dict(index.function_numbers)
    foretold = _foretold(overlaid, numbers, functions) if overlaid is not None else {}
    causes = _causes(overlaid) if overlaid is not None else {}
    taken = _reached(index)
    relations: list[Relation] = []
    seen = index.edges
    for (caller, callee, line), (times, link) in seen.items():
        static = foretold.get((caller, callee, line)) or foretold.get((caller, callee, 0))
        if static is not None:
            relations.append(Relation(caller, callee, line, times, *static))
            continue
        cause = causes.get((functions[caller].id, functions[callee].id), "")
        relations.append(Relation(caller, callee, line, times, str(KIND_OF_LINK[link]), cause=cause))
    for (caller, callee, line), static in foretold.items():
        if line and (caller, callee, line) not in seen:
            relations.append(Relation(caller, callee, line, taken.get((caller, callee), 0), *static))
    label = overlaid.label if overlaid is not None else ""
    catalogue = Catalogue(functions, ran, graph_label=label, numbers=numbers)
    if overlaid is not None:
        catalogue.left_out = _callers_that_did_not_run(overlaid, catalogue)
    _file_relations(catalogue, relations)
    return catalogue


def _callers_that_did_not_run(overlaid: Overlaid, catalogue: Catalogue) -> dict[int, int]:
    """By function how many of those that could call it did not run: of these no page holds what they call."""
    result: dict[int, int] = {}
    for number, function in enumerate(catalogue.functions):
        for edge in overlaid.incoming.get(function.id, ()):
            if edge.predictions and catalogue.numbers.get(edge.caller, catalogue.ran) >= catalogue.ran:
                result[number] = result.get(number, 0) + 1
    return result


def _causes(overlaid: Overlaid) -> dict[tuple[str, str], str]:
    """Why calls were seen and not foretold, by the ids of caller and callee."""
    return {
        (edge.caller, edge.callee): edge.reason.cause.value
        for edge in overlaid.edges
        if edge.reason is not None
    }


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
    overlaid: Overlaid, numbers: dict[str, int], functions: list[Function]
) -> dict[tuple[int, int, int], tuple[str, str, str]]:
    """What rules say of the calls of functions that ran, by line and, with line 0, by the surest."""
    ran = len(functions)
    result: dict[tuple[int, int, int], tuple[str, str, str]] = {}
    for caller, function in enumerate(functions[:ran]):
        for edge in overlaid.outgoing.get(function.id, ()):
            callee = numbers.get(edge.callee)
            if not edge.predictions or (callee is None and len(functions) - ran >= MOST_FUNCTIONS):
                continue
            if callee is None:
                callee = numbers[edge.callee] = len(functions)
                functions.append(overlaid.functions[edge.callee].function)
            for one in edge.predictions:
                how = (str(one.kind), one.rule, str(one.certainty))
                result.setdefault((caller, callee, one.line), how)
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
            left_out = catalogue.left_out.get(callee, 0)
            catalogue.left_out[callee] = left_out + len(callers) - MOST_RELATIONS
            del callers[MOST_RELATIONS:]
