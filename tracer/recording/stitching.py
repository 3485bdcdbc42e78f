"""From what each process recorded to one request tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import count
from typing import NamedTuple

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome, lane_order
from tracer.model.request_tree import Orphan, RecordingHeader, RequestTree, Span, UnansweredLink
from tracer.recording.alignment import align
from tracer.recording.lanes import lane
from tracer.recording.raw import Outgoing, ProcessRecord, RawSpan

NOWHERE = -1
FORK = "fork"
"""How probes name the link to a forked process."""


class StitchingError(Exception):
    """There is nothing to make a tree of."""


class Occasion(NamedTuple):
    """What a recording says of the run, beside what its processes recorded.

    ``created`` is ISO 8601, UTC; ``command`` the command line that made the recording; ``facts`` what else
    is worth knowing of the run.
    """

    scenario: str
    command: str
    created: str
    facts: dict[str, str]


def stitch(
    records: Sequence[ProcessRecord],
    occasion: Occasion,
    *,
    living: Collection[int] = (),
    notices: Sequence[str] = (),
) -> RequestTree:
    """Join the records of all processes of one request into its tree.

    The result depends on the records only, not on their order: spans are numbered depth-first, siblings
    by their start.

    Args:
        records: what each process recorded of one and the same trace.
        occasion: what else the header shall say.
        living: pids of the traced processes that still run, to tell a killed process from a busy one.
        notices: statements of incompleteness that are known before stitching.

    Returns:
        The tree; every span of the records is in it, those whose parent was not found as orphans.

    Raises:
        StitchingError: when the records hold no span at all.
    """
    ordered = sorted(records, key=lambda r: (lane_order(r.service), r.pid, r.program, r.last_seen))
    told = list(notices)
    if len({record.trace_id for record in ordered}) > 1:
        raise ValueError("records of different traces cannot be stitched together")
    if not any(record.spans for record in ordered):
        raise StitchingError("no process recorded a call of this request")
    return _Stitching(ordered, told).tree(occasion, living)


def _reference(records: Sequence[ProcessRecord]) -> ProcessRecord:
    """The record whose clock all times are told by: the client's, where there is one."""
    return min(records, key=lambda record: (record.service != "client", not record.spans))


class _Nodes:
    """All spans of all processes, in columns indexed by node: in order of records, then of span ids.

    ``of`` finds, for each record, the node of a span id.
    """

    def __init__(self, records: Sequence[ProcessRecord], notices: list[str]) -> None:
        self.raw: list[RawSpan] = []
        self.record: list[int] = []
        self.of: list[dict[int, int]] = []
        for number, record in enumerate(records):
            by_id = {span.id: span for span in reversed(record.spans)}
            own = dict(zip(sorted(by_id), count(len(self.raw)), strict=False))
            self.raw.extend(by_id[span] for span in own)
            self.record.extend([number] * len(own))
            self.of.append(own)
            if twice := len(record.spans) - len(own):
                notices.append(f"{_name(record)}: {twice:,} spans were left out: their numbers occur twice")


