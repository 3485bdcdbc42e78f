"""The nouns of a picture of calls: boxes, arrows and remarks, free of any drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.graph.choice import Unit
from tracer.model.kinds import CallKind, Certainty
from tracer.model.overlaid import Standing

STANDING_WORDS = {
    Standing.CONFIRMED: "seen and predicted",
    Standing.NOT_TAKEN: "predicted, not seen",
    Standing.UNPREDICTED: "seen, not predicted",
}

DOUBT_WORDS = {1: "inferred: one of several it may be", 2: "known by name only"}
"""How unsure an arrow is, by the number of bars across it; one without bars is exact, or was seen."""
_DOUBTS = {Certainty.EXACT: 0, Certainty.INFERRED: 1, Certainty.BY_NAME: 2}


@dataclass(frozen=True)
class Node:
    """One box.

    ``key`` is its identity, the same in every picture of the same graph. ``functions`` are the ids of what
    it stands for, in order of the source; ``folded`` is how many of what the other boxes stand for were put
    together in it, 0 for an ordinary box. ``times`` is how often they were called. ``inside`` are calls
    that do not leave it.
    """

    key: str
    name: str
    service: str
    module: str
    functions: tuple[str, ...]
    file: str = ""
    line: int = 0
    times: int = 0
    inside: int = 0
    folded: int = 0
    level: int | None = None
    """How many calls it is below where the picture begins; None where it begins nowhere."""
    asked: bool = False
    """Named by the person who asked."""
    remarks: tuple[int, ...] = ()
    """Numbers of the remarks on it."""
    href: str = ""

    @property
    def figures(self) -> list[str]:
        """How many functions it stands for and how often they were called, where that says something."""
        figures = []
        if len(self.functions) > 1 and not self.name.endswith("functions"):
            figures.append(f"{len(self.functions):,} functions")
        if self.times:
            figures.append(f"{self.times:,} ×")
        return figures


@dataclass(frozen=True)
class Edge:
    """One arrow, from the box with index ``tail`` to that with index ``head``.

    ``ways`` is how many pairs of functions it stands for, ``times`` how often they were taken, ``sites`` on
    how many lines they are written. ``examples`` name some of the pairs.
    """

    tail: int
    head: int
    kind: CallKind
    standing: Standing
    ways: int
    times: int = 0
    sites: int = 0
    certainty: Certainty | None = None
    seen_in: int = 0
    through: int = 0
    """Wrappers that were folded into it, at most in one of its ways."""
    examples: tuple[str, ...] = ()
    remarks: tuple[int, ...] = ()

    @property
    def said(self) -> list[str]:
        """How it stands and, where it is unsure, how unsure it is."""
        return [STANDING_WORDS[self.standing], *([DOUBT_WORDS[self.doubt]] if self.doubt else [])]

    @property
    def doubt(self) -> int:
        """How unsure it is that there is such a call, by `DOUBT_WORDS`; what was seen is beyond doubt."""
        return 0 if self.times or self.certainty is None else _DOUBTS[self.certainty]


@dataclass(frozen=True)
class Remark:
    """A note: its number in the picture, what it is about, its text."""

    number: int
    anchor: str
    text: str


@dataclass
class View:
    """A picture of calls without geometry.

    ``statements`` say in words what it leaves out or cannot know; they are part of every rendering.
    """

    title: str
    about: str
    unit: Unit
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    statements: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    compared: bool = False
    """Recordings were laid over what was read, so that each arrow tells whether it was seen."""

    @property
    def kinds(self) -> list[CallKind]:
        """The kinds of arrows that occur, in the vocabulary's order."""
        present = {edge.kind for edge in self.edges}
        return [kind for kind in CallKind if kind in present]

    @property
    def doubts(self) -> list[int]:
        """How unsure arrows are, those that are sure left out."""
        return sorted({edge.doubt for edge in self.edges} - {0})

    @property
    def standings(self) -> list[Standing]:
        """How arrows stand, in the vocabulary's order."""
        present = {edge.standing for edge in self.edges}
        return [standing for standing in Standing if standing in present]
