"""Call graphs for other programs: GraphML, and JSON as networkx links nodes."""

from __future__ import annotations

import json
from typing import Any

import networkx

from reports.graph.view import Edge, Node, View
from reports.visible_text import visible


class GraphMlRenderer:
    """A graph in GraphML (http://graphml.graphdrawing.org/specification.html).

    What XML cannot hold is spelled out.
    """

    suffix = "graphml"

    def render(self, view: View) -> bytes:
        """See `reports.graph.renderer.GraphRenderer.render`."""
        graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(**_strings(_about(view)))
        names = [visible(key) for key in _unique_keys(view)]
        for name, node in zip(names, view.nodes, strict=True):
            graph.add_node(name, **_strings(_facts(node)))
        for edge in view.edges:
            graph.add_edge(names[edge.tail], names[edge.head], **_strings(_evidence(edge)))
        return ("\n".join(networkx.generate_graphml(graph)) + "\n").encode()


class NodeLinkRenderer:
    """A graph as JSON in the form of `networkx.node_link_data`."""

    suffix = "json"

    def render(self, view: View) -> bytes:
        """See `reports.graph.renderer.GraphRenderer.render`."""
        keys = _unique_keys(view)
        data = {
            "directed": True,
            "multigraph": True,
            "graph": _about(view),
            "nodes": [{"id": key, **_facts(node)} for key, node in zip(keys, view.nodes, strict=True)],
            "edges": [
                {"source": keys[edge.tail], "target": keys[edge.head], "key": number, **_evidence(edge)}
                for number, edge in enumerate(view.edges)
            ],
        }
        return (json.dumps(data, indent=1) + "\n").encode()


def _unique_keys(view: View) -> list[str]:
    seen: dict[str, int] = {}
    keys = []
    for node in view.nodes:
        spelled = visible(node.key)
        seen[spelled] = seen.get(spelled, 0) + 1
        keys.append(node.key if seen[spelled] == 1 else f"{node.key} ({seen[spelled]})")
    return keys


def _about(view: View) -> dict[str, Any]:
    return {"title": view.title, "about": view.about, "statements": view.statements}


def _facts(node: Node) -> dict[str, Any]:
    return {
        "label": node.name,
        "service": node.service,
        "module": node.module,
        "file": node.file,
        "line": node.line,
        "functions": list(node.functions),
        "times": node.times,
        "inside": node.inside,
        "folded": node.folded,
        "url": node.href,
        "notes": list(node.remarks),
    }


def _evidence(edge: Edge) -> dict[str, Any]:
    return {
        "kind": str(edge.kind),
        "standing": str(edge.standing),
        "certainty": str(edge.certainty or ""),
        "ways": edge.ways,
        "times": edge.times,
        "sites": edge.sites,
        "seen_in": edge.seen_in,
        "through": edge.through,
        "examples": list(edge.examples),
        "notes": list(edge.remarks),
    }


def _strings(facts: dict[str, Any]) -> dict[str, Any]:
    """Lists as lines: GraphML has no lists."""
    return {
        name: value if isinstance(value, int) else visible(_lines(value)) for name, value in facts.items()
    }


def _lines(value: str | list[Any]) -> str:
    return value if isinstance(value, str) else "\n".join(map(str, value))
