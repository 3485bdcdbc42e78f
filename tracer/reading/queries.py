"""Questions to a call graph, with names as people write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tracer.model.graph import Call, CallGraph

_SHOWN_CANDIDATES = 20


class NameProblemError(Exception):
    """A name that stands for no function, or for several.

    Args:
        name: what was asked for.
        candidates: the ids it may mean (none: nothing of this name).
    """

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = list(candidates)
        if candidates:
            message = f"{name} may mean any of {len(candidates)} functions"
        else:
            message = f"no function {name} in this graph"
        super().__init__(message)


def matching(graph: CallGraph, name: str) -> list[str]:
    """The ids that ``name`` may mean: the id itself, its dotted form, or any tail of it at a dot.

    ``<locals>`` may be left out; a module's name means its body.
    """
    if name in graph:
        return [name]
    wanted = _plain(name)
    tail = "." + wanted
    last = wanted.rpartition(".")[2]
    near = [
        (identity, _plain(identity))
        for identity in graph.ids
        if identity.endswith((last, f"{last}:<module>"))
    ]
    exact = [identity for identity, plain in near if plain == wanted]
    return exact or [identity for identity, plain in near if plain.endswith(tail)]


def find(graph: CallGraph, name: str) -> str:
    """The one id that ``name`` means; read functions win over external ones, methods over what is nested
    in them.

    Raises:
        NameProblemError: there is none, or more than one.
    """
    found = matching(graph, name)
    if len(found) > 1:
        found = [identity for identity in found if graph.function(identity).file] or found
    if len(found) != 1:
        raise NameProblemError(name, found)
    return found[0]


def close_names(graph: CallGraph, name: str) -> list[str]:
    """Ids whose last part resembles the last part of ``name``."""
    from difflib import get_close_matches

    last = _plain(name).rpartition(".")[2]
    names: dict[str, list[str]] = {}
    for identity in graph.ids:
        names.setdefault(_plain(identity).rpartition(".")[2], []).append(identity)
    return [identity for near in get_close_matches(last, names, n=5) for identity in names[near]][
        :_SHOWN_CANDIDATES
    ]


def path_via(graph: CallGraph, stations: Sequence[str], avoid: Sequence[str]) -> list[Call]:
    """A shortest path through ``stations`` in order; empty if any leg has none."""
    whole: list[Call] = []
    for start, goal in pairwise(stations):
        leg = graph.path(start, goal, avoid=avoid)
        if not leg:
            return []
        whole += leg
    return whole


def all_paths(
    graph: CallGraph, start: str, goal: str, avoid: Sequence[str], limit: int
) -> Iterator[list[Call]]:
    """Simple paths of the fewest calls first, at most ``limit``; every step at its surest call.

    What was handed over is entered behind its giver only, as in `CallGraph.path`.
    """
    from collections import deque

    closed = set(avoid)
    handed: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for one in graph.handovers():
        handed.setdefault((one.caller, one.callee), set()).add((one.giver, one.taker))
    reaching = _reaching(graph, goal)
    waiting: deque[list[Call]] = deque([[]])
    found = 0
    while waiting and found < limit:
        path = waiting.popleft()
        at = path[-1].callee if path else start
        if at == goal and path:
            found += 1
            yield path
            continue
        seen = {start, *(call.callee for call in path)}
        steps: dict[str, Call] = {}
        for call in graph.callees(at):
            givers = handed.get((at, call.callee))
            if givers is not None and not any((step.caller, step.callee) in givers for step in path):
                continue
            if call.callee in reaching and call.callee not in seen and call.callee not in closed:
                known = steps.get(call.callee)
                if known is None or call.certainty < known.certainty:
                    steps[call.callee] = call
        waiting.extend([*path, call] for call in steps.values())
        if len(waiting) > _MOST_WAITING:
            return


_MOST_WAITING = 200_000


def _reaching(graph: CallGraph, goal: str) -> set[str]:
    above: dict[str, list[str]] = {}
    for call in graph.calls():
        above.setdefault(call.callee, []).append(call.caller)
    found = {goal}
    todo = [goal]
    while todo:
        for caller in above.get(todo.pop(), ()):
            if caller not in found:
                found.add(caller)
                todo.append(caller)
    return found


def outline(graph: CallGraph, name: str) -> list[str]:
    """The ids of the functions in a file or module, in order of line."""
    chosen = [
        function
        for function in graph.functions()
        if function.file
        and (function.file == name or function.module == name or function.file.endswith("/" + name))
    ]
    return [
        function.id
        for function in sorted(chosen, key=lambda function: (function.file, function.line, function.id))
    ]


def _plain(name: str) -> str:
    return name.replace(":<module>", "").replace(":", ".").replace("<locals>.", "")
