"""A flow diagram as SVG."""

from __future__ import annotations

from reports.canvas.svg import svg_document
from reports.flow.layout import TimeScale, lay_out
from reports.flow.model import Flow


class SvgRenderer:
    """A diagram as one SVG file.

    Args:
        time: how far rows stand apart.
    """

    suffix = "svg"

    def __init__(self, time: TimeScale = TimeScale.EVEN) -> None:
        self._time = time

    def render(self, flow: Flow) -> bytes:
        """See `reports.flow.renderer.FlowRenderer.render`."""
        return svg_document(lay_out(flow, self._time)).encode()
