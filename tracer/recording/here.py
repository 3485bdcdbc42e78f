"""Recording calls made in this very process, as a test does it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ParamSpec, TypeVar

from tracer.model.request_tree import RequestTree
from tracer.recording.gather import read_spools
from tracer.recording.probe import session
from tracer.recording.probe.activation import activate
from tracer.recording.stitching import Occasion, stitch
from tracer.recording.switch import new_trace_id

P = ParamSpec("P")
T = TypeVar("T")


class RecorderHere:
    """Records calls in this process; there may be one in a process, and what it records is settled with it.

    Args:
        service: the lane's name.
        folders: what lies below them is recorded, but for installed packages.
        packages: what else is recorded.
    """

    def __init__(self, service: str, folders: tuple[Path, ...], packages: tuple[str, ...] = ()) -> None:
        self._spool_dir = Path(mkdtemp(prefix="stackwalk-spools-"))
        activate(
            {
                "STACKWALK_SERVICE": service,
                "STACKWALK_SPOOL_DIR": str(self._spool_dir),
                "STACKWALK_FOLDERS": os.pathsep.join(str(folder.resolve()) for folder in folders),
                "STACKWALK_PACKAGES": ",".join(packages or ("__main__",)),
                "STACKWALK_VALUES": "none",
            }
        )

    def run(
        self,
        keep: Callable[[RequestTree], None],
        function: Callable[P, T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call ``function`` under the recorder.

        Args:
            keep: is given the request tree, also when ``function`` raises; its root is ``function``.
            function: a Python function.

        Returns:
            What ``function`` returns; its exceptions pass through.
        """
        trace_id = new_trace_id()
        try:
            result: Any = session.run_as_root(trace_id, function, args, kwargs)
            return result  # type: ignore[no-any-return]
        finally:
            spools = read_spools(self._spool_dir, trace_id)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            occasion = Occasion("test", f"{function.__module__}:{function.__qualname__}", now, {})
            keep(stitch(spools.records, occasion, living=spools.living, notices=spools.notices))

    def close(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self._spool_dir, ignore_errors=True)
