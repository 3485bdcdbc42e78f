"""Notes the probe leaves when something in it fails: it must not break, print in or slow the service it
sits in."""

from __future__ import annotations

import os
import traceback

FOLDER = "probe-notes"


def leave_note(spool_dir: str, service: str, what: str) -> None:
    """Append ``what`` and the exception being handled to this process's note in ``spool_dir``; never
    raises."""
    try:
        folder = f"{spool_dir}/{FOLDER}"
        os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - pathlib is not loaded in services for this
        path = f"{folder}/{service}-{os.getpid()}.txt"
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        try:
            os.write(descriptor, f"{what}\n{traceback.format_exc()}\n".encode("utf-8", "backslashreplace"))
        finally:
            os.close(descriptor)
    except BaseException:  # noqa: S110 - a probe that cannot even write has nobody left to tell
        pass
