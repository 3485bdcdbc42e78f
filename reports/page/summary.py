"""What the page's upper part and its lists say, worked out from a recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.page.lanes import lane_style, milliseconds
from reports.visible_text import visible, visible_line
from reports.way import Hop, Way
from tracer.model.kinds import Link, Outcome, lane_order
from tracer.model.recording_folder import Recording
from tracer.model.request_tree import RequestTree, Span

LINK_MEANINGS = {
    Link.HTTP: "a request to another service’s API; the caller waits",
    Link.RPC_CALL: "a message over the broker; the caller waits for the answer",
    Link.RPC_CAST: "a message over the broker; nobody waits",
    Link.RPC_FANOUT: "a message over the broker to every listener",
    Link.SPAWN: "work handed to another thread of the same process",
    Link.PRIVSEP: "work handed to the helper that has root’s rights",
    Link.NATIVE: "a call into a library written in C",
}


MOST_LISTED = 2_000
"""Rows of a list; the page says how many it leaves out."""
_MILESTONE, _VERSION = "seconds_until_", "version_"
"""Facts of a run whose names begin so are times after the request, or versions of programs."""


@dataclass(frozen=True)
class ServiceLine:
    """A service in the summary: its calls, processes, and its share of all calls in percent."""

    name: str
    style: str
    calls: int
    processes: int
    share: float


@dataclass(frozen=True)
class Crossing:
    """A line of the list of crossings."""

    number: int
    span: int
    time: str
    source: str
    target: str
    link: str
    what: str
    function: str
    duration: str
    outcome: str


@dataclass(frozen=True)
class LostSpan:
    """An orphan or a link without an answer, with its reason."""

    span: int
    what: str
    reason: str


@dataclass(frozen=True)
class Event:
    """A lifecycle event of the guest, with its time since the request's start."""

    time: str
    clock: str
    event: str
    detail: str
    domain: str


@dataclass(frozen=True)
class Summary:
    """Everything that the template shows as text."""

    scenario: str
    command: str
    trace_id: str
    began: str
    duration: str
    calls: int
    functions: int
    processes: int
    services: Sequence[ServiceLine]
    links: Sequence[tuple[str, int, str]]
    """Kind, how many, what it means."""
    links_total: int
    orphans: Sequence[LostSpan]
    unanswered: Sequence[LostSpan]
    orphans_total: int
    unanswered_total: int
    unanswered_reasons: Sequence[tuple[str, int]]
    raised: int
    unfinished: int
    milestones: Sequence[tuple[str, str]]
    """What was reached, and how long after the request: ``active``, ``4.86 s``."""
    facts: Sequence[tuple[str, str]]
    notices: Sequence[str]
    versions: Sequence[tuple[str, str]]
    processes_seen: Sequence[tuple[str, int, str, str, str, str]]
    cut_short: Sequence[tuple[str, int, str]]
    """Processes that were not recorded to their end, and what is missing."""
    crossings: Sequence[Crossing]
    """The first `MOST_LISTED` of them."""
    crossings_total: int
    events: Sequence[Event]


