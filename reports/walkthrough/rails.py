"""The lines beside the list of steps: a rail for each service, a dot for each step."""

from __future__ import annotations

from dataclasses import dataclass

from reports.walkthrough.plan import Chapter, Plan
from tracer.model.kinds import SERVICES, lane_order

ROW = 30
_STEP, _LEFT = 9, 8


@dataclass(frozen=True)
class Rails:
    """One chapter's lines: positions of the rails, paths and dots with the class of their colour."""

    height: int
    lanes: list[int]
    paths: list[tuple[str, str]]
    dots: list[tuple[str, int, int]]


def lane_style(service: str) -> str:
    """The CSS class that gives a service its colour."""
    return f"lane{SERVICES.index(service)}" if service in SERVICES else "lane-other"


def rails(plan: Plan) -> tuple[int, list[Rails]]:
    """The width that all lines take, and the lines of each chapter; a step's row is `ROW` high."""
    lanes = sorted(
        {step.service for step in plan.steps} | {step.source for step in plan.steps}, key=lane_order
    )
    place = {lane: _LEFT + _STEP * number for number, lane in enumerate(lanes)}
    return 2 * _LEFT + _STEP * (len(lanes) - 1), [_chapter(chapter, place) for chapter in plan.chapters]


def _chapter(chapter: Chapter, place: dict[str, int]) -> Rails:
    height = ROW * len(chapter.steps)
    used = {place[lane] for step in chapter.steps for lane in (step.service, step.source)}
    paths: list[tuple[str, str]] = []
    dots: list[tuple[str, int, int]] = []
    before: int | None = None
    for number, step in enumerate(chapter.steps):
        x, y = place[step.service], ROW * number + ROW // 2
        style = lane_style(step.service)
        start = place[step.source] if step.link else (before if before is not None else x)
        if number or step.link:
            top = y - ROW if number else 0
            bend = (top + y) // 2
            paths.append((style, f"M{start} {top}C{start} {bend} {x} {bend} {x} {y}"))
        dots.append((style, x, y))
        before = x
    return Rails(height, sorted(used), paths, dots)
