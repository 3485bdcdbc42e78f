"""Boxes, texts and arrows at given places, drawn by graphviz as an SVG that takes its colours from CSS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import graphviz

from reports.visible_text import visible_line
from reports.visible_text import width as columns_of
from tracer.terminal.errors import UserError

_PROLOG = re.compile(r"\A.*?(?=<svg)", re.DOTALL)
_COMMENTS = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_NODE_TITLES = re.compile(r"<title>[^<]*</title>\n")
_SIZE = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"')
_TOOLTIP = re.compile(r'(<a [^>]*?) xlink:title="([^"]*)"([^>]*>)')
_IDS = re.compile(r' id="[a-z_]+\d+"')
_QUIET = re.compile(r'(<g class="[^"]* quiet[^"]*">\n<g><a )')
_TARGET = re.compile(r"xlink:href=")
_XLINK = re.compile(r' xmlns:xlink="[^"]*"')


def svg_of(source: str, engine: str, label: str) -> str:
    """Lay out and draw ``source`` with graphviz, as an ``<svg>`` element to be put into an HTML page.

    Links of things with the class ``quiet`` are no stops of the Tab key (another link leads to the same
    place). The result holds no comment, no generator version and no ids (several pictures share a page);
    its links are plain ``href``, tooltips are ``<title>`` elements.

    Args:
        source: a graph in the DOT language.
        engine: graphviz's layout program.
        label: what the picture shows, for those who cannot see it.

    Raises:
        UserError: when graphviz is missing or refuses.
    """
    options = {"neato_no_op": 2} if engine == "neato" else {}
    try:
        raw = graphviz.Source(source, engine=engine).pipe(
            format="svg", quiet=True, encoding="utf-8", **options
        )
    except graphviz.ExecutableNotFound:
        raise UserError(
            "graphviz is not installed: its program `dot` was not found.", "Install the package graphviz."
        ) from None
    except graphviz.CalledProcessError as error:
        raise UserError("graphviz could not draw the picture.", details=(str(error),)) from error
    svg = _PROLOG.sub("", raw, count=1)
    svg = _NODE_TITLES.sub("", _COMMENTS.sub("", svg))
    svg = _IDS.sub("", svg)
    svg = _TOOLTIP.sub(r"\1\3<title>\2</title>", svg)
    svg = _QUIET.sub(r'\1tabindex="-1" ', svg)
    svg = _XLINK.sub("", _TARGET.sub("href=", svg))
    return _SIZE.sub(
        lambda size: f'<svg role="group" aria-label="{label}" width="{size[1]}" height="{size[2]}"',
        svg,
        count=1,
    )


def quoted(text: str) -> str:
    """``text`` as a DOT string that graphviz shows literally, on one line."""
    return '"' + visible_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


class Sheet:
    """Boxes, texts and arrows at given places; the origin is the upper left corner, the unit one pixel.

    Later things are drawn over earlier ones, arrows over everything.

    Args:
        width: of the sheet.
        height: of the sheet.
    """

    def __init__(self, width: float, height: float) -> None:
        self._width, self._height = width, height
        self._lines: list[str] = []
        self._count = 0
        self.box(0, 0, width, height, "sheet")

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        style: str,
        *,
        href: str = "",
        tip: str = "",
        shape: str = "box",
    ) -> None:
        """A filled shape whose upper left corner is at ``x``, ``y``; ``style`` are its CSS classes."""
        attributes = {"shape": shape, "label": '""', "style": "filled"}
        self._node(x, y, width, height, style, attributes, href, tip)

    def text(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        style: str,
        *,
        align: Literal["left", "centre", "right"] = "left",
    ) -> None:
        """One line of text of height 16 at ``x``, ``y``, placed in ``width``."""
        room = 12.0 * columns_of(text)  # graphviz would move a text wider than its box out of its place
        if align == "left":
            width = max(width, room)
        elif align == "right" and room > width:
            x, width = x + width - room, float(room)
        label = quoted(text)[:-1] + {"left": "\\l", "centre": "", "right": "\\r"}[align] + '"'
        self._node(x, y, width, 16, style, {"shape": "plaintext", "label": label, "fontsize": "12"}, "", "")

    def arrow(
        self,
        x: float,
        y: float,
        to_x: float,
        style: str,
        look: Mapping[str, str],
        *,
        href: str = "",
        tip: str = "",
    ) -> None:
        """A horizontal arrow from ``x`` to ``to_x``; ``look`` are graphviz edge attributes (style, head)."""
        up = self._height - y
        tip_length: float = 9 if to_x > x else -9
        if abs(to_x - x) < 12:
            tip_length = (to_x - x) / 2 or 1
        body_end = to_x - tip_length
        third = (body_end - x) / 3
        points = " ".join(f"{x + third * step:.1f},{up:.1f}" for step in range(4))
        attributes = dict(look) | {
            "pos": f'"e,{to_x:.1f},{up:.1f} {points}"',
            "class": f'"{style}"',
            "label": '""',
        }
        self._link(attributes, href, tip)
        self._lines.append(f"n1 -> n1 [{_attributes(attributes)}]")

    def svg(self, label: str) -> str:
        """The sheet as an ``<svg>`` element; ``label`` says what it shows."""
        head = "digraph { graph [pad=0 margin=0 outputorder=nodesfirst bgcolor=transparent]"
        head += 'node [fontname="sans-serif" margin=0 fixedsize=true] edge [arrowsize=0.7]'
        return svg_of("\n".join([head, *self._lines, "}"]), "neato", label)

    def _node(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        style: str,
        attributes: dict[str, str],
        href: str,
        tip: str,
    ) -> None:
        self._count += 1
        attributes |= {
            "pos": f'"{x + width / 2:.1f},{self._height - y - height / 2:.1f}"',
            "width": f"{width / 72:.4f}",
            "height": f"{height / 72:.4f}",
            "class": f'"{style}"',
        }
        self._link(attributes, href, tip)
        self._lines.append(f"n{self._count} [{_attributes(attributes)}]")

    @staticmethod
    def _link(attributes: dict[str, str], href: str, tip: str) -> None:
        if href:
            attributes |= {"URL": quoted(href)}
        if tip:
            attributes |= {"tooltip": quoted(tip)}


def _attributes(attributes: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in attributes.items())
