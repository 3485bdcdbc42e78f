"""The map: who talked to whom, how often and in which way, laid out by graphviz."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from reports.drawing import quoted, svg_of
from reports.page.lanes import LOOKS, lane_style
from reports.way import Hop, Way
from tracer.model.kinds import Link
from tracer.terminal.wording import counted


def service_map(way: Way, spans: Mapping[str, int]) -> str:
    """Draw the services and the links between them.

    Args:
        way: the request's way.
        spans: number of spans by service.
    """
    edges: dict[tuple[str, str, str], list[Hop]] = {}
    for hop in way.crossings:
        # what a service sends to itself is one loop: loops beside each other would hide each other's labels
        kind = "" if hop.source.service == hop.run.service else hop.link.value
        edges.setdefault((hop.source.service, hop.run.service, kind), []).append(hop)
    lines = [
        "digraph { graph [rankdir=LR bgcolor=transparent pad=0.1 nodesep=0.28 ranksep=0.75]",
        'node [shape=box style="filled,rounded" fontname="sans-serif" fontsize=13 margin="0.16,0.09"]',
        'edge [fontname="sans-serif" fontsize=11 arrowsize=0.7]',
    ]
    for lane in way.lanes:
        count = spans.get(lane, 0)
        below = f"\\n{counted(count, 'call')}" if count else ""
        label = f'{quoted(lane)[:-1]}{below}"'
        lines.append(f'{quoted(lane)} [label={label} class="service {lane_style(lane)}"]')
    lines += [_edge(source, target, hops) for (source, target, _), hops in edges.items()]
    return svg_of("\n".join([*lines, "}"]), "dot", "The services and the links between them")


def _edge(source: str, target: str, hops: Sequence[Hop]) -> str:
    first = hops[0]
    kinds = Counter(hop.link.value or "call" for hop in hops)
    parts = [f"{kind} ×{count}" if count > 1 else kind for kind, count in kinds.items()]
    label = "\\n".join(quoted(part)[1:-1] for part in parts)
    link = first.link if len(kinds) == 1 else Link.HTTP
    look = " ".join(f"{name}={value}" for name, value in LOOKS[link].items())
    tip = quoted(f"{source} → {target}: {', '.join(parts)}, first no. {first.number} {first.what}")
    return (
        f"{quoted(source)} -> {quoted(target)} "
        f'[{look} label="{label}" class={quoted("link " + link)} '
        f"URL={quoted(f'#span-{first.span.id}')} tooltip={tip} labeltooltip={tip}]"
    )
