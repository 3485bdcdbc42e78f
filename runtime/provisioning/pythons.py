"""Finds the Python that the environments are made with, by running each candidate."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PREFERENCE = ("3.12", "3.13", "3.11")
"""Versions that the services support, best first: from 3.12 on the recorder uses `sys.monitoring`."""

PROBE = """
import importlib.util, json, os, sys, sysconfig
have = lambda name: importlib.util.find_spec(name) is not None
paths = sysconfig.get_paths()
print(json.dumps({
    "version": "%d.%d" % sys.version_info[:2],
    "release": "%d.%d.%d" % sys.version_info[:3],
    "executable": getattr(sys, "_base_executable", sys.executable),
    "system": sys.base_prefix == "/usr",
    "headers": os.path.exists(os.path.join(paths["include"], "Python.h")),
    "venv": have("venv") and have("ensurepip"),
    "modules": all(have(name) for name in ("_ssl", "_sqlite3", "_ctypes", "zlib")),
}))
"""


class Python(NamedTuple):
    """One interpreter that ran: where it is and what it can do."""

    executable: str
    version: str
    release: str
    system: bool
    headers: bool
    venv: bool
    modules: bool

    @property
    def is_usable(self) -> bool:
        """Whether environments can be made with it as it is, or once its Debian packages are completed."""
        return self.version in PREFERENCE and self.modules and (self.system or (self.headers and self.venv))

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be installed before environments can be made with it."""
        return self.is_usable and self.headers and self.venv


def candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    """Paths that may be a suitable Python: on PATH first, then where version managers put them."""
    folders = [Path(folder) for folder in environment.get("PATH", "").split(os.pathsep) if folder]
    for version in PREFERENCE:
        for folder in [*folders, Path("/usr/local/bin"), Path("/usr/bin")]:
            yield folder / f"python{version}"
    for folder in [*folders, Path("/usr/bin")]:
        yield folder / "python3"
    homes = {Path("~").expanduser(), Path(pwd.getpwuid(os.getuid()).pw_dir)}
    roots = {home / ".pyenv" for home in homes} | {
        folder.parent for folder in folders if folder.name == "shims"
    }
    if environment.get("PYENV_ROOT"):
        roots.add(Path(environment["PYENV_ROOT"]))
    patterns = [
        *((root, "versions/*/bin/python3") for root in sorted(roots)),
        *((home, ".local/share/uv/python/*/bin/python3") for home in sorted(homes)),
        (Path("/opt"), "python*/bin/python3"),
        (Path("/opt"), "python/*/bin/python3"),
    ]
    for root, pattern in patterns:
        with contextlib.suppress(OSError):
            yield from sorted(root.glob(pattern), reverse=True)


def examine(path: str | Path) -> Python | None:
    """Run the interpreter at ``path`` and see what it is; None when it does not run."""
    try:
        finished = subprocess.run(
            [str(path), "-I", "-c", PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
        if finished.returncode != 0:
            return None
        found = json.loads(finished.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return Python(
        executable=found["executable"] or str(path),
        version=found["version"],
        release=found["release"],
        system=found["system"],
        headers=found["headers"],
        venv=found["venv"],
        modules=found["modules"],
    )


def choose(environment: Mapping[str, str]) -> Python | None:
    """The best usable Python of this machine, or None.

    A better version wins over a worse one; within a version, one that lacks nothing over one that needs
    packages.
    """
    seen: set[Path] = set()
    found: list[Python] = []
    for path in candidates(environment):
        if not os.access(path, os.X_OK) or path.resolve() in seen:
            continue
        if path.parent.name != "shims":
            # A version manager's shims are all one file that becomes another Python by its name.
            seen.add(path.resolve())
        python = examine(path)
        if python is not None and python.is_usable:
            if python.version == PREFERENCE[0] and python.is_complete:
                return python
            found.append(python)
    found.sort(key=lambda python: (PREFERENCE.index(python.version), not python.is_complete))
    return found[0] if found else None
