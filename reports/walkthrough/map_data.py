"""The map: the whole request as one tree of a few hundred nodes, each saying what it stands for."""

from __future__ import annotations

import heapq

from reports.visible_text import visible_line
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.identity import without_identifiers
from reports.walkthrough.plan import Plan
from tracer.model.kinds import lane_order

MOST_NODES = 480
"""Nodes that the map holds; all other calls are counted in the node above them."""


def map_data(index: CallIndex, plan: Plan) -> dict[str, object]:
    """Nodes in depth-first order: above, function, lane, calls folded into it, step's number, link, label.

    The steps are nodes, so are the messages between processes, and of the other calls those with most
    beneath them.
    """
    chosen = _choose(index, plan)
    lanes = index.way.lanes
    step_of = {step.stop.index: step.number for step in plan.steps if step.stop}
    hop_of = {hop.span.id - 1: hop for hop in index.way.crossings}
    lane_names = sorted({*lanes, *(index.tree.spans[at].service for at in chosen)}, key=lane_order)
    lane_number = {name: number for number, name in enumerate(lane_names)}
    place: dict[int, int] = {}
    folded: list[int] = []
    rows: list[list[object]] = []
    for at in sorted(chosen):
        span = index.tree.spans[at]
        above = next((place[up] for up in index.ancestors(at) if up in place), -1)
        place[at] = len(rows)
        folded.append(index.size[at] - 1)
        if above >= 0:
            folded[above] -= index.size[at]
        hop = hop_of.get(at)
        lane = hop.run.service if hop else span.service
        label = visible_line(without_identifiers(hop.what)) if hop else ""
        link = hop.link.value if hop else span.link.value
        rows.append([above, span.function, lane_number[lane], 0, step_of.get(at, 0), link, label])
    for row, count in zip(rows, folded, strict=True):
        row[3] = count
    return {"lanes": [visible_line(name) for name in lane_names], "nodes": rows, "calls": len(index.parent)}


def _choose(index: CallIndex, plan: Plan) -> set[int]:
    chosen = {step.stop.index for step in plan.steps if step.stop}
    for hop in index.way.crossings:
        if len(chosen) >= MOST_NODES // 2:
            break
        chosen.add(hop.span.id - 1)
    heap = [(-index.size[at], at) for at in chosen]
    heapq.heapify(heap)
    seen = set(chosen)
    while heap and len(chosen) < MOST_NODES:
        _, at = heapq.heappop(heap)
        chosen.add(at)
        for child in index.children(at):
            if child not in seen and index.size[child] > 1:
                seen.add(child)
                heapq.heappush(heap, (-index.size[child], child))
    return chosen
