"""Functions and where they stand in the source."""

from __future__ import annotations

import msgspec


class Function(msgspec.Struct, frozen=True, gc=False):
    """One function, method, lambda, comprehension or module body.

    ``id`` is ``module:qualname`` exactly as Python gives it at run time (``f.__module__`` and
    ``code.co_qualname``), so that what is read and what is recorded are joined by equality.
    ``file`` is relative to the source root (``nova/compute/manager.py``), ``line`` the 1-based line
    of ``def`` (for a decorated function: of its first decorator, as in ``code.co_firstlineno``);
    neither is part of the identity. A native function (C) has an empty file and line 0.
    """

    id: str
    file: str = ""
    line: int = 0

    @property
    def module(self) -> str:
        """The dotted module name before the colon."""
        return self.id.partition(":")[0]

    @property
    def qualname(self) -> str:
        """The qualified name after the colon (``ComputeManager.init_host``, ``f.<locals>.g``)."""
        return self.id.partition(":")[2]
