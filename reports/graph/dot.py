"""A call graph in graphviz's own language, with everything that its pictures show."""

from __future__ import annotations

from itertools import groupby

from reports.canvas.arrows import Head
from reports.canvas.palette import LIGHT
from reports.graph.looks import LOOKS, PLAIN_THICKNESS, THICKNESS, Look
from reports.graph.view import Edge, Node, View
from reports.visible_text import visible_line
from tracer.model.kinds import CallKind
from tracer.model.overlaid import Standing

_HEADS: dict[Head, str] = {
    "filled": "normal",
    "open": "vee",
    "double": "veevee",
    "hollow": "empty",
    "diamond": "diamond",
    "square": "box",
    "round": "odot",
}


class DotRenderer:
    """A graph for graphviz: nodes are called by number, their attribute ``function`` says what they are."""

    suffix = "dot"

    def render(self, view: View) -> bytes:
        """See `reports.graph.renderer.GraphRenderer.render`."""
        lines = [
            "digraph calls {",
            f"  graph [label={_text(*_words_around(view))} labelloc=t labeljust=l",
            '    rankdir=TB nodesep=0.22 ranksep=0.42 fontname="sans-serif" fontsize=11]',
            '  node [shape=box fontname="sans-serif" fontsize=11 margin="0.12,0.06" height=0.3]',
            '  edge [fontname="sans-serif" fontsize=9 arrowsize=0.8]',
        ]
        numbered = list(enumerate(view.nodes))
        for service, in_service in groupby(numbered, key=lambda one: one[1].service):
            listed = list(in_service)
            if service:
                lines.append(f"  subgraph cluster_s{listed[0][0]} {{ label={_text(service)} style=rounded")
            by_module = sorted(listed, key=lambda one: one[1].module)
            for module, in_module in groupby(by_module, key=lambda one: one[1].module):
                lines += _module(module, list(in_module), view)
            if service:
                lines.append("  }")
        lines += [f"  {_arrow(edge, view)}" for edge in view.edges]
        return ("\n".join([*lines, "}"]) + "\n").encode()


def _module(module: str, nodes: list[tuple[int, Node]], view: View) -> list[str]:
    inside = [f"    {_box(number, node, view)}" for number, node in nodes]
    if not module:
        return inside
    opening = f"    subgraph cluster_m{nodes[0][0]} {{ label={_text(module)} style=dashed fontsize=10"
    return [opening, *inside, "    }"]


def _box(number: int, node: Node, view: View) -> str:
    small = [*node.figures, *([f"note {', '.join(map(str, node.remarks))}"] if node.remarks else [])]
    attributes = {
        "label": _text(node.name, *([" · ".join(small)] if small else [])),
        "function": _text(node.key if node.folded else node.functions[0]),
        "tooltip": _text(*node.functions[:20]),
    }
    if node.href:
        attributes |= {"URL": _text(node.href), "target": '"_blank"'}
    styles = []
    if node.folded:
        styles.append("filled")
        attributes |= {"fillcolor": f'"{LIGHT["fold"]}"', "peripheries": "2"}
    if view.compared and not node.times:
        styles.append("dashed")
    if node.asked:
        styles.append("bold")
    if styles:
        attributes["style"] = f'"{",".join(styles)}"'
    return f"n{number} [{_listed(attributes)}]"


def _arrow(edge: Edge, view: View) -> str:
    look = LOOKS.get(edge.kind, LOOKS[CallKind.CALL])
    attributes = {"kind": f'"{edge.kind}"', "standing": f'"{edge.standing}"'} | _look(look)
    colour, width = LIGHT[look.role], PLAIN_THICKNESS
    if view.compared:
        width = THICKNESS[edge.standing]
    if view.compared and edge.standing is Standing.UNPREDICTED:
        colour, width = f"{colour}:{colour}", 1.0
    attributes |= {"color": f'"{colour}"', "penwidth": f"{width}"}
    label = look.word + (f" {edge.times:,} ×" if look.word and edge.times > 1 else "")
    label += f" note {', '.join(map(str, edge.remarks))}" if edge.remarks else ""
    if label:
        attributes["label"] = _text(label.strip())
    if edge.doubt:
        tail = attributes.get("arrowtail", "") + "tee" * edge.doubt
        attributes |= {"dir": "both", "arrowtail": tail}
    attributes["tooltip"] = _text(*edge.said, *edge.examples)
    return f"n{edge.tail} -> n{edge.head} [{_listed(attributes)}]"


def _look(look: Look) -> dict[str, str]:
    style = {"": "solid", "2 3": "dotted"}.get(look.dash, "dashed")
    attributes = {"style": style, "arrowhead": _HEADS[look.head]}
    if look.tail:
        attributes |= {"dir": "both", "arrowtail": "dot"}
    return attributes


def _words_around(view: View) -> list[str]:
    lines = [view.title, view.about]
    for kind in view.kinds:
        look = LOOKS.get(kind, LOOKS[CallKind.CALL])
        style = _look(look)
        tail = ", a dot at its tail" if look.tail else ""
        lines.append(f"{style['style']}, head {style['arrowhead']}{tail}: {look.words}")
    if view.compared:
        lines.append("thick: seen and predicted; thin: predicted, not seen; double: seen, not predicted")
    return [
        *lines,
        *view.statements,
        *(f"{one.number}  {one.anchor}: {one.text}" for one in view.remarks),
    ]


def _text(*texts: str) -> str:
    """``texts`` as a DOT string that graphviz shows literally, a line each, many of them to the left."""
    lines = [
        visible_line(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for text in texts
    ]
    end = "\\l" if len(lines) > _CENTRED else "\\n"
    return '"' + end.join(lines) + (end if len(lines) > _CENTRED else "") + '"'


_CENTRED = 3


def _listed(attributes: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in attributes.items())
