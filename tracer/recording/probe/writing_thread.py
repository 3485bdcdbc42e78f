"""The thread that writes what was recorded, every now and then, as long as a trace is open."""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread
from contextlib import suppress
from time import monotonic_ns, sleep

from . import guard
from .open_traces import OpenTraces
from .spools import Spools
from .tape import Tape

TIDY_EVERY = 500_000_000
"""Nanoseconds after which the thread looks, while requests run, whether a trace is over or somebody is not to
be followed any longer."""

WRITE_AT_MOST = 50_000_000
"""Nanoseconds for which one trace is written before the others are looked after."""

PAUSE_AT_MOST = 5_000_000
"""Nanoseconds of a write in which pauses are made. Where threads want the interpreter all the while, a pause
lasts for as long as one of them is let have it, much longer than what is encoded between two."""

WAIT_AT_MOST = 2_000_000_000
"""Nanoseconds for which anybody waits until something is written."""

NAP = 0.001


class WritingThread:
    """Runs while there is something to write or to tidy.

    Args:
        traces: what is to be written.
        spools: where to.
        every: seconds between two writes.

    Attributes:
        running: there is such a thread.
        resting: it waits for longer, as nothing can be recorded before somebody enters a trace.
        hurried: the process ends, and it makes no pauses.
    """

    def __init__(self, traces: OpenTraces, spools: Spools, every: float) -> None:
        self._traces = traces
        self._spools = spools
        self._every = every
        self._wake = allocate_lock()
        self._wake.acquire()
        self._pause_until = 0
        self.running = False
        self.resting = False
        self.hurried = False

    def needed(self) -> None:
        """Something may be recorded from now on. The caller has the traces' lock."""
        if self.resting:
            self.resting = False
            self.wake_up()
        if not self.running:
            self.running = True
            try:
                start_new_thread(self._run, ())
            except RuntimeError:  # the interpreter is shutting down; what waits is written at exit
                self.running = False

    def wake_up(self) -> None:
        """Have it write now."""
        with suppress(RuntimeError):
            self._wake.release()

    def hold_back(self, tape: Tape) -> None:
        """Let the calling thread, which records faster than can be written, wait, so that memory stays
        bounded."""
        until = monotonic_ns() + WAIT_AT_MOST
        much = tape.pending()
        while self.running and tape.pending() >= much and monotonic_ns() < until:
            self.wake_up()
            sleep(NAP)

    def start_over(self) -> None:
        """This process is a forked child, in which no such thread runs."""
        self._wake = allocate_lock()
        self._wake.acquire()
        self.running = self.resting = False

    def _run(self) -> None:
        tidied = 0
        try:
            while True:
                self._wait()
                self._pause_until = monotonic_ns() + PAUSE_AT_MOST
                for trace in self._traces.opened():
                    if trace.tape.pending():
                        self._spools.drain(trace, self._pause, WRITE_AT_MOST)
                now = monotonic_ns()
                if self._traces.active and now - tidied < TIDY_EVERY:
                    continue
                tidied = now
                self._traces.tidy()
                with self._traces.lock:
                    if self._traces.over:
                        self.running = False
                        return
        except Exception as error:
            self.running = False
            guard.failed(error, "writing spools")

    def _wait(self) -> None:
        """Until there may be something to do: where this thread wakes for nothing, that of a running request
        has to make way for it all the same."""
        seconds = self._every
        if not self._traces.active:
            with self._traces.lock:
                quiet_until = self._traces.quiet_until()
                if quiet_until is not None:
                    seconds = max(seconds, (quiet_until - monotonic_ns()) / 1e9)
                    self.resting = True
        if self._wake.acquire(timeout=seconds) and seconds > self._every:
            self._wake.acquire(timeout=self._every)
        self.resting = False

    def _pause(self) -> None:
        """Let other threads run: without it, each of their waits would end only with the interpreter's switch
        interval."""
        if monotonic_ns() < self._pause_until and not self.hurried and not self._spools.lock.wanted:
            sleep(0.00005)
