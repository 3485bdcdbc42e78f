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
MESSAGES = frozenset(Kind) - {Kind.LOCAL, Kind.SPAWN, Kind.START}
"""Kinds that leave a program."""

_DATABASE_LIBRARIES = frozenset({"sqlalchemy", "oslo_db", "pymysql", "MySQLdb", "psycopg2", "sqlite3"})
_DATA_ACCESS = re.compile(r"(?:^|\.)db\.(?:.+\.)?api$|\.db_api$|\.backends\.sql$")
_LIBVIRT_BINDING = frozenset({"libvirt", "libvirtmod"})
_STAYS_IN_BINDING = re.compile(
    r"(?:^|\.)__\w+__$|^libvirtError\b|^vir(?:Get|Set|Reset|Event)|^registerErrorHandler"
)

PASSES_ON = 0.8
"""Share of its calls that a function hands to one callee for it to count as a mere wrapper of that."""


def lane_elsewhere(function: Function) -> str | None:
    """The program besides the caller's own in which the work of ``function`` is done, if there is one.

    The services keep their queries in modules named ``db...api``, ``db_api`` or ``backends.sql``, or
    call a database library; libvirt's Python binding hands its calls to libvirtd.
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
        elsewhere = [lane_elsewhere(function) for function in tree.functions]
        position = {span.id: index for index, span in enumerate(spans)}
        self.parent: list[int] = []
        self.kind: list[Kind] = []
        self.lane: list[str] = []
        for index, span in enumerate(spans):
            above = position.get(span.parent, -1)
            if above >= 0 and inside is not None and not inside[above]:
                above = -1
            kind, lane = self._place(span, above, elsewhere[span.function])
            self.parent.append(above)
            self.kind.append(kind)
            self.lane.append(lane)
            if above >= index:
                raise ValueError("spans must come after their parent")
        self.size = [1] * len(spans) if inside is None else list(inside)
        self.messages = [
            int(self.kind[index] in MESSAGES and (inside is None or bool(inside[index])))
            for index in range(len(spans))
        ]
        for index in range(len(spans) - 1, 0, -1):
            above = self.parent[index]
            if above >= 0:
                self.size[above] += self.size[index]
                self.messages[above] += self.messages[index]

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
    def wrapper(self) -> bytearray:
        """1 for each span that hands nearly all it does to one plain callee."""
        result = bytearray(len(self.kind))
        size, messages = self.size, self.messages
        for index, above in enumerate(self.parent):
            if (
                above >= 0
                and size[index]
                and self.kind[index] is Kind.LOCAL
                and messages[index] == messages[above] - (self.kind[above] in MESSAGES)
                and size[index] >= PASSES_ON * (size[above] - 1)
            ):
                result[above] = 1
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
