"""The interface of everything that turns a call graph into a file, and the formats there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from reports.graph.dot import DotRenderer
from reports.graph.exchange import GraphMlRenderer, NodeLinkRenderer
from reports.graph.mermaid import MermaidRenderer
from reports.graph.pictures import PdfRenderer, PngRenderer, SvgRenderer
from reports.graph.view import View


class GraphRenderer(Protocol):
    """Turns a picture of calls into the bytes of a file."""

    suffix: str
    """How the names of such files end."""

    def render(self, view: View) -> bytes:
        """The file's content; the same for the same view.

        Raises:
            UserError: when a program that is needed is missing or refuses.
        """


FORMATS: Mapping[str, GraphRenderer] = {
    "svg": SvgRenderer(),
    "png": PngRenderer(),
    "pdf": PdfRenderer(),
    "dot": DotRenderer(),
    "mermaid": MermaidRenderer(),
    "graphml": GraphMlRenderer(),
    "json": NodeLinkRenderer(),
}
DATA = frozenset({"graphml", "json"})
"""Formats for programs: nothing is folded in them unless that is asked for."""
