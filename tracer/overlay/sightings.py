"""What several recordings saw of each edge, added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tracer.model.function import Function
from tracer.model.kinds import CallKind, lane_order
from tracer.model.observed import KIND_OF_LINK, ServicePair, observed_calls
from tracer.model.overlaid import Sighting
from tracer.model.request_tree import RequestTree
from tracer.model.wrapping import Carried, carried

Key = tuple[str, str, CallKind]
"""Caller, callee, and the kind of the link that was seen (`CallKind.CALL` for a plain call)."""


class Sum:
    """What was seen of one edge so far."""

    def __init__(self, through: tuple[str, ...], first: int, *, folded: bool) -> None:
        self.through, self.first, self.folded = through, first, folded
        self.pairs: dict[tuple[str, str], int] = {}
        self.lines: set[int] = set()
        self.seen_in: set[int] = set()

    def add(self, recording: int, pair: tuple[str, str], times: int, lines: Iterable[int]) -> None:
        """Count calls of one recording between a pair of services."""
        self.pairs[pair] = self.pairs.get(pair, 0) + times
        self.lines.update(lines)
        self.seen_in.add(recording)

    def with_more(self, other: Sum) -> Sum:
        """This and another sum of the same edge as one."""
        both = Sum(self.through, self.first, folded=self.folded)
        for one in (self, other):
            for pair, times in one.pairs.items():
                both.pairs[pair] = both.pairs.get(pair, 0) + times
            both.lines |= one.lines
            both.seen_in |= one.seen_in
        return both

    def sighting(self) -> Sighting:
        """The sum as the model has it."""
        pairs = sorted(self.pairs.items(), key=lambda item: (lane_order(item[0][0]), lane_order(item[0][1])))
        return Sighting(
            sum(self.pairs.values()),
            tuple(ServicePair(*pair, times) for pair, times in pairs),
            tuple(sorted(self.lines)),
            tuple(sorted(self.seen_in)),
            self.through,
            self.first,
            self.folded,
        )


class Ran:
    """How often a function was called in which service."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.services: dict[str, int] = {}
        self.seen_in: set[int] = set()


class Sightings:
    """Everything that the recordings saw.

    Args:
        trees: the recorded requests.
        carries: whether a function, by id, only carries calls on.
        ends: functions at which a call may end although they carry.
        remote: which (caller, callee) are calls of one object's method that another process carries out; any
            frames may lie in between, if one message does.

    Attributes:
        direct: the calls as they were seen, one on the other.
        carried: the calls that ran from end to end through frames that carry.
        ran: the functions that ran, by id.
    """

    def __init__(
        self,
        trees: Sequence[RequestTree],
        carries: Callable[[str], bool],
        ends: frozenset[str],
        remote: dict[str, set[str]],
    ) -> None:
        self.direct: dict[Key, Sum] = {}
        self.carried: dict[Key, Sum] = {}
        self.ran: dict[str, Ran] = {}
        for number, tree in enumerate(trees):
            self._observe(number, tree)
            ids = [function.id for function in tree.functions]
            for one in carried(tree, carries, ends):
                key = (ids[one.caller.function], ids[one.callee.function], KIND_OF_LINK[one.link])
                self._carry(number, key, one)
            self._remote(number, tree, ids, remote)

    def _observe(self, number: int, tree: RequestTree) -> None:
        for call in observed_calls(tree):
            key = (call.caller, call.callee, call.kind)
            known = self.direct.get(key)
            if known is None:
                known = self.direct[key] = Sum((), call.first, folded=False)
            for pair in call.services:
                known.add(number, (pair.caller, pair.callee), pair.times, call.lines)
        for span in tree.spans:
            function = tree.function(span)
            ran = self.ran.get(function.id)
            if ran is None:
                ran = self.ran[function.id] = Ran(function)
            ran.seen_in.add(number)
            ran.services[span.service] = ran.services.get(span.service, 0) + (not span.activation)

    def _carry(self, number: int, key: Key, one: Carried) -> None:
        known = self.carried.get(key)
        if known is None:
            known = self.carried[key] = Sum(one.through, one.callee.id, folded=True)
        known.add(number, (one.caller.service, one.callee.service), 1, (one.line,) if one.line else ())

    def _remote(self, number: int, tree: RequestTree, ids: list[str], remote: dict[str, set[str]]) -> None:
        for span in tree.spans:
            callers = remote.get(ids[span.function])
            if not callers or span.activation:
                continue
            between: list[str] = []
            link, line = span.link, 0
            above = tree.parent(span)
            while above is not None:
                if between and link and ids[above.function] in callers:
                    key = (ids[above.function], ids[span.function], CallKind.REMOTE_OBJECT)
                    self._carry(number, key, Carried(above, span, tuple(reversed(between)), link, line))
                    break
                if link and above.link:
                    break
                between.append(ids[above.function])
                link, line = link or above.link, above.call_line
                above = tree.parent(above)
