"""Where the notes that come with the program are, and how notes are read for a person at a terminal."""

from __future__ import annotations

import os
from pathlib import Path

from tracer.model.notes import DEFAULT_LANGUAGE, Notes, NotesError, read_notes
from tracer.terminal.errors import UserError

CREATE_PATH = Path(__file__).parent / "create_path"
"""The notes on what happens from the request for a server to the guest that runs."""


def load_notes(folder: Path = CREATE_PATH) -> Notes:
    """Read the notes in ``folder``.

    Raises:
        UserError: naming all that is wrong in them, with file and line.
    """
    try:
        return read_notes(folder)
    except NotesError as error:
        raise UserError(
            f"The notes in {folder} cannot be used:",
            "A note is a Markdown file with a header (anchor: module:qualname) and, for each language, "
            "`# en: Title` and the sections ## what, ## why and ## without.",
            details=error.problems,
        ) from None


def language_for(notes: Notes | None, asked: str | None) -> str:
    """The language to show notes in: the one asked for, else that of the environment.

    Args:
        notes: what is shown; None for nothing.
        asked: two letters, as the person gave them.

    Raises:
        UserError: no note is in the language asked for.
    """
    if asked and notes is not None and asked not in notes.languages:
        raise UserError(f"No note is in the language {asked}.", f"There are {', '.join(notes.languages)}.")
    return asked or preferred_language()


def preferred_language() -> str:
    """The two letters of the language set by ``LC_ALL``, ``LC_MESSAGES`` or ``LANG``, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            language = value[:2].lower()
            return language if language.isalpha() and value[2:3] in ("", "_", ".", "-") else DEFAULT_LANGUAGE
    return DEFAULT_LANGUAGE
