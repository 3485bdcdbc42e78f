"""A call graph as Mermaid text."""

from __future__ import annotations

from itertools import groupby

from reports.graph.looks import LOOKS
from reports.graph.view import STANDING_WORDS, Edge, Node, View
from reports.mermaid_text import comment, escaped, quoted
from reports.visible_text import visible_line
from tracer.model.overlaid import Standing

_WIDTHS = {Standing.CONFIRMED: "3px", Standing.NOT_TAKEN: "1px", Standing.UNPREDICTED: "3px"}


class MermaidRenderer:
    """A flowchart in Mermaid's language; the kind of an arrow is the word on it."""

    suffix = "mmd"

    def render(self, view: View) -> bytes:
        """See `reports.graph.renderer.GraphRenderer.render`."""
        lines = [f"---\ntitle: {quoted(visible_line(view.title))}\n---", "flowchart TB"]
        lines += [f"  %% {comment(visible_line(text))}" for text in (view.about, *view.statements)]
        numbered = list(enumerate(view.nodes))
        for service, in_service in groupby(numbered, key=lambda one: one[1].service):
            listed = list(in_service)
            if service:
                lines.append(f'  subgraph s{listed[0][0]}["{_words(service)}"]')
            by_module = sorted(listed, key=lambda one: one[1].module)
            for module, in_module in groupby(by_module, key=lambda one: one[1].module):
                nodes = list(in_module)
                if module:
                    lines.append(f'    subgraph m{nodes[0][0]}["{_words(module)}"]')
                lines += [f"      {_box(number, node)}" for number, node in nodes]
                if module:
                    lines.append("    end")
            if service:
                lines.append("  end")
        for edge in view.edges:
            lines.append(f"  {_arrow(edge, view)}")
        if view.compared:
            for standing, width in _WIDTHS.items():
                numbers = [str(n) for n, edge in enumerate(view.edges) if edge.standing is standing]
                if numbers:
                    lines.append(f"  linkStyle {','.join(numbers)} stroke-width:{width}")
        said = [*view.statements, *(f"{one.number} {one.anchor}: {one.text}" for one in view.remarks)]
        if said:
            lines.append(f'  said["{"<br/>".join(map(_words, said))}"]')
        lines += [
            f'  click n{number} href "{_url(node.href)}" _blank' for number, node in numbered if node.href
        ]
        return ("\n".join(lines) + "\n").encode()


def _box(number: int, node: Node) -> str:
    small = [*node.figures, *([f"note {', '.join(map(str, node.remarks))}"] if node.remarks else [])]
    words = _words(node.name) + (f"<br/>{_words(' · '.join(small))}" if small else "")
    left, right = ("[[", "]]") if node.folded else ("[", "]")
    return f'n{number}{left}"{words}"{right}'


def _arrow(edge: Edge, view: View) -> str:
    look = LOOKS.get(edge.kind)
    words = [look.word if look is not None and look.word else "" if edge.kind == "call" else str(edge.kind)]
    if edge.times > 1:
        words.append(f"{edge.times:,} ×")
    if view.compared and edge.standing is not Standing.CONFIRMED:
        words.append(STANDING_WORDS[edge.standing])
    if edge.remarks:
        words.append(f"note {', '.join(map(str, edge.remarks))}")
    text = " · ".join(word for word in words if word)
    body = "-.->" if look is not None and look.dash else "-->"
    label = f'|"{_words(text)}"|' if text else ""
    return f"n{edge.tail} {body}{label} n{edge.head}"


def _url(href: str) -> str:
    return href.replace('"', "%22").replace("\n", "")


_MARKDOWN = {"_": "#95;", "*": "#42;", "#92;n": "#92;#8288;n"}


def _words(text: str) -> str:
    """``text`` as words of a flowchart, whose labels are Markdown and where ``\\n`` would break the line."""
    words = escaped(text)
    for mark, spelled in _MARKDOWN.items():
        words = words.replace(mark, spelled)
    return words
