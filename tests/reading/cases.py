"""The programs of the corpus and what each says of itself.

A program is a file ``corpus/<group>/<name>.py``, or a folder ``corpus/<group>/<name>/`` whose ``main.py``
is where it starts (``drive.py``, if there is one: a driver that is run but not read). Comment lines at the
top of the starting file may hold:

- ``# also: CALLER -> CALLEE``: an edge the source has but this run does not take.
- ``# needs: MODULE``: a library that has to be there to run it.
- ``# python: 3.13``: the oldest Python that can run it.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from tests.reading.execution import Edge, executed_edges

CORPUS = Path(__file__).with_name("corpus")


@dataclass(frozen=True)
class Case:
    """One program: ``name`` is ``group/name``, ``path`` the file or folder that is read."""

    name: str
    path: Path

    @property
    def root(self) -> Path:
        """The folder that module names start from."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def start(self) -> Path:
        """The file that running the program starts with."""
        if self.path.is_file():
            return self.path
        drive = self.path / "drive.py"
        return drive if drive.exists() else self.path / "main.py"

    @cached_property
    def _header(self) -> list[tuple[str, str]]:
        said = []
        for line in self.start.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                break
            key, colon, value = line[1:].partition(":")
            if colon:
                said.append((key.strip(), value.strip()))
        return said

    def _all(self, key: str) -> list[str]:
        return [value for name, value in self._header if name == key]

    @property
    def also(self) -> set[Edge]:
        """Edges that the source has and its run does not take."""
        edges = set()
        for line in self._all("also"):
            caller, _, callee = line.partition(" -> ")
            edges.add((caller.strip(), callee.strip()))
        return edges

    @property
    def cannot_run(self) -> str:
        """Why the program cannot be run here, or an empty string."""
        missing = [name for name in self._all("needs") if find_spec(name) is None]
        if missing:
            return f"{', '.join(missing)} not installed"
        oldest = max(self._all("python"), default="")
        if oldest and sys.version_info < tuple(int(part) for part in oldest.split(".")):
            return f"needs Python {oldest}"
        return ""

    def truth(self) -> dict[Edge, set[str]]:
        """The edges that running the program takes, and those it says it has beside them."""
        needed = self._all("needs")
        if any(name.startswith("oslo") for name in needed):
            _run_oslo_services_in_threads()
        for name in needed:
            importlib.import_module(name)
        edges = executed_edges([self.root], self.start.stem, unread=("drive.py",))
        for edge in self.also:
            edges.setdefault(edge, set())
        return edges


def _run_oslo_services_in_threads() -> None:
    from oslo_service import backend

    backend.init_backend(backend.BackendType.THREADING)


def all_cases() -> list[Case]:
    """Every program of the corpus in order of name."""
    cases = []
    for group in sorted(CORPUS.iterdir()):
        for path in sorted(group.iterdir()):
            if path.suffix == ".py" or (path / "main.py").exists():
                cases.append(Case(f"{group.name}/{path.stem}", path))
    return cases
