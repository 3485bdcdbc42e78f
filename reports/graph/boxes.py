"""The words in each box and beside each arrow, wrapped and measured, before anything has a place."""

from __future__ import annotations

from dataclasses import dataclass

from reports.canvas.metrics import shortened_lines, text_width
from reports.graph.looks import LOOKS
from reports.graph.view import Edge, Node
from reports.visible_text import visible_line

NAME_SIZE, SMALL_SIZE, CLUSTER_SIZE = 11.0, 9.0, 10.0
NAME_LEADING, SMALL_LEADING = 13.5, 11.5
BADGE = 15.0
_WIDEST, _NARROWEST, _MOST_LINES = 188.0, 44.0, 4
_PAD_X, _PAD_Y = 9.0, 5.0


@dataclass(frozen=True)
class Words:
    """Lines of a name, small lines beneath them, and the room that they take with a margin."""

    lines: tuple[str, ...]
    small: tuple[str, ...]
    width: float
    height: float
    cut: bool = False
    bold: bool = False


def words_in(node: Node, *, alone: bool) -> Words:
    """The words in the box of ``node``.

    Args:
        node: the box.
        alone: no frame around it says the module that it is in.
    """
    bold = node.asked
    lines, cut = shortened_lines(visible_line(node.name), _WIDEST, NAME_SIZE, _MOST_LINES)
    said = [" · ".join(node.figures)] if node.figures else []
    if alone and node.module:
        where, cut_there = shortened_lines(visible_line(node.module), _WIDEST, SMALL_SIZE, 2)
        said = [*where, *said]
        cut = cut or cut_there
    width = max(
        _NARROWEST,
        *(text_width(line, NAME_SIZE, bold=bold) for line in lines),
        *(text_width(line, SMALL_SIZE) for line in said),
    )
    height = len(lines) * NAME_LEADING + len(said) * SMALL_LEADING
    return Words(tuple(lines), tuple(said), width + 2 * _PAD_X, height + 2 * _PAD_Y, cut, bold)


def words_beside(edge: Edge) -> Words:
    """The words beside the arrow of ``edge``; empty for a plain call."""
    look = LOOKS.get(edge.kind)
    text = look.word if look is not None else ""
    if text and edge.times > 1:
        text += f" {edge.times:,} ×"
    width = text_width(text, SMALL_SIZE) + 6 if text else 0.0
    width += BADGE * len(edge.remarks)
    if not width:
        return Words((), (), 0.0, 0.0)
    return Words((text,) if text else (), (), width, max(SMALL_LEADING, BADGE) + 1)


def frame_words(text: str) -> Words:
    """The words at the top of a frame around boxes."""
    lines, cut = shortened_lines(visible_line(text), 2 * _WIDEST, CLUSTER_SIZE, 1)
    return Words(tuple(lines), (), text_width(lines[0], CLUSTER_SIZE, bold=True) + 8, 15.0, cut)
