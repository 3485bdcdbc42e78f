"""What a diagram needs to know of every span: its lane, its kind, and how much lies beneath it."""

from __future__ import annotations

import re
from functools import cached_property

from reports.flow.model import DATABASE, LIBVIRTD, Kind
from tracer.model.function import Function
from tracer.model.kinds import Link
from tracer.model.request_tree import RequestTree, Span

_KINDS = {
    Link.HTTP: Kind.HTTP,
    Link.RPC_CALL: Kind.CALL,
    Link.RPC_CAST: Kind.CAST,
    Link.RPC_FANOUT: Kind.FANOUT,
    Link.SPAWN: Kind.SPAWN,
    Link.PRIVSEP: Kind.PRIVSEP,
    Link.NATIVE: Kind.NATIVE,
}
_TAKEN_UP_LATER = frozenset({Kind.CAST, Kind.FANOUT, Kind.SPAWN})
MESSAGES = frozenset(Kind) - {Kind.LOCAL, Kind.SPAWN, Kind.START}
"""Kinds that leave a program."""

_DATABASE_LIBRARIES = frozenset({"sqlalchemy", "oslo_db", "pymysql", "MySQLdb", "psycopg2", "sqlite3"})
_DATA_ACCESS = re.compile(r"^(?!\w+_lib\.)(?:.*\.)?(?:db\.(?:.+\.)?api|db_api|.+\.backends\.sql)$")
_LIBVIRT_BINDING = frozenset({"libvirt", "libvirtmod"})
_STAYS_IN_BINDING = re.compile(
    r"(?:^|\.)__\w+__$|^libvirtError\b|^vir(?:Get|Set|Reset|Event)|^registerErrorHandler|\._dispatch"
)

PASSES_ON = 0.8
"""Share of its calls that a function hands to one callee for it to count as a mere wrapper of that."""
CARRIES = 0.5
"""Share of its calls that a closure hands to one callee for it to be called by that one's name."""
_DATABASE_SHARE = 2 / 3
_LEAVES = 1 << 40


def lane_elsewhere(function: Function) -> str | None:
    """The program besides the caller's own in which the work of ``function`` is done, if there is one.

    The services keep their queries in modules named ``db...api``, ``db_api`` or ``backends.sql``, or
    call a database library; libvirt's Python binding hands its calls to libvirtd. A call that matches
    is data access only if most of what it calls lies in such a layer too (see `Survey`).
    """
    module = function.module
    top = module.partition(".")[0]
    if top in _DATABASE_LIBRARIES or _DATA_ACCESS.search(module):
        return DATABASE
    if top in _LIBVIRT_BINDING and not _STAYS_IN_BINDING.search(function.qualname):
        return LIBVIRTD
    return None


