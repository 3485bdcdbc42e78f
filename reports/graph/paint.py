"""Draws a picture of calls that has its places: frames, arrows, boxes, legend and remarks."""

from __future__ import annotations

from reports.canvas.metrics import text_width, wrapped
from reports.canvas.shapes import Box, Drawing, Group, Shape, Text
from reports.graph.boxes import (
    BADGE,
    CLUSTER_SIZE,
    NAME_LEADING,
    NAME_SIZE,
    SMALL_LEADING,
    SMALL_SIZE,
    Words,
)
from reports.graph.layout import Frame, Layout, Placed, Point, Routed
from reports.graph.legend import legend
from reports.graph.looks import LOOKS
from reports.graph.strokes import stroke
from reports.graph.view import Edge, Node, View
from reports.visible_text import visible, visible_line
from tracer.model.kinds import CallKind

MARGIN = 24.0
_TITLE, _SMALL, _NOTE = 17.0, 10.0, 10.5
_NARROWEST = 560.0
_COLUMN = 380.0


def paint(view: View, layout: Layout) -> Drawing:
    """The drawing of ``view`` with ``layout``."""
    width = max(_NARROWEST, layout.width + 2 * MARGIN)
    head, top = _heading(view, width)
    shift = ((width - layout.width) / 2, top)
    groups = [head, *(_frame(frame, shift) for frame in layout.frames)]
    groups += [_arrow(edge, view, route, shift) for edge, route in zip(view.edges, layout.edges, strict=True)]
    groups += [_frame_words(frame, shift) for frame in layout.frames]
    groups += [_box(node, view, place, shift) for node, place in zip(view.nodes, layout.nodes, strict=True)]
    groups += [
        _beside(edge, route, shift)
        for edge, route in zip(view.edges, layout.edges, strict=True)
        if route.at is not None
    ]
    bottom = top + layout.height + 14
    explained, bottom = legend(view, bottom, width, MARGIN)
    said, bottom = _sentences(view, layout, bottom, width)
    remarks, bottom = _remarks(view, bottom + 8, width)
    groups += [explained, said, *remarks]
    for group in groups:
        group.top, group.bottom = 0.0, bottom
    return Drawing(
        width=round(width, 1),
        height=round(bottom + MARGIN, 1),
        title=visible_line(view.title),
        description=visible_line(" ".join([view.about, *view.statements])),
        groups=groups,
        breaks=[],
    )


def _heading(view: View, width: float) -> tuple[Group, float]:
    group = Group("heading")
    y = MARGIN
    for text, size, leading, role, bold in (
        (view.title, _TITLE, 21.0, "ink", True),
        (view.about, _SMALL, 14.0, "muted", False),
    ):
        for line in wrapped(visible_line(text), width - 2 * MARGIN, size, bold=bold):
            y += leading
            group.shapes.append(Text(MARGIN, y - 5, line, size, role, bold=bold))
    return group, y + 12


def _frame(frame: Frame, shift: Point) -> Group:
    role = "module" if frame.depth else "service"
    left, top = frame.left + shift[0], frame.top + shift[1]
    group = Group(role, " ".join(frame.words.lines))
    dash = "4 3" if frame.depth else ""
    group.shapes.append(
        Box(left, top, frame.right - frame.left, frame.bottom - frame.top, role, 5, dash=dash)
    )
    return group


def _frame_words(frame: Frame, shift: Point) -> Group:
    role = "module" if frame.depth else "service"
    left, top = frame.left + shift[0], frame.top + shift[1]
    bold, line = not frame.depth, frame.words.lines[0]
    room = Box(left + 4, top + 3, text_width(line, CLUSTER_SIZE, bold=bold) + 8, 15, f"{role}-words", 2)
    words = Text(left + 8, top + 14, line, CLUSTER_SIZE, "ink" if bold else "muted", bold=bold)
    return Group("words", shapes=[room, words])


def _box(node: Node, view: View, place: Placed, shift: Point) -> Group:
    words = place.words
    x, y = place.x + shift[0], place.y + shift[1]
    left, top = x - words.width / 2, y - words.height / 2
    group = Group("node", _title(node, view), function=visible_line(node.functions[0]), href=node.href)
    unseen = bool(view.compared and not node.times)
    if node.folded:
        group.shapes.append(Box(left + 3, top - 3, words.width, words.height, "fold", 2))
    group.shapes.append(
        Box(
            left,
            top,
            words.width,
            words.height,
            "fold" if node.folded else "node",
            2,
            dash="3 2" if unseen else "",
            thickness=2.2 if node.asked else 1,
        )
    )
    baseline = top + (words.height - _height(words)) / 2
    for line in words.lines:
        baseline += NAME_LEADING
        role = "muted" if unseen else "ink"
        group.shapes.append(Text(x, baseline - 3.5, line, NAME_SIZE, role, "middle", bold=words.bold))
    for line in words.small:
        baseline += SMALL_LEADING
        group.shapes.append(Text(x, baseline - 3, line, SMALL_SIZE, "muted", "middle"))
    for place_of, number in enumerate(reversed(node.remarks)):
        group.shapes += _badge(left + words.width - 4 - BADGE * place_of, top - 4, number)
    return group


