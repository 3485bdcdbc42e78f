"""The versions of the recorded packages, read from the names of their metadata folders."""

from __future__ import annotations

import os
import sys

_DECORATIONS = ("", "openstack_", "python_")


def chosen_versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Distribution name to version for those of ``packages`` (dotted names) that are loaded in this
    process."""
    found: dict[str, str] = {}
    for package in {name.partition(".")[0] for name in packages}:
        file = getattr(sys.modules.get(package), "__file__", None)
        if not isinstance(file, str):
            continue
        folder = file.rpartition("/")[0]
        if file.endswith("/__init__.py"):
            folder = folder.rpartition("/")[0]
        installed = _distributions(folder)
        for name in (*(f"{before}{package}" for before in _DECORATIONS), f"{package}_python"):
            found.update(installed.get(name, ()))
    return found


_folders: dict[str, dict[str, list[tuple[str, str]]]] = {}


def _distributions(folder: str) -> dict[str, list[tuple[str, str]]]:
    """The names and versions that stand beside what was imported from ``folder``, by the name in lower case;
    looked up once, as what is loaded stays as it is."""
    if folder not in _folders:
        found = _folders[folder] = {}
        try:
            names = os.listdir(folder)  # noqa: PTH208
        except OSError:
            names = []
        for name in names:
            if name.endswith(".dist-info"):
                distribution, _, version = name.removesuffix(".dist-info").rpartition("-")
                found.setdefault(distribution.lower(), []).append((distribution, version))
    return _folders[folder]
