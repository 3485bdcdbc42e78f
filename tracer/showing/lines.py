"""A request tree as JSON lines: one span a line, for other programs."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import RequestTree, Values
from tracer.showing.selection import Selection


class SpanLine(msgspec.Struct, frozen=True, gc=False):
    """One span as it is printed; `tracer.model.request_tree.Span` explains the fields.

    ``file`` and ``line`` are the callee's, ``call_line`` the call's in its caller's file (0: not known),
    ``parent`` is 0 for the root and for orphans, ``values`` null where none were captured.
    """

    id: int
    parent: int
    link: Link
    link_detail: str
    service: str
    pid: int
    thread: str
    function: str
    file: str
    line: int
    call_line: int
    start_ns: int
    end_ns: int
    outcome: Outcome
    activation: int
    values: Values | None


def json_lines(tree: RequestTree, selection: Selection) -> Iterator[bytes]:
    """The selected spans of ``tree``, context left out, one JSON object a line, newline included."""
    encode = msgspec.json.Encoder().encode
    functions, depth, context = tree.functions, selection.depth, selection.context
    for span in tree.spans:
        if not depth[span.id] or span.id in context:
            continue
        function = functions[span.function]
        yield (
            encode(
                SpanLine(
                    span.id,
                    span.parent,
                    span.link,
                    span.link_detail,
                    span.service,
                    span.pid,
                    span.thread,
                    function.id,
                    function.file,
                    function.line,
                    span.call_line,
                    span.start_ns,
                    span.end_ns,
                    span.outcome,
                    span.activation,
                    span.values,
                )
            )
            + b"\n"
        )
