"""The notes to print below the calls they are about."""

from __future__ import annotations

from tracer.model.notes import Note, Notes
from tracer.model.request_tree import RequestTree, Span
from tracer.showing.selection import Selection


def note_lines(tree: RequestTree, selection: Selection, notes: Notes, language: str) -> dict[int, list[str]]:
    """Each note's title and first sentence, by the id of the first shown span that it is about.

    Args:
        tree: the recording.
        selection: which of its spans are shown.
        notes: the notes; those about another release are left out.
        language: what to show them in, where they have it.
    """
    result: dict[int, list[str]] = {}
    told: set[str] = set()
    by_function = {
        function: [note for note in members if note.applies(tree.header.versions)]
        for function, members in notes.by_function.items()
    }
    for span in tree.spans:
        if not selection.depth[span.id]:
            continue
        for note in by_function.get(tree.function(span).id, ()):
            if note.file not in told and _is_about(note, tree, span):
                told.add(note.file)
                result.setdefault(span.id, []).append(note.text(language).brief)
    return result


def _is_about(note: Note, tree: RequestTree, span: Span) -> bool:
    caller = note.anchor.caller
    return not caller or any(tree.function(above).id == caller for above in tree.ancestors(span))