class _Stitching:
    def __init__(self, records: Sequence[ProcessRecord], notices: list[str]) -> None:
        self.notices = notices
        self.records, self.clocks = align(records, _reference(records))
        self.nodes = _Nodes(self.records, notices)
        self.raw = self.nodes.raw
        self.outgoing: dict[str, tuple[int, Outgoing]] = {}
        self.answered: set[str] = set()
        self.link: dict[int, Outgoing] = {}
        self.reasons: dict[int, str] = {}
        self._collect_outgoing()
        self.root = self._find_root()
        self.parent = self._find_parents()

    def tree(self, occasion: Occasion, living: Collection[int]) -> RequestTree:
        """The finished tree."""
        order = self._depth_first()
        number = [0] * len(self.raw)
        for position, node in enumerate(order, 1):
            number[node] = position
        functions, function_of = self._functions()
        root_record = self.records[self.nodes.record[self.root]]
        root_start = self.raw[self.root].start
        spans = self._spans(order, number, function_of, root_start)
        late = sum(
            outgoing.time > self.raw[node].start
            for node, outgoing in self.link.items()
            if self.outgoing[outgoing.key][0] != NOWHERE
        )
        if late:
            self.notices.append(
                f"{late:,} links arrive before they were sent: the clocks of two hosts differ"
            )
        for record in self.records:
            self.notices.extend(f"{_name(record)}: {notice}" for notice in record.notices)
        self.notices.extend(f"another clock: {clock}" for clock in self.clocks)
        header = RecordingHeader(
            scenario=occasion.scenario,
            command=occasion.command,
            trace_id=root_record.trace_id,
            epoch_ns=root_start + root_record.realtime_offset,
            created=occasion.created,
            spans=len(spans),
            functions=len(functions),
            links=_counted(Counter(span.link.value for span in spans if span.link)),
            services=dict(
                sorted(Counter(span.service for span in spans).items(), key=lambda item: lane_order(item[0]))
            ),
            lanes=[lane(record, root_start, living) for record in self.records],
            orphans=sorted(
                (Orphan(number[node], reason) for node, reason in self.reasons.items()),
                key=lambda orphan: orphan.span,
            ),
            unanswered=self._unanswered(number),
            versions=_versions(self.records),
            facts=occasion.facts,
            notices=self.notices,
        )
        return RequestTree(header, functions, spans)

    def _collect_outgoing(self) -> None:
        for number, record in enumerate(self.records):
            own = self.nodes.of[number]
            for outgoing in record.outgoing:
                known = self.outgoing.get(outgoing.key)
                node = own.get(outgoing.span, NOWHERE)
                if known is None or (known[0] == NOWHERE and node != NOWHERE):
                    self.outgoing[outgoing.key] = (node, outgoing)

    def _find_root(self) -> int:
        """The first span that runs under nothing, the client's where there is a client."""

        def rank(node: int) -> tuple[bool, bool, bool, int, int]:
            raw = self.raw[node]
            service = self.records[self.nodes.record[node]].service
            sent = raw.incoming in self.outgoing
            return (sent, bool(raw.incoming), service != "client", raw.start, node)

        return min((node for node, raw in enumerate(self.raw) if raw.parent == 0), key=rank, default=0)

    def _find_parents(self) -> list[int]:
        parents = [NOWHERE] * len(self.raw)
        for node, raw in enumerate(self.raw):
            if raw.incoming:
                sent = self.outgoing.get(raw.incoming)
                if sent is not None:
                    self.answered.add(raw.incoming)
                    self.link[node] = sent[1]
            if raw.parent:
                parents[node] = self.nodes.of[self.nodes.record[node]].get(raw.parent, NOWHERE)
                if parents[node] == NOWHERE:
                    self.reasons[node] = "the span it ran under is missing from its process's record"
            elif node in self.link:
                parents[node] = self.outgoing[raw.incoming][0]
                if parents[node] == NOWHERE:
                    self.reasons[node] = (
                        f"its {self.link[node].link.value} link was sent from outside of every recorded span"
                    )
            elif raw.incoming:
                self.reasons[node] = self._lost_sender(raw.incoming)
            elif node != self.root:
                self.reasons[node] = "nothing says under what it ran"
        if parents[self.root] != NOWHERE:
            parents[self.root] = NOWHERE
            self.reasons[self.root] = "every span came by a link; this is the first"
        return parents

    def _lost_sender(self, key: str) -> str:
        lossy = [_name(record) for record in self.records if record.damage or not record.closed]
        may_be = f"; it may be in what is missing of {', '.join(lossy)}" if lossy else ""
        return f"no process recorded that it sent the link {key}{may_be}"

    def _depth_first(self) -> list[int]:
        """All nodes, parents before children, siblings by start, the root first."""
        total = len(self.raw)
        starts = [raw.start for raw in self.raw]
        first = [NOWHERE] * total
        following = [NOWHERE] * total
        by_start = sorted(range(total), key=starts.__getitem__)
        tops = [node for node in by_start if self.parent[node] == NOWHERE and node != self.root]
        for node in reversed(by_start):
            above = self.parent[node]
            if above != NOWHERE:
                following[node] = first[above]
                first[above] = node
        order: list[int] = []
        placed = bytearray(total)

        def place(top: int) -> None:
            node = top
            stack: list[int] = []
            while True:
                order.append(node)
                placed[node] = 1
                child = first[node]
                if following[node] != NOWHERE and node != top:
                    stack.append(following[node])
                if child != NOWHERE:
                    node = child
                elif stack:
                    node = stack.pop()
                else:
                    return

        place(self.root)
        for top in tops:
            place(top)
        for node in by_start:
            if not placed[node]:
                top = self._first_on_circle(node)
                self._cut(top, first, following)
                self.reasons[top] = "its links lead in a circle"
                place(top)
        return order

    def _first_on_circle(self, node: int) -> int:
        """The earliest span of the circle to which the parents of ``node`` lead."""
        seen: set[int] = set()
        while node not in seen:
            seen.add(node)
            node = self.parent[node]
        circle = [node]
        while (above := self.parent[circle[-1]]) != node:
            circle.append(above)
        return min(circle, key=lambda on_it: (self.raw[on_it].start, on_it))

    def _cut(self, node: int, first: list[int], following: list[int]) -> None:
        """Take ``node`` out of its parent's children."""
        above = self.parent[node]
        self.parent[node] = NOWHERE
        if first[above] == node:
            first[above] = following[node]
        else:
            before = first[above]
            while following[before] != node:
                before = following[before]
            following[before] = following[node]
        following[node] = NOWHERE

    def _functions(self) -> tuple[list[Function], list[list[int]]]:
        table: dict[Function, int] = {}
        indexes = [
            [table.setdefault(function, len(table)) for function in record.functions]
            for record in self.records
        ]
        return list(table), indexes

    def _spans(
        self, order: list[int], number: list[int], function_of: list[list[int]], root_start: int
    ) -> list[Span]:
        spans: list[Span] = []
        parent, record_of, raws = self.parent, self.nodes.record, self.raw
        for node in order:
            raw, record_number = raws[node], record_of[node]
            record = self.records[record_number]
            end, outcome = raw.end, raw.outcome
            if end is None:
                end, outcome = max(record.last_seen, raw.start), Outcome.UNFINISHED
            link = self.link.get(node)
            above = parent[node]
            spans.append(
                Span(
                    number[node],
                    number[above] if above != NOWHERE else 0,
                    function_of[record_number][raw.function],
                    record.service,
                    record.pid,
                    raw.thread,
                    raw.start - root_start,
                    end - root_start,
                    outcome,
                    link.link if link else Link.PLAIN,
                    link.detail if link else "",
                    raw.activation,
                    raw.call_line,
                    raw.values,
                )
            )
        return spans

    def _unanswered(self, number: list[int]) -> list[UnansweredLink]:
        result = [
            UnansweredLink(
                number[node] if node != NOWHERE else 0, sent.link, sent.detail, _why_unanswered(sent)
            )
            for key, (node, sent) in self.outgoing.items()
            if key not in self.answered
        ]
        return sorted(result, key=lambda link: (link.span, link.link, link.detail))


