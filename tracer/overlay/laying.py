"""Lays recordings over a static call graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from tracer.model.graph import Call, CallGraph
from tracer.model.kinds import CallKind, Certainty, lane_order
from tracer.model.overlaid import (
    Cause,
    Laid,
    Overlaid,
    OverlaidEdge,
    OverlaidFunction,
    Prediction,
    Reason,
    Sighting,
)
from tracer.model.recording_folder import Recording
from tracer.model.wrapping import dispatchers, wrappers
from tracer.overlay.reasons import Reasons
from tracer.overlay.sightings import Key, Sightings, Sum
from tracer.overlay.unrecorded import Unrecorded

_LINKED = frozenset(
    (CallKind.SPAWN, CallKind.RPC_CALL, CallKind.RPC_CAST, CallKind.RPC_FANOUT, CallKind.REST)
)
_SUREST_FIRST = tuple(Certainty)


def lay(
    graph: CallGraph,
    recordings: Sequence[Recording],
    packages: Collection[str] = (),
    progress: Callable[[str], None] = lambda stage: None,
) -> Overlaid:
    """The graph with everything on it that the recordings saw.

    Args:
        graph: what can happen.
        recordings: what did.
        packages: dotted names of the packages and modules that the recorder followed; where empty, every
            top-level package of which anything was recorded is taken to have been followed.
        progress: told what is being done.

    Raises:
        RecordingError: a recording cannot be read.
    """
    progress("reading recordings")
    return _Laying(graph, recordings, packages, progress).overlaid()


class _Laying:
    def __init__(
        self,
        graph: CallGraph,
        recordings: Sequence[Recording],
        packages: Collection[str],
        progress: Callable[[str], None],
    ) -> None:
        self.graph, self.recordings, self.progress = graph, recordings, progress
        trees = [recording.tree for recording in recordings]
        self.functions = {function.id: function for function in graph.functions()}
        self.read = {identity for identity, function in self.functions.items() if function.file}
        for tree in trees:
            for function in tree.functions:
                if function.id not in self.read:
                    self.functions[function.id] = function
        self.carriers = wrappers(graph).union(*map(dispatchers, trees))
        self.reasons = Reasons(graph, self.functions.__getitem__, self._source)
        self.predicted: dict[tuple[str, str], list[Call]] = {}
        remote: dict[str, set[str]] = {}
        for call in graph.calls():
            self.predicted.setdefault((call.caller, call.callee), []).append(call)
            if call.kind is CallKind.REMOTE_OBJECT:
                remote.setdefault(call.callee, set()).add(call.caller)
        progress("adding up what was seen")
        self.seen = Sightings(trees, self._carries, frozenset(self.carriers & self.read), remote)
        modules = {ran.function.module for ran in self.seen.ran.values()}
        self.unrecorded = Unrecorded(graph, modules, packages)
        self.families = self._families()

    def _carries(self, identity: str) -> bool:
        return identity not in self.read or identity in self.carriers

    def _source(self, file: str) -> str | None:
        return next(
            (text for recording in self.recordings if (text := recording.source(file)) is not None), None
        )

    def overlaid(self) -> Overlaid:
        """The finished graph."""
        self.progress("joining")
        direct, carried = self._joined()
        edges = [
            OverlaidEdge(caller, callee, kind, tuple(found), direct.pop((caller, callee, kind), None))
            for (caller, callee), families in self.families.items()
            for kind, found in families.items()
        ]
        self.progress("looking for reasons")
        edges += [self._unpredicted(key, sighting) for key, sighting in direct.items()]
        recordings = [
            Laid(
                recording.folder.name,
                recording.header.scenario,
                recording.header.trace_id,
                recording.header.spans,
            )
            for recording in self.recordings
        ]
        return Overlaid(self.graph.summary.label, recordings, self._functions(), edges, carried)

    def _families(self) -> dict[tuple[str, str], dict[CallKind, list[Prediction]]]:
        """The predictions of each pair: those on one stack together, under the surest one's kind, each kind
        of link apart."""
        result: dict[tuple[str, str], dict[CallKind, list[Prediction]]] = {}
        for pair, calls in self.predicted.items():
            found = sorted(
                (Prediction(call.certainty, call.line, call.kind, call.rule, call.file) for call in calls),
                key=lambda one: (_SUREST_FIRST.index(one.certainty), one.line, one.kind, one.rule),
            )
            families: dict[CallKind, list[Prediction]] = {}
            local = next((one.kind for one in found if one.kind not in _LINKED), CallKind.CALL)
            for one in found:
                families.setdefault(one.kind if one.kind in _LINKED else local, []).append(one)
            result[pair] = families
        return result

    def _joined(self) -> tuple[dict[Key, Sighting], list[OverlaidEdge]]:
        """Sightings by the edge they belong to, and the edges that only folding shows."""
        joined: dict[Key, Sum] = {}
        for key, total in sorted(self.seen.direct.items(), key=self._own_kind_first):
            edge = self._edge_of(key, joined)
            joined[edge] = joined[edge].with_more(total) if edge in joined else total
        direct = {key: total.sighting() for key, total in sorted(joined.items())}
        carried: list[OverlaidEdge] = []
        for key, total in sorted(self.seen.carried.items()):
            caller, callee, kind = key
            if (caller, callee) in self.families:
                direct.setdefault(self._edge_of(key, {}), total.sighting())
            elif not (
                self._carries(caller)
                or self._carries(callee)
                or any((caller, callee, seen) in self.seen.direct for seen in CallKind)
            ):
                reason = Reason(Cause.THROUGH_WRAPPERS, " -> ".join(total.through))
                carried.append(OverlaidEdge(caller, callee, kind, (), total.sighting(), reason))
        return direct, carried

    def _own_kind_first(self, item: tuple[Key, Sum]) -> tuple[bool, Key]:
        """Sort key: those that have a predicted edge of their own kind come before those that take any."""
        key = item[0]
        return not self._fitting(key), key

    def _fitting(self, key: Key) -> list[CallKind]:
        """The kinds of the pair's predicted edges that a sighting of this kind just confirms."""
        caller, callee, kind = key
        known = self.families.get((caller, callee), {})
        if kind in _LINKED:
            return [kind] if kind in known else []
        return [one for one in known if one not in _LINKED]

    def _edge_of(self, key: Key, taken: Collection[Key]) -> Key:
        """The predicted edge that a sighting confirms: of its own kind of link if there is one, else any."""
        caller, callee, _ = key
        for one in (*self._fitting(key), *self.families.get((caller, callee), {})):
            if (caller, callee, one) not in taken:
                return caller, callee, one
        return key

    def _unpredicted(self, key: Key, sighting: Sighting) -> OverlaidEdge:
        caller, callee, kind = key
        if kind is CallKind.CALL and caller in self.read and callee in self.read:
            path = self.unrecorded.path(caller, callee, sighting.lines)
            if path:
                return self._through_unrecorded(key, sighting, path)
        reason: Reason = self.reasons.reason(caller, callee, kind, sighting.lines)
        return OverlaidEdge(caller, callee, kind, (), sighting, reason)

    @staticmethod
    def _through_unrecorded(key: Key, sighting: Sighting, path: list[Call]) -> OverlaidEdge:
        sure = max((call.certainty for call in path), key=_SUREST_FIRST.index)
        rule = f"path through {len(path) - 1} functions that are not recorded"
        first = path[0]
        prediction = Prediction(sure, first.line, CallKind.CALL, rule, first.file)
        through = tuple(call.callee for call in path[:-1])
        seen = Sighting(
            sighting.times, sighting.services, sighting.lines, sighting.seen_in, through, sighting.first
        )
        return OverlaidEdge(*key, (prediction,), seen)

    def _functions(self) -> list[OverlaidFunction]:
        ran = self.seen.ran
        result = []
        for identity in sorted(self.functions):
            known = ran.get(identity)
            services: tuple[tuple[str, int], ...] = ()
            seen_in: tuple[int, ...] = ()
            if known is not None:
                services = tuple(sorted(known.services.items(), key=lambda item: lane_order(item[0])))
                seen_in = tuple(sorted(known.seen_in))
            result.append(
                OverlaidFunction(
                    self.functions[identity],
                    identity in self.read,
                    services,
                    seen_in,
                    identity in self.carriers,
                )
            )
        return result
