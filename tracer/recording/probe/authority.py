"""Who may switch recording on from outside: whoever has this installation's key, and nobody else.

A sampled ``traceparent`` alone says that somebody traces, not that this recorder should: behind a proxy that
samples, it would come with every request. So a request must bring our own member in its ``tracestate``, as
"W3C Trace Context" (sections 3.3 and 3.5) has it: ``stackwalk=<grant>``. A grant is
``1-<until>-<code>``: Unix seconds in hexadecimal, and a keyed BLAKE2b (RFC 7693, section 2.9) of the version,
the trace id and ``until``.
"""

from __future__ import annotations

import os
import re
import time
from _operator import _compare_digest as equal
from hashlib import blake2b

MEMBER = "stackwalk"
STATE = "tracestate"
GRANT = re.compile(r"1-([0-9a-f]{1,12})-([0-9a-f]{32})\Z")
MEMBERS_AT_MOST = 32
"""Of a ``tracestate``; W3C Trace Context, section 3.3.1.1."""

HEADER_AT_MOST = 8192
VALID_FOR_S = 600
"""Of a grant that a traced process passes on with a request."""

KEY_BYTES = 32


def grant(key: bytes, trace_id: str, until: int) -> str:
    """Leave to record the trace ``trace_id`` until ``until``, in Unix seconds."""
    stated = f"1-{until:x}"
    code = blake2b(f"{stated}-{trace_id}".encode(), key=key, digest_size=16).hexdigest()
    return f"{stated}-{code}"


def member(granted: str) -> str:
    """The member of a ``tracestate`` that carries a grant."""
    return f"{MEMBER}={granted}"


def read_key(path: str) -> bytes:
    """The key in the file ``path``; empty where there is none that only its owner may read.

    A key that others may read or replace is none.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        found = os.fstat(descriptor)
        if found.st_mode & 0o077 or found.st_uid not in (0, os.geteuid()):
            return b""
        key = bytes.fromhex(os.read(descriptor, 4 * KEY_BYTES).decode("ascii", "replace").strip())
    except ValueError:
        return b""
    finally:
        os.close(descriptor)
    return key if len(key) == KEY_BYTES else b""


class Authority:
    """Checks and gives grants with one key.

    Args:
        key: empty for nobody's: then nothing is allowed.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._given: dict[str, tuple[float, str]] = {}
        self._checked: tuple[str, str] = ("", "")
        """The last grant that was found to be true, and its trace: one request brings many."""

    def allows(self, trace_id: str, state: object) -> bool:
        """Whether a request with the ``tracestate`` ``state`` may be recorded as part of ``trace_id``."""
        if not self._key or type(state) is not str or len(state) > HEADER_AT_MOST or MEMBER not in state:
            return False
        for part in state.split(","):
            name, _, value = part.strip(" \t").partition("=")
            found = GRANT.match(value) if name == MEMBER else None
            if found is not None:
                until = int(found[1], 16)
                if until < time.time():
                    return False
                if self._checked != (trace_id, value):
                    if not equal(value, grant(self._key, trace_id, until)):
                        return False
                    self._checked = trace_id, value
                return True
        return False

    def state(self, trace_id: str, others: str) -> str:
        """The ``tracestate`` of a request that goes out in the trace ``trace_id``.

        Args:
            trace_id: 32 hexadecimal digits.
            others: what the program itself would have sent; its members stay, behind ours.

        Returns:
            The header's value; ``others`` as it is where there is no key.
        """
        if not self._key:
            return others
        until, granted = self._given.get(trace_id, (0.0, ""))
        now = time.time()
        if until < now + VALID_FOR_S / 2:
            until = now + VALID_FOR_S
            granted = grant(self._key, trace_id, int(until))
            self._given = {trace_id: (until, granted)}
        kept = [part.strip(" \t") for part in others.split(",")]
        kept = [part for part in kept if part and part.partition("=")[0] != MEMBER]
        return ",".join([member(granted), *kept[: MEMBERS_AT_MOST - 1]])
