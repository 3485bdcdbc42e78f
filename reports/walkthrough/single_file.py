"""The whole walkthrough in one HTML file, still without inline script that is not our own.

The scripts stand in the page and are allowed by their hashes alone; data are blocks of JSON, which no browser
runs.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

_RECEIVED = re.compile(
    r'\Astackwalk\.receive\("(?P<kind>[a-z]+)",(?P<key>\d+),(?P<data>.*)\);\n\Z', re.DOTALL
)


@dataclass(frozen=True)
class SingleFile:
    """What goes into the page, and the policy that allows exactly that."""

    style: Markup
    theme: Markup
    script: Markup
    data: list[tuple[str, Markup]]
    policy: str


def gathered(folder: Path, scripts: Sequence[str], styles: Sequence[str]) -> SingleFile:
    """Gather the scripts, styles and data that were written into ``folder``."""
    assets = folder / "assets"
    style = "\n".join((assets / name).read_text("utf-8") for name in styles)
    theme = (assets / "theme.js").read_text("utf-8")
    script = "\n".join((assets / name).read_text("utf-8") for name in scripts)
    data = []
    for path in sorted((folder / "data").glob("*.js")):
        found = _RECEIVED.match(path.read_text("ascii"))
        assert found is not None
        # written by write_data, which leaves no "<" in it
        data.append((f"data-{found['kind']}-{found['key']}", Markup(found["data"])))  # noqa: S704
    policy = (
        f"default-src 'none'; script-src {_hash(theme)} {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # our own files, none of which closes its element
    return SingleFile(Markup(style), Markup(theme), Markup(script), data, policy)  # noqa: S704


def clear(folder: Path) -> None:
    """Remove what is in the page now."""
    shutil.rmtree(folder / "data")
    shutil.rmtree(folder / "assets")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
