"""The request tree as columns of numbers, and its values in pieces that the page loads when it needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.source_data import Sources
from reports.visible_text import shortened, visible, visible_line
from tracer.model.request_tree import RequestTree, Span, Value, Values

SPANS_PER_PIECE = 1_000
"""Spans whose values share one script file."""


TIME_UNIT_NS = 100


class _Table:
    """Strings by number, in order of first use."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = len(self.rows)
            self.rows.append(text)
        return known


def tree_columns(tree: RequestTree, sources: Sources, crossings: dict[int, int]) -> dict[str, object]:
    """All spans without their values.

    Times are tenths of microseconds: a start counts from the parent's, or from 0 for a span without parent.
    Rare things are kept sparse, as lists of span index and value by turns; ``lanes`` are the threads in which
    the spans run, each with the number of spans in a row that it is true of.

    Args:
        tree: the request.
        sources: of its functions.
        crossings: the number of the crossing that leads to a span, by span id.
    """
    services, processes, threads, paths, details = _Table(), _Table(), _Table(), _Table(), _Table()
    starts = {span.id: span.start_ns // TIME_UNIT_NS for span in tree.spans}
    outcomes: list[int | str] = []
    links: list[int | str] = []
    activations: list[int] = []
    lanes: list[int] = []
    for index, span in enumerate(tree.spans):
        process = processes.number(f"{services.number(span.service)} {span.pid}")
        thread = threads.number(f"{process} {visible_line(span.thread)}")
        if lanes and lanes[-2] == thread:
            lanes[-1] += 1
        else:
            lanes += [thread, 1]
        if span.outcome != "returned":
            outcomes += [index, span.outcome.value]
        if span.link:
            links += [index, span.link.value, details.number(visible_line(span.link_detail))]
        if span.activation:
            activations += [index, span.activation]
    columns: dict[str, object] = {
        "parent": [span.id - span.parent if span.parent else 0 for span in tree.spans],
        "function": [span.function for span in tree.spans],
        "start": [starts[span.id] - starts.get(span.parent, 0) for span in tree.spans],
        "duration": [span.end_ns // TIME_UNIT_NS - starts[span.id] for span in tree.spans],
        "callLine": [span.call_line for span in tree.spans],
    }
    return {
        "functions": [
            [visible_line(function.id), file, paths.number(visible_line(function.file)), function.line, end]
            for function, file, end in sources.places(tree.functions)
        ],
        "columns": columns,
        "lanes": lanes,
        "services": [visible_line(service) for service in services.rows],
        "processes": [[int(part) for part in process.split()] for process in processes.rows],
        "threads": [
            [int(process), name] for process, _, name in (row.partition(" ") for row in threads.rows)
        ],
        "paths": paths.rows,
        "details": details.rows,
        "outcomes": outcomes,
        "links": links,
        "activations": activations,
        "crossings": [part for pair in sorted(crossings.items()) for part in pair],
        "orphans": [[orphan.span, visible(orphan.reason)] for orphan in tree.header.orphans],
        "unanswered": [
            [lost.span, lost.link.value, visible_line(lost.detail), visible(lost.reason)]
            for lost in tree.header.unanswered
        ],
        "spansPerPiece": SPANS_PER_PIECE,
    }


def value_pieces(spans: Sequence[Span]) -> Iterator[dict[str, object]]:
    """The values of ``spans``, `SPANS_PER_PIECE` spans a piece, each piece to be loaded alone."""
    for first in range(0, len(spans), SPANS_PER_PIECE):
        strings = _Table()
        rows = [
            [offset, *_values(span.values, strings)]
            for offset, span in enumerate(spans[first : first + SPANS_PER_PIECE])
            if span.values is not None
        ]
        yield {"strings": strings.rows, "rows": rows}


def _values(values: Values, strings: _Table) -> list[object]:
    arguments: list[object] = []
    for name, value in values.arguments.items():
        arguments += [strings.number(visible_line(name)), _value(value, strings)]
    result = _value(values.result, strings) if values.result is not None else 0
    error = _value(values.error, strings) if values.error is not None else 0
    return [arguments, result, error] if error else [arguments, result] if result else [arguments]


def _value(value: Value, strings: _Table) -> list[int]:
    """Type, text, size (-1: none), 1 when the text was withheld; what says nothing is left out at the end."""
    full = [
        strings.number(visible_line(value.type)),
        strings.number(shortened(visible(value.text))),
        -1 if value.size is None else value.size,
        int(value.masked),
    ]
    if not value.masked:
        full.pop()
        if value.size is None:
            full.pop()
    return full
