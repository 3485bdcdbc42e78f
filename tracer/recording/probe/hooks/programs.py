"""Programs started with ``subprocess``: a child that only exists to become another program runs nothing of
the trace.

Programs that are Python under the probe's environment record what reaches them by messages of their own.
"""

from __future__ import annotations

from typing import Any

from ..attach import Attach, replace
from ..session import Session
from ..tracing import outside_of_traces


def hooks(session: Session) -> dict[str, Attach]:
    """The hook of ``subprocess``."""
    return {"subprocess": _attach}


def _attach(module: Any) -> None:
    def make(original: Any) -> Any:
        def _execute_child(*args: Any, **kwargs: Any) -> Any:
            with outside_of_traces():
                return original(*args, **kwargs)

        return _execute_child

    replace(module.Popen, "_execute_child", make)
