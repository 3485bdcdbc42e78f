"""From a request tree to a flow diagram without geometry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import metadata

from reports.flow.model import (
    BROKER,
    DATABASE,
    LIBVIRTD,
    QEMU,
    Flow,
    Kind,
    Lane,
    Mark,
    Moment,
    Step,
    Thread,
)
from reports.flow.scope import Scope
from reports.flow.selection import STEPS, Chosen, Level, select
from reports.flow.survey import MESSAGES, Survey
from reports.visible_text import visible_line
from tracer.model.hypervisor import HypervisorEvent
from tracer.model.kinds import SERVICES, Outcome
from tracer.model.request_tree import RequestTree
from tracer.terminal.wording import counted

Notes = Mapping[str | tuple[str, str], str]
"""Texts by function id, or by the ids of caller and callee; the latter are preferred."""

_UUID = re.compile(r"\b([0-9a-f]{8})(?:(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24})\b")
_BEFORE = {BROKER: "nova-compute", DATABASE: "privsep"}
_MOST_VERSIONS = 8
_NAMED_BY_MESSAGE = (MESSAGES | {Kind.START}) - {Kind.DATABASE, Kind.NATIVE}
"""Kinds of steps that are called by what travelled, where the recording says it."""
_TITLES = {
    Level.SERVICES: "messages between the services",
    Level.PHASES: "the main phases",
    Level.FUNCTIONS: "every call",
}


def build_flow(
    tree: RequestTree,
    level: Level,
    *,
    scope: Scope | None = None,
    steps: int | None = None,
    events: Sequence[HypervisorEvent] = (),
    notes: Notes | None = None,
) -> Flow:
    """Choose the steps of a request and put them in order.

    Args:
        tree: the request.
        level: how much is shown.
        scope: the part that is looked at; the whole request when None.
        steps: how many steps are drawn at most; `STEPS` of the level when None.
        events: what the hypervisor reported meanwhile.
        notes: texts that are shown beside the first step of their function or edge.
    """
    scope = scope or Scope()
    survey = Survey(tree, scope.inside)
    budget = STEPS[level] if steps is None else steps
    selection = select(survey, level, budget, scope.pinned)
    builder = _Builder(survey)
    made = [builder.step(group) for group in selection.chosen]
    shown_events = _within(events if scope.with_events else (), tree, survey, whole=scope.inside is None)
    marks = builder.marks(selection.chosen) + [
        Mark(builder.event(event, time_ns), Moment.BEGIN, time_ns) for event, time_ns in shown_events
    ]
    marks.sort(key=lambda mark: mark.time_ns)
    for number, mark in enumerate((mark for mark in marks if mark.is_begin), 1):
        mark.step.number = number
    lanes = builder.lanes([mark.step for mark in marks])
    unplaced = _attach(notes or {}, [mark.step for mark in marks if mark.is_begin])
    statements = _statements(survey, made, [group.first for group in selection.chosen], selection.left_out)
    if unplaced:
        statements.append(f"{unplaced:,} notes belong to calls that are not drawn here.")
    header = tree.header
    subject = f"{header.scenario}: {_TITLES[level]}" + (f", {scope.said}" if scope.said else "")
    return Flow(
        title=visible_line(subject),
        version=visible_line(_version(tree)),
        lanes=lanes,
        threads=builder.threads,
        marks=marks,
        statements=statements,
        total_ns=max((mark.time_ns for mark in marks), default=0),
        one_page=level is Level.SERVICES,
    )


class _Builder:
    """Makes steps of groups of spans and knows the threads and lanes they use."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._lane_names: dict[str, int] = {}
        self._threads: dict[tuple[str, int, str, str], int] = {}
        self._steps: dict[int, Step] = {}
        self.threads: list[Thread] = []

    def step(self, group: Chosen) -> Step:
        """The step that draws ``group``; those above it must have been made before."""
        survey = self._survey
        span = survey.tree.spans[group.first]
        kind, lane = survey.kind[group.first], survey.lane[group.first]
        function = survey.tree.functions[span.function]
        wrapped = [
            survey.tree.functions[survey.tree.spans[index].function]
            for index in survey.carried(group.first)[1:]
        ]
        named = wrapped[-1] if wrapped else function
        above = self._steps[group.source.first] if group.source else None
        while above and kind is not Kind.LOCAL and above.kind in (Kind.DATABASE, Kind.NATIVE):
            above = above.source
        spans = [survey.tree.spans[index] for index in group.members]
        step = Step(
            number=0,
            kind=kind,
            lane=self._lane(lane),
            thread=self._thread(lane, span.service, span.pid, span.thread),
            source=above,
            label=visible_line(_label(kind, span.link_detail, named.qualname or named.id)),
            function=visible_line(function.id),
            caller=self._caller(group.first),
            carries=tuple(visible_line(function.id) for function in wrapped),
            start_ns=span.start_ns,
            end_ns=max(span.end_ns for span in spans),
            answer_ns=max(min(survey.tree.spans[i].end_ns, survey.resumed[i]) for i in group.members),
            span=span.id,
            count=len(spans),
            failure=next((_failure(survey, i) for i in group.members if _failure(survey, i)), ""),
            detail=visible_line(f"{span.service}, process {span.pid}, thread {span.thread}"),
            folded_calls=group.calls,
            folded_messages=group.messages,
            origin=above.lane if above else None,
        )
        if above is not None and above.thread == step.thread:
            step.depth = above.depth + 1
        self._steps[group.first] = step
        return step

    def _caller(self, index: int) -> str:
        tree, above = self._survey.tree, self._survey.parent[index]
        return visible_line(tree.function(tree.spans[above]).id) if above >= 0 else ""

    def event(self, event: HypervisorEvent, time_ns: int) -> Step:
        """The step for something that the hypervisor reported."""
        lane = self._lane(LIBVIRTD)
        detail = f" ({event.detail})" if event.detail else ""
        return Step(
            number=0,
            kind=Kind.EVENT,
            lane=lane,
            thread=self._thread(LIBVIRTD, QEMU, 0, "events"),
            source=None,
            label=visible_line(f"{event.event}{detail}"),
            function="",
            start_ns=time_ns,
            end_ns=time_ns,
            answer_ns=time_ns,
            detail=visible_line(f"guest {event.domain}"),
            origin=self._lane(QEMU),
        )

    def marks(self, chosen: Sequence[Chosen]) -> list[Mark]:
        """Begins, answers and ends of the steps; each thread keeps its order, times never go back.

        A step begins no earlier than the one above it, and ends no earlier than what it waited for.
        """
        steps = [self._steps[group.first] for group in chosen]
        begin: dict[int, int] = {}
        for step in steps:
            begin[id(step)] = max(step.start_ns, begin[id(step.source)] if step.source else step.start_ns)
        answer = {id(step): max(step.answer_ns, begin[id(step)]) for step in steps if step.answered}
        finish = {id(step): max(step.end_ns, answer.get(id(step), begin[id(step)])) for step in steps}
        for step in reversed(steps):
            if step.source and (step.answered or step.thread == step.source.thread):
                waited = answer.get(id(step), finish[id(step)])
                finish[id(step.source)] = max(finish[id(step.source)], waited)
        marks: list[Mark] = []
        open_steps: list[Step] = []

        def close(step: Step) -> None:
            if step.answered:
                marks.append(Mark(step, Moment.ANSWER, answer[id(step)]))
            marks.append(Mark(step, Moment.END, finish[id(step)]))

        for step in steps:
            while open_steps and open_steps[-1] is not step.source:
                close(open_steps.pop())
            marks.append(Mark(step, Moment.BEGIN, begin[id(step)]))
            open_steps.append(step)
        while open_steps:
            close(open_steps.pop())
        return marks

    def lanes(self, steps: Sequence[Step]) -> list[Lane]:
        """The lanes in customary order; renumbers what refers to them."""
        brokered = any(step.brokered for step in steps)
        names = [*self._lane_names, *([BROKER] if brokered else [])]
        calls: Counter[str] = Counter()
        processes: dict[str, set[int]] = {}
        survey = self._survey
        for index in survey.indices:
            calls[survey.lane[index]] += 1
            processes.setdefault(survey.lane[index], set()).add(survey.tree.spans[index].pid)
        ordered = sorted(names, key=_lane_order)
        place = {self._lane_names.get(name, -1): number for number, name in enumerate(ordered)}
        for step in {id(step): step for step in steps}.values():
            step.lane = place[step.lane]
            step.origin = None if step.origin is None else place[step.origin]
        self.threads = [Thread(place[thread.lane], thread.name) for thread in self.threads]
        return [
            Lane(visible_line(name), _lane_details(name, calls[name], len(processes.get(name, ()))))
            for name in ordered
        ]

    def _lane(self, name: str) -> int:
        return self._lane_names.setdefault(name, len(self._lane_names))

    def _thread(self, lane: str, service: str, pid: int, name: str) -> int:
        key = (lane, pid, name, service)
        if key not in self._threads:
            self._threads[key] = len(self.threads)
            self.threads.append(Thread(self._lane(lane), visible_line(f"process {pid}, thread {name}")))
        return self._threads[key]


