"""Whether a request has been recorded to its end, as far as its spools tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from tracer.model.kinds import Link
from tracer.recording.raw import ProcessRecord

LATE_ANSWERS = frozenset({Link.RPC_CAST, Link.RPC_FANOUT, Link.SPAWN})
"""Links whose sender does not wait: their other end may begin long after the sender has gone on."""


@dataclass
class Missing:
    """What a request's records still wait for; each entry is a line for people.

    ``certain`` will come: calls that run. ``possible`` may never come: messages not taken up yet (their
    receiver may hold no recorded code), processes that have not closed their spool, and a request that had
    not begun when all of its processes ended.
    """

    certain: list[str] = field(default_factory=list)
    possible: list[str] = field(default_factory=list)


def missing(records: Sequence[ProcessRecord], living: Collection[int]) -> Missing:
    """What is still to come of a request.

    Args:
        records: what its processes have recorded so far.
        living: pids of the traced processes that still run; from the others nothing more is expected.
    """
    result = Missing()
    if not any(not span.incoming and not span.parent for record in records for span in record.spans):
        over = records and not any(record.pid in living for record in records)
        (result.possible if over else result.certain).append("the request has not begun")
    for record in records:
        if record.pid not in living:
            continue
        running = [span for span in record.spans if span.end is None]
        if running:
            innermost = record.functions[max(running, key=lambda span: span.start).function]
            result.certain.append(f"{record.service} is in {innermost.qualname}")
        elif not record.closed:
            result.possible.append(f"{record.service} has not closed its spool")
    answered = {span.incoming for record in records for span in record.spans if span.incoming}
    waiting = Counter(
        (record.service, outgoing.link, outgoing.detail)
        for record in records
        for outgoing in record.outgoing
        if outgoing.link in LATE_ANSWERS and outgoing.key not in answered
    )
    result.possible.extend(
        f"{link.value} {detail} from {service} is not taken up" for service, link, detail in sorted(waiting)
    )
    return result


class CompletionWatch:
    """Decides from look to look whether a request is complete.

    It is when no call runs any more and nothing possible is left, or no spool has grown for ``quiet_s``.

    Args:
        quiet_s: seconds without growth after which what is only possible is no longer waited for.
    """

    def __init__(self, quiet_s: float) -> None:
        self._quiet_s = quiet_s
        self._state: object = None
        self._changed_at = 0.0
        self.missing = Missing()

    def look(
        self,
        now: float,
        state: object,
        read: Callable[[], tuple[Sequence[ProcessRecord], Collection[int]]],
    ) -> bool:
        """Look once.

        Args:
            now: seconds on any steady clock.
            state: anything that changes when a spool grows or a process ends.
            read: gives the records and the living pids; called only when ``state`` has changed.

        Returns:
            Whether the request is complete.
        """
        if self._state is None or state != self._state:
            self._state, self._changed_at = state, now
            self.missing = missing(*read())
        if self.missing.certain:
            return False
        return not self.missing.possible or now - self._changed_at >= self._quiet_s
