"""Loggers: what is given to them is written down and never called."""

from __future__ import annotations

from tracer.reading.flow.objects import Call, External, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "log")


class Logs(RuleBase):
    """Methods of what ``getLogger`` returns."""

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for level in _LEVELS:
            engine.method_models[level] = self._write

    def _write(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        if "getLogger()." not in value.dotted:
            return False
        self.leads_out(call, value.dotted)
        return True
