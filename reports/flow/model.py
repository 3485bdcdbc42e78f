"""The nouns of a flow diagram: lanes, steps and the marks between them, free of any drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

BROKER = "broker"
DATABASE = "database"
LIBVIRTD = "libvirtd"
QEMU = "qemu"


class Kind(StrEnum):
    """How control or data got from the source of a step to its target."""

    START = "start"
    """Where the request began, or a span whose sender was not found."""
    HTTP = "http"
    CALL = "call"
    """A remote call through the broker, which is answered."""
    CAST = "cast"
    FANOUT = "fanout"
    SPAWN = "spawn"
    PRIVSEP = "privsep"
    NATIVE = "native"
    """A call through a C library into another program."""
    DATABASE = "database"
    LOCAL = "local"
    """An ordinary call within one thread."""
    EVENT = "event"
    """Something that the hypervisor reported."""


class Moment(StrEnum):
    """What happens to a step at a `Mark`."""

    BEGIN = "begin"
    ANSWER = "answer"
    END = "end"


ANSWERED = frozenset({Kind.HTTP, Kind.CALL, Kind.PRIVSEP, Kind.NATIVE, Kind.DATABASE})
"""Kinds whose sender waits for the answer."""
BROKERED = frozenset({Kind.CALL, Kind.CAST, Kind.FANOUT})
"""Kinds that travel through the message broker."""


@dataclass(frozen=True)
class Lane:
    """A column of the diagram: ``name`` as people say it, and lines on what of it was seen."""

    name: str
    details: tuple[str, ...] = ()


@dataclass
class Step:
    """One step: a message or call, drawn as an arrow, and the work it started, drawn as a bar.

    ``start_ns`` and ``end_ns`` are nanoseconds since the request began; ``answer_ns`` is
    when the sender had the answer at the latest: work may go on after it. ``count`` tells how many alike
    followed each other and are drawn as this one. ``folded_calls`` and ``folded_messages`` count what
    ran inside and is not drawn. ``thread`` is the index in `Flow.threads` of the thread that works,
    ``source`` the step whose bar the arrow leaves; None where nothing is known before it.
    """

    number: int
    kind: Kind
    lane: int
    thread: int
    source: Step | None
    label: str
    function: str
    start_ns: int
    end_ns: int
    answer_ns: int
    span: int = 0
    count: int = 1
    failure: str = ""
    """What was raised, when the work did not return."""
    detail: str = ""
    """Where it ran: process and thread."""
    folded_calls: int = 0
    folded_messages: int = 0
    depth: int = 0
    """Bars of the same thread below this one's."""
    caller: str = ""
    """The function that called it directly, drawn or not."""
    carries: tuple[str, ...] = ()
    """The functions that ``function`` wraps, if it is a closure; the last one names the step."""
    origin: int | None = None
    """The lane that the arrow leaves; None where nothing is known before the step."""
    note: str = ""

    @property
    def duration_ns(self) -> int:
        """Nanoseconds from start to the answer, or to the end of what is not answered."""
        return (self.answer_ns if self.answered else self.end_ns) - self.start_ns

    @property
    def answered(self) -> bool:
        """Whether an answer went back to the source."""
        return self.kind in ANSWERED and self.source is not None

    @property
    def brokered(self) -> bool:
        """Whether it travelled through the message broker."""
        return self.kind in BROKERED and self.source is not None


@dataclass(frozen=True)
class Mark:
    """A moment of a step in the diagram's order."""

    step: Step
    moment: Moment
    time_ns: int

    @property
    def is_begin(self) -> bool:
        """Whether the step begins here."""
        return self.moment is Moment.BEGIN

    @property
    def is_answer(self) -> bool:
        """Whether its sender has the answer here."""
        return self.moment is Moment.ANSWER

    @property
    def is_end(self) -> bool:
        """Whether its work ends here."""
        return self.moment is Moment.END


@dataclass(frozen=True)
class Thread:
    """A thread of a process that worked on the request, in the lane it belongs to."""

    lane: int
    name: str


@dataclass
class Flow:
    """A flow diagram without geometry.

    ``marks`` holds begins, answers and ends of all steps in the order of the recording. ``statements`` say in
    words what the picture leaves out or cannot know; they are part of every rendering.
    """

    title: str
    version: str
    lanes: list[Lane]
    threads: list[Thread]
    marks: list[Mark]
    statements: list[str] = field(default_factory=list)
    total_ns: int = 0
    one_page: bool = False
    """Never to be cut into pages."""

    @property
    def steps(self) -> list[Step]:
        """The steps, in order."""
        return [mark.step for mark in self.marks if mark.is_begin]

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that occur, in the vocabulary's order."""
        present = {step.kind for step in self.steps}
        return [kind for kind in Kind if kind in present]

    def lane_of(self, name: str) -> int | None:
        """Index of the lane called ``name``, or None."""
        return next((number for number, lane in enumerate(self.lanes) if lane.name == name), None)
