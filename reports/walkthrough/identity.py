"""Names for steps that stay the same when the same release is recorded or rendered again."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from reports.walkthrough.call_index import CallIndex
from reports.way import Hop, Run

if TYPE_CHECKING:
    from reports.walkthrough.backbone import Stop

_IDENTIFIER = re.compile(
    r"(?:req-)?\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b|(?<=[/=])\d+\b|\b[0-9a-f]{24,}\b"
)
_QUERY = re.compile(r"\?\S*")
_LENGTH = 10


def without_identifiers(what: str) -> str:
    """What travelled (``GET /servers/1f…``), with the parts that differ from request to request as ``*``."""
    return _IDENTIFIER.sub("*", _QUERY.sub("", what))


class StepNames:
    """Gives each step its id: a hash of the functions on its causal path, and which of equal ones it is.

    The path is made of the functions at which the request entered each thread or process, with what
    travelled, and the step's own function: frames in between may change from run to run (a cache that is
    filled, a retry), the way of the work does not.

    Args:
        index: the request.
    """

    def __init__(self, index: CallIndex) -> None:
        self._index = index
        self._seen: dict[str, int] = {}
        self._hops = {id(hop.run): hop for hop in index.way.hops}
        self._paths: dict[int, str] = {}

    def step(self, stop: Stop) -> str:
        """The id of the step that shows ``stop``.

        Where a note says what it is about, that names it: it may be reached on another way the next time.
        """
        if not stop.notes:
            return self.name(stop.index, stop.run)
        anchor = stop.notes[0].anchor
        return self.of(f"note {anchor.function}\n{anchor.caller}")

    def name(self, span: int, run: Run) -> str:
        """The id of the step that shows the span at index ``span``, which ran in ``run``."""
        path = f"{self._path(run)}\n{self._index.function_id(span)}"
        return self.of(path)

    def of(self, path: str) -> str:
        """The id for any path."""
        occurrence = self._seen[path] = self._seen.get(path, 0) + 1
        return hashlib.sha256(f"{path}\n{occurrence}".encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]

    def _path(self, run: Run) -> str:
        known = self._paths.get(id(run))
        if known is None:
            hop: Hop | None = self._hops.get(id(run))
            above = self._path(run.source) if run.source is not None else ""
            entry = self._index.function_id(run.bottom.id - 1)
            by = f"{hop.link} {without_identifiers(hop.what)}" if hop else ""
            known = self._paths[id(run)] = f"{above}\n{run.service} {by} {entry}"
        return known
