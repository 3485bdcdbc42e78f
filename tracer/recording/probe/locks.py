"""A lock of the probe's own.

The interpreter's reentrant locks will not do: where a program turns green, eventlet looks for all of them and
puts its own in their place, in which a native thread, as the one that writes spools, would wait for ever.
"""

from __future__ import annotations

from _thread import allocate_lock, get_ident

WAIT_AT_MOST = 10.0
"""Seconds; whoever waits longer never gets it, and the probe had better switch itself off."""


class LockedOutError(Exception):
    """The lock was not to be had."""


class RLock:
    """A lock that the thread which holds it can take again."""

    __slots__ = ("_count", "_lock", "_owner", "_waiting")

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._owner = 0
        self._count = 0
        self._waiting: list[None] = []

    @property
    def wanted(self) -> bool:
        """Whether another thread waits for it; who holds it for long, or takes it again and again, should see
        to it that the other gets it."""
        return bool(self._waiting)

    def acquire(self) -> None:
        """Take it.

        Raises:
            LockedOutError: another thread does not let go of it, or this one was interrupted while it took it
                and now, in a signal handler, wants it once more.
        """
        if self._owner != get_ident():
            if not self._lock.acquire(blocking=False):
                self._waiting.append(None)
                try:
                    if not self._lock.acquire(timeout=WAIT_AT_MOST):
                        raise LockedOutError
                finally:
                    self._waiting.pop()
            self._owner = get_ident()
        self._count += 1

    def release(self) -> None:
        """Let go of it; does nothing for a thread that does not hold it."""
        if self._owner == get_ident():
            self._count -= 1
            if not self._count:
                self._owner = 0
                self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()
