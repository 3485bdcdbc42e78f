"""Functions, packages and exceptions as contracts name them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tracer.model.graph import Call
from tracer.model.names import matching
from tracer.regression.scope import in_packages


class NotThereError(Exception):
    """A contract cannot be checked here: it names something that is not there."""


def members_named(ids: Collection[str], names: Sequence[str]) -> list[str]:
    """The functions that ``names`` mean: ids, tails of them, or all functions of a package or module.

    Raises:
        NotThereError: a name means nothing here.
    """
    found: dict[str, None] = {}
    for name in names:
        inside = [identity for identity in ids if in_packages(identity, (name,))] if ":" not in name else []
        meant = inside or matching(ids, name)
        if not meant:
            raise NotThereError(f"nothing here is called {name}")
        found.update(dict.fromkeys(meant))
    return list(found)


class Exceptions:
    """The exceptions of a contract; remembers which of them were of use.

    Args:
        written: as the contract has them, ``caller -> callee``, either of them a tail of an id.
    """

    def __init__(self, written: Sequence[str]) -> None:
        self._pairs = [(text, *text.split(" -> ")) for text in written]
        self.used: set[str] = set()

    def allows(self, caller: str, callee: str) -> bool:
        """Whether an exception says that ``caller`` may call ``callee``."""
        for text, first, second in self._pairs:
            if matching((caller,), first) and matching((callee,), second):
                self.used.add(text)
                return True
        return False

    def forbid(self, call: Call) -> bool:
        """Whether ``call`` is no exception."""
        return not (self._pairs and self.allows(call.caller, call.callee))

    @property
    def unused(self) -> list[str]:
        """The exceptions that nothing made use of."""
        return [text for text, _, _ in self._pairs if text not in self.used]