def _lane_order(name: str) -> tuple[float, str]:
    """Sort key: the customary order; broker and database beside those that use them, others in between."""
    before = _BEFORE.get(name, name if name in SERVICES else "placement")
    return SERVICES.index(before) - (0.0 if before == name else 0.5), name


def _lane_details(name: str, calls: int, processes: int) -> tuple[str, ...]:
    if not calls:
        return ()
    number = counted(calls, "call")
    own = name not in (DATABASE, LIBVIRTD)
    return (number, counted(processes, "process", "processes")) if own and processes > 1 else (number,)


def _label(kind: Kind, detail: str, qualname: str) -> str:
    if kind in _NAMED_BY_MESSAGE:
        return _UUID.sub(r"\1…", detail) or qualname
    return qualname


def _failure(survey: Survey, index: int) -> str:
    span = survey.tree.spans[index]
    if span.outcome is Outcome.UNFINISHED:
        return "not finished"
    if span.outcome is not Outcome.RAISED:
        return ""
    error = span.values.error if span.values else None
    return visible_line(f"raised {error.type}") if error else "raised"


def _within(
    events: Sequence[HypervisorEvent], tree: RequestTree, survey: Survey, *, whole: bool
) -> list[tuple[HypervisorEvent, int]]:
    timed = [(event, event.time_ns - tree.header.epoch_ns) for event in events]
    if whole or not timed:
        return timed
    spans = [tree.spans[index] for index in survey.indices]
    if not spans:
        return []
    begin, end = min(span.start_ns for span in spans), max(span.end_ns for span in spans)
    return [(event, time_ns) for event, time_ns in timed if begin <= time_ns <= end]


