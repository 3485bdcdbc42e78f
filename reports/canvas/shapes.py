"""What a laid-out diagram is made of: lines, boxes and texts, with roles instead of colours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Text:
    """One line of text; ``y`` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    role: str = "ink"
    anchor: Anchor = "start"
    bold: bool = False


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: str
    radius: float = 0
    dash: str = ""
    thickness: float = 1


@dataclass(frozen=True)
class Curve:
    """A smooth line: a first point, then three points (two to lean on, one to reach) for each part."""

    points: tuple[tuple[float, float], ...]
    role: str
    thickness: float = 1.2
    dash: str = ""


@dataclass(frozen=True)
class Line:
    """An open or closed line through ``points``, stroked with ``dash``, or filled when ``filled``."""

    points: tuple[tuple[float, float], ...]
    role: str
    thickness: float = 1.2
    dash: str = ""
    closed: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Dot:
    """A small circle."""

    x: float
    y: float
    radius: float
    role: str
    filled: bool = True


Shape = Text | Box | Line | Curve | Dot


@dataclass
class Group:
    """Shapes that belong together, and what they are in words, for those who point at them or listen.

    ``step`` is the number of the step that they draw, 0 for none; ``href`` where they
    lead, empty for nowhere.
    """

    name: str
    title: str = ""
    step: int = 0
    function: str = ""
    href: str = ""
    shapes: list[Shape] = field(default_factory=list)
    top: float = 0
    bottom: float = 0


@dataclass
class Drawing:
    """A diagram of ``width`` by ``height`` pixels; at ``breaks`` it can be cut into pages."""

    width: float
    height: float
    title: str
    description: str
    groups: list[Group]
    breaks: list[float]
