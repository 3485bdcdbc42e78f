"""A flow held against a baseline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from tracer.model.kinds import CallKind
from tracer.regression.baseline import Baseline
from tracer.regression.changes import Change, Comparison, Place, What
from tracer.regression.flow import NO_LANE, UNKNOWN, Chain, Edge, Flow, Part, Seen, simple_name
from tracer.regression.learning import learnt
from tracer.regression.ordering import bare
from tracer.regression.renames import renamed
from tracer.regression.scope import narrowed
from tracer.regression.uncertain import Uncertain, uncertain

Before = Callable[[str, str], Place | None]
"""Where a caller (first) called a callee (second; empty: where it stood) in the old source, if that is
known."""


def unknown_before(caller: str, callee: str) -> Place | None:
    """No place is known of the old source."""


def compare(
    baseline: Baseline,
    flows: Sequence[Flow],
    *,
    before: Before = unknown_before,
    likeness: Mapping[tuple[str, str], float] | None = None,
    untouched: Collection[str] = (),
    whole: Sequence[Flow] = (),
    old: str = "the baseline",
) -> Comparison:
    """What differs between a baseline and flows of the present.

    Args:
        baseline: what was agreed on.
        flows: the present: at most one static, and any number of runtime flows of the same code, in which an
            edge is gone if none has it, and new if all have it.
        before: tells places in the old source.
        likeness: how alike the texts of functions of old and new source are (0 to 1).
        untouched: functions whose text is what it was, but for decorators: what changes in what they call
            follows from changes elsewhere.
        whole: the flows that the baseline was chosen from, where they are known: a call that they have is
            not new, but has come into what is looked at.
        old: what to call the baseline where it does not say its release.
    """
    static = [flow for flow in flows if flow.part is Part.STATIC]
    runs = [flow for flow in flows if flow.part is Part.RUNTIME]
    changes: list[Change] = []
    notes: list[str] = []
    unused: list[str] = []
    for part, found in ((Part.STATIC, static), (Part.RUNTIME, runs)):
        if part not in baseline.parts or not found:
            if part in baseline.parts:
                notes.append(f"the baseline's {part} part was not checked: nothing was given for it")
            continue
        flow = found[0] if part is Part.STATIC else learnt(found)
        if part is Part.RUNTIME and baseline.configuration and flow.configuration != baseline.configuration:
            notes.append("the recording was made with another configuration than the baseline's")
        one = _PartComparison(
            baseline, part, flow, before, likeness, whole, alone=part is Part.RUNTIME and len(runs) == 1
        )
        changes += [
            msgspec.structs.replace(change, follows=True)
            if change.caller in untouched and change.kind != CallKind.DECORATOR
            else change
            for change in one.changes()
        ]
        notes += [f"not read: {note}" for note in flow.notes if part is Part.STATIC]
        notes += one.uncertain.notes
        if part is Part.RUNTIME and len(runs) >= max(baseline.runs, 2):
            unused += one.unused()
    label = next((flow.label for flow in flows if flow.label), "")
    return Comparison(baseline.release or old, label, changes, notes, unused)


class _PartComparison:
    def __init__(
        self,
        baseline: Baseline,
        part: Part,
        flow: Flow,
        before: Before,
        likeness: Mapping[tuple[str, str], float] | None,
        whole: Sequence[Flow],
        *,
        alone: bool,
    ) -> None:
        self.baseline, self.before = baseline, before
        self.part, self.alone = part, alone
        self.uncertain = Uncertain()
        self.whole = flow
        scoped = narrowed(flow, baseline.scope)
        if part is Part.STATIC and baseline.scope.ran:
            scoped = scoped.only(baseline.members & scoped.members)
        self.flow = scoped
        self.old = {
            edge: seen
            for edge, seen in baseline.edges.items()
            if (edge.lane == NO_LANE) is (part is Part.STATIC)
        }
        self.old_order = {
            place: pairs
            for place, pairs in baseline.order.items()
            if (place[0] == NO_LANE) is (part is Part.STATIC)
        }
        if part is Part.STATIC and baseline.ordered and not flow.ordered:
            self.old = {edge: seen for edge, seen in self.old.items() if not _from_text(edge)}
        self.counted = part is Part.STATIC and baseline.ordered and flow.ordered
        self.names = self._renamed(likeness)
        self.were = {new: old for old, new in self.names.items()}
        self.known = {self._now_called(edge) for one in whole if one.part is part for edge in one.edges}

    def _renamed(self, likeness: Mapping[tuple[str, str], float] | None) -> dict[str, str]:
        listed = _known(self.old)
        known = self.whole.functions
        gone = {name for name in _known(self.old, optional=False) if name not in known}
        new = {name for name in _known(self.flow.edges, optional=False) if name not in listed}
        found = renamed(gone, new, self.old, self.flow.edges, likeness)
        if self.part is Part.STATIC:
            return found
        # That a function did not run does not say that it is gone.
        return {old: now for old, now in found.items() if simple_name(old) == simple_name(now)}

    def _now_called(self, edge: Edge) -> Edge:
        caller, callee = (self.names.get(name, name) for name in edge[1:3])
        return Edge(edge.lane, caller, callee, edge.kind)

    def changes(self) -> list[Change]:
        """All changes of the part."""
        old = {self._now_called(edge): seen for edge, seen in self.old.items()}
        new = self.flow.edges
        removed = {edge for edge, seen in old.items() if edge not in new and not seen.optional}
        added = {edge for edge, seen in new.items() if edge not in old and not seen.optional}
        if self.alone:
            self.uncertain = uncertain(old, self.baseline.caught, self.flow, added, removed)
            added -= self.uncertain.added
            removed -= self.uncertain.removed
        self.callers_before = {edge.caller for edge in old} | {edge.callee for edge in old}
        found = [self._rename(before, after) for before, after in self.names.items()]
        found += [self._added(edge, new[edge], follows=True) for edge in added & self.known]
        added -= self.known
        found += self._altered(removed, added)
        found += self._moved(removed, added)
        found += [self._removed(edge) for edge in removed]
        found += [self._added(edge, new[edge]) for edge in added]
        if self.counted:
            found += self._counts(old)
        if self.baseline.ordered and self.flow.ordered:
            found += self._order({edge.caller for edge in removed | added} | self.uncertain.callers)
        return sorted(found, key=lambda one: (one.lane, one.caller, one.callee, one.what, one.before))

    def _rename(self, before: str, after: str) -> Change:
        lane = next((edge.lane for edge in self.old if before in edge[1:3]), NO_LANE)
        return Change(What.RENAMED, lane, after, before, now=self._stands(after), was=self.before(before, ""))

    def _altered(self, removed: set[Edge], added: set[Edge]) -> list[Change]:
        """Edges that changed their kind only; they are taken out of ``removed`` and ``added``."""
        by_ends: defaultdict[tuple[str, str, str], list[Edge]] = defaultdict(list)
        for edge in sorted(added):
            by_ends[edge[:3]].append(edge)
        found = []
        for edge in sorted(removed):
            others = by_ends[edge[:3]]
            if others:
                other = others.pop(0)
                removed.remove(edge)
                added.remove(other)
                found.append(self._replaced(What.ALTERED, edge, other, edge.kind, other.kind))
        return found

    def _moved(self, removed: set[Edge], added: set[Edge]) -> list[Change]:
        """Edges whose caller is another one that the old caller calls, or that calls it."""
        linked = {edge[1:3] for edge in self.flow.edges}
        by_callee: defaultdict[tuple[str, str, str], list[Edge]] = defaultdict(list)
        for edge in sorted(added):
            by_callee[edge.lane, edge.callee, edge.kind].append(edge)
        found = []
        for edge in sorted(removed):
            for other in by_callee[edge.lane, edge.callee, edge.kind]:
                ends = (edge.caller, other.caller)
                if other in added and (ends in linked or ends[::-1] in linked):
                    removed.remove(edge)
                    added.remove(other)
                    found.append(self._replaced(What.MOVED, edge, other, edge.caller, other.caller))
                    break
        return found

    def _replaced(self, what: What, edge: Edge, other: Edge, before: str, after: str) -> Change:
        """``other`` stands where ``edge`` stood; ``before`` and ``after`` say in what they differ."""
        return Change(
            what,
            edge.lane,
            other.caller,
            edge.callee,
            edge.kind,
            before,
            after,
            now=self._calls(other, self.flow.edges[other]),
            was=self._was(edge),
        )

    def _removed(self, edge: Edge) -> Change:
        return Change(
            What.REMOVED,
            edge.lane,
            edge.caller,
            edge.callee,
            edge.kind,
            follows=edge.caller not in self.flow.members,
            now=self._stands(edge.caller),
            was=self._was(edge),
        )

    def _added(self, edge: Edge, seen: Seen, *, follows: bool = False) -> Change:
        return Change(
            What.ADDED,
            edge.lane,
            edge.caller,
            edge.callee,
            edge.kind,
            follows=follows or edge.caller not in self.callers_before,
            now=self._calls(edge, seen),
        )

    def _counts(self, old: Mapping[Edge, Seen]) -> list[Change]:
        found = []
        for edge, seen in old.items():
            now = self.flow.edges.get(edge)
            if now is not None and max(now.times, 1) != max(seen.times, 1):
                found.append(self._replaced(What.ALTERED, edge, edge, _times(seen.times), _times(now.times)))
        return found

    def _order(self, changed: set[str]) -> list[Change]:
        """Pairs that come the other way round now, in callers whose calls are the same."""
        found = []
        for (lane, caller), pairs in sorted(self.old_order.items()):
            now = self.names.get(caller, caller)
            there = self.flow.order.get((lane, now))
            if there is None or (self.part is Part.RUNTIME and now in changed):
                continue
            counts = self._name_counts(there)
            expected = self._name_counts(pairs)
            swapped = [
                pair
                for pair in pairs
                if pair[::-1] in there
                and pair not in there
                and all(counts[bare(name)] == expected[bare(name)] for name in pair)
            ]
            found += [self._swap(lane, now, pair) for pair in _closest(swapped, pairs)]
        return found

    @staticmethod
    def _name_counts(pairs: frozenset[Chain]) -> dict[str, int]:
        names: defaultdict[str, set[str]] = defaultdict(set)
        for pair in pairs:
            for name in pair:
                names[bare(name)].add(name)
        return defaultdict(int, {name: len(found) for name, found in names.items()})

    def _swap(self, lane: str, caller: str, pair: Chain) -> Change:
        first, second = pair
        return Change(
            What.ORDER,
            lane,
            caller,
            "",
            "",
            f"{first} before {second}",
            f"{second} before {first}",
            now=self._line_of(caller, second) or self._stands(caller),
            was=self.before(self.were.get(caller, caller), bare(first)),
        )

    def unused(self) -> list[str]:
        """Optional edges that no recording has."""
        return [
            f"{edge.lane} {edge.caller} -> {edge.callee} [{edge.kind}]"
            for edge, seen in sorted(self.old.items())
            if seen.optional and self._now_called(edge) not in self.whole.edges
        ]

    # Places

    def _stands(self, identity: str) -> Place | None:
        function = self.whole.functions.get(identity)
        return Place(function.file, function.line) if function is not None and function.file else None

    def _calls(self, edge: Edge, seen: Seen) -> Place | None:
        place = self._stands(edge.caller)
        return Place(place.file, seen.lines[0]) if place is not None and seen.lines else place

    def _line_of(self, caller: str, name: str) -> Place | None:
        for edge, seen in self.flow.edges.items():
            if edge.caller == caller and simple_name(edge.callee) == bare(name).rpartition(".")[2]:
                return self._calls(edge, seen)
        return None

    def _was(self, edge: Edge) -> Place | None:
        caller, callee = (self.were.get(name, name) for name in edge[1:3])
        return self.before(caller, callee)


def _known(edges: Mapping[Edge, Seen], *, optional: bool = True) -> set[str]:
    """The functions of ``edges``, with or without those of optional ones."""
    return {
        name
        for edge, seen in edges.items()
        for name in edge[1:3]
        if (optional or not seen.optional) and not name.startswith(f"{UNKNOWN}:")
    }


def _from_text(edge: Edge) -> bool:
    return edge.callee.startswith(f"{UNKNOWN}:")


def _times(times: int) -> str:
    return {0: "once", 1: "once", 2: "twice"}.get(times, f"{times} times")


def _closest(swapped: list[Chain], pairs: frozenset[Chain]) -> list[Chain]:
    """Of the swapped pairs, those with none of the others between them."""
    found = set(swapped)
    return sorted(
        (first, second)
        for first, second in found
        if not any((first, middle) in found and (middle, second) in found for middle in {b for _, b in found})
    )
