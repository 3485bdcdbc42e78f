"""What breaks a contract."""

from __future__ import annotations

import hashlib

import msgspec

from tracer.regression.changes import Place
from tracer.regression.contract_file import Contract


class Breach(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way in which a contract is broken.

    ``on`` is ``static`` or the recording it was seen in, ``way`` the calls that show it, ``place`` where the
    one stands that matters most.
    """

    contract: str
    why: str
    on: str
    message: str
    way: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same breach, wherever in a file it stands."""
        told = "\n".join((self.contract, self.message))
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


class Verdict(msgspec.Struct, frozen=True):
    """What became of a contract: its breaches, why it could not be checked on something, unused
    exceptions."""

    contract: Contract
    breaches: list[Breach]
    checked: list[str] = []
    skipped: list[str] = []
    unused: list[str] = []