def _attach(notes: Notes, steps: Sequence[Step]) -> int:
    """Put ``notes`` beside the steps they belong to; returns how many belong to none."""
    used: set[str | tuple[str, str]] = set()
    for step in steps:
        names = (step.function, *step.carries)
        above = (step.caller, *((step.source.function, *step.source.carries) if step.source else ()))
        keys: list[str | tuple[str, str]] = [(caller, name) for caller in above for name in names]
        keys += names
        found = next((key for key in keys if key in notes and key not in used), None)
        if found is not None:
            used.add(found)
            step.note = notes[found]
    return len(notes) - len(used)


def _version(tree: RequestTree) -> str:
    header = tree.header
    lanes = " ".join([*SERVICES, *header.services])
    own = {name: name.removeprefix("openstack").strip("_-") in lanes for name in header.versions}
    ordered = sorted(header.versions, key=lambda name: (not own[name], name))
    shown = [f"{name} {header.versions[name]}" for name in ordered[:_MOST_VERSIONS]]
    more = len(ordered) - len(shown)
    parts = [
        ", ".join(shown) + (f" and {more} more" if more else ""),
        f"recorded {header.created}",
        f"trace {header.trace_id[:16]}",
        f"{len(tree.spans):,} calls",
        f"stackwalk {metadata.version('stackwalk')}",
    ]
    return " · ".join(part for part in parts if part)


def _statements(
    survey: Survey, steps: Sequence[Step], drawn: Sequence[int], left_out: Sequence[int]
) -> list[str]:
    header = survey.tree.header
    calls = sum(step.count + step.folded_calls for step in steps) + sum(survey.size[i] for i in left_out)
    folded = sum(step.folded_calls for step in steps)
    grouped = sum(step.count - 1 for step in steps)
    messages = sum(survey.messages[index] for index in survey.indices if survey.parent[index] < 0)
    folded_messages = sum(step.folded_messages for step in steps)
    where = [(folded, "the step that made them"), (grouped, "an alike neighbour (×n)")]
    told = ", ".join(f"{number:,} into {place}" for number, place in where if number)
    stand = f"{counted(len(steps), 'step stands', 'steps stand')} for {counted(calls, 'call')}"
    outside = len(survey.tree.spans) - calls
    lie = f"; {counted(outside, 'lies', 'lie')} outside of this part" if outside else ""
    result = [f"{stand}{f', folded {told}' if told else ''}{lie}."]
    if messages:
        result.append(f"{messages - folded_messages:,} of {messages:,} messages are drawn.")
    if left_out:
        beneath = sum(survey.size[index] for index in left_out)
        result.append(
            f"{len(left_out):,} calls without a known sender, with {beneath:,} calls, found no place."
        )
    drawn_kinds = {step.kind for step in steps}
    if Kind.DATABASE in drawn_kinds:
        result.append("A call to the database is a call of a service's data access module.")
    if any(
        _UUID.search(survey.tree.spans[i].link_detail) for i in drawn if survey.kind[i] in _NAMED_BY_MESSAGE
    ):
        result.append("Of identifiers only the beginning is shown (…).")
    if header.orphans:
        result.append(f"{len(header.orphans):,} calls have no known sender in the recording.")
    if header.unanswered:
        kinds = Counter(str(link.link) for link in header.unanswered)
        by_kind = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        result.append(
            f"At the other end of {len(header.unanswered):,} messages nothing was recorded: {by_kind}."
        )
    if drawn_kinds & {Kind.CAST, Kind.FANOUT, Kind.SPAWN}:
        result.append("Casts and spawned work are drawn when they are taken up.")
    return [visible_line(text) for text in [*result, *header.notices]]
