"""What to do with an exception inside the probe: disable the probe, leave a note, let the service go on."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

_disable: list[Callable[[str], None]] = []


def on_failure(disable: Callable[[str], None]) -> None:
    """Have ``disable`` called, with what was being done, when something in the probe fails."""
    _disable[:] = [disable]


def failed(error: Exception, doing: str) -> None:
    """Handle ``error``, caught in the probe while it was ``doing`` something.

    An exception that was raised outside of the probe's code, such as by a signal handler that happened to
    run there, is the
    service's own and is raised again. The C extension's own have no traceback.
    """
    if error.__traceback__ is not None and not _raised_in_probe(error.__traceback__):
        raise error
    for disable in _disable:
        disable(doing)


def _raised_in_probe(traceback: TracebackType | None) -> bool:
    module = ""
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        traceback = traceback.tb_next
    return module.startswith(__name__.rpartition(".")[0])
