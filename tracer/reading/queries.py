"""Questions to a call graph, with names as people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from tracer.model import names
from tracer.model.graph import Call, CallGraph

_MOST_NEAR = 5


def matching(graph: CallGraph, name: str) -> list[str]:
    """The ids that ``name`` may mean, read functions before external ones; see `tracer.model.names`."""
    return [name] if name in graph else names.matching(graph.ids, name, _is_read(graph))


def find(graph: CallGraph, name: str) -> str:
    """The one id that ``name`` means; read functions win over external ones, methods over what is nested
    in them.

    Raises:
        NameProblemError: there is none, or more than one.
    """
    return name if name in graph else names.one_of(graph.ids, name, _is_read(graph))


def _is_read(graph: CallGraph) -> Callable[[str], bool]:
    return lambda identity: bool(graph.function(identity).file)


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
    """The ids of the functions in a file or module, in order of line; of all whose name ends like that,
    where none has it whole."""
    read = [function for function in graph.functions() if function.file]
    chosen = [function for function in read if name in (function.file, function.module)] or [
        function
        for function in read
        if function.file.endswith(f"/{name}") or function.module.endswith(f".{name}")
    ]
    return [
        function.id
        for function in sorted(chosen, key=lambda function: (function.file, function.line, function.id))
    ]


def files_near(graph: CallGraph, name: str) -> list[str]:
    """The files, or where ``name`` has no ``/`` the modules, whose names resemble it, most alike first."""
    from difflib import get_close_matches

    read = [function for function in graph.functions() if function.file]
    parts = name.count("/") or name.count(".")
    cut = "/" if "/" in name else "."
    known: dict[str, str] = {}
    for function in read:
        whole = function.file if cut == "/" else function.module
        known.setdefault(cut.join(whole.split(cut)[-1 - parts :]), whole)
    return [known[one] for one in get_close_matches(name, known, n=_MOST_NEAR)]
