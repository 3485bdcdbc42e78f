"""A small flow diagram for each chapter, made of its steps and of the messages that lead to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from msgspec.structs import replace as replace_fields

from reports.canvas.palette import DARK, LIGHT
from reports.canvas.shapes import Drawing, Text
from reports.canvas.svg import style_sheet, svg_element
from reports.flow.build import build_flow
from reports.flow.layout import lay_out
from reports.flow.looks import ANSWER, LOOKS
from reports.flow.model import Lane
from reports.flow.selection import Level
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.plan import Chapter, Plan, named
from tracer.model.kinds import Link
from tracer.model.request_tree import RequestTree, Span

_ANSWER = re.compile(r"^answer to ")
_KIND = re.compile(r"(?P<number>\d+\.) [a-z]+ (?=\S+ → )")
_PLACE = re.compile(r", process (?P<pid>\d+), thread ")

MOST_STEPS = 120
"""Steps that one diagram draws at most."""
_NATIVE_CALLS = 4
_OTHER_WORDS = {
    ANSWER.words: "legend_answer",
    "at work; beside each other: at the same time": "legend_at_work",
    "at work, and failed": "legend_failed",
    "through the broker": "legend_broker",
}


def chapter_diagram(index: CallIndex, plan: Plan, chapter: Chapter, words: Mapping[str, str]) -> str:
    """The diagram of ``chapter`` as an ``<svg>`` element, empty for one without calls.

    Args:
        index: the request.
        plan: all chapters.
        chapter: the one to draw.
        words: the words of the pages, in whose language the legend is.
    """
    spans = {step.stop.index for step in chapter.steps if step.stop}
    events = [
        replace_fields(
            step.event,
            event=named(words, "event", step.event.event),
            detail=named(words, "detail", step.event.detail),
        )
        for step in chapter.steps
        if step.event
    ]
    if events:
        spans |= _longest_native(index)
    if not spans:
        return ""
    kept: set[int] = set()
    stops = {step.stop.index for step in plan.steps if step.stop}
    bottoms = {hop.span.id - 1 for hop in index.way.hops}
    for at in spans:
        kept.add(at)
        for above in index.ancestors(at):
            if above in stops or above in bottoms:
                kept.add(above)
            if above in stops:
                break
    flow = build_flow(_reduced(index, kept), Level.FUNCTIONS, steps=MOST_STEPS, events=events)
    flow.title, flow.version, flow.statements = chapter.title, "", []
    flow.lanes = [Lane(lane.name) for lane in flow.lanes]
    drawing = lay_out(flow)
    _translate_legend(drawing, words)
    for group in drawing.groups:
        group.title = _translated_title(group.title, words)
    return svg_element(drawing, with_style=False)


def _longest_native(index: CallIndex) -> set[int]:
    """The calls into the hypervisor that took longest: what its events answer to."""
    native = [hop.span for hop in index.way.crossings if hop.link is Link.NATIVE]
    longest = sorted(native, key=lambda span: (-span.duration_ns, span.id))[:_NATIVE_CALLS]
    return {span.id - 1 for span in longest}


def _translate_legend(drawing: Drawing, words: Mapping[str, str]) -> None:
    known = {look.words: words[f"legend_{kind.value}"] for kind, look in LOOKS.items()}
    known |= {text: words[key] for text, key in _OTHER_WORDS.items()}
    for group in drawing.groups:
        if group.name == "legend":
            group.shapes[:] = [
                replace(shape, text=known.get(shape.text, shape.text)) if isinstance(shape, Text) else shape
                for shape in group.shapes
            ]


def _translated_title(title: str, words: Mapping[str, str]) -> str:
    """What a pointer is told of an arrow or bar, without the name of its kind, which the arrow shows."""
    title = _ANSWER.sub(f"{words['legend_answer']}: ", title)
    title = _KIND.sub(r"\g<number> ", title)
    return _PLACE.sub(rf", {words['process']} \g<pid>, {words['thread']} ", title)


def _reduced(index: CallIndex, kept: set[int]) -> RequestTree:
    """The tree with none but the ``kept`` spans, each under the nearest one above it."""
    numbers: dict[int, int] = {}
    spans: list[Span] = []
    functions: dict[int, int] = {}
    for at in sorted(kept):
        span = index.tree.spans[at]
        parent = next((numbers[up] for up in index.ancestors(at) if up in numbers), 0)
        numbers[at] = len(spans) + 1
        spans.append(
            Span(
                numbers[at],
                parent,
                functions.setdefault(span.function, len(functions)),
                span.service,
                span.pid,
                span.thread,
                span.start_ns,
                span.end_ns,
                span.outcome,
                span.link,
                span.link_detail,
            )
        )
    return RequestTree(index.tree.header, [index.tree.functions[number] for number in functions], spans)


def diagram_style() -> str:
    """The diagrams' style sheet: their colours follow the page's switch between light and dark."""
    colours = "; ".join(f"--canvas-{role}: light-dark({LIGHT[role]}, {DARK[role]})" for role in LIGHT)
    return f"{style_sheet()}\n.canvas.canvas {{ {colours} }}\n"
