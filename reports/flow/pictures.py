"""A drawing as PNG or PDF, converted from SVG by librsvg's program."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from reports.flow.drawing import Drawing
from reports.flow.layout import TimeScale, lay_out
from reports.flow.model import Flow
from reports.flow.svg import svg_document, svg_pages
from tracer.terminal.errors import UserError

PROGRAM = "rsvg-convert"
PNG_ZOOM = 2
"""Pixels of a PNG per pixel of the drawing, so that it prints well."""
TALLEST_PNG = 32_000
"""Pixels: what the picture library can hold in one direction."""


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
        drawing = lay_out(flow, self._time)
        zoom = _zoom(drawing)
        return _convert([svg_document(drawing)], "--format=png", f"--zoom={zoom}")


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
        return _convert(svg_pages(lay_out(flow, self._time)), "--format=pdf")


def _zoom(drawing: Drawing) -> int:
    longest = max(drawing.width, drawing.height)
    if longest > TALLEST_PNG:
        raise UserError(
            f"The diagram is {longest:,.0f} pixels long; a PNG can hold {TALLEST_PNG:,}.",
            "Ask for fewer steps with --steps, for a part with --between, or write SVG or PDF.",
        )
    return PNG_ZOOM if longest * PNG_ZOOM <= TALLEST_PNG else 1


def _convert(documents: list[str], *options: str) -> bytes:
    # librsvg takes the date in a PDF from this variable: without it no two files were the same.
    environment = os.environ | {"SOURCE_DATE_EPOCH": "0"}
    with tempfile.TemporaryDirectory(prefix="stackwalk-") as folder:
        files = [Path(folder) / f"{number:05}.svg" for number in range(len(documents))]
        for file, document in zip(files, documents, strict=True):
            file.write_text(document, "utf-8")
        command = [PROGRAM, *options, "--unlimited", *map(str, files)]
        try:
            done = subprocess.run(command, capture_output=True, check=False, env=environment)
        except FileNotFoundError:
            raise UserError(
                f"{PROGRAM} was not found: it turns diagrams into PNG and PDF.",
                "Install the package librsvg2-bin, or write SVG.",
            ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UserError("The diagram could not be converted.", "Write SVG instead.", details=tuple(said[-5:]))
    return done.stdout
