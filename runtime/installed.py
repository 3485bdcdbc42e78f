"""The environment that the bootstrap has made for the services, as the running project finds it."""

from __future__ import annotations

import platform
from pathlib import Path

from runtime.environment import StackEnvironment
from runtime.provisioning import environments
from runtime.provisioning.console import SetupError
from tracer.terminal.errors import UserError

REMEDY = "run `python3 -m runtime.bootstrap` in the checkout (`make walkthrough` and `make test` do it first)"


def stack_environment(cache: Path | None = None) -> StackEnvironment:
    """The complete stack's environment that goes with this Python, this libvirt and the present lock file.

    Args:
        cache: the cache's folder; default as in `environments.cache_folder`.

    Raises:
        UserError: there is none, or its installation was interrupted.
    """
    version = ".".join(platform.python_version_tuple()[:2])
    try:
        libvirt = environments.libvirt_version()
    except SetupError as error:
        raise UserError(error.message, error.remedy, details=error.details) from error
    folder = environments.stack_environment_folder(version, libvirt, cache)
    if not (folder / environments.STAMP).exists():
        raise UserError(f"The stack's Python environment is not there, or not complete ({folder}).", REMEDY)
    return StackEnvironment(folder)
