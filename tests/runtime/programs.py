"""Small programs that stand for real ones on PATH."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def put_program(folder: Path, name: str, script: str) -> Path:
    """Write an executable shell script.

    Args:
        folder: where; made if missing.
        name: the program's name.
        script: the script without its first line.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def put_first_on_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let programs in ``folder`` be found before all others."""
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
