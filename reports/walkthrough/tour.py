"""The steps as a CodeTour (``.tour``), to be followed in an editor over a checkout of the source.

Format: https://github.com/microsoft/codetour/blob/main/schema.json. A step names a file relative to the
checkout's root; the editor goes to ``line``, and ``pattern``, a regular expression, is for those who lead the
tour over another release; where several lines match it, there is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from reports.visible_text import shortened, visible
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.plan import Plan, Step
from tracer.model.notes import SECTIONS

SCHEMA = "https://aka.ms/codetour-schema"
_LONGEST_PATTERN = 200


def tour(
    plan: Plan, index: CallIndex, source: Callable[[str], str | None], words: Mapping[str, str], title: str
) -> str:
    """The tour's file.

    Args:
        plan: the steps.
        index: the request.
        source: gives a source file's text, or None.
        words: the pages' words.
        title: the tour's title.
    """
    texts: dict[str, list[str] | None] = {}

    def lines(file: str) -> list[str] | None:
        if file not in texts:
            text = source(file)
            texts[file] = text.split("\n") if text is not None else None
        return texts[file]

    steps = [
        _step(step, chapter.title, index, lines, plan.language, words)
        for chapter in plan.chapters
        for step in chapter.steps
    ]
    document = {"$schema": SCHEMA, "title": visible(title), "steps": steps}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _step(
    step: Step,
    chapter: str,
    index: CallIndex,
    lines: Callable[[str], list[str] | None],
    language: str,
    words: Mapping[str, str],
) -> dict[str, object]:
    result: dict[str, object] = {"title": visible(f"{step.number}. {step.title}")}
    parts = [f"*{chapter}* · {visible(step.service)}"]
    if step.stop is not None:
        for note in step.stop.notes:
            text = note.text(language)
            more = words["n_more_characters"]
            parts += [
                f"**{words[name]}** {visible(shortened(getattr(text, name), more=more))}" for name in SECTIONS
            ]
        function = index.tree.functions[index.tree.spans[step.stop.index].function]
        parts.append(f"`{visible(function.id)}`".replace("<", "&lt;"))
        found = lines(function.file) if function.file else None
        if found is not None and 1 <= function.line <= len(found):
            result["file"] = visible(function.file)
            line = _definition(found, function.line)
            result["line"] = line
            begins = found[line - 1].rstrip()[:_LONGEST_PATTERN]
            if sum(text.startswith(begins) for text in found) == 1:
                result["pattern"] = f"^{re.escape(begins)}"
    else:
        parts.append(visible(shortened(step.console, more=words["n_more_characters"])))
    result["description"] = "\n\n".join(part for part in parts if part)
    return result


def _definition(lines: list[str], line: int) -> int:
    """The line of the ``def`` that begins at ``line`` with its decorators."""
    for number in range(line, min(line + 20, len(lines)) + 1):
        if lines[number - 1].lstrip().startswith(("def ", "async def ", "class ")):
            return number
    return line
