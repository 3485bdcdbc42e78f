"""Questions to a call graph, with names as people write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tracer.model.graph import Call, CallGraph
from tracer.model.kinds import Certainty
from tracer.model.names import matching_ids, plain

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
    """The ids that ``name`` may mean; see `tracer.model.names.matching_ids`."""
    return [name] if name in graph else matching_ids(graph.ids, name)


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

    last = plain(name).rpartition(".")[2]
    names: dict[str, list[str]] = {}
    for identity in graph.ids:
        names.setdefault(plain(identity).rpartition(".")[2], []).append(identity)
    return [identity for near in get_close_matches(last, names, n=5) for identity in names[near]][
        :_SHOWN_CANDIDATES
    ]


def path_via(graph: CallGraph, stations: Sequence[str], avoid: Sequence[str]) -> list[Call]:
    """A shortest path through ``stations`` in order; empty if any leg has none.

    A function that runs whatever it is handed is called from everywhere and calls everything that anybody
    hands it, so the shortest path through it may go in with one caller and come out with another's work. A
    closure exists only once the function around it has run: where a step that is not exact enters a closure,
    the path is led through that function first, or around the closure if it cannot be.
    """
    whole: list[Call] = []
    for start, goal in pairwise(stations):
        leg = graph.path(start, goal, avoid=avoid)
        if not leg:
            return []
        whole += _through_makers(graph, leg, avoid) or leg
    return whole


_MOST_DETOURS = 16


def _through_makers(graph: CallGraph, leg: list[Call], avoid: Sequence[str]) -> list[Call]:
    """``leg``, led through the functions that make the closures it enters; as it is if that cannot be."""
    start, goal = leg[0].caller, leg[-1].callee
    closed = list(avoid)
    led = leg
    for _ in range(_MOST_DETOURS):
        entered = _entered_closure(led)
        if entered is None:
            return led
        maker = entered.rpartition(".<locals>.")[0]
        before = graph.path(start, maker, avoid=closed) if maker in graph else []
        after = graph.path(maker, goal, avoid=closed) if before else []
        if before and after and _entered_closure(before + after) != entered:
            led = before + after
        else:
            closed.append(entered)
            led = graph.path(start, goal, avoid=closed)
    return leg


def _entered_closure(leg: Sequence[Call]) -> str | None:
    """The first closure that ``leg`` enters, not surely, without having met the function around it."""
    if not leg:
        return None
    met = {leg[0].caller}
    for call in leg:
        maker = call.callee.rpartition(".<locals>.")[0]
        if maker and maker not in met and call.certainty != Certainty.EXACT:
            return call.callee
        met.add(call.callee)
    return None


def all_paths(
    graph: CallGraph, start: str, goal: str, avoid: Sequence[str], limit: int
) -> Iterator[list[Call]]:
    """Simple paths of the fewest calls first, at most ``limit``; every step at its surest call."""
    from collections import deque

    closed = set(avoid)
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
