"""Which part of a flow a baseline is about."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import CallKind
from tracer.model.names import NameProblemError, one_of
from tracer.regression.flow import CROSSINGS, Edge, Flow, Part


class ScopeError(Exception):
    """A scope that cannot be applied: what is wrong, what to do about it, and what may have been meant."""

    def __init__(self, message: str, remedy: str = "", candidates: Collection[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.candidates = list(candidates)


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to keep of a flow; everything, when nothing is said.

    ``start`` and ``goal`` are functions: what lies on ways from (and to) them is kept, up to ``depth`` calls
    from the start. ``packages`` are the packages whose functions are kept, ``services`` the lanes.
    ``backbone`` keeps only the shortest ways from the start to the goal and to whatever leaves the process;
    in a recording, only what lies above a crossing. ``ran`` keeps, of what was read, the functions that the
    recording ran.
    """

    start: str = ""
    goal: str = ""
    packages: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    depth: int = 0
    backbone: bool = False
    ran: bool = False

    def keeps(self, identity: str, service: str) -> bool:
        """Whether a function that ran in ``service`` is among the packages and services."""
        if self.services and service not in self.services:
            return False
        return not self.packages or in_packages(identity, self.packages)


def in_packages(identity: str, packages: Iterable[str]) -> bool:
    """Whether the function's module is one of ``packages`` or lies in one."""
    module = identity.partition(":")[0]
    return any(module == package or module.startswith(package + ".") for package in packages)


def narrowed(flow: Flow, scope: Scope) -> Flow:
    """The part of ``flow`` that ``scope`` is about (a recording's packages and services are chosen before).

    Of a flow without any call, that is none.

    Raises:
        ScopeError: the start or the goal names no function of the flow, or several.
    """
    members = flow.members
    if flow.part is Part.STATIC and scope.packages:
        members = frozenset(one for one in members if in_packages(one, scope.packages))
        flow = flow.only(members)
    if not (flow.edges and (scope.start or scope.goal or scope.backbone)):
        return flow
    forward, backward = _neighbours(flow.edges)
    if scope.start:
        start = one_id(flow, scope.start)
        members &= set(_distances([start], forward, scope.depth))
    if scope.goal:
        goal = one_id(flow, scope.goal)
        members &= set(_distances([goal], backward))
    if scope.backbone:
        members &= _backbone(flow, scope, forward)
    return flow.only(members)


def one_id(flow: Flow, name: str) -> str:
    """The one function of ``flow`` that ``name`` means.

    Raises:
        ScopeError: there is none, or more than one.
    """

    def function(identity: str) -> Function:
        return flow.functions.get(identity) or Function(identity)

    try:
        return one_of(flow.members, name, lambda identity: bool(function(identity).file))
    except NameProblemError as problem:
        message = str(problem) if problem.candidates else f"there is no function {name} here"
        raise ScopeError(message, problem.remedy, problem.lines(function)) from problem


Neighbours = Mapping[str, Collection[str]]


def _neighbours(edges: Iterable[Edge]) -> tuple[Neighbours, Neighbours]:
    forward: defaultdict[str, set[str]] = defaultdict(set)
    backward: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.kind != CallKind.DECORATOR:
            forward[edge.caller].add(edge.callee)
            backward[edge.callee].add(edge.caller)
    return forward, backward


def _distances(starts: Iterable[str], neighbours: Neighbours, limit: int = 0) -> dict[str, int]:
    """How many calls away what can be reached is; with a ``limit``, at most so many."""
    found = dict.fromkeys(starts, 0)
    waiting = deque(found)
    while waiting:
        at = waiting.popleft()
        if limit and found[at] >= limit:
            continue
        for other in neighbours.get(at, ()):
            if other not in found:
                found[other] = found[at] + 1
                waiting.append(other)
    return found


def _backbone(flow: Flow, scope: Scope, forward: Neighbours) -> set[str]:
    crossings = [edge for edge in flow.edges if edge.kind in CROSSINGS]
    ends = {end for edge in crossings for end in (edge.caller, edge.callee)}
    if scope.goal:
        ends.add(one_id(flow, scope.goal))
    if not scope.start:
        _, backward = _neighbours(flow.edges)
        return set(_distances(ends, backward)) if flow.part is Part.RUNTIME else ends
    distance = _distances([one_id(flow, scope.start)], forward)
    nearer: defaultdict[str, set[str]] = defaultdict(set)
    for caller, callees in forward.items():
        for callee in callees:
            if caller in distance and distance.get(callee) == distance[caller] + 1:
                nearer[callee].add(caller)
    return set(_distances((end for end in ends if end in distance), nearer))


Kept = Callable[[str, str], bool]
