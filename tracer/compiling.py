"""Parts of this program that are written in C: built where there is a compiler, once, into the user's cache.

Each has a twin in Python that does the same, so where one cannot be built nothing is lost but speed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COMPILERS = ("cc", "gcc", "clang")
_TIMEOUT_S = 120


@dataclass(frozen=True)
class Extension:
    """A C part for one Python.

    Args:
        file: where it is; None where there is none.
        lacks: why there is none, in a few words; empty where there is.
        remedy: what to do about it; empty where nothing can be done.
    """

    file: Path | None
    lacks: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Plan:
    """What there is of a C part, and what to build it with where it can be built.

    Args:
        extension: what there is, or what is in the way of building it.
        compiler: what to build it with; empty where nothing is to be built.
        include: where Python's headers are.
        file: where it is to be.
    """

    extension: Extension
    compiler: str = ""
    include: Path = Path()
    file: Path = Path()


def folder_of(sources: Path, flags: Sequence[str]) -> Path:
    """Where what is made of the C files in ``sources`` with ``flags`` is kept, a folder of its own."""
    base = os.environ.get("STACKWALK_CACHE")
    if not base:
        base = str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stackwalk")
    digest = hashlib.sha256(repr(tuple(flags)).encode())
    for source in sorted(sources.glob("*.[ch]")):
        digest.update(source.read_bytes())
    return Path(base).absolute() / "native" / digest.hexdigest()[:16]


def plan(file: Path, version: str, include: Path, header: str) -> Plan:
    """What is to be done to have ``file``.

    Args:
        file: where the C part is, or is to be.
        version: of the Python that it is for.
        include: where that Python's headers are.
        header: one of them, without which it cannot be built.
    """
    if file.exists():
        return Plan(Extension(file))
    compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        return Plan(Extension(None, "no C compiler was found", "install gcc (or clang)"))
    if not (include / header).exists():
        lacks = f"Python {version}'s headers are not there ({include})"
        return Plan(Extension(None, lacks, f"install python{version}-dev"))
    return Plan(Extension(None, "it is not built yet"), compiler, include, file)


def build(made: Plan, sources: Path, flags: Sequence[str]) -> Extension:
    """Compile the C files in ``sources`` with ``flags``, if ``made`` asks for it.

    Returns:
        The C part, or why there is none; never raises for that.
    """
    if not made.compiler:
        return made.extension
    file = made.file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Built aside and moved: several may build at once, and none sees half a file.
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            built = Path(folder) / file.name
            files = sorted(str(source) for source in sources.glob("*.c"))
            done = subprocess.run(
                [made.compiler, *flags, f"-I{made.include}", *files, "-o", str(built)],
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
            if done.returncode != 0:
                complaint = next((line for line in done.stderr.splitlines() if "error" in line), "it failed")
                return Extension(None, f"{made.compiler} could not build it: {complaint}")
            built.replace(file)
    except (OSError, subprocess.SubprocessError) as error:
        return Extension(None, f"it could not be built: {error}")
    return Extension(file)
