"""Paths not taken: where a function that ran could have gone, and why it did not."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tracer.model.kinds import CallKind, Certainty


class Why(StrEnum):
    """Why a predicted call was not seen, as far as the source tells."""

    OTHER_OVERRIDE = "other-override"
    """At the same line another function ran: a class's own method instead of its sibling's."""
    EXCEPTION = "exception"
    """It stands in an exception's handler."""
    CONDITION = "condition"
    """It stands under an ``if``, a ``while``, a ``case`` or the like that was not entered."""
    OTHERWISE = "otherwise"
    """It stands in the ``else`` of an ``if``."""
    LOOP = "loop"
    """It stands in a loop that may have had nothing to go through."""
    LOOP_ELSE = "loop-else"
    """It stands in the ``else`` of a loop or of a ``try``."""
    LATER = "later"
    """It stands in a function or lambda that was only made here, to be called later or never."""
    ON_DEMAND = "on-demand"
    """It would have loaded an attribute that was there already, or was never asked for."""
    UNKNOWN = "unknown"
    """The source does not tell: the function may have been left before, or the call was served otherwise."""


class Way(msgspec.Struct, frozen=True):
    """One call that was possible: where it stands (1-based line), where it leads, how it is known.

    A call that was seen from one line may have been possible, and not taken, from another.

    ``goes_on`` is the number of functions that the callee could call in turn.
    """

    callee: str
    kind: CallKind
    certainty: Certainty
    rule: str
    file: str
    line: int
    goes_on: int


class Branch(msgspec.Struct, frozen=True):
    """Ways that were not taken for one and the same reason.

    ``head`` is the source line that decided (``except NotFound``, ``if reschedule:``) or, for overrides, what
    ran instead; ``file`` and ``line`` (1-based) are its place.
    """

    why: Why
    head: str
    file: str
    line: int
    ways: tuple[Way, ...]


class Branches(msgspec.Struct, frozen=True):
    """What a function did and could have done.

    ``times`` is how often it was called, ``taken`` the number of its edges that were seen. ``outside`` counts
    predicted ways that lead out of the read code, of which no recording can tell.
    """

    function: str
    times: int
    taken: int
    branches: tuple[Branch, ...]
    outside: int

    @property
    def ways(self) -> int:
        """How many ways were not taken."""
        return sum(len(branch.ways) for branch in self.branches)
