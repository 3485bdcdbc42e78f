"""What all formats say of a span in the same words."""

from __future__ import annotations

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import Span, Value

MASKED = "(masked)"


def name_of(function: Function) -> str:
    """A function as people call it: its qualified name."""
    return function.qualname or function.id


def value_text(value: Value) -> str:
    """A captured value in a few words; what was withheld stays withheld."""
    size = "" if value.size is None else f"[{value.size}]"
    if value.masked:
        return f"{value.type}{size} {MASKED}"
    return value.text or f"{value.type}{size}"


def attributes(span: Span, function: Function) -> dict[str, str | int | bool]:
    """What is known of a span beside its name and times; names as OpenTelemetry's semantic conventions for
    source code have them, where they have one."""
    found: dict[str, str | int | bool] = {"code.function.name": function.id.replace(":", ".", 1)}
    if function.file:
        found["code.file.path"] = function.file
        found["code.line.number"] = function.line
    if span.thread:
        found["thread.name"] = span.thread
    if span.call_line:
        found["stackwalk.call_line"] = span.call_line
    if span.link is not Link.PLAIN:
        found["stackwalk.link"] = span.link.value
        found["stackwalk.link.detail"] = span.link_detail
    if span.activation:
        found["stackwalk.activation"] = span.activation
    if span.outcome is not Outcome.RETURNED:
        found["stackwalk.outcome"] = span.outcome.value
    if span.values is not None:
        for name, value in span.values.arguments.items():
            found[f"stackwalk.argument.{name}"] = value_text(value)
        if span.values.result is not None:
            found["stackwalk.result"] = value_text(span.values.result)
        if span.values.error is not None:
            found["stackwalk.error.type"] = span.values.error.type
            found["stackwalk.error"] = value_text(span.values.error)
    return found