class Survey:
    """Facts of every span of a tree, in lists indexed like `RequestTree.spans`.

    Attributes:
        parent: index of the span above, -1 for the root and for orphans.
        kind: how control got there.
        lane: name of the lane in which it ran.
        size: spans in the subtree, itself included.
        messages: messages in the subtree, its own included.

    Args:
        tree: the request.
        inside: which spans are looked at, by index; all when None. What is outside counts nowhere.
    """

    def __init__(self, tree: RequestTree, inside: bytearray | None = None) -> None:
        self.tree = tree
        self.inside = inside
        spans = tree.spans
        count = len(spans)
        elsewhere = [lane_elsewhere(function) for function in tree.functions]
        position = {span.id: index for index, span in enumerate(spans)}
        self.parent: list[int] = [-1] * count
        for index, span in enumerate(spans):
            above = position.get(span.parent, -1)
            if above >= index:
                raise ValueError("spans must come after their parent")
            self.parent[index] = above if above < 0 or inside is None or inside[above] else -1
        self.size = [1] * count if inside is None else list(inside)
        foreign = self._outside_data_layer()
        for index in range(count - 1, 0, -1):
            above = self.parent[index]
            if above >= 0:
                self.size[above] += self.size[index]
                foreign[above] += foreign[index]
        self.kind: list[Kind] = []
        self.lane: list[str] = []
        for index, span in enumerate(spans):
            program = elsewhere[span.function]
            if program == DATABASE and foreign[index] > (1 - _DATABASE_SHARE) * self.size[index]:
                program = None
            kind, lane = self._place(span, self.parent[index], program)
            self.kind.append(kind)
            self.lane.append(lane)
        self.messages = [int(kind in MESSAGES) for kind in self.kind]
        if inside is not None:
            self.messages = [here and there for here, there in zip(self.messages, inside, strict=True)]
        for index in range(count - 1, 0, -1):
            if self.parent[index] >= 0:
                self.messages[self.parent[index]] += self.messages[index]

    def _outside_data_layer(self) -> list[int]:
        """For each span 1 if it is not in a data layer; a message is far outside of any."""
        layer = [
            int(not ({"db", "sql"} & set(function.module.split(".")) or lane_elsewhere(function) == DATABASE))
            for function in self.tree.functions
        ]
        return [
            _LEAVES if span.link and span.link is not Link.NATIVE else layer[span.function]
            for span in self.tree.spans
        ]

    def _place(self, span: Span, above: int, elsewhere: str | None) -> tuple[Kind, str]:
        if above < 0:
            return Kind.START, span.service
        if span.link in _KINDS and span.link is not Link.NATIVE:
            return _KINDS[span.link], span.service
        lane = self.lane[above]
        if lane in (DATABASE, LIBVIRTD) and lane != self.tree.spans[above].service:
            return Kind.LOCAL, lane
        if elsewhere is not None and elsewhere != lane:
            return (Kind.DATABASE if elsewhere == DATABASE else Kind.NATIVE), elsewhere
        if span.link is Link.NATIVE:
            return Kind.LOCAL, lane
        return Kind.LOCAL, span.service

    @property
    def indices(self) -> list[int]:
        """The spans that are looked at."""
        inside = self.inside
        count = len(self.tree.spans)
        return list(range(count)) if inside is None else [index for index in range(count) if inside[index]]

    @cached_property
    def heaviest(self) -> list[int]:
        """For each span the callee with most calls beneath it, -1 for none."""
        result = [-1] * len(self.kind)
        for index, above in enumerate(self.parent):
            if above >= 0 and (result[above] < 0 or self.size[index] > self.size[result[above]]):
                result[above] = index
        return result

    @cached_property
    def resumed(self) -> list[int]:
        """For each span when its caller had gone on after it at the latest, in nanoseconds.

        That is when the caller called the next one, or ended; a callee in another process may well end later.
        """
        spans = self.tree.spans
        result = [span.end_ns for span in spans]
        next_start: dict[int, int] = {}
        for index in range(len(spans) - 1, -1, -1):
            above = self.parent[index]
            if above < 0:
                continue
            known = min(next_start.get(above, spans[above].end_ns), spans[above].end_ns)
            result[index] = max(spans[index].start_ns, known)
            if self.kind[index] not in _TAKEN_UP_LATER:
                next_start[above] = spans[index].start_ns
        return result

    def passes_on(self, index: int) -> bool:
        """Whether the span at ``index`` hands nearly all it does to one callee."""
        below = self.heaviest[index]
        if below < 0:
            return False
        own = self.kind[index] in MESSAGES
        return self.messages[below] == self.messages[index] - own and self.size[below] >= PASSES_ON * (
            self.size[index] - 1
        )

    def carried(self, index: int) -> list[int]:
        """The span at ``index``, and if that ran a closure, what it wraps, down to a function of its own."""
        way = [index]
        functions, spans = self.tree.functions, self.tree.spans
        while "<locals>" in functions[spans[way[-1]].function].id:
            below = self.heaviest[way[-1]]
            if (
                below < 0
                or self.kind[below] is not Kind.LOCAL
                or self.size[below] < CARRIES * (self.size[way[-1]] - 1)
            ):
                return [index]
            way.append(below)
        return way

    @cached_property
    def lanes_beneath(self) -> list[int]:
        """For each span a number whose bits stand for the lanes that its subtree touches."""
        bits = {name: 1 << number for number, name in enumerate(sorted(set(self.lane)))}
        result = [bits[name] for name in self.lane]
        for index in range(len(result) - 1, 0, -1):
            if self.parent[index] >= 0:
                result[self.parent[index]] |= result[index]
        return result

    @cached_property
    def shape(self) -> list[int]:
        """A number for each span that is the same for subtrees of the same calls in the same order."""
        numbers: dict[tuple[int, ...], int] = {}
        below: dict[int, list[int]] = {}
        shapes = [0] * len(self.kind)
        for index in range(len(shapes) - 1, -1, -1):
            parts = below.pop(index, [])
            key = (self.tree.spans[index].function, *parts)
            shapes[index] = numbers.setdefault(key, len(numbers))
            below.setdefault(self.parent[index], []).append(shapes[index])
        return shapes
