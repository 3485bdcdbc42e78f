"""The recorder's C part: built for each Python that is to be traced, once, into the user's cache.

Services run on a Python of their own, so what an installation of this project builds would not do. Where no
compiler or no headers are there nothing is lost but speed: the probe takes its callbacks in Python, and the
recording says which collector each process used.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import nullcontext
from pathlib import Path

from tracer.compiling import Extension, Plan, build, folder_of, plan
from tracer.terminal.progress import Steps

SOURCES = Path(__file__).parent / "probe" / "native"
SUPPORTED = ((3, 12), (3, 13))
FLAGS = ("-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-semantic-interposition", "-pthread")
BOOT = Path(__file__).parent / "probe" / "boot" / "sitecustomize.py"
ASK = """
import json, py_compile, sys, sysconfig
try:
    py_compile.compile(sys.argv[1])
except OSError:
    pass
print(json.dumps({
    "version": sys.version_info[:2],
    "implementation": sys.implementation.name,
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "include": sysconfig.get_path("include"),
    "file": sys.implementation.cache_tag + "/_native" + (sysconfig.get_config_var("EXT_SUFFIX") or ".so"),
}))
"""
"""Asked of the Python for which the C part is built. It also compiles what every process under the probe
loads: where processes are told to keep no compiled files, each small program would do so anew."""


def extension_folder() -> Path:
    """Where the C parts made from the present sources are: the probe looks for its Python's below."""
    return folder_of(SOURCES, FLAGS)


def look_for_extension(python: Path) -> Extension:
    """The C part for ``python`` where it is built already, else what is in the way of building it.

    Args:
        python: an interpreter; may be a virtual environment's.
    """
    return _examine(python)[0].extension


def ensure_extension(python: Path, shown: Steps | None = None) -> Extension:
    """Build the C part for ``python``, unless that was done before.

    Args:
        python: an interpreter; may be a virtual environment's.
        shown: where to say that it is being built, or cannot be.

    Returns:
        The C part, or why there is none; never raises for that.
    """
    made, version = _examine(python)
    extension = made.extension
    if made.compiler:
        with shown.step(f"Build the recorder's C part for Python {version}") if shown else nullcontext():
            extension = build(made, SOURCES, FLAGS)
    if shown and extension.file is None:
        shown.say(f"The recorder works without its C part, more slowly: {extension.lacks}.")
    return extension


def _examine(python: Path) -> tuple[Plan, str]:
    """What there is for ``python``, and its version."""
    try:
        asked = subprocess.run(
            [str(python), "-I", "-S", "-c", ASK, str(BOOT)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        facts = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return Plan(Extension(None, f"{python} does not answer")), ""
    version = ".".join(map(str, facts["version"]))
    known = facts["implementation"] == "cpython" and tuple(facts["version"]) in SUPPORTED
    if not known or facts["free_threaded"]:
        supported = " or ".join(".".join(map(str, one)) for one in SUPPORTED)
        lacks = f"there is none for this kind of Python ({version})"
        return Plan(Extension(None, lacks, f"use CPython {supported}")), version
    file = extension_folder() / facts["file"]
    return plan(file, version, Path(facts["include"]), "internal/pycore_frame.h"), version
