"""The one interface of what makes a folder for people to look at, and how such a folder is written."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from reports.output_folder import fresh_folder
from tracer.model.recording_folder import Recording, open_recording
from tracer.terminal.progress import Steps, steps


class Renderer(Protocol):
    """Turns a recording into something that a person looks at."""

    name: str
    """Names the kind of the result, also in its folder's marker file."""

    def render(self, recording: Recording, folder: Path, steps: Steps) -> Path:
        """Write the result into ``folder``, which exists and is empty.

        Args:
            recording: what is to be shown.
            folder: where the files go.
            steps: where long work says how far it is.

        Returns:
            The file that the reader opens first.
        """


def write_folder(renderer: Renderer, recording: Path, out: Path, *, force: bool) -> Path:
    """Show a recording in a folder of its own.

    Args:
        renderer: what makes it.
        recording: the recording's folder.
        out: the folder that is written; an earlier result in it is replaced.
        force: replace ``out`` even when it holds other things.

    Returns:
        The file that the reader opens first.

    Raises:
        UserError: when ``recording`` cannot be read, or ``out`` not be written.
    """
    opened = open_recording(recording)
    with fresh_folder(out, renderer.name, recording, force=force) as folder:
        page = renderer.render(opened, folder, steps()).relative_to(folder)
    return (out / page).resolve()
