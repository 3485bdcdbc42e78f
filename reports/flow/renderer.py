"""The interface of everything that turns a flow diagram into a file, and the formats there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from reports.flow.layout import TimeScale
from reports.flow.mermaid import MermaidRenderer
from reports.flow.model import Flow
from reports.flow.pictures import PdfRenderer, PngRenderer
from reports.flow.plantuml import PlantUmlRenderer
from reports.flow.svg import SvgRenderer


class FlowRenderer(Protocol):
    """Turns a flow diagram into the bytes of a file."""

    suffix: str
    """How the names of such files end."""

    def render(self, flow: Flow) -> bytes:
        """The file's content; the same for the same diagram.

        Raises:
            UserError: when a program that is needed is missing or refuses.
        """


FORMATS: Mapping[str, Callable[[TimeScale], FlowRenderer]] = {
    "svg": SvgRenderer,
    "png": PngRenderer,
    "pdf": PdfRenderer,
    "mermaid": lambda time: MermaidRenderer(),
    "plantuml": lambda time: PlantUmlRenderer(),
}
"""A renderer for each format. Texts leave distances to the program that draws them."""
