"""What stands around the lanes: title, version, notes, legend, statements and footnotes."""

from __future__ import annotations

from reports.canvas.metrics import text_width, wrapped
from reports.canvas.shapes import Box, Dot, Group, Line, Text
from reports.flow.labels import duration
from reports.flow.lanes import DEEPEST
from reports.flow.looks import ANSWER, LOOKS, Look, arrow, line_role
from reports.flow.model import ANSWERED, BROKER, Flow, Step
from reports.visible_text import shortened, visible

MARGIN = 24.0
_TITLE, _SMALL, _NOTE = 17.0, 10.0, 10.5
_LEGEND_SAMPLE, _LEGEND_SPACE, _LEGEND_LEADING = 46.0, 22.0, 19.0
_LONGEST_FOOTNOTE = 4_000


def heading(flow: Flow, width: float, stretch: float) -> tuple[Group, float]:
    """Title and version line; returns them and where the lanes may begin.

    Args:
        flow: the diagram.
        width: of the drawing.
        stretch: pixels per nanosecond by which rows are moved apart; 0 when they are not.
    """
    group = Group("heading")
    y = MARGIN
    for line in wrapped(flow.title, width - 2 * MARGIN, _TITLE, bold=True):
        y += 21
        group.shapes.append(Text(MARGIN, y - 5, line, _TITLE, "ink", bold=True))
    said = flow.version
    if stretch:
        said += f" · 100 px of added distance are {duration(round(100 / stretch))}"
    if any(step.depth > DEEPEST for step in flow.steps):
        said += f" · calls nested deeper than {DEEPEST} are drawn in line"
    for line in wrapped(said, width - 2 * MARGIN, _SMALL):
        y += 14
        group.shapes.append(Text(MARGIN, y - 3, line, _SMALL, "muted"))
    group.bottom = y
    return group, y + 14


def note_group(step: Step, left: float, y: float, width: float) -> tuple[Group, float]:
    """The note of ``step`` in a box at ``left``, ``y``; returns it and where the next one may begin."""
    number = f"{step.number}"
    indent = max(22.0, text_width(number, _NOTE, bold=True) + 12)
    lines = [
        line
        for paragraph in visible(step.note).split("\n")
        for line in wrapped(paragraph.replace("\t", " "), width - indent - 8, _NOTE)
    ]
    height = len(lines) * 14 + 10
    group = Group("note", step=step.number, top=y, bottom=y + height)
    group.shapes.append(Box(left, y, width, height, "note", 2))
    group.shapes.append(Text(left + 7, y + 15, number, _NOTE, "ink", bold=True))
    for count, line in enumerate(lines):
        group.shapes.append(Text(left + indent, y + 15 + 14 * count, line, _NOTE, "ink"))
    return group, y + height + 6


def foot(flow: Flow, footnotes: list[str], y: float, width: float) -> tuple[list[Group], float]:
    """Legend, statements and the full texts of cut labels; returns them and where they end."""
    legend, y = _legend(flow, y + 10, width)
    groups = [legend]
    for name, texts in (("statements", flow.statements), ("footnotes", footnotes)):
        group = Group(name, top=y)
        y += 6 if texts else 0
        for text in texts:
            for line in wrapped(shortened(text, _LONGEST_FOOTNOTE), width - 2 * MARGIN, _SMALL):
                y += 14
                group.shapes.append(
                    Text(MARGIN, y - 3, line, _SMALL, "muted" if name == "statements" else "ink")
                )
        group.bottom = y
        groups.append(group)
    return groups, y


def _legend(flow: Flow, y: float, width: float) -> tuple[Group, float]:
    group = Group("legend", top=y)
    x, baseline = MARGIN, y + 12
    entries: list[tuple[str, Look | None, str]] = [
        (LOOKS[kind].words, LOOKS[kind], line_role(kind)) for kind in flow.kinds
    ]
    if any(step.answered for step in flow.steps):
        answered = next(kind for kind in flow.kinds if kind in ANSWERED)
        entries.append((ANSWER.words, ANSWER, line_role(answered)))
    entries.append(("at work; beside each other: at the same time", None, "bar"))
    if any(step.failure for step in flow.steps):
        entries.append(("at work, and failed", None, "bar-failed"))
    if flow.lane_of(BROKER) is not None:
        entries.append(
            ("through the broker", None, line_role(next(s.kind for s in flow.steps if s.brokered)))
        )
    for words, look, role in entries:
        needed = _LEGEND_SAMPLE + text_width(words, _SMALL) + _LEGEND_SPACE
        if x + needed > width and x > MARGIN:
            x, baseline = MARGIN, baseline + _LEGEND_LEADING
        middle = baseline - 3.5
        if look is not None:
            group.shapes += arrow(((x, middle), (x + _LEGEND_SAMPLE - 10, middle)), look, role)
        elif role.startswith("bar"):
            group.shapes.append(Box(x + 14, baseline - 11, 8, 14, role))
        else:
            group.shapes.append(Line(((x, middle), (x + _LEGEND_SAMPLE - 10, middle)), role, 1.6))
            group.shapes.append(Dot(x + 18, middle, 3.5, role))
        group.shapes.append(Text(x + _LEGEND_SAMPLE, baseline, words, _SMALL, "ink"))
        x += needed
    group.bottom = baseline + 8
    return group, baseline + 10
