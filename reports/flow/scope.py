"""The part of a request that lies between two functions, or between two services."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from reports.flow.model import LIBVIRTD
from reports.flow.survey import MESSAGES, Survey
from tracer.model.names import NameProblemError, one_of
from tracer.model.request_tree import RequestTree
from tracer.terminal.errors import UserError


@dataclass(frozen=True)
class Scope:
    """What of a request a diagram looks at.

    ``inside`` marks the spans by index (all when None), ``pinned`` those that must be drawn, ``said``
    names the scope in the diagram's title, ``with_events`` tells whether what the hypervisor reported
    meanwhile belongs to it.
    """

    inside: bytearray | None = None
    pinned: list[int] = field(default_factory=list)
    said: str = ""
    with_events: bool = True


def between(tree: RequestTree, one: str, other: str) -> Scope:
    """The part of ``tree`` between ``one`` and ``other``.

    Two services: the messages between them. Two functions (id, or the end of one such as
    ``Manager.build``): from the first call of the one to the next call of the other.

    Raises:
        UserError: when a name is not in the recording, means several functions, or nothing lies between.
    """
    survey = Survey(tree)
    lanes = set(survey.lane)
    if one in lanes and other in lanes:
        return _between_lanes(survey, one, other)
    first, last = _functions(tree, one, lanes), _functions(tree, other, lanes)
    spans = tree.spans
    begin = next((index for index, span in enumerate(spans) if span.function in first), -1)
    start = spans[begin].start_ns
    end = -1
    for index, span in enumerate(spans):
        later = span.start_ns > start or (span.start_ns == start and index > begin)
        if span.function in last and later and (end < 0 or span.start_ns < spans[end].start_ns):
            end = index
    if end < 0:
        raise UserError(
            f"{other} was not called after the first call of {one}.", "Give the earlier function first."
        )
    return _between_spans(survey, begin, end, f"from {one} to {other}")


def under(tree: RequestTree, span: int, said: str) -> Scope:
    """The part of ``tree`` that the span with id ``span`` started; ``said`` names it in the title."""
    inside = bytearray(len(tree.spans))
    seen: set[int] = set()
    for index, candidate in enumerate(tree.spans):
        if candidate.id == span or candidate.parent in seen:
            seen.add(candidate.id)
            inside[index] = 1
    return Scope(inside, [], said)


def _between_lanes(survey: Survey, one: str, other: str) -> Scope:
    pair = {one, other}
    count = len(survey.kind)
    keep = bytearray(count)
    found = False
    for index in range(count - 1, -1, -1):
        above = survey.parent[index]
        crosses = (
            survey.kind[index] in MESSAGES
            and survey.lane[index] in pair
            and above >= 0
            and {survey.lane[above], survey.lane[index]} == (pair if one != other else {one})
        )
        found = found or crosses
        if crosses:
            keep[index] = 1
            while above >= 0 and survey.lane[above] in pair and not keep[above]:
                keep[above] = 1
                above = survey.parent[above]
    if not found:
        raise UserError(f"No message went between {one} and {other} in this recording.")
    return Scope(keep, [], f"between {one} and {other}", with_events=LIBVIRTD in pair)


def _between_spans(survey: Survey, begin: int, end: int, said: str) -> Scope:
    spans, parent = survey.tree.spans, survey.parent
    way = []
    above = end
    while above >= 0 and above != begin:
        way.append(above)
        above = parent[above]
    start, last = spans[begin].start_ns, spans[end].start_ns
    inside = bytearray(len(spans))
    if above == begin:
        inside[begin] = 1
        for index in range(begin + 1, len(spans)):
            if parent[index] >= 0 and inside[parent[index]] and spans[index].start_ns <= last:
                inside[index] = 1
        pinned = [
            begin,
            *(i for i in way if i == end or not survey.passes_on(i) or survey.kind[i] in MESSAGES),
        ]
    else:
        for index, span in enumerate(spans):
            inside[index] = start <= span.start_ns <= last
        pinned = [begin, end]
    return Scope(inside, pinned, said)


def _functions(tree: RequestTree, name: str, lanes: set[str]) -> set[int]:
    functions = {function.id: function for function in tree.functions}
    try:
        meant = one_of(functions, name)
    except NameProblemError as problem:
        details = problem.lines(functions.__getitem__)
        if problem.candidates:
            message = f"{name} means {len(problem.candidates)} functions of this recording."
            raise UserError(message, problem.remedy, details=details) from problem
        services = difflib.get_close_matches(name, sorted(lanes), n=3, cutoff=0.5)
        raise UserError(
            f"{name} is neither a service nor a function of this recording.",
            problem.remedy or "Give a service, a function id (module:qualname), or the end of one.",
            details=(*services, *details),
        ) from problem
    return {number for number, function in enumerate(tree.functions) if function.id == meant}
