"""Stitching restores what really happened, and says what it cannot know."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.recording.requests import BOOT, Call, cut, empty_record, random_request
from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import RequestTree
from tracer.recording.raw import Outgoing, ProcessRecord, RawSpan
from tracer.recording.stitching import Occasion, StitchingError, stitch

OCCASION = Occasion("create", "stackwalk record create", "2026-11-22T12:00:00Z", {"network": "none"})


def shape(tree: RequestTree) -> list[tuple[str, str, str, str, int, int]]:
    """(parent, function, link, thread, start, end) of every span, in the tree's order."""
    return [
        (
            name(tree, span.parent) if span.parent else "",
            name(tree, span.id),
            span.link.value,
            span.thread,
            span.start_ns,
            span.end_ns,
        )
        for span in tree.spans
    ]


def name(tree: RequestTree, span: int) -> str:
    return tree.function(tree.by_id[span]).qualname


def truth(root: Call) -> list[tuple[str, str, str, str, int, int]]:
    return [
        (parent, own, call.link.value, call.thread, call.start - root.start, call.end - root.start)
        for parent, own, call in root.walk()
    ]


def raw(number: int, parent: int = 0, start: int = 0, incoming: str = "", end: int | None = 1_000) -> RawSpan:
    return RawSpan(number, parent, number - 1, "MainThread", start, end, Outcome.RETURNED, 0, 0, incoming)


def with_spans(process: int, *spans: RawSpan, last_seen: int = 1_000) -> ProcessRecord:
    record = empty_record(process)
    record.spans = list(spans)
    record.functions = [Function(f"made.p{process}:f{number}") for number in range(1, 10)]
    record.last_seen = last_seen
    return record


@pytest.mark.parametrize("seed", range(60))
def test_restores_random_requests_whatever_the_order_of_the_records(seed: int) -> None:
    root = random_request(seed, random.Random(seed).randrange(1, 150))
    trees = [stitch(cut(root, shuffle), OCCASION) for shuffle in range(3)]
    assert shape(trees[0]) == truth(root)
    assert [tree.spans for tree in trees] == [trees[0].spans] * 3
    assert [span.id for span in trees[0].spans] == list(range(1, len(trees[0].spans) + 1))
    header = trees[0].header
    assert not header.orphans and not header.unanswered and not header.notices
    assert header.links == dict(Counter(call.link.value for _, _, call in root.walk() if call.link))
    assert sum(header.services.values()) == header.spans == len(trees[0].spans)
    assert header.epoch_ns == BOOT + root.start
    assert all(span.link_detail == f"to {name(trees[0], span.id)}" for span in trees[0].spans if span.link)


@pytest.mark.parametrize("seed", range(30))
def test_a_lost_process_leaves_orphans_with_reasons_and_nothing_else_is_lost(seed: int) -> None:
    root = random_request(seed, 120)
    records = cut(root)
    lost = next((record for record in records if record.service != "client"), None)
    if lost is None:
        pytest.skip("the request stayed in the client")
    kept = [record for record in records if record is not lost]
    kept[0].closed = False
    tree = stitch(kept, OCCASION)
    gone = {span_name for _, span_name, call in root.walk() if call.process == lost.pid - 100}
    left = {own: (parent, call.link) for parent, own, call in root.walk() if call.process != lost.pid - 100}
    assert {tree.function(span).qualname for span in tree.spans} == set(left)
    orphans = {name(tree, orphan.span): orphan.reason for orphan in tree.header.orphans}
    assert set(orphans) == {own for own, (parent, _) in left.items() if parent in gone}
    assert all("no process recorded that it sent the link" in reason for reason in orphans.values())
    assert all(kept[0].service in reason for reason in orphans.values())
    unanswered = {link.detail.removeprefix("to ") for link in tree.header.unanswered}
    assert unanswered == {own for parent, own, call in root.walk() if own in gone and parent in left}
    for span in tree.spans:
        own = name(tree, span.id)
        if own not in orphans and span.parent:
            assert name(tree, span.parent) == left[own][0]


def test_every_receiver_of_a_fanout_hangs_under_its_sender() -> None:
    client = with_spans(0, raw(1))
    client.outgoing = [Outgoing("k", 1, 5, Link.RPC_FANOUT, "update_instance_info")]
    receivers = [with_spans(process, raw(1, start=10 * process, incoming="k")) for process in (1, 2, 3)]
    tree = stitch([*receivers, client], OCCASION)
    assert [(span.parent, span.link, span.service) for span in tree.spans[1:]] == [
        (1, Link.RPC_FANOUT, "nova-api"),
        (1, Link.RPC_FANOUT, "nova-conductor"),
        (1, Link.RPC_FANOUT, "nova-compute"),
    ]
    assert tree.header.links == {"rpc-fanout": 3}
    assert not tree.header.unanswered


