"""Hosts' clocks are brought together by what their messages bound; the truth lies in the stated interval."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import msgspec
import pytest

from tests.recording.requests import BOOT, cut, empty_record, random_request
from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.recording.alignment import HostClock, align
from tracer.recording.raw import Outgoing, ProcessRecord, RawSpan
from tracer.recording.stitching import Occasion, stitch

OCCASION = Occasion("collected", "stackwalk collect", "2026-11-22T12:00:00Z", {})
SECOND = 10**9
SLOWLY = 10**5
WAITING = (Link.HTTP, Link.RPC_CALL, Link.PRIVSEP)
"""Links whose sender waits for the answer."""

ToOwnClock = Callable[[int], int]


def hosts_of(seed: int, count: int, drift: float) -> list[ToOwnClock]:
    """How each host's clock tells true times; the first is the truth. Rates change on the way."""
    chance = random.Random(seed)
    clocks: list[ToOwnClock] = [lambda time: time]
    for _ in range(count - 1):
        offset = chance.randrange(-(10**16), 10**16)
        bends = sorted(chance.randrange(2 * 10**6 * SLOWLY) for _ in range(3))
        rates = [chance.uniform(-drift, drift) for _ in range(4)]

        def own(time: int, offset: int = offset, bends: list[int] = bends, rates: list[float] = rates) -> int:
            moved, before = float(offset), 0
            for bend, rate in zip([*bends, 1 << 60], rates, strict=True):
                moved += rate * (min(time, bend) - before) if time > before else 0
                before = bend
            return time + round(moved)

        clocks.append(own)
    return clocks


def slowly(records: list[ProcessRecord]) -> list[ProcessRecord]:
    """The same over a minute or so, in which clocks drift noticeably."""
    for record in records:
        record.last_seen *= SLOWLY
        record.outgoing = [
            msgspec.structs.replace(outgoing, time=outgoing.time * SLOWLY) for outgoing in record.outgoing
        ]
        for span in record.spans:
            span.start, span.end = span.start * SLOWLY, (span.end or 0) * SLOWLY
    return records


def told_by(records: list[ProcessRecord], clocks: list[ToOwnClock], seed: int) -> list[ProcessRecord]:
    """The records as their hosts' own clocks tell them, with the instants of answers; the client is on the
    first host."""
    chance = random.Random(seed)
    wrong = [chance.randrange(-300, 300) * SECOND for _ in clocks]
    spread = []
    ends = {span.incoming: span.end or 0 for record in records for span in record.spans if span.incoming}
    for record in records:
        number = 0 if record.service == "client" else chance.randrange(len(clocks))
        own = clocks[number]
        spread.append(
            msgspec.structs.replace(
                record,
                host=f"host-{number}",
                clock=f"boot-{number}",
                # Every host's time of day is wrong by up to some minutes.
                realtime_offset=BOOT - own(0) + wrong[number],
                last_seen=own(record.last_seen),
                spans=[
                    msgspec.structs.replace(span, start=own(span.start), end=own(span.end or 0))
                    for span in record.spans
                ],
                outgoing=[
                    msgspec.structs.replace(outgoing, time=own(outgoing.time)) for outgoing in record.outgoing
                ],
                answering={
                    span.incoming: own(span.end or 0) for span in record.spans if span.incoming in ends
                },
                answered={
                    outgoing.key: own(ends[outgoing.key] + chance.randrange(1, 1000))
                    for outgoing in record.outgoing
                    if outgoing.link in WAITING and outgoing.key in ends
                },
            )
        )
    return spread


def times(records: list[ProcessRecord]) -> list[tuple[str, int]]:
    return sorted(
        (record.functions[span.function].id, span.start) for record in records for span in record.spans
    )


@pytest.mark.parametrize("seed", range(60))
def test_the_truth_lies_in_the_stated_interval_and_no_effect_comes_before_its_cause(seed: int) -> None:
    """For random requests over up to four hosts with random offsets and drifts."""
    chance = random.Random(seed)
    drift = chance.choice((0.0, 1e-5, 9e-5))
    clocks = hosts_of(seed, chance.randrange(2, 5), drift)
    true = slowly(cut(random_request(seed, chance.choice((30, 200, 600))), seed))
    spread = told_by(true, clocks, seed)
    client = next(record for record in spread if record.service == "client")
    aligned, statements = align(spread, client)

    sent = {outgoing.key: outgoing.time for record in aligned for outgoing in record.outgoing}
    for record in aligned:
        assert record.realtime_offset == client.realtime_offset
        for span in record.spans:
            assert not span.incoming or sent[span.incoming] <= span.start
            assert span.end is not None and span.start <= span.end
    by_host = {statement.host: statement for statement in statements}
    true_times, found = dict(times(true)), dict(times(aligned))
    for record in spread:
        statement = by_host.get(record.host)
        if statement is None:
            continue
        assert statement.drift
        for span in record.spans:
            name = record.functions[span.function].id
            error = true_times[name] - found[name]
            assert statement.below_ns is None or error >= -statement.below_ns
            assert statement.above_ns is None or error <= statement.above_ns
    tree = stitch(spread, OCCASION)
    assert not [notice for notice in tree.header.notices if "before they were sent" in notice]
    assert not tree.header.orphans