def _height(words: Words) -> float:
    return len(words.lines) * NAME_LEADING + len(words.small) * SMALL_LEADING


def _badge(x: float, y: float, number: int) -> list[Shape]:
    return [
        Box(x - BADGE / 2 + 0.5, y - BADGE / 2 + 1, BADGE - 1, BADGE - 2, "badge", 6),
        Text(x, y + 3.2, f"{number}", 8.0, "ink", "middle", bold=True),
    ]


def _arrow(edge: Edge, view: View, route: Routed, shift: Point) -> Group:
    points = tuple((x + shift[0], y + shift[1]) for x, y in route.points)
    tip = (route.tip[0] + shift[0], route.tip[1] + shift[1])
    look = LOOKS.get(edge.kind, LOOKS[CallKind.CALL])
    names = f"{view.nodes[edge.tail].name} → {view.nodes[edge.head].name}"
    title = visible("\n".join([f"{edge.kind}: {names}", *edge.said, *edge.examples]))
    group = Group("edge", title)
    group.shapes = stroke(points, tip, look, edge.standing if view.compared else None, edge.doubt)
    return group


def _beside(edge: Edge, route: Routed, shift: Point) -> Group:
    assert route.at is not None
    words = route.words
    x, y = route.at[0] + shift[0] - words.width / 2, route.at[1] + shift[1]
    group = Group("words")
    for number in edge.remarks:
        group.shapes += _badge(x + BADGE / 2, y, number)
        x += BADGE
    for text in words.lines:
        group.shapes.append(Box(x + 1, y - 6, text_width(text, SMALL_SIZE) + 4, 12, "label", 2))
        role = LOOKS[edge.kind].role if edge.kind in LOOKS else "ink"
        group.shapes.append(Text(x + 3, y + 3.2, text, SMALL_SIZE, role))
    return group


def _title(node: Node, view: View) -> str:
    where = " · ".join(part for part in (node.service, node.module, node.name) if part)
    lines = [where]
    if node.file:
        lines.append(f"{node.file}:{node.line}")
    if node.times:
        lines.append(f"called {node.times:,} ×")
    if node.inside:
        lines.append(f"{node.inside:,} calls within")
    if len(node.functions) > 1:
        lines += node.functions[:20]
        if len(node.functions) > 20:
            lines.append(f"and {len(node.functions) - 20:,} more")
    return visible("\n".join(lines))


def _sentences(view: View, layout: Layout, y: float, width: float) -> tuple[Group, float]:
    """Statements, and the full names of what was cut."""
    group = Group("statements", top=y)
    cut = [
        " · ".join(part for part in (node.module, node.name) if part)
        for node, place in zip(view.nodes, layout.nodes, strict=True)
        if place.words.cut
    ]
    for text, role in [(text, "muted") for text in view.statements] + [(f"… {text}", "ink") for text in cut]:
        for line in wrapped(visible_line(text), width - 2 * MARGIN, _SMALL):
            y += 14
            group.shapes.append(Text(MARGIN, y - 3, line, _SMALL, role))
    return group, y


def _remarks(view: View, y: float, width: float) -> tuple[list[Group], float]:
    """The notes in columns of equal width, read downwards."""
    if not view.remarks:
        return [], y
    columns = max(1, int((width - 2 * MARGIN) // _COLUMN))
    column = (width - 2 * MARGIN) / columns
    blocks: list[list[tuple[str, bool]]] = []
    for remark in view.remarks:
        lines = [(line, True) for line in wrapped(visible_line(remark.anchor), column - 46, _NOTE, bold=True)]
        lines += [(line, False) for line in wrapped(visible_line(remark.text), column - 46, _NOTE)]
        blocks.append(lines)
    total = sum(len(lines) * 14 + 8 for lines in blocks)
    target = total / columns
    groups: list[Group] = []
    x, at, lowest, used, done = MARGIN, y, y, 0.0, 0
    for remark, lines in zip(view.remarks, blocks, strict=True):
        height = len(lines) * 14 + 8
        if used and used + height / 2 > target and done < columns - 1:
            x, at, used, done = x + column, y, 0.0, done + 1
        group = Group("remark", top=at)
        group.shapes += _badge(x + 10, at + 9, remark.number)
        for number, (line, bold) in enumerate(lines):
            group.shapes.append(Text(x + 26, at + 13 + 14 * number, line, _NOTE, "ink", bold=bold))
        groups.append(group)
        at += height
        used += height
        lowest = max(lowest, at)
    return groups, lowest
