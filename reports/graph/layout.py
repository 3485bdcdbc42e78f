"""Where boxes, frames and arrows go: worked out by graphviz from sizes alone; no name can upset it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import graphviz
import msgspec

from reports.graph.boxes import Words, frame_words, words_beside, words_in
from reports.graph.view import Edge, View
from tracer.model.kinds import lane_order
from tracer.terminal.errors import UserError

Point = tuple[float, float]
_ROW = 4
"""Boxes in a row for each row that they are spread over."""
_DPI = 72
_RANK_GAP, _NODE_GAP, _FRAME_PAD = 30.0, 16.0, 9.0
_WIDE = 2.2
"""A picture so many times wider than high is laid out from left to right, if that is better."""


@dataclass(frozen=True)
class Frame:
    """A rectangle around boxes: a service, or a module in it. ``depth`` is 0 for the outer ones."""

    words: Words
    depth: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Placed:
    """A box with its centre."""

    words: Words
    x: float
    y: float


@dataclass(frozen=True)
class Routed:
    """An arrow: the points of its curve, where its head points, and where its words have their centre."""

    points: tuple[Point, ...]
    tip: Point
    words: Words
    at: Point | None


@dataclass(frozen=True)
class Layout:
    """A picture with places, the origin in the upper left corner, in pixels."""

    width: float
    height: float
    frames: Sequence[Frame]
    nodes: Sequence[Placed]
    edges: Sequence[Routed]


class _Object(msgspec.Struct):
    name: str
    pos: str = ""
    bb: str = ""


class _Edge(msgspec.Struct):
    index: str = ""
    pos: str = ""
    lp: str = ""


class _Graph(msgspec.Struct):
    bb: str
    objects: list[_Object] = []
    edges: list[_Edge] = []


def lay_out(view: View) -> Layout:
    """Give everything in ``view`` its place.

    Raises:
        UserError: when graphviz is missing or refuses.
    """
    frames = _frames(view)
    alone = {
        number
        for number, node in enumerate(view.nodes)
        if (node.service, node.module) not in frames or not node.module
    }
    words = [words_in(node, alone=number in alone) for number, node in enumerate(view.nodes)]
    labels = [words_beside(edge) for edge in view.edges]
    downwards = _run(_source(view, frames, words, labels, "TB"))
    placed = _read(downwards, frames, words, labels)
    if placed.width <= _WIDE * placed.height:
        return placed
    sideways = _read(_run(_source(view, frames, words, labels, "LR")), frames, words, labels)
    return min(placed, sideways, key=_oddness)


def _run(source: str) -> _Graph:
    try:
        raw = graphviz.Source(source, engine="dot").pipe(format="json0", quiet=True)
    except graphviz.ExecutableNotFound:
        raise UserError(
            "graphviz is not installed: its program `dot` was not found.",
            "Install the package graphviz, or ask for --format mermaid, graphml or json.",
        ) from None
    except graphviz.CalledProcessError as error:
        raise UserError(
            "graphviz could not lay out the picture.", "Ask for less.", details=(str(error),)
        ) from error
    return msgspec.json.decode(raw, type=_Graph)


def _oddness(layout: Layout) -> float:
    """How far a picture is from the form of a page."""
    return abs(math.log(layout.width / layout.height))


_Key = tuple[str, str]


def _frames(view: View) -> dict[_Key, Words]:
    """Frames by service and module; a module with one box needs none, nor does an only service."""
    services = {node.service for node in view.nodes}
    modules = Counter((node.service, node.module) for node in view.nodes)
    frames: dict[_Key, Words] = {}
    for service in sorted(services, key=lane_order):
        if len(services) > 1:
            frames[service, ""] = frame_words(service or "not seen in any service")
    for (service, module), count in sorted(modules.items()):
        if module and count > 1:
            frames[service, module] = frame_words(module)
    return frames


def _source(
    view: View,
    frames: Mapping[_Key, Words],
    words: Sequence[Words],
    labels: Sequence[Words],
    direction: str,
) -> str:
    names = {key: f"cluster_{number}" for number, key in enumerate(frames)}
    lines = [
        "digraph {",
        f"graph [rankdir={direction} nodesep={_NODE_GAP / _DPI:.4f} ranksep={_RANK_GAP / _DPI:.4f} "
        f"margin={_FRAME_PAD} fontsize=10]",
        'node [shape=box fixedsize=true label=""] edge [arrowsize=0.9]',
    ]
    inside: dict[_Key, list[int]] = {}
    for number, node in enumerate(view.nodes):
        key = (node.service, node.module)
        inside.setdefault(key if key in frames else (node.service, ""), []).append(number)
    for service in dict.fromkeys(node.service for node in view.nodes):
        outer = names.get((service, ""))
        if outer:
            lines.append(f"subgraph {outer} {{ label={_room(frames[service, ''])} labeljust=l")
        for key in sorted(key for key in inside if key[0] == service):
            framed = bool(key[1])
            if framed:
                lines.append(f"subgraph {names[key]} {{ label={_room(frames[key])} labeljust=l")
            lines += [
                f"n{number} [width={words[number].width / _DPI:.4f} height={words[number].height / _DPI:.4f}]"
                for number in inside[key]
            ]
            if framed:
                lines.append("}")
        if outer:
            lines.append("}")
    steps = _steps(view)
    for number, edge in enumerate(view.edges):
        label = f" label={_room(labels[number])}" if labels[number].width else ""
        tail, head, back = edge.tail, edge.head, ""
        if _goes_up(view, edge):
            tail, head, back = head, tail, " dir=back"
        lines.append(f'n{tail} -> n{head} [index="{number}"{label}{back}{steps.get(number, "")}]')
    return "\n".join([*lines, "}"])


def _steps(view: View) -> dict[int, str]:
    """How far down the ends of a box's many arrows stand: in several rows, as one would be too long."""
    met = Counter(end for edge in view.edges for end in {edge.tail, edge.head})
    leaves: dict[int, list[int]] = {}
    for number, edge in enumerate(view.edges):
        if met[edge.head] == 1:
            leaves.setdefault(edge.tail, []).append(number)
    result: dict[int, str] = {}
    for numbers in leaves.values():
        rows = math.ceil(math.sqrt(len(numbers) / _ROW))
        result |= {number: f" minlen={1 + place % rows}" for place, number in enumerate(numbers) if rows > 1}
    return result