def pair(*messages: tuple[int, int, int | None, int | None], offset: int = 0) -> list[ProcessRecord]:
    """A client and another host's server that exchanged messages: (sent, arrived, answering, answered)."""
    client, server = empty_record(0), empty_record(1)
    client.functions = server.functions = [Function("nova.x:y")]
    client.last_seen, server.last_seen = 10**7, messages[-1][1] + 1 if messages else 0
    client.clock, client.host, server.clock, server.host = "one", "a", "two", "b"
    server.realtime_offset = BOOT - offset
    client.spans = [RawSpan(1, 0, 0, "", 0, 10**7, Outcome.RETURNED, 0, 0, "")]
    for number, (sent, arrived, answering, answered) in enumerate(messages, 1):
        key = f"{number:016x}"
        client.outgoing.append(Outgoing(key, 1, sent, Link.HTTP, ""))
        server.spans.append(RawSpan(number, 0, 0, "", arrived, arrived + 1, Outcome.RETURNED, 0, 0, key))
        if answering is not None and answered is not None:
            server.answering[key], client.answered[key] = answering, answered
    return [client, server]


def only_statement(records: list[ProcessRecord]) -> HostClock:
    (statement,) = align(records, records[0])[1]
    return statement


def test_a_message_and_its_answer_leave_an_interval() -> None:
    """As Cristian has it: half of what the round trip leaves unexplained, to either side."""
    far = 5 * 10**15
    statement = only_statement(pair((1000, far + 3000, far + 4000, 9000)))
    assert statement.shift_ns == -far - 2000 + (9000 - 4000 - (1000 - 3000)) // 2
    assert statement.below_ns == pytest.approx(3500 + 1000, abs=2)
    assert statement.above_ns == pytest.approx(3500 + 1000, abs=2)
    assert "surely within" in str(statement) and "by 2 messages" in str(statement)


def test_the_tightest_of_many_messages_counts() -> None:
    far = -3 * 10**15
    loose, tight = (
        (1000, far + 90_000, far + 91_000, 190_000),
        (200_000, far + 200_100, far + 200_200, 200_300),
    )
    statement = only_statement(pair(loose, tight))
    assert statement.below_ns is not None and statement.below_ns < 1300


def test_messages_in_one_direction_bound_one_side() -> None:
    """The hosts' own time of day is followed as far as that allows, and the statement says so."""
    right = only_statement(pair((1000, 10**15 + 2000, None, None), offset=10**15))
    assert (right.shift_ns, right.above_ns) == (-(10**15), None)
    assert "nothing says how much later" in str(right)
    # By its time of day it would have received before it was sent.
    wrong = only_statement(pair((1000, 10**15 + 500, None, None), offset=10**15))
    assert wrong.shift_ns == -(10**15) + 500


def test_without_any_message_the_time_of_day_is_all_there_is() -> None:
    client, server = pair(offset=7 * 10**12)
    server.spans = [RawSpan(1, 0, 0, "", 7 * 10**12, 7 * 10**12 + 5, Outcome.RETURNED, 0, 0, "")]
    statement = only_statement([client, server])
    assert statement.shift_ns == -7 * 10**12
    assert "no message bounds its clock" in str(statement)


def test_clocks_that_contradict_each_other_are_told_of() -> None:
    """A host whose clock was set back by seconds in the middle."""
    jump = 5 * SECOND
    messages = [(1000, 2000, 3000, 4000), (5000, 6000 - jump, 7000 - jump, 8000)]
    statement = only_statement(pair(*messages))
    assert statement.drift == 0
    assert "contradict each other" in str(statement)


def test_one_clock_is_left_as_it_is() -> None:
    records = pair((1000, 900, None, None))
    for record in records:
        record.clock = "same"
    assert align(records, records[0]) == (records, [])


def test_statements_are_in_the_recordings_notices() -> None:
    tree = stitch(pair((1000, 9_000_000, 9_001_000, 5000)), OCCASION)
    (notice,) = tree.header.notices
    assert re.match(r"another clock: the times of b \(nova-api\) were moved by -\d", notice)
