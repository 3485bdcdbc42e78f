"""The walkthrough without looks: chapters in the order of the way, and the steps in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reports.markdown import plain
from reports.visible_text import fitted, visible_line
from reports.walkthrough.backbone import Stop, backbone
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.content import Content
from reports.walkthrough.identity import StepNames, without_identifiers
from tracer.model.hypervisor import Hypervisor, HypervisorEvent
from tracer.model.kinds import Link
from tracer.model.notes import Notes

GUEST_CHAPTER = "guest"
GUEST_LANE = "qemu"
_MARKER_LINES = 4
LONGEST_TITLE = 200
"""Columns of a step's title."""


@dataclass
class Step:
    """One step: a call of the request, or something that happened in the hypervisor's world.

    ``stop`` is None for the latter; then ``event`` or ``console`` says what there is to say.
    """

    id: str
    title: str
    service: str
    start_ns: int
    stop: Stop | None = None
    event: HypervisorEvent | None = None
    console: str = ""
    number: int = 0

    @property
    def link(self) -> Link:
        """The link by which the request crossed to this step's service, ``PLAIN`` for an ordinary call."""
        crossing = self.stop.crossing if self.stop else None
        return crossing.link if crossing else Link.PLAIN

    @property
    def source(self) -> str:
        """The service that the request came from."""
        crossing = self.stop.crossing if self.stop else None
        return crossing.source.service if crossing else self.service


@dataclass
class Chapter:
    """A part of the way: ``key`` names it in addresses; ``opening`` may be empty."""

    key: str
    title: str
    opening: str
    steps: list[Step] = field(default_factory=list)


@dataclass
class Plan:
    """All chapters of a walkthrough; ``steps`` numbers them through.

    ``aside`` gives for the id that a call would have as a step of its own the id of the step beside which it
    is told: a link from another rendering still leads there.
    """

    chapters: list[Chapter]
    language: str
    aside: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, step in enumerate(self.steps, 1):
            step.number = number

    @property
    def steps(self) -> list[Step]:
        """All steps in reading order."""
        return [step for chapter in self.chapters for step in chapter.steps]


def make_plan(
    index: CallIndex, notes: Notes, hypervisor: Hypervisor, content: Content, language: str
) -> Plan:
    """Choose the steps and divide them into chapters.

    A step is in the chapter of its note; one without a note in that of the step it leads to or came from;
    where no note says anything, services are the chapters.
    """
    stops = backbone(index, notes)
    keys = _keys(stops, content)
    names = StepNames(index)
    by_key: dict[str, list[Step]] = {}
    for stop, key in zip(stops, keys, strict=True):
        title = _title(index, stop, language)
        span = index.tree.spans[stop.index]
        service = stop.run.service if stop.crossing else span.service
        by_key.setdefault(key, []).append(Step(names.step(stop), title, service, span.start_ns, stop))
    aside = {
        names.step(other): step.id
        for steps in by_key.values()
        for step in steps
        if step.stop is not None
        for other in step.stop.aside
    }
    guest = _guest_steps(hypervisor, index.tree.header.epoch_ns, names, content.ui(language))
    if guest:
        by_key[GUEST_CHAPTER] = guest + by_key.get(GUEST_CHAPTER, [])
    known = [key for key in content.chapters if key in by_key]
    ordered = known + [key for key in by_key if key not in content.chapters]
    chapters = []
    for key in ordered:
        text = content.chapters[key].text(language) if key in content.chapters else None
        title, opening = (text.title, text.opening) if text else (visible_line(key), "")
        chapters.append(Chapter(key, title, opening, by_key[key]))
    return Plan(chapters, language, aside)


def _keys(stops: Sequence[Stop], content: Content) -> list[str]:
    noted = {id(stop): content.chapter_of(stop.notes[0].chapter) for stop in stops if stop.notes}
    first_below: dict[int, str] = {}
    for stop in stops:
        if stop.above is not None and id(stop) in noted:
            first_below.setdefault(id(stop.above), noted[id(stop)])
    result: dict[int, str] = {}
    for stop in stops:
        key = noted.get(id(stop), "")
        if not key and stop.crossing is not None:
            key = first_below.get(id(stop), "")
        if not key and noted and stop.above is not None:
            key = result[id(stop.above)]
        result[id(stop)] = key or stop.run.service
    return [result[id(stop)] for stop in stops]


def _title(index: CallIndex, stop: Stop, language: str) -> str:
    if stop.notes:
        title = plain(stop.notes[0].text(language).title)
    elif stop.crossing is not None:
        title = without_identifiers(stop.crossing.what) or str(stop.crossing.link)
    else:
        title = short_name(index.function_id(stop.index))
    return fitted(title, LONGEST_TITLE)


def short_name(function_id: str) -> str:
    """The last two parts of a function's qualified name (``ComputeManager.build``)."""
    qualname = function_id.partition(":")[2] or function_id
    return ".".join([part for part in qualname.split(".") if part != "<locals>"][-2:])


def named(ui: Mapping[str, str], vocabulary: str, word: str) -> str:
    """A word of a closed vocabulary in the language of the pages; one that is not known stays as it is."""
    return ui.get(f"{vocabulary}_{word}", word)


def _guest_steps(
    hypervisor: Hypervisor, epoch_ns: int, names: StepNames, ui: Mapping[str, str]
) -> list[Step]:
    steps = []
    for event in hypervisor.events:
        what, detail = named(ui, "event", event.event), named(ui, "detail", event.detail)
        words = ui["event_with_detail"].format(event=what, detail=detail) if detail else what
        title = visible_line(ui["guest_event"].format(event=words))
        name = names.of(f"event {event.event} {event.detail}")
        steps.append(Step(name, title, GUEST_LANE, event.time_ns - epoch_ns, event=event))
    lines = [line for line in hypervisor.console.splitlines() if line.strip()][-_MARKER_LINES:]
    if lines:
        last = max((step.start_ns for step in steps), default=0)
        text = "\n".join(lines)
        steps.append(Step(names.of("console"), ui["guest_console"], GUEST_LANE, last, console=text))
    return steps
