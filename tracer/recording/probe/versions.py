"""The versions of the recorded packages, read from the names of their metadata folders."""

from __future__ import annotations

import os
import sys

_DECORATIONS = ("", "openstack_", "python_")


def chosen_versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Distribution name to version for those of ``packages`` (dotted names) that are loaded in this
    process."""
    found: dict[str, str] = {}
    folders: dict[str, list[str]] = {}
    for package in {name.partition(".")[0] for name in packages}:
        file = getattr(sys.modules.get(package), "__file__", None)
        if not isinstance(file, str):
            continue
        folder = file.rpartition("/")[0]
        if file.endswith("/__init__.py"):
            folder = folder.rpartition("/")[0]
        if folder not in folders:
            try:
                folders[folder] = [name for name in os.listdir(folder) if name.endswith(".dist-info")]  # noqa: PTH208
            except OSError:
                folders[folder] = []
        for name in folders[folder]:
            distribution, _, version = name.removesuffix(".dist-info").rpartition("-")
            if distribution.lower() in {f"{before}{package}" for before in _DECORATIONS} | {
                f"{package}_python"
            }:
                found[distribution] = version
    return found
