"""A drawing as SVG: plain shapes and selectable text, light, or dark where the reader prefers it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from reports.flow.drawing import Box, Dot, Drawing, Group, Line, Shape, Text
from reports.flow.layout import TimeScale, lay_out
from reports.flow.metrics import FONTS
from reports.flow.model import Flow

_LIGHT = {
    "ground": "#ffffff",
    "ink": "#1a1a1a",
    "muted": "#595959",
    "lifeline": "#9a9a9a",
    "header": "#eef1f4",
    "header-edge": "#5a6572",
    "bar": "#dfe6ee",
    "bar-edge": "#4a5562",
    "bar-failed": "#4a4a4a",
    "note": "#fbf6e3",
    "note-edge": "#a08a3c",
    "line-start": "#1a1a1a",
    "line-http": "#0060a8",
    "line-call": "#b34700",
    "line-cast": "#b34700",
    "line-fanout": "#b34700",
    "line-spawn": "#93316f",
    "line-privsep": "#6a5a00",
    "line-native": "#00694e",
    "line-database": "#4a5562",
    "line-local": "#333333",
    "line-event": "#7a5200",
}
_DARK = {
    "ground": "#16181c",
    "ink": "#ececec",
    "muted": "#b4b4b4",
    "lifeline": "#707880",
    "header": "#262b32",
    "header-edge": "#98a4b0",
    "bar": "#39434f",
    "bar-edge": "#b4bfcb",
    "bar-failed": "#d8d8d8",
    "note": "#2e2a1c",
    "note-edge": "#b39a4a",
    "line-start": "#ececec",
    "line-http": "#6cb8f0",
    "line-call": "#f2985a",
    "line-cast": "#f2985a",
    "line-fanout": "#f2985a",
    "line-spawn": "#e39ac6",
    "line-privsep": "#d6c14a",
    "line-native": "#4fcba4",
    "line-database": "#b4bfcb",
    "line-local": "#d0d0d0",
    "line-event": "#e0ad4e",
}


def style_sheet() -> str:
    """The rules by which a diagram follows the reader's preference for dark or light.

    A page that has a switch of its own sets the properties ``--flow-…`` on an element around the diagram.
    """
    rules = [
        f".flow {{ {_properties(_LIGHT)} }}",
        f"@media (prefers-color-scheme: dark) {{ .flow {{ {_properties(_DARK)} }} }}",
    ]
    rules += [f".flow .f-{role} {{ fill: var(--flow-{role}) }}" for role in _LIGHT]
    rules += [f".flow .s-{role} {{ stroke: var(--flow-{role}) }}" for role in _LIGHT]
    return "\n".join(rules)


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


def svg_document(drawing: Drawing) -> str:
    """A whole SVG file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg_element(drawing, with_style=True)}\n'


def svg_element(drawing: Drawing, *, with_style: bool) -> str:
    """The ``<svg>`` element, without ids, to stand in a page.

    Args:
        drawing: the diagram.
        with_style: put `style_sheet` into it; a page with several diagrams needs it once.
    """
    return _element(drawing, drawing.groups, 0.0, drawing.height, with_style)


def svg_pages(drawing: Drawing) -> list[str]:
    """The drawing as one SVG file per page, cut where the lanes' headers are repeated."""
    edges = [0.0, *drawing.breaks, drawing.height]
    return [
        _element(
            drawing, [g for g in drawing.groups if g.bottom > top and g.top < bottom], top, bottom, False
        )
        for top, bottom in pairwise(edges)
    ]


def _element(drawing: Drawing, groups: Iterable[Group], top: float, bottom: float, with_style: bool) -> str:
    width, height = _number(drawing.width), _number(bottom - top)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="img"'
        f" aria-label={quoteattr(drawing.title)}"
        f' width="{width}" height="{height}" viewBox="0 {_number(top)} {width} {height}"'
        f' font-family="{FONTS}">',
        f"<title>{escape(drawing.title)}</title>",
        f"<desc>{escape(drawing.description)}</desc>",
    ]
    if with_style:
        out.append(f"<style>{escape(style_sheet())}</style>")
    ground = f'class="f-ground" fill="{_LIGHT["ground"]}"'
    out.append(f'<rect x="0" y="{_number(top)}" width="{width}" height="{height}" {ground}/>')
    out += [_group(group) for group in groups]
    out.append("</svg>")
    return "\n".join(out)


def _group(group: Group) -> str:
    step = f' data-step="{group.step}"' if group.step else ""
    function = f" data-function={quoteattr(group.function)}" if group.function else ""
    title = f"<title>{escape(group.title)}</title>" if group.title else ""
    return f'<g class="{group.name}"{step}{function}>{title}{"".join(map(_shape, group.shapes))}</g>'


def _shape(shape: Shape) -> str:
    match shape:
        case Text():
            return _text(shape)
        case Box():
            radius = f' rx="{_number(shape.radius)}"' if shape.radius else ""
            return (
                f'<rect x="{_number(shape.x)}" y="{_number(shape.y)}" width="{_number(shape.width)}"'
                f' height="{_number(shape.height)}"{radius} {_box_colours(shape.role)}/>'
            )
        case Dot():
            colours = _filled(shape.role) if shape.filled else _both("ground", shape.role)
            at = f'cx="{_number(shape.x)}" cy="{_number(shape.y)}"'
            return f'<circle {at} r="{_number(shape.radius)}" {colours}/>'
        case Line():
            return _line(shape)


def _text(text: Text) -> str:
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    bold = ' font-weight="bold"' if text.bold else ""
    return (
        f'<text x="{_number(text.x)}" y="{_number(text.y)}" font-size="{_number(text.size)}"{anchor}{bold}'
        f" {_filled(text.role)}>{escape(text.text)}</text>"
    )


def _line(line: Line) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in line.points)
    shape = "polygon" if line.closed else "polyline"
    if line.filled:
        return f'<{shape} points="{points}" {_filled(line.role)}/>'
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    colours = _both("ground", line.role) if line.closed else f'fill="none" {_stroked(line.role)}'
    return f'<{shape} points="{points}" stroke-width="{_number(line.thickness)}"{dash} {colours}/>'


def _box_colours(role: str) -> str:
    edge = f"{role}-edge" if f"{role}-edge" in _LIGHT else "bar-edge"
    return _both(role, edge)


def _filled(role: str) -> str:
    return f'class="f-{role}" fill="{_LIGHT[role]}"'


def _stroked(role: str) -> str:
    return f'class="s-{role}" stroke="{_LIGHT[role]}"'


def _both(fill: str, stroke: str) -> str:
    return f'class="f-{fill} s-{stroke}" fill="{_LIGHT[fill]}" stroke="{_LIGHT[stroke]}"'


def _properties(colours: dict[str, str]) -> str:
    return " ".join(f"--flow-{role}: {colour};" for role, colour in colours.items())


def _number(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
