"""The one interface that every renderer has."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tracer.model.recording_folder import Recording
from tracer.terminal.progress import Steps


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
