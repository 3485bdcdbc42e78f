"""What the browser needs and several kinds of pages share: scripts, styles, the icon."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def copy_assets(folder: Path, package: str) -> None:
    """Make ``folder`` with the shared assets and those of a page's own.

    Args:
        folder: does not exist yet.
        package: the page's package, whose folder ``assets`` holds its own.
    """
    folder.mkdir()
    own = resources.files(package).joinpath("assets")
    for place in (resources.files(__package__), own):
        for entry in place.iterdir():
            if entry.name.endswith((".js", ".css", ".svg")):
                (folder / entry.name).write_bytes(entry.read_bytes())
