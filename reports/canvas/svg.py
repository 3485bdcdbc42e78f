"""A drawing as SVG: plain shapes and selectable text, light, or dark where the reader prefers it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from reports.canvas.metrics import FONTS
from reports.canvas.palette import DARK, LIGHT
from reports.canvas.shapes import Box, Curve, Dot, Drawing, Group, Line, Shape, Text


def style_sheet() -> str:
    """The rules by which a picture follows the reader's preference for dark or light.

    A page that has a switch of its own sets the properties ``--canvas-…`` on an element around the picture.
    """
    rules = [
        f".canvas {{ {_properties(LIGHT)} }}",
        f"@media (prefers-color-scheme: dark) {{ .canvas {{ {_properties(DARK)} }} }}",
    ]
    rules.append(".canvas:root { background: var(--canvas-ground) }")
    rules += [f".canvas .f-{role} {{ fill: var(--canvas-{role}) }}" for role in LIGHT]
    rules += [f".canvas .s-{role} {{ stroke: var(--canvas-{role}) }}" for role in LIGHT]
    return "\n".join(rules)


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
        f'<svg xmlns="http://www.w3.org/2000/svg" class="canvas" role="img"'
        f" aria-label={quoteattr(drawing.title)}"
        f' width="{width}" height="{height}" viewBox="0 {_number(top)} {width} {height}"'
        f' font-family="{FONTS}">',
        f"<title>{escape(drawing.title)}</title>",
        f"<desc>{escape(drawing.description)}</desc>",
    ]
    if with_style:
        out.append(f"<style>{escape(style_sheet())}</style>")
    ground = f'class="f-ground" fill="{LIGHT["ground"]}"'
    out.append(f'<rect x="0" y="{_number(top)}" width="{width}" height="{height}" {ground}/>')
    out += [_group(group) for group in groups]
    out.append("</svg>")
    return "\n".join(out)


def _group(group: Group) -> str:
    step = f' data-step="{group.step}"' if group.step else ""
    function = f" data-function={quoteattr(group.function)}" if group.function else ""
    title = f"<title>{escape(group.title)}</title>" if group.title else ""
    content = "".join(map(_shape, group.shapes))
    if group.href:
        # The title stands inside the link: that is what a pointer meets first.
        content = f"<a href={quoteattr(group.href)}>{title}{content}</a>"
        title = ""
    return f'<g class="{group.name}"{step}{function}>{title}{content}</g>'


def _shape(shape: Shape) -> str:
    match shape:
        case Text():
            return _text(shape)
        case Box():
            radius = f' rx="{_number(shape.radius)}"' if shape.radius else ""
            return (
                f'<rect x="{_number(shape.x)}" y="{_number(shape.y)}" width="{_number(shape.width)}"'
                f' height="{_number(shape.height)}"{radius}{_stroke(shape.thickness, shape.dash)}'
                f" {_box_colours(shape.role)}/>"
            )
        case Dot():
            colours = _filled(shape.role) if shape.filled else _both("ground", shape.role)
            at = f'cx="{_number(shape.x)}" cy="{_number(shape.y)}"'
            return f'<circle {at} r="{_number(shape.radius)}" {colours}/>'
        case Line():
            return _line(shape)
        case Curve():
            return (
                f'<path d="{_path(shape.points)}"{_stroke(shape.thickness, shape.dash)}'
                f' fill="none" {_stroked(shape.role)}/>'
            )


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


def _path(points: Sequence[tuple[float, float]]) -> str:
    start, *others = (f"{_number(x)},{_number(y)}" for x, y in points)
    return f"M{start} C{' '.join(others)}"


def _stroke(thickness: float, dash: str) -> str:
    wide = f' stroke-width="{_number(thickness)}"' if thickness != 1 else ""
    return wide + (f' stroke-dasharray="{dash}"' if dash else "")


def _box_colours(role: str) -> str:
    edge = f"{role}-edge" if f"{role}-edge" in LIGHT else "bar-edge"
    return _both(role, edge)


def _filled(role: str) -> str:
    return f'class="f-{role}" fill="{LIGHT[role]}"'


def _stroked(role: str) -> str:
    return f'class="s-{role}" stroke="{LIGHT[role]}"'


def _both(fill: str, stroke: str) -> str:
    return f'class="f-{fill} s-{stroke}" fill="{LIGHT[fill]}" stroke="{LIGHT[stroke]}"'


def _properties(colours: dict[str, str]) -> str:
    return " ".join(f"--canvas-{role}: {colour};" for role, colour in colours.items())


def _number(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
