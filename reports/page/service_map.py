"""The map: who talked to whom, how often and in which way, laid out by graphviz."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.drawing import quoted, svg_of
from reports.page.lanes import LOOKS, lane_style
from reports.page.way import Hop, Way
from tracer.model.kinds import Link


@dataclass
class _Edge:
    source: str
    target: str
    link: Link
    hops: list[Hop] = field(default_factory=list)


def service_map(way: Way, spans: Mapping[str, int]) -> str:
    """Draw the services and the links between them.

    Args:
        way: the request's way.
        spans: number of spans by service.
    """
    edges: dict[tuple[str, str, Link], _Edge] = {}
    for hop in way.crossings:
        key = (hop.source.service, hop.run.service, hop.link)
        edges.setdefault(key, _Edge(*key)).hops.append(hop)
    lines = [
        "digraph { graph [rankdir=LR bgcolor=transparent pad=0.1 nodesep=0.28 ranksep=0.75]",
        'node [shape=box style="filled,rounded" fontname="sans-serif" fontsize=13 margin="0.16,0.09"]',
        'edge [fontname="sans-serif" fontsize=11 arrowsize=0.7]',
    ]
    for lane in way.lanes:
        count = spans.get(lane, 0)
        below = f"\\n{count:,} call{'' if count == 1 else 's'}" if count else ""
        label = f'{quoted(lane)[:-1]}{below}"'
        lines.append(f'{quoted(lane)} [label={label} class="service {lane_style(lane)}"]')
    for edge in edges.values():
        first = edge.hops[0]
        label = f"{edge.link or 'call'} ×{len(edge.hops)}" if len(edge.hops) > 1 else f"{edge.link or 'call'}"
        look = " ".join(f"{name}={value}" for name, value in LOOKS[edge.link].items())
        tip = f"{edge.source} → {edge.target}: {label}, first no. {first.number} {first.what}"
        lines.append(
            f"{quoted(edge.source)} -> {quoted(edge.target)} "
            f"[{look} label={quoted(label)} class={quoted('link ' + edge.link)} "
            f"URL={quoted(f'#span-{first.span.id}')} tooltip={quoted(tip)} labeltooltip={quoted(tip)}]"
        )
    return svg_of("\n".join([*lines, "}"]), "dot", "The services and the links between them")
