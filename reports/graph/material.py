"""What a picture of calls is made from, whatever it was read from: functions, and ways between them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from tracer.model import wrapping
from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph
from tracer.model.kinds import CallKind, Certainty
from tracer.model.notes import releases_in
from tracer.model.observed import KIND_OF_LINK, observed_calls
from tracer.model.overlaid import MEANING, Overlaid, OverlaidEdge, Standing
from tracer.model.request_tree import RequestTree

_SURENESS = tuple(Certainty)
REMOTE = frozenset(
    {
        CallKind.RPC_CALL,
        CallKind.RPC_CAST,
        CallKind.RPC_FANOUT,
        CallKind.REST,
        CallKind.REMOTE_OBJECT,
        CallKind.PRIVSEP,
    }
)
"""Kinds of calls that may lead to another process."""


class Station(msgspec.Struct, frozen=True, gc=False):
    """A function in a service, and how often it was called there.

    ``service`` is empty where no recording says in which services the function runs.
    """

    function: Function
    service: str = ""
    times: int = 0


class Way(msgspec.Struct, frozen=True, gc=False):
    """One way from a station to another, both given by index, with what is known of it.

    ``times`` is how often it was taken, ``sites`` how many lines of the caller lead there by the source,
    ``line`` the first of the caller's lines (1-based, 0 where not known). ``certainty`` is that of the
    surest rule, None where no rule says so. ``through`` are the wrappers folded into it, outermost first.
    """

    caller: int
    callee: int
    kind: CallKind
    standing: Standing
    times: int = 0
    sites: int = 0
    line: int = 0
    certainty: Certainty | None = None
    through: tuple[str, ...] = ()
    seen_in: int = 0
    reason: str = ""
    """Why it was seen and not predicted."""


class Material:
    """Everything that may be drawn.

    Args:
        label: what it is, in a few words (``nova=34.0.0``, ``recording create``).
        versions: version by package, as far as known.
        stations: every function in every service.
        ways: every way between them, in any order.
        functions: how many functions there are, drawn or not.
        wrappers: how many of these only carry calls on and were folded into the ways.
        recordings: how many recordings it holds.
        compared: recordings were laid over what was read.
    """

    def __init__(
        self,
        label: str,
        versions: Mapping[str, str],
        stations: Iterable[Station],
        ways: Iterable[Way],
        *,
        functions: int,
        wrappers: int = 0,
        recordings: int = 0,
        compared: bool = False,
    ) -> None:
        self.label = label
        self.versions = dict(versions)
        self.stations = list(stations)
        self.ways = sorted(ways, key=lambda way: (way.caller, way.callee, way.kind))
        self.functions = functions
        self.wrappers = wrappers
        self.recordings = recordings
        self.compared = compared

    @cached_property
    def by_id(self) -> dict[str, list[int]]:
        """The stations of each function, by its id."""
        result: dict[str, list[int]] = {}
        for index, station in enumerate(self.stations):
            result.setdefault(station.function.id, []).append(index)
        return result


def from_source(graph: CallGraph, *, wrappers: bool = True) -> Material:
    """A call graph that was read: every function once, in no service.

    Args:
        graph: what was read.
        wrappers: keep the functions that only carry calls on to what they wrap.
    """
    shown = graph if wrappers else wrapping.without_wrappers(graph)
    stations = [Station(function) for function in shown.functions()]
    index = {identity: number for number, identity in enumerate(shown.ids)}
    found: dict[tuple[int, int, CallKind], list[Call]] = {}
    for call in shown.calls():
        found.setdefault((index[call.caller], index[call.callee], call.kind), []).append(call)
    ways = (
        Way(
            *key,
            Standing.NOT_TAKEN,
            sites=len({call.line for call in calls}),
            line=min(call.line for call in calls),
            certainty=min((call.certainty for call in calls), key=_SURENESS.index),
        )
        for key, calls in found.items()
    )
    label = graph.summary.label
    return Material(
        label,
        releases_in(label),
        stations,
        ways,
        functions=len(graph.ids),
        wrappers=len(graph.ids) - len(shown.ids),
    )


def from_recording(
    tree: RequestTree,
    start: str = "",
    goal: str = "",
    *,
    wrappers: bool = True,
    source: Callable[[str], str | None] = lambda file: None,
) -> Material:
    """A recording: every function once for each service that it ran in.

    Args:
        tree: the recorded request.
        start, goal: function ids. With both, only what ran under ``start`` and led to ``goal``, where there
            is such a thing: a function that hands everything on would join ways that nothing ever took.
        wrappers: keep the frames that only carry calls on to others.
        source: gives a source file's text or None; what is used as a decorator is read there.
    """
    carriers = frozenset[str]() if wrappers else _carriers(tree, source)
    shown = _between(tree, start, goal) or tree if start and goal else tree
    times: dict[tuple[str, str], int] = {}
    for span in shown.spans:
        key = (span.service, tree.function(span).id)
        if key[1] not in carriers:
            times[key] = times.get(key, 0) + (not span.activation)
    functions = {function.id: function for function in tree.functions}
    stations = [Station(functions[name], service, count) for (service, name), count in times.items()]
    index = _index(stations)
    ways = [
        Way(
            index[pair.caller, call.caller],
            index[pair.callee, call.callee],
            call.kind,
            Standing.UNPREDICTED,
            times=pair.times,
            line=call.line,
        )
        for call in observed_calls(shown)
        if call.caller not in carriers and call.callee not in carriers
        for pair in call.services
    ]
    ways += _carried(shown, carriers, index)
    header = tree.header
    return Material(
        f"recording {header.scenario}",
        header.versions,
        stations,
        ways,
        functions=len(tree.functions),
        wrappers=len(carriers),
        recordings=1,
    )


def _carriers(tree: RequestTree, source: Callable[[str], str | None]) -> frozenset[str]:
    """The functions that only carry calls on: dispatchers, proxies, decorators' closures."""
    files = sorted({function.file for function in tree.functions if function.file})
    decorators = wrapping.decorators_in(text for file in files if (text := source(file)) is not None)
    closures = {
        function.id
        for function in tree.functions
        if wrapping.is_proxy(function.id) or wrapping.is_decorators_closure(function.id, decorators)
    }
    return wrapping.dispatchers(tree) | closures


