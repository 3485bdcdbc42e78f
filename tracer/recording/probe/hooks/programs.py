"""Programs started with ``subprocess``: a child that only exists to become another program runs nothing of the trace.

Programs that are Python under the probe's environment record what reaches them by messages of their own.
"""

from __future__ import annotations

from typing import Any

from ..attach import Attach, replace
from ..session import Session
from ..tracing import current_context


def hooks(session: Session) -> dict[str, Attach]:
    """The hook of ``subprocess``."""
    return {"subprocess": _attach}


def _attach(module: Any) -> None:
    def make(original: Any) -> Any:
        def _execute_child(*args: Any, **kwargs: Any) -> Any:
            before = current_context.get()
            if before is None:
                return original(*args, **kwargs)
            current_context.set(None)
            try:
                return original(*args, **kwargs)
            finally:
                current_context.set(before)

        return _execute_child

    replace(module.Popen, "_execute_child", make)