def _why_unanswered(sent: Outgoing) -> str:
    match sent.link:
        case Link.NATIVE:
            return "the other end is C code"
        case Link.SPAWN if sent.detail == FORK:
            return "the forked process ran another program, or nothing of the packages read"
        case Link.SPAWN:
            return "nothing of the packages read ran there"
        case Link.RPC_CAST | Link.RPC_FANOUT:
            return "no traced process took it up: nobody listens, or not before the recording ended"
        case _:
            return "no probe at the other end, or it failed on the way"


def _name(record: ProcessRecord) -> str:
    return f"{record.service} (pid {record.pid})"


def _counted(counter: Counter[str]) -> dict[str, int]:
    return {link.value: counter[link.value] for link in Link if counter[link.value]}


def _versions(records: Sequence[ProcessRecord]) -> dict[str, str]:
    """One version a package; where processes differ, all of them with who has which."""
    found: dict[str, dict[str, set[str]]] = {}
    for record in records:
        for name, version in record.versions.items():
            found.setdefault(name, {}).setdefault(version, set()).add(record.service)
    return {
        name: next(iter(versions))
        if len(versions) == 1
        else ", ".join(
            f"{version} ({', '.join(sorted(services, key=lane_order))})"
            for version, services in sorted(versions.items())
        )
        for name, versions in sorted(found.items())
    }
