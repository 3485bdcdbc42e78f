"""What is wrong with the diagrams of a recording, in words; used on made-up and on real requests."""

from __future__ import annotations

from reports.canvas.svg import svg_document
from reports.flow.build import build_flow
from reports.flow.layout import TimeScale, lay_out
from reports.flow.model import Flow, Kind, Step
from reports.flow.selection import Level
from tests.reports.flow.boxes import bars, collisions, size, texts
from tracer.model.recording_folder import Recording

LATER = frozenset({Kind.CAST, Kind.FANOUT, Kind.SPAWN})


def faults(recording: Recording, level: Level, steps: int | None = None) -> list[str]:
    """Everything by which the diagram of ``recording`` is not true or cannot be read."""
    flow = build_flow(recording.tree, level, events=recording.hypervisor.events, steps=steps)
    return [*_untrue(recording, flow), *_unreadable(flow)]


def _untrue(recording: Recording, flow: Flow) -> list[str]:
    tree = recording.tree
    told = sum(step.count + step.folded_calls for step in flow.steps if step.kind is not Kind.EVENT)
    found = [] if told == len(tree.spans) else [f"{told} calls are told of, there are {len(tree.spans)}"]
    waiting: dict[int, Step] = {}
    before = None
    for mark in flow.marks:
        step = mark.step
        if before is not None and mark.time_ns < before:
            found.append(f"{step.label} is drawn too late")
        before = mark.time_ns
        sender = step.source.thread if step.source else -1
        if mark.is_begin:
            if sender in waiting and step.kind not in LATER:
                found.append(f"{step.label} was sent while the answer to {waiting[sender].label} was awaited")
            if step.answered:
                waiting[sender] = step
            span = tree.by_id.get(step.span)
            parent = tree.parent(span) if span else None
            crosses = step.kind in (Kind.HTTP, Kind.CALL, Kind.CAST, Kind.FANOUT, Kind.PRIVSEP)
            if (
                crosses
                and parent
                and step.origin is not None
                and flow.lanes[step.origin].name != parent.service
            ):
                found.append(f"{step.label} does not leave {parent.service}")
        elif mark.is_answer:
            waiting.pop(sender, None)
    return found


def _unreadable(flow: Flow) -> list[str]:
    found = []
    for time in TimeScale:
        svg = svg_document(lay_out(flow, time))
        width, height = size(svg)
        placed = texts(svg)
        found += [f"{one!r} lies over {other!r}" for one, other in collisions(placed)]
        found += [
            f"{one!r} lies over a {other}"
            for one, other in collisions(texts(svg, without="header"), bars(svg))
        ]
        found += [
            f"{text.what!r} leaves the picture"
            for text in placed
            if min(text.left, text.top) < 0 or text.right > width or text.bottom > height
        ]
    return found
