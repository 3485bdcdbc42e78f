"""The way of a request: runs, hops and their numbers."""

from __future__ import annotations

from pathlib import Path

from reports.page.way import Way, folded
from tests.reports.samples import shop_recording
from tracer.model.kinds import Link
from tracer.model.request_tree import RequestTree, Span


def test_messages_are_numbered_in_order_of_time_and_threads_are_not(tmp_path: Path) -> None:
    way = Way(shop_recording(tmp_path / "rec").tree)
    assert [(hop.number, hop.source.service, hop.run.service, hop.what) for hop in way.hops] == [
        (1, "client", "nova-api", "POST /orders"),
        (2, "nova-api", "nova-compute", "ship"),
        (0, "nova-compute", "nova-compute", "Depot.pack"),
        (3, "nova-compute", "libvirtd", "start"),
    ]
    assert way.lanes == ["client", "nova-api", "nova-compute", "libvirtd"]


def test_a_message_within_one_service_is_a_crossing(tmp_path: Path) -> None:
    tree = shop_recording(tmp_path / "rec").tree
    spans = [
        *tree.spans,
        Span(10, 5, 1, "nova-compute", 31, "rpc-2", 30, 40, link=Link.RPC_CALL, link_detail="again"),
    ]
    way = Way(RequestTree(tree.header, tree.functions, spans))
    assert [hop.what for hop in way.crossings].count("again") == 1


def test_three_alike_in_a_row_fold_into_one_that_says_how_many(tmp_path: Path) -> None:
    tree = shop_recording(tmp_path / "rec").tree
    spans = list(tree.spans)
    for number in range(10, 14):
        spans.append(
            Span(
                number, 5, 1, "nova-api", 20, "w", number * 10_000_000, number * 10_000_001,
                link=Link.RPC_CALL, link_detail="save",
            )
        )  # fmt: skip
    folds = folded(Way(RequestTree(tree.header, tree.functions, spans)).hops)
    assert [fold.numbers for fold in folds] == ["1", "2", "", "3", "4–7"]
    assert len(folds[-1].hops) == 4
