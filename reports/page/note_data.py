"""The notes on what a recording shows, for the page: each in all its languages, by function and by call."""

from __future__ import annotations

from reports.markdown import blocks
from reports.visible_text import visible_line
from tracer.model.notes import SECTIONS, Note, Notes, NoteText
from tracer.model.request_tree import RequestTree

LANGUAGE_NAMES = {"en": "English", "zh": "简体中文"}


def languages(notes: Notes) -> list[tuple[str, str]]:
    """The notes' languages and what they are called in themselves."""
    return [(language, LANGUAGE_NAMES.get(language, language)) for language in notes.languages]


def note_data(tree: RequestTree, notes: Notes) -> dict[str, object]:
    """The notes on functions and calls of ``tree``, on its release.

    ``notes`` holds by language the title and the blocks of each section; ``functions`` lists function
    number and note number by turns; ``calls`` caller, callee and note number.
    """
    numbers = {function.id: number for number, function in enumerate(tree.functions)}
    found: list[Note] = []
    functions: list[int] = []
    calls: list[int] = []
    for note in notes.notes:
        if not note.applies(tree.header.versions) or any(one not in numbers for one in note.anchor.ids):
            continue
        called = numbers[note.anchor.function]
        if note.anchor.caller:
            calls += [numbers[note.anchor.caller], called, len(found)]
        else:
            functions += [called, len(found)]
        found.append(note)
    return {
        "notes": [{language: _text(text) for language, text in sorted(note.texts.items())} for note in found],
        "functions": functions,
        "calls": calls,
    }


def _text(text: NoteText) -> list[object]:
    return [visible_line(text.title), *(blocks(getattr(text, section)) for section in SECTIONS)]
