"""Call graphs as SVG, PNG and PDF."""

from __future__ import annotations

from reports.canvas.conversion import to_pdf, to_png
from reports.canvas.shapes import Drawing
from reports.canvas.svg import svg_document
from reports.graph.layout import lay_out
from reports.graph.paint import paint
from reports.graph.view import View


def drawn(view: View) -> Drawing:
    """``view`` as a drawing.

    Raises:
        UserError: when graphviz is missing or refuses.
    """
    return paint(view, lay_out(view))


class SvgRenderer:
    """A graph as one SVG file with selectable text, for light and dark ground."""

    suffix = "svg"

    def render(self, view: View) -> bytes:
        """See `reports.graph.renderer.GraphRenderer.render`."""
        return svg_document(drawn(view)).encode()


class PngRenderer:
    """A graph as one PNG picture."""

    suffix = "png"

    def render(self, view: View) -> bytes:
        """See `reports.graph.renderer.GraphRenderer.render`."""
        return to_png(drawn(view), "Ask for less with --depth, --collapse or --nodes, or write SVG or PDF.")


class PdfRenderer:
    """A graph as PDF on one page of its size, with selectable text."""

    suffix = "pdf"

    def render(self, view: View) -> bytes:
        """See `reports.graph.renderer.GraphRenderer.render`."""
        return to_pdf(drawn(view))