def test_a_link_inside_one_stack_marks_the_call_and_keeps_its_caller() -> None:
    client = with_spans(0, raw(1), raw(2, 1, 5), raw(3, 2, 6, incoming="c"))
    client.outgoing = [Outgoing("c", 2, 6, Link.NATIVE, "virDomainCreateWithFlags")]
    tree = stitch([client], OCCASION)
    assert [(span.parent, span.link) for span in tree.spans] == [
        (0, Link.PLAIN),
        (1, Link.PLAIN),
        (2, Link.NATIVE),
    ]


def test_unanswered_links_are_listed_with_their_reasons() -> None:
    client = with_spans(0, raw(1))
    client.outgoing = [Outgoing(f"k{link}", 1, 5, link, link.value) for link in Link if link]
    tree = stitch([client], OCCASION)
    assert {link.link for link in tree.header.unanswered} == set(Link) - {Link.PLAIN}
    assert all(link.span == 1 and link.reason for link in tree.header.unanswered)


def test_calls_of_a_killed_process_are_unfinished_and_end_with_its_lane() -> None:
    client = with_spans(0, raw(1))
    client.outgoing = [Outgoing("k", 1, 5, Link.HTTP, "POST /servers")]
    killed = with_spans(1, raw(1, start=10, incoming="k", end=None), raw(2, 1, 20, end=40), last_seen=50)
    killed.closed = False
    tree = stitch([client, killed], OCCASION)
    first, second = tree.spans[1:]
    assert (first.outcome, first.end_ns) == (Outcome.UNFINISHED, 50)
    assert (second.outcome, second.end_ns) == (Outcome.RETURNED, 40)
    lanes = {lane.service: lane.ended for lane in tree.header.lanes}
    assert lanes["client"] == ""
    assert "ended without closing its spool" in lanes["nova-api"] and "1 call cut off" in lanes["nova-api"]


def test_a_process_that_still_runs_is_told_from_a_killed_one() -> None:
    client = with_spans(0, raw(1, end=None))
    client.closed = False
    still = stitch([client], OCCASION, living={client.pid})
    assert "1 call still running" in still.header.lanes[0].ended
    assert "without closing" not in still.header.lanes[0].ended


def test_a_torn_spool_is_named_on_its_lane() -> None:
    client = with_spans(0, raw(1))
    client.damage = "cut off in the middle of record 17"
    assert "cut off in the middle of record 17" in stitch([client], OCCASION).header.lanes[0].ended


def test_a_span_whose_stack_is_missing_is_an_orphan() -> None:
    client = with_spans(0, raw(1), raw(3, 2, 7))
    tree = stitch([client], OCCASION)
    assert [orphan.span for orphan in tree.header.orphans] == [2]
    assert "missing from its process's record" in tree.header.orphans[0].reason


def test_links_in_a_circle_lose_no_span() -> None:
    client = with_spans(0, raw(1))
    one, two = with_spans(1, raw(1, start=30, incoming="b"), raw(2, 1, 5)), with_spans(2)
    two.spans = [raw(1, start=20, incoming="a")]
    one.outgoing = [Outgoing("a", 1, 31, Link.HTTP, "")]
    two.outgoing = [Outgoing("b", 1, 21, Link.HTTP, "")]
    tree = stitch([client, one, two], OCCASION)
    assert len(tree.spans) == 4
    assert [orphan.reason for orphan in tree.header.orphans] == ["its links lead in a circle"]
    assert tree.by_id[tree.header.orphans[0].span].service == "nova-conductor"


def test_without_a_client_the_first_span_stands_in_as_root() -> None:
    tree = stitch([with_spans(1, raw(1, start=10, incoming="lost"), raw(2, 1, 20))], OCCASION)
    assert tree.root.service == "nova-api"
    assert [orphan.span for orphan in tree.header.orphans] == [1]


def test_records_of_another_clock_are_brought_over() -> None:
    client = with_spans(0, raw(1, start=500))
    client.outgoing = [Outgoing("k", 1, 510, Link.HTTP, "")]
    elsewhere = with_spans(1, raw(1, start=10**15 + 520, incoming="k", end=10**15 + 600))
    elsewhere.realtime_offset = BOOT - 10**15
    tree = stitch([client, elsewhere], OCCASION)
    assert (tree.spans[1].start_ns, tree.spans[1].end_ns) == (20, 100)
    assert any("another clock" in notice for notice in tree.header.notices)


def test_spans_that_share_a_number_are_counted_as_left_out() -> None:
    client = with_spans(0, raw(1), raw(1, start=7))
    tree = stitch([client], OCCASION)
    assert len(tree.spans) == 1
    assert any("1 spans were left out" in notice for notice in tree.header.notices)


def test_versions_that_differ_between_services_name_them() -> None:
    client, api = with_spans(0, raw(1)), with_spans(1)
    client.versions = {"oslo.messaging": "18.0", "nova": "34.0.0"}
    api.versions = {"oslo.messaging": "17.3"}
    assert stitch([client, api], OCCASION).header.versions == {
        "nova": "34.0.0",
        "oslo.messaging": "17.3 (nova-api), 18.0 (client)",
    }


def test_nothing_recorded_is_said() -> None:
    with pytest.raises(StitchingError, match="no process recorded"):
        stitch([], OCCASION)
