"""Switching the probe on: the environment a traced service needs, and starting a trace inside a probed
process."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from tracer.recording.extension import extension_folder
from tracer.recording.private_file import create_private
from tracer.recording.probe.authority import KEY_BYTES
from tracer.recording.probe.mask_file import MaskFileError, read_mask_file
from tracer.recording.probe.settings import DEFAULT_PACKAGES
from tracer.terminal.errors import UserError

P = ParamSpec("P")
T = TypeVar("T")

ValueMode = Literal["none", "ids", "short"]
BOOT_FOLDER = Path(__file__).parent / "probe" / "boot"


def probe_environment(
    service: str,
    spool_dir: Path,
    *,
    packages: tuple[str, ...] = DEFAULT_PACKAGES,
    values: ValueMode = "short",
    mask: Path | None = None,
    key_file: Path | None = None,
) -> dict[str, str]:
    """The variables that make a Python process load the probe, to be merged into its environment.

    Args:
        service: the lane's name (``nova-compute``).
        spool_dir: folder (absolute) for spool files; made when the first trace arrives.
        packages: dotted names; a module is recorded if it is one of them or lies below one.
        values: how much of arguments and results is captured.
        mask: a file with more rules for what is withheld, checked here.
        key_file: the key by which requests may switch recording on, made where there is none;
            `default_key_file` unless given. Processes that are to hand traces on to each other over HTTP
            need the same one.

    Returns:
        ``PYTHONPATH`` (the probe's folder before what is there already) and ``STACKWALK_*``. The process
        stays
        dormant until a request with a sampled ``traceparent`` reaches it.
    """
    inherited = os.environ.get("PYTHONPATH", "")
    search = [
        str(BOOT_FOLDER),
        *(part for part in inherited.split(os.pathsep) if part and part != str(BOOT_FOLDER)),
    ]
    variables = {
        "PYTHONPATH": os.pathsep.join(search),
        "STACKWALK_SERVICE": service,
        "STACKWALK_SPOOL_DIR": str(spool_dir.absolute()),
        "STACKWALK_PACKAGES": ",".join(packages),
        "STACKWALK_VALUES": values,
        "STACKWALK_KEY_FILE": str(made_key(key_file or default_key_file(spool_dir))),
        "STACKWALK_NATIVE": str(extension_folder()),
    }
    if mask is not None:
        variables["STACKWALK_MASK"] = str(checked_mask(mask))
    return variables


def default_key_file(spool_dir: Path) -> Path:
    """Where the key of the processes that record into ``spool_dir`` is: beside it, as it is no recording."""
    return spool_dir.absolute().with_name(spool_dir.name + ".key")


def made_key(file: Path) -> Path:
    """Make sure that there is a key in ``file``, drawn anew and readable by its owner only if there was none.

    Raises:
        UserError: it cannot be written.
    """
    if file.exists():
        return file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another process was quicker
            create_private(file, secrets.token_hex(KEY_BYTES) + "\n")
    except OSError as error:
        raise UserError(f"The key {file} cannot be written: {error.strerror or error}.") from error
    return file


def checked_mask(file: Path) -> Path:
    """The absolute path of a file with more rules for what is withheld.

    Raises:
        UserError: its rules cannot be used.
    """
    try:
        read_mask_file(str(file))
    except MaskFileError as error:
        raise UserError(f"{error}.", "docs/recording.md shows such a file.") from None
    return file.absolute()


def new_trace_id() -> str:
    """A fresh trace id: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def traced_call(trace_id: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call ``function`` as the root of a traced request; what it sends carries the trace on.

    Must run in a process that was started with `probe_environment`. When it returns, this process's
    spool of the trace is complete on disk.

    Args:
        trace_id: from `new_trace_id`.
        function: a Python function; it becomes the root span.

    Returns:
        What ``function`` returns; its exceptions pass through.

    Raises:
        UserError: the probe is not loaded in this process, or has switched itself off.
    """
    session: Any = sys.modules.get("stackwalk_probe.session")
    ready = getattr(session, "ready", None)
    if ready is None or not ready():
        raise UserError(
            "This process does not run under the probe, so it cannot start a trace.",
            "Start it with the environment that `probe_environment` gives.",
        )
    result: T = session.run_as_root(trace_id, function, args, kwargs)
    return result
