"""What differs between two flows, in words and in a form for programs."""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from tracer.model.kinds import CallKind
from tracer.regression.flow import NO_LANE

_KINDS = frozenset(CallKind)


class What(StrEnum):
    """What became of an edge, a function or an order."""

    REMOVED = "removed"
    ADDED = "added"
    MOVED = "moved"
    RENAMED = "renamed"
    ALTERED = "altered"
    ORDER = "order"


class Place(msgspec.Struct, frozen=True, order=True):
    """A file relative to the source root, and a 1-based line."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One difference.

    ``caller`` is the function whose flow changed (for `What.RENAMED`, its new id), ``callee`` whom it calls
    or called (for `What.RENAMED`, its old id). ``before`` and ``after`` say what changed: the former caller,
    kind, how often, the order. ``follows`` says that the caller itself came into the flow or left it: the
    change follows from another one.
    """

    what: What
    lane: str
    caller: str
    callee: str = ""
    kind: str = ""
    before: str = ""
    after: str = ""
    follows: bool = False
    now: Place | None = None
    was: Place | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same change, wherever in a file it stands."""
        told = "\n".join((self.what, self.lane, self.caller, self.callee, self.kind, self.before, self.after))
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()

    @property
    def message(self) -> str:
        """The change in one sentence."""
        lane = "" if self.lane == NO_LANE else f" in {self.lane}"
        kind = "" if self.kind in ("", "call") else f" [{self.kind}]"
        match self.what:
            case What.ADDED:
                return f"{self.caller} now calls {self.callee}{kind}{lane}"
            case What.REMOVED:
                return f"{self.caller} no longer calls {self.callee}{kind}{lane}"
            case What.MOVED:
                return f"{self.callee}{kind} is now called by {self.caller}, no longer by {self.before}{lane}"
            case What.RENAMED:
                return f"{self.callee} is now {self.caller}{lane}"
            case What.ALTERED:
                how = "as " if self.before in _KINDS else ""
                return (
                    f"{self.caller} calls {self.callee} {how}{self.after}, no longer {how}{self.before}{lane}"
                )
            case What.ORDER:
                return f"{self.caller} now calls {self.after}, no longer {self.before}{lane}"


class Comparison(msgspec.Struct, frozen=True):
    """All differences of a comparison, and what it could not look at.

    ``unused`` are the allowances (optional edges, exceptions of contracts) that nothing uses any more.
    """

    old: str
    new: str
    changes: list[Change]
    notes: list[str] = []
    unused: list[str] = []


def group_of(change: Change) -> str:
    """The service of a change; for what was read and not run, the first two names of the caller's module."""
    if change.lane != NO_LANE:
        return change.lane
    return ".".join(change.caller.partition(":")[0].split(".")[:2])