def _goes_up(view: View, edge: Edge) -> bool:
    """Whether an arrow leads back to where the picture begins; it is laid out the other way round."""
    tail, head = view.nodes[edge.tail].level, view.nodes[edge.head].level
    return tail is not None and head is not None and head < tail


def _room(words: Words) -> str:
    """An invisible table that takes the room of ``words``, whatever fonts there are."""
    size = f'fixedsize="true" width="{words.width:.0f}" height="{words.height:.0f}"'
    return f'<<table border="0" cellborder="0" cellpadding="0" {size}><tr><td></td></tr></table>>'


def _read(
    graph: _Graph, frames: Mapping[_Key, Words], words: Sequence[Words], labels: Sequence[Words]
) -> Layout:
    _, _, width, height = _numbers(graph.bb)

    def point(text: str) -> Point:
        x, y = _numbers(text)
        return x, height - y

    placed: dict[int, Placed] = {}
    drawn: list[Frame] = []
    keys = list(frames)
    for one in graph.objects:
        if one.name.startswith("cluster_"):
            key = keys[int(one.name.removeprefix("cluster_"))]
            left, low, right, high = _numbers(one.bb)
            drawn.append(Frame(frames[key], 1 if key[1] else 0, left, height - high, right, height - low))
        else:
            number = int(one.name[1:])
            placed[number] = Placed(words[number], *point(one.pos))
    routed: dict[int, Routed] = {}
    for edge in graph.edges:
        number = int(edge.index)
        tip, *points = edge.pos[2:].split(" ")
        if edge.pos.startswith("s"):
            points.reverse()
        routed[number] = Routed(
            tuple(map(point, points)), point(tip), labels[number], point(edge.lp) if edge.lp else None
        )
    return Layout(
        width,
        height,
        sorted(drawn, key=lambda frame: (frame.depth, frame.top, frame.left)),
        [placed[number] for number in range(len(words))],
        [routed[number] for number in range(len(labels))],
    )


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))
