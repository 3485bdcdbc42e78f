"""The Pythons of this machine that the recorder is tried on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")


@cache
def pythons() -> dict[str, str]:
    """One interpreter of each version that is there, by its version; this one comes first."""
    found = {"{}.{}".format(*sys.version_info[:2]): sys.executable}
    for version in VERSIONS:
        if version not in found:
            answers = (_ask(path) for path in _candidates(version))
            path = next((path for answered, path in answers if answered == version), None)
            if path is not None:
                found[version] = path
    return found


def _candidates(version: str) -> Iterator[str]:
    for folder in map(Path, os.get_exec_path()):
        yield str(folder / f"python{version}")
        if folder.name == "shims":  # pyenv's, which run only those that the user has switched on
            yield from map(str, sorted(folder.parent.glob(f"versions/{version}.*/bin/python{version}")))


def _ask(path: str) -> tuple[str, str]:
    """The version of a Python and where it really is; empty where it does not answer."""
    if not os.access(path, os.X_OK):
        return "", ""
    asked = subprocess.run(
        [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"],
        capture_output=True,
        text=True,
        check=False,
    )
    version, _, executable = asked.stdout.strip().partition(" ")
    return version, executable
