"""What stands where in a produced SVG: the boxes of its texts and bars, and what lies over what."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import pairwise

from reports.canvas.metrics import text_width

NAMESPACE = "{http://www.w3.org/2000/svg}"
TOUCH = 0.6
"""Pixels by which two boxes may share an edge."""


@dataclass(frozen=True)
class Rect:
    """A box and what is in it."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def over(self, other: Rect) -> bool:
        """Whether the two lie over each other."""
        return (
            self.left < other.right - TOUCH
            and other.left < self.right - TOUCH
            and self.top < other.bottom - TOUCH
            and other.top < self.bottom - TOUCH
        )


def texts(svg: str, without: str = "") -> list[Rect]:
    """The boxes of all texts, by the font's own widths; those in groups called ``without`` are left out."""
    result = []
    root = ET.fromstring(svg)
    groups = [g for g in root.iter(f"{NAMESPACE}g") if g.get("class") != without]
    for element in (text for group in groups for text in group.iter(f"{NAMESPACE}text")):
        size, text = float(element.get("font-size", "0")), element.text or ""
        width = text_width(text, size, bold=element.get("font-weight") == "bold")
        x, y = float(element.get("x", "0")), float(element.get("y", "0"))
        left = x - {"middle": width / 2, "end": width}.get(element.get("text-anchor", ""), 0.0)
        result.append(Rect(left, y - size * 0.76, left + width, y + size * 0.24, text))
    return result


def bars(svg: str) -> list[Rect]:
    """The boxes of all activation bars and the lifelines."""
    result = []
    root = ET.fromstring(svg)
    for group in root.iter(f"{NAMESPACE}g"):
        if group.get("class") == "bar":
            for rect in group.iter(f"{NAMESPACE}rect"):
                x, y, width, height = (float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
                result.append(Rect(x, y, x + width, y + height, "bar"))
        if group.get("class") == "lifelines":
            for line in group.iter(f"{NAMESPACE}polyline"):
                (x, top), (_, bottom) = (
                    map(float, point.split(",")) for point in line.get("points", "").split()
                )
                result.append(Rect(x - 0.7, top, x + 0.7, bottom, "lifeline"))
    return result


def size(svg: str) -> tuple[float, float]:
    """Width and height of the picture."""
    root = ET.fromstring(svg)
    return float(root.get("width", "0")), float(root.get("height", "0"))


def collisions(rects: list[Rect], others: list[Rect] | None = None) -> list[tuple[str, str]]:
    """Pairs that lie over each other: among ``rects``, or of one of them and one of ``others``."""
    if others is None:
        ordered = sorted(rects, key=lambda rect: rect.top)
        tallest = max((rect.bottom - rect.top for rect in rects), default=0.0)
        return [
            (one.what, other.what)
            for number, one in enumerate(ordered)
            for other in _until(ordered, number + 1, one.top + tallest)
            if one.over(other)
        ]
    return [(one.what, other.what) for one in rects for other in others if one.over(other)]


def _until(ordered: list[Rect], start: int, bottom: float) -> list[Rect]:
    end = start
    while end < len(ordered) and ordered[end].top < bottom:
        end += 1
    return ordered[start:end]


def in_order(values: list[float]) -> bool:
    """Whether no value is smaller than the one before."""
    return all(one <= other for one, other in pairwise(values))