def summarize(recording: Recording, way: Way) -> Summary:
    """Work out the summary of ``recording``, whose way is ``way``."""
    header, tree = recording.header, recording.tree
    calls = Counter(span.service for span in tree.spans)
    outcomes = Counter(span.outcome for span in tree.spans)
    processes = Counter(service for service, _ in {(span.service, span.pid) for span in tree.spans})
    most = max(calls.values())
    versions = dict(header.versions) | {
        name.removeprefix(_VERSION): text for name, text in header.facts.items() if name.startswith(_VERSION)
    }
    meanings = {link.value: meaning for link, meaning in LINK_MEANINGS.items()}
    return Summary(
        scenario=visible_line(header.scenario),
        command=visible_line(header.command),
        trace_id=visible_line(header.trace_id),
        began=_clock(header.epoch_ns),
        duration=seconds(max(span.end_ns for span in tree.spans) - tree.root.start_ns),
        calls=len(tree.spans),
        functions=len(tree.functions),
        processes=sum(processes.values()),
        services=[
            ServiceLine(
                visible_line(service),
                lane_style(service),
                calls[service],
                processes[service],
                100 * calls[service] / most,
            )
            for service in sorted(calls, key=lane_order)
        ],
        links=[
            (visible_line(kind) or "call", count, meanings.get(kind, ""))
            for kind, count in sorted(header.links.items(), key=lambda item: (-item[1], item[0]))
        ],
        links_total=sum(header.links.values()),
        orphans=[
            LostSpan(orphan.span, _function(tree, orphan.span), visible(orphan.reason))
            for orphan in header.orphans[:MOST_LISTED]
        ],
        unanswered=[
            LostSpan(lost.span, visible_line(f"{lost.link} {lost.detail}"), visible(lost.reason))
            for lost in header.unanswered[:MOST_LISTED]
        ],
        orphans_total=len(header.orphans),
        unanswered_total=len(header.unanswered),
        unanswered_reasons=Counter(
            visible(f"{lost.link}: {lost.reason}") for lost in header.unanswered
        ).most_common(),
        raised=outcomes[Outcome.RAISED],
        unfinished=outcomes[Outcome.UNFINISHED],
        milestones=[
            (_label(name.removeprefix(_MILESTONE)), f"{visible_line(text)} s")
            for name, text in header.facts.items()
            if name.startswith(_MILESTONE)
        ],
        facts=[
            (_label(name), visible_line(text))
            for name, text in header.facts.items()
            if not name.startswith((_MILESTONE, _VERSION))
        ],
        notices=[visible(notice) for notice in [*header.notices, *recording.hypervisor.notices]],
        versions=sorted({(_label(name), visible_line(text)) for name, text in versions.items()}),
        processes_seen=[
            (
                visible_line(lane.service),
                lane.pid,
                visible_line(lane.program),
                visible_line(lane.python),
                visible_line(lane.collector),
                visible_line(lane.ended),
            )
            for lane in sorted(header.lanes, key=lambda lane: (lane_order(lane.service), lane.pid))
        ],
        cut_short=[
            (visible_line(lane.service), lane.pid, visible_line(lane.ended))
            for lane in header.lanes
            if lane.ended
        ],
        crossings=[_crossing(tree, hop) for hop in way.crossings[:MOST_LISTED]],
        crossings_total=len(way.crossings),
        events=[
            Event(
                milliseconds(event.time_ns - header.epoch_ns),
                _clock(event.time_ns),
                visible_line(event.event),
                visible_line(event.detail),
                visible_line(event.domain),
            )
            for event in recording.hypervisor.events
        ],
    )


def seconds(time_ns: int) -> str:
    """A duration for people: ``4.82 s``, ``812 ms``, ``35 µs``."""
    if time_ns >= 100_000_000_000:
        return f"{time_ns / 1e9:,.0f} s"
    if time_ns >= 1_000_000_000:
        return f"{time_ns / 1e9:.2f} s"
    if time_ns >= 1_000_000:
        return f"{time_ns / 1e6:.3g} ms" if time_ns < 100_000_000 else f"{time_ns / 1e6:.0f} ms"
    return f"{time_ns / 1e3:.0f} µs"


def _label(name: str) -> str:
    return visible_line(name).replace("_", " ")


def _crossing(tree: RequestTree, hop: Hop) -> Crossing:
    span: Span = hop.span
    return Crossing(
        number=hop.number,
        span=span.id,
        time=milliseconds(span.start_ns),
        source=visible_line(hop.source.service),
        target=visible_line(hop.run.service),
        link=hop.link.value or "call",
        what=visible_line(hop.what),
        function=visible_line(tree.function(span).id),
        duration=seconds(span.duration_ns),
        outcome=span.outcome.value,
    )


def _function(tree: RequestTree, span: int) -> str:
    found = tree.by_id.get(span)
    return visible_line(tree.function(found).id) if found else f"span {span}"


def _clock(time_ns: int) -> str:
    try:
        return datetime.fromtimestamp(time_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
    except (OverflowError, ValueError, OSError):
        return f"{time_ns} ns"
