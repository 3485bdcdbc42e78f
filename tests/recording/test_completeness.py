"""When a request counts as recorded to its end."""

from __future__ import annotations

from collections.abc import Collection

from tests.recording.requests import empty_record
from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.recording.completeness import CompletionWatch, missing
from tracer.recording.raw import Outgoing, ProcessRecord, RawSpan


def record(process: int, *ends: int | None, incoming: str = "", closed: bool = True) -> ProcessRecord:
    """A process with a stack of calls that ended as told, the outermost first."""
    result = empty_record(process)
    result.closed = closed
    result.functions = [Function("nova.x:outer"), Function("nova.x:inner")]
    result.spans = [
        RawSpan(
            number,
            number - 1,
            number - 1,
            "t",
            number,
            end,
            Outcome.RETURNED,
            0,
            0,
            "" if number > 1 else incoming,
        )
        for number, end in enumerate(ends, 1)
    ]
    return result


def sends(result: ProcessRecord, link: Link, key: str = "k") -> ProcessRecord:
    result.outgoing.append(Outgoing(key, 1, 5, link, "build"))
    return result


def living(*records: ProcessRecord) -> list[int]:
    return [one.pid for one in records]


def test_nothing_recorded_is_not_complete() -> None:
    assert missing([], []).certain == ["the request has not begun"]


def test_a_request_that_no_living_process_could_begin_is_not_waited_for_longer_than_for_a_late_one() -> None:
    nothing = record(0)
    assert missing([nothing], living(nothing)).certain
    assert missing([nothing], []).certain == []
    assert missing([nothing], []).possible == ["the request has not begun"]


def test_a_running_call_is_waited_for_by_name() -> None:
    client = record(0, None, None)
    assert missing([client], living(client)).certain == ["client is in inner"]


def test_nothing_more_is_expected_of_a_dead_process() -> None:
    client, compute = record(0, 9), record(3, None, incoming="k", closed=False)
    told = missing([sends(client, Link.RPC_CALL), compute], living(client))
    assert not told.certain and not told.possible


def test_messages_that_may_be_taken_up_later_are_possible() -> None:
    for link, expected in (
        (Link.RPC_CAST, True),
        (Link.RPC_FANOUT, True),
        (Link.SPAWN, True),
        (Link.HTTP, False),
        (Link.RPC_CALL, False),
        (Link.PRIVSEP, False),
        (Link.NATIVE, False),
    ):
        client = sends(record(0, 9), link)
        told = missing([client], living(client))
        assert bool(told.possible) == expected, link
        assert not told.certain


def test_an_answered_cast_is_not_waited_for() -> None:
    client, api = sends(record(0, 9), Link.RPC_CAST), record(1, 8, incoming="k")
    told = missing([client, api], living(client, api))
    assert not told.certain and not told.possible


class Request:
    """A request whose records change between looks."""

    def __init__(self, *records: ProcessRecord) -> None:
        self.records = list(records)
        self.version = 0
        self.reads = 0

    def read(self) -> tuple[list[ProcessRecord], Collection[int]]:
        self.reads += 1
        return self.records, living(*self.records)

    def looked_at(self, watch: CompletionWatch, now: float) -> bool:
        return watch.look(now, self.version, self.read)


def test_a_request_is_complete_as_soon_as_all_is_closed() -> None:
    assert Request(record(0, 9)).looked_at(CompletionWatch(2.0), 0.0)


def test_what_is_only_possible_is_waited_for_until_it_has_been_quiet() -> None:
    request, watch = Request(sends(record(0, 9), Link.SPAWN)), CompletionWatch(2.0)
    assert not request.looked_at(watch, 10.0)
    assert not request.looked_at(watch, 11.9)
    request.version = 1
    assert not request.looked_at(watch, 12.0)
    assert not request.looked_at(watch, 13.9)
    assert request.looked_at(watch, 14.0)
    assert request.reads == 2


def test_a_running_call_is_waited_for_however_quiet_it_is() -> None:
    request, watch = Request(record(0, None)), CompletionWatch(2.0)
    assert not request.looked_at(watch, 0.0)
    assert not request.looked_at(watch, 1_000.0)
    request.records, request.version = [record(0, 9)], 1
    assert request.looked_at(watch, 1_001.0)
