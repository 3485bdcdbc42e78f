"""Becoming root for what only root may do, and giving files back to the person who asked."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

from tracer.terminal.errors import UserError

KEPT_VARIABLES = (
    "STACKWALK_CACHE",
    "HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "TERM",
    "NO_COLOR",
)


def become_root() -> None:
    """Run the current command again through sudo, unless it runs as root already.

    The person's HOME is kept, so the same folders are used.

    Raises:
        UserError: there is no sudo.
    """
    if os.geteuid() == 0:
        return
    sudo = shutil.which("sudo")
    if sudo is None:
        raise UserError(
            "The stack needs root (for its network and libvirtd), and this machine has no sudo",
            "Run the command as root, install sudo, or use `--embedded`.",
        )
    sys.stdout.flush()
    os.execv(sudo, as_root(sudo))  # noqa: S606 - a list of arguments, no shell


def as_root(sudo: str) -> list[str]:
    """The current command line, run again through ``sudo``."""
    kept = [f"{name}={os.environ[name]}" for name in KEPT_VARIABLES if name in os.environ]
    # Compiled modules that root leaves in the person's own environment could not be removed by them.
    return [sudo, "--", "env", *kept, "PYTHONDONTWRITEBYTECODE=1", sys.executable, *sys.orig_argv[1:]]


def hand_back(*folders: Path, but: Collection[Path] = ()) -> None:
    """Give all files in folders to the person who called sudo; does nothing without sudo.

    Args:
        folders: whose files.
        but: files that stay root's.
    """
    if os.geteuid() != 0 or "SUDO_UID" not in os.environ:
        return
    owner, group = int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"])
    for folder in folders:
        for path in {folder, *folder.rglob("*")}.difference(but):
            # Services make and remove files all the time, and a network namespace belongs to nobody.
            with contextlib.suppress(FileNotFoundError, PermissionError):
                os.lchown(path, owner, group)
