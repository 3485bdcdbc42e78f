"""A drawing as PNG or PDF, converted from SVG by librsvg's program."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from reports.canvas.shapes import Drawing
from reports.canvas.svg import svg_document, svg_pages
from tracer.terminal.errors import UserError

PROGRAM = "rsvg-convert"
PNG_ZOOM = 2
"""Pixels of a PNG per pixel of the drawing, so that it prints well."""
TALLEST_PNG = 32_000
"""Pixels: what the picture library can hold in one direction."""


def to_png(drawing: Drawing, remedy: str) -> bytes:
    """The drawing as one PNG picture.

    Args:
        drawing: what is shown.
        remedy: what a person may do when it is too large for a PNG.

    Raises:
        UserError: when it is too large, or the program is missing or refuses.
    """
    zoom = _zoom(drawing, remedy)
    return _convert([svg_document(drawing)], "--format=png", f"--zoom={zoom}")


def to_pdf(drawing: Drawing) -> bytes:
    """The drawing as PDF with selectable text; a new page at each of its breaks.

    Raises:
        UserError: when the program is missing or refuses.
    """
    return _convert(svg_pages(drawing), "--format=pdf")


def _zoom(drawing: Drawing, remedy: str) -> int:
    longest = max(drawing.width, drawing.height)
    if longest > TALLEST_PNG:
        raise UserError(
            f"The picture is {longest:,.0f} pixels long; a PNG can hold {TALLEST_PNG:,}.",
            remedy,
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
                f"{PROGRAM} was not found: it turns pictures into PNG and PDF.",
                "Install the package librsvg2-bin, or write SVG.",
            ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UserError("The picture could not be converted.", "Write SVG instead.", details=tuple(said[-5:]))
    return done.stdout
