"""The collector whose callbacks are C (``native/``); there where the extension was built for this Python."""

from __future__ import annotations

from .capture import Capture
from .collector import Collector, Owner
from .functions import FunctionTable


def native_collector(functions: FunctionTable, capture: Capture, owner: Owner) -> Collector | None:
    """The collector, or None where there is no extension that fits this interpreter."""
    return None