def _carried(
    tree: RequestTree, carriers: Collection[str], index: Mapping[tuple[str, str], int]
) -> Iterator[Way]:
    """The ways through frames that only carry calls on, these folded into them."""
    found: dict[tuple[int, int, CallKind], list[wrapping.Carried]] = {}
    for one in wrapping.carried(tree, carriers.__contains__) if carriers else ():
        key = (
            index[one.caller.service, tree.function(one.caller).id],
            index[one.callee.service, tree.function(one.callee).id],
            KIND_OF_LINK[one.link],
        )
        found.setdefault(key, []).append(one)
    for key, calls in found.items():
        line = min((call.line for call in calls if call.line), default=0)
        yield Way(*key, Standing.UNPREDICTED, times=len(calls), line=line, through=calls[0].through)


def _between(tree: RequestTree, start: str, goal: str) -> RequestTree | None:
    """The spans of ``tree`` under a call of ``start`` that led to one of ``goal``, both included."""
    under: set[int] = set()
    for span in tree.spans:
        if span.parent in under or tree.function(span).id == start:
            under.add(span.id)
    leading: set[int] = set()
    for span in reversed(tree.spans):
        if span.id in under and (span.id in leading or tree.function(span).id == goal):
            leading.add(span.id)
            leading.add(span.parent)
    kept = [span for span in tree.spans if span.id in leading and span.id in under]
    return RequestTree(tree.header, tree.functions, kept) if kept else None


def from_overlay(whole: Overlaid, *, wrappers: bool = True) -> Material:
    """A graph with recordings laid over it.

    A function that did not run is in no service. A predicted way that was not taken stays in the caller's
    service where the callee ran there as well.

    Args:
        whole: the graph.
        wrappers: keep the functions that only carry calls on.
    """
    overlaid = whole if wrappers else whole.folded()
    stations: list[Station] = []
    for one in overlaid.functions.values():
        if one.services:
            stations += [Station(one.function, service, times) for service, times in one.services]
        else:
            stations.append(Station(one.function))
    index = _index(stations)
    services = {
        one.id: [service for service, _ in one.services] or [""] for one in overlaid.functions.values()
    }
    ways: list[Way] = []
    for edge in overlaid.edges:
        ways += _ways_of(edge, index, services)
    return Material(
        overlaid.label,
        releases_in(overlaid.label),
        stations,
        ways,
        functions=len(whole.functions),
        wrappers=len(whole.functions) - len(overlaid.functions),
        recordings=len(overlaid.recordings),
        compared=True,
    )


def _ways_of(
    edge: OverlaidEdge, index: Mapping[tuple[str, str], int], services: Mapping[str, list[str]]
) -> list[Way]:
    sighting = edge.sighting
    sites = len({one.line for one in edge.predictions})
    certainty = edge.predictions[0].certainty if edge.predictions else None
    if sighting is None:
        line = min((one.line for one in edge.predictions), default=0)
        pairs = [
            (caller, callee)
            for caller in services[edge.caller]
            for callee in services[edge.callee]
            if edge.kind in REMOTE or callee in (caller, "")
        ]
        pairs = pairs or [(services[edge.caller][0], services[edge.callee][0])]
        return [
            Way(
                index[caller, edge.caller],
                index[callee, edge.callee],
                edge.kind,
                edge.standing,
                sites=sites,
                line=line,
                certainty=certainty,
            )
            for caller, callee in pairs
        ]
    reason = MEANING[edge.reason.cause] if edge.reason is not None else ""
    return [
        Way(
            index[pair.caller, edge.caller],
            index[pair.callee, edge.callee],
            edge.kind,
            edge.standing,
            times=pair.times,
            sites=sites,
            line=sighting.lines[0] if sighting.lines else 0,
            certainty=certainty,
            through=sighting.through,
            seen_in=len(sighting.seen_in),
            reason=reason,
        )
        for pair in sighting.services
    ]


def _index(stations: Iterable[Station]) -> dict[tuple[str, str], int]:
    return {(station.service, station.function.id): number for number, station in enumerate(stations)}
