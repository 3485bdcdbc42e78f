"""A request tree as indented lines for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tracer.model.kinds import SERVICES, Outcome
from tracer.model.request_tree import RequestTree, Span, Value, Values
from tracer.showing.selection import Selection
from tracer.terminal.paint import DIM, RED, YELLOW, Paint, printable

LANE_COLOURS = ("37", "36", "33", "35", "32", "94", "95", "96", "93", "91", "34", "92")
"""One colour a lane, in the order of `SERVICES`; services beyond them take turns."""

NOTE = "3"
"""The SGR code of notes: italic."""

LONGEST_VALUE = 160
"""Characters; of longer values, such as documents, the beginning is shown."""

WIDEST_INDENT = 64
"""Columns that indentation may take; levels beyond say their number instead of running off the screen."""


def duration(nanoseconds: int) -> str:
    """A duration in the unit that reads best: ``850 ns``, ``12 µs``, ``3.4 ms``, ``5.21 s``."""
    if nanoseconds < 1_000:
        return f"{nanoseconds} ns"
    if nanoseconds < 1_000_000:
        return f"{nanoseconds / 1_000:.0f} µs"
    if nanoseconds < 1_000_000_000:
        return f"{nanoseconds / 1_000_000:.1f} ms"
    return f"{nanoseconds / 1_000_000_000:.2f} s"


def lane_colour(service: str) -> str:
    """The SGR code of a service's lane."""
    number = SERVICES.index(service) if service in SERVICES else sum(map(ord, service))
    return LANE_COLOURS[number % len(LANE_COLOURS)]


class TreeText:
    """Writes the lines of one tree.

    Args:
        tree: what to show.
        selection: which of its spans.
        paint: whether in colours.
        values: whether to show arguments and results below each span.
        notes: lines of text to show below a span, by its id.
    """

    def __init__(
        self,
        tree: RequestTree,
        selection: Selection,
        paint: Paint,
        *,
        values: bool = False,
        notes: Mapping[int, list[str]] | None = None,
    ) -> None:
        self._tree = tree
        self._selection = selection
        self._paint = paint
        self._values = values
        self._notes = notes or {}
        self._lane_width = max((len(service) for service in tree.services), default=0)
        # Deep trees get one column a level, so that most of their levels can still be told apart.
        self._step = 2 if max(selection.depth) * 2 <= WIDEST_INDENT else 1
        self._orphans = {orphan.span: orphan.reason for orphan in tree.header.orphans}
        self._names = [
            (printable(function.qualname or function.id), self._place(function.module, function.line))
            for function in tree.functions
        ]
        self._lanes = {
            service: paint(f"{service:<{self._lane_width}}", lane_colour(service))
            for service in tree.services
        }

    def __iter__(self) -> Iterator[str]:
        """The lines, newlines included."""
        depth = self._selection.depth
        for span in self._tree.spans:
            if depth[span.id]:
                yield self._line(span, depth[span.id])
                if self._values and span.values is not None:
                    yield self._value_line(span.values, depth[span.id])
                for note in self._notes.get(span.id, ()):
                    yield f"{self._margin(depth[span.id])}{self._paint(f'✎ {printable(note)}', NOTE)}\n"

    def _place(self, module: str, line: int) -> str:
        return self._paint(printable(f"{module}:{line}" if line else module), DIM)

    def _line(self, span: Span, depth: int) -> str:
        paint, selection = self._paint, self._selection
        name, place = self._names[span.function]
        if span.id in selection.context:
            name = paint(name, DIM)
        elif span.link:
            name = paint(name, "1", lane_colour(span.service))
        else:
            name = paint(name, lane_colour(span.service))
        parts = [
            f"{span.start_ns / 1e6:>10.2f} ms",
            self._lanes[span.service],
            self._indent(depth) + self._arrow(span) + name,
            place,
            duration(span.duration_ns),
        ]
        parts.extend(self._remarks(span))
        return " ".join(parts) + "\n"

    def _remarks(self, span: Span) -> Iterator[str]:
        paint = self._paint
        match span.outcome:
            case Outcome.RAISED:
                error = span.values.error if span.values else None
                yield paint(f"raised {printable(error.type)}" if error else "raised", RED)
            case Outcome.UNFINISHED:
                yield paint("unfinished", YELLOW)
            case Outcome.YIELDED:
                yield paint("yielded", DIM)
            case Outcome.RETURNED:
                pass
        if span.activation:
            yield paint(f"resumed {span.activation}", DIM)
        if span.id in self._orphans:
            yield paint(f"orphan: {self._orphans[span.id]}", RED)
        hidden = self._selection.below.get(span.id)
        if hidden:
            yield paint(f"(+{hidden:,} hidden below)", DIM)

    def _arrow(self, span: Span) -> str:
        """How the span was reached, where it was not by a plain call from the shown span above it."""
        if span.link:
            detail = f" {printable(span.link_detail)}" if span.link_detail else ""
            return self._paint(f"═{span.link.value}{detail}═▶ ", "1")
        return ""

    def _indent(self, depth: int) -> str:
        columns = (depth - 1) * self._step
        return " " * columns if columns <= WIDEST_INDENT else " " * WIDEST_INDENT + f"[{depth}] "

    def _value_line(self, values: Values, depth: int) -> str:
        arguments = ", ".join(
            f"{printable(name)}={value_text(value)}" for name, value in values.arguments.items()
        )
        outcome = ""
        if values.result is not None:
            outcome = f" → {value_text(values.result)}"
        if values.error is not None:
            outcome = f" ✗ {value_text(values.error)}"
        return f"{self._margin(depth)}{self._paint(f'({arguments}){outcome}', DIM)}\n"

    def _margin(self, depth: int) -> str:
        """What stands left of a line below a span's own."""
        return " " * (13 + 1 + self._lane_width + 1) + self._indent(depth)


def value_text(value: Value) -> str:
    """A captured value in a few words: its text, else its type and size."""
    if value.masked:
        return f"<{printable(value.type)} masked>"
    if value.text:
        text = printable(value.text[:LONGEST_VALUE])
        return text if len(value.text) <= LONGEST_VALUE else f"{text}… ({len(value.text):,} characters)"
    if value.type == "NoneType":
        return "None"
    size = f" of {value.size:,}" if value.size is not None else ""
    return f"<{printable(value.type)}{size}>"
