"""Prints notes, and what a check of them found, to standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from tracer.model.graph import CallGraph, GraphError
from tracer.model.recording_folder import open_recording
from tracer.notes.checking import Report, check_graph, check_recording, check_source, check_translations
from tracer.notes.shipped import CREATE_PATH, language_for, load_notes
from tracer.notes.source_functions import SourceTrees
from tracer.terminal.errors import ANSWER_IS_NO, DONE, UserError
from tracer.terminal.paint import BOLD, DIM, RED, Paint, printable, wants_colour


def print_check(
    folder: Path | None, recording: Path | None, sources: Sequence[Path], graph: Path | None = None
) -> int:
    """Check notes and print what is to mend.

    Args:
        folder: the notes; None for those that come with the program.
        recording: the recording they should be about, or None.
        sources: folders that hold the packages they are about; may be empty.
        graph: a saved call graph of the release they should be about, or None.

    Returns:
        The exit code: 0 when all is fine, 1 when something is to mend.

    Raises:
        UserError: when notes, sources or the graph cannot be used.
        RecordingError: when the recording cannot be read.
    """
    notes = load_notes(folder or CREATE_PATH)
    report = Report()
    check_translations(notes, report)
    if sources:
        trees = SourceTrees(sources)
        if not any(trees.has_package(one) for note in notes.notes for one in note.anchor.ids):
            where = ", ".join(map(str, sources))
            raise UserError(
                f"No package that a note is about is in {where}", "Name the folder that holds the packages."
            )
        check_source(notes, trees, report)
    if graph is not None:
        try:
            check_graph(notes, CallGraph.load(graph), report)
        except GraphError as error:
            raise UserError(error.message, error.remedy) from error
    if recording is not None:
        check_recording(notes, open_recording(recording).tree, report)
    _print(report, Paint(wants_colour(sys.stdout)))
    to_mend = len({finding.note.file for finding in report.findings})
    languages = ", ".join(notes.languages)
    print(f"{len(notes.notes):,} notes in {languages}: {f'{to_mend:,} to mend' if to_mend else 'all fine'}")
    return ANSWER_IS_NO if to_mend else DONE


def _print(report: Report, paint: Paint) -> None:
    for finding in report.findings:
        print(f"{paint(printable(finding.note.file), BOLD)}: {paint(printable(finding.problem), RED)}")
        if finding.nearest:
            print(f"    nearest: {printable(finding.nearest)}")
    for reason, count in report.unchecked.items():
        print(paint(f"{count:,} not checked: {printable(reason)}", DIM))


def print_list(folder: Path | None, language: str | None) -> None:
    """Print all notes by chapter.

    Args:
        folder: the notes; None for those that come with the program.
        language: of the titles; None for that of the environment.

    Raises:
        UserError: when the notes cannot be used, or none is in ``language``.
    """
    notes = load_notes(folder or CREATE_PATH)
    language = language_for(notes, language)
    paint = Paint(wants_colour(sys.stdout))
    for chapter, members in groupby(notes.notes, key=lambda note: note.chapter):
        print(paint(printable(chapter or "without a chapter"), BOLD))
        for note in members:
            print(f"  {printable(note.text(language).title)}  [{', '.join(sorted(note.texts))}]")
            print(f"    {paint(printable(str(note.anchor)), DIM)}")
    print(f"{len(notes.notes):,} notes in {', '.join(notes.languages)}")
