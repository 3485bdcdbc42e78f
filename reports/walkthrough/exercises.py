"""The exercises that fit a recording, their answers filled in by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.markdown import blocks
from reports.walkthrough.content import Exercise
from reports.walkthrough.plan import Plan
from reports.walkthrough.queries import Queries


def holds(exercise: Exercise, queries: Queries) -> str:
    """What the recording says to the exercise's query, or an empty text where its answer would be wrong."""
    found = queries.answer(exercise.ask)
    return found if found and exercise.holds in ("", found) else ""


def exercise_data(exercises: Iterable[Exercise], queries: Queries, plan: Plan) -> dict[str, object]:
    """The exercises whose answer this recording proves, and how many it does not."""
    chapters = {chapter.key for chapter in plan.chapters}
    shown: list[dict[str, object]] = []
    left_out = 0
    for exercise in exercises:
        value = holds(exercise, queries) if exercise.chapter in chapters else ""
        if not value:
            left_out += 1
            continue
        text = exercise.text(plan.language)
        shown.append(
            {
                "id": exercise.id,
                "chapter": exercise.chapter,
                "question": blocks(text.question),
                "hint": blocks(text.hint),
                "answer": _filled_in(blocks(text.answer), value),
            }
        )
    return {"exercises": shown, "leftOut": left_out}


def _filled_in(part: list[Any], value: str) -> list[Any]:
    """Blocks with the value put into their texts, where it stays text whatever it looks like."""
    return [
        _filled_in(one, value) if isinstance(one, list) else one.replace("{value}", value) for one in part
    ]
