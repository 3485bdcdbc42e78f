"""The recorder's C part: built for each Python that is to be traced, once, into the user's cache.

Services run on a Python of their own, so what an installation of this project builds would not do. Where no
compiler or no headers are there nothing is lost but speed: the probe takes its callbacks in Python, and the
recording says which collector each process used.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tracer.terminal.progress import Steps

SOURCES = Path(__file__).parent / "probe" / "native"
SUPPORTED = ((3, 12), (3, 13))
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-semantic-interposition", "-pthread")
ASK = """
import json, sys, sysconfig
print(json.dumps({
    "version": sys.version_info[:2],
    "implementation": sys.implementation.name,
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "include": sysconfig.get_path("include"),
    "file": sys.implementation.cache_tag + "/_native" + (sysconfig.get_config_var("EXT_SUFFIX") or ".so"),
}))
"""
"""Asked of the Python for which the C part is built."""

BUILD_TIMEOUT_S = 120


@dataclass(frozen=True)
class Extension:
    """The C part for one Python.

    Args:
        file: where it is; None where there is none.
        lacks: why there is none, in a few words; empty where there is.
        remedy: what to do about it; empty where nothing can be done.
    """

    file: Path | None
    lacks: str = ""
    remedy: str = ""


def extension_folder() -> Path:
    """Where the C parts made from the present sources are: the probe looks for its Python's below."""
    base = os.environ.get("STACKWALK_CACHE")
    if not base:
        base = str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stackwalk")
    return Path(base).absolute() / "native" / _sources_digest()


@cache
def _sources_digest() -> str:
    digest = hashlib.sha256(repr(FLAGS).encode())
    for source in sorted(SOURCES.glob("*.[ch]")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def look_for_extension(python: Path) -> Extension:
    """The C part for ``python`` where it is built already, else what is in the way of building it.

    Args:
        python: an interpreter; may be a virtual environment's.
    """
    return _examine(python).extension


def ensure_extension(python: Path, shown: Steps | None = None) -> Extension:
    """Build the C part for ``python``, unless that was done before.

    Args:
        python: an interpreter; may be a virtual environment's.
        shown: where to say that it is being built, or cannot be.

    Returns:
        The C part, or why there is none; never raises for that.
    """
    plan = _examine(python)
    extension = plan.extension
    if plan.compiler:
        with shown.step(f"Build the recorder's C part for Python {plan.version}") if shown else nullcontext():
            extension = _build(plan)
    if shown and extension.file is None:
        shown.say(f"The recorder works without its C part, more slowly: {extension.lacks}.")
    return extension


@dataclass(frozen=True)
class _Plan:
    """What there is, and what to build it with where it can be built."""

    extension: Extension
    version: str = ""
    compiler: str = ""
    include: Path = Path()
    file: Path = Path()


def _examine(python: Path) -> _Plan:
    try:
        asked = subprocess.run(
            [str(python), "-I", "-S", "-c", ASK], capture_output=True, text=True, timeout=60, check=True
        )
        facts = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return _Plan(Extension(None, f"{python} does not answer"))
    version = ".".join(map(str, facts["version"]))
    known = facts["implementation"] == "cpython" and tuple(facts["version"]) in SUPPORTED
    if not known or facts["free_threaded"]:
        return _Plan(Extension(None, f"there is none for this kind of Python ({version})"))
    file = extension_folder() / facts["file"]
    if file.exists():
        return _Plan(Extension(file), version)
    compiler = next((found for name in COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        return _Plan(Extension(None, "no C compiler was found", "install gcc (or clang)"), version)
    include = Path(facts["include"])
    if not (include / "internal" / "pycore_frame.h").exists():
        lacks = f"Python {version}'s headers are not there ({include})"
        return _Plan(Extension(None, lacks, f"install python{version}-dev"), version)
    return _Plan(Extension(None, "it is not built yet"), version, compiler, include, file)


def _build(plan: _Plan) -> Extension:
    compiler, include, file = plan.compiler, plan.include, plan.file
    sources = sorted(str(source) for source in SOURCES.glob("*.c"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Built aside and moved: several may build at once, and none sees half a file.
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            built = Path(folder) / file.name
            done = subprocess.run(
                [compiler, *FLAGS, f"-I{include}", *sources, "-o", str(built)],
                capture_output=True,
                text=True,
                timeout=BUILD_TIMEOUT_S,
                check=False,
            )
            if done.returncode != 0:
                complaint = next((line for line in done.stderr.splitlines() if "error" in line), "it failed")
                return Extension(None, f"{compiler} could not build it: {complaint}")
            built.replace(file)
    except (OSError, subprocess.SubprocessError) as error:
        return Extension(None, f"it could not be built: {error}")
    return Extension(file)
