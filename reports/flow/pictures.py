"""A flow diagram as PNG or PDF."""

from __future__ import annotations

from reports.canvas.conversion import to_pdf, to_png
from reports.flow.layout import TimeScale, lay_out
from reports.flow.model import Flow


class PngRenderer:
    """A diagram as one PNG picture.

    Args:
        time: how far rows stand apart.
    """

    suffix = "png"

    def __init__(self, time: TimeScale = TimeScale.EVEN) -> None:
        self._time = time

    def render(self, flow: Flow) -> bytes:
        """See `reports.flow.renderer.FlowRenderer.render`."""
        return to_png(
            lay_out(flow, self._time),
            "Ask for fewer steps with --steps, for a part with --between, or write SVG or PDF.",
        )


class PdfRenderer:
    """A diagram as PDF with selectable text; a new page wherever the lanes' headers are repeated.

    Args:
        time: how far rows stand apart.
    """

    suffix = "pdf"

    def __init__(self, time: TimeScale = TimeScale.EVEN) -> None:
        self._time = time

    def render(self, flow: Flow) -> bytes:
        """See `reports.flow.renderer.FlowRenderer.render`."""
        return to_pdf(lay_out(flow, self._time))
