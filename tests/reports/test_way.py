"""The way of a request: runs, hops and their numbers."""

from __future__ import annotations

import re
from pathlib import Path

from reports.page.lanes import MOST_ROWS, lanes_picture
from reports.page.timeline import timeline_picture
from reports.way import Way, folded
from tests.reports.samples import hostile_recording, shop_recording
from tracer.model.function import Function
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


def test_an_orphan_has_a_row_of_its_own(tmp_path: Path) -> None:
    recording = hostile_recording(tmp_path / "rec")
    spans = [*recording.tree.spans, Span(4, 0, 2, "lost", 7, "forgotten", 8_600, 8_650)]
    way = Way(RequestTree(recording.header, recording.tree.functions, spans))
    assert [run.bottom.id for run in way.orphans] == [4]
    picture = lanes_picture(way, [], 0)
    assert picture.rows == 2
    assert "forgotten" in picture.body


def test_rows_beyond_what_a_picture_holds_are_counted(tmp_path: Path) -> None:
    tree = shop_recording(tmp_path / "rec").tree
    spans = [*tree.spans]
    for number in range(10, 10 + MOST_ROWS):
        spans.append(
            Span(
                number,
                5,
                1,
                "nova-api",
                20,
                "w",
                number,
                number + 1,
                link=Link.HTTP,
                link_detail=f"GET /{number}",
            )
        )
    picture = lanes_picture(Way(RequestTree(tree.header, tree.functions, spans)), [], 0)
    assert (picture.rows, picture.left_out) == (MOST_ROWS, 4)


def test_threads_at_work_at_the_same_time_stand_side_by_side(tmp_path: Path) -> None:
    way = Way(shop_recording(tmp_path / "rec").tree)
    body = lanes_picture(way, [], 0).body
    bars = re.findall(r'class="node bar quiet [^"]*">.*?points="([\d.]+),', body, re.DOTALL)
    assert len(bars) == len(set(bars)) == 5


def test_what_is_folded_or_too_close_to_tell_apart_takes_one_bar(tmp_path: Path) -> None:
    tree = shop_recording(tmp_path / "rec").tree
    many = [
        Span(10 + number, 5, 1, "nova-api", 20, "w", 24_000_000 + number, 40_000_000, link=Link.RPC_CALL)
        for number in range(3_000)
    ]
    way = Way(RequestTree(tree.header, tree.functions, [*tree.spans, *many]))
    picture = lanes_picture(way, [], 0)
    assert picture.rows == 5
    assert picture.width < 1_500
    assert "×3000" in picture.body
    assert timeline_picture(way, [], 0).count("<polygon") < 100


def test_calls_of_a_binding_go_to_the_lane_of_the_program_it_speaks_for(tmp_path: Path) -> None:
    tree = shop_recording(tmp_path / "rec").tree
    functions = [
        *tree.functions,
        Function("libvirt:virDomain.create", "libvirt.py", 1),
        Function("libvirt:virDomain.__del__", "libvirt.py", 9),
    ]
    create, forget = len(functions) - 2, len(functions) - 1
    spans = [
        *tree.spans,
        Span(10, 8, create, "nova-compute", 30, "pool-1", 22_100_000, 22_200_000),
        Span(11, 10, create, "nova-compute", 30, "pool-1", 22_110_000, 22_120_000),
        Span(12, 8, forget, "nova-compute", 30, "pool-1", 22_300_000, 22_400_000),
    ]
    hops = Way(RequestTree(tree.header, functions, spans)).hops
    bound = [hop for hop in hops if hop.what == "virDomain.create"]
    assert [(hop.span.id, hop.link, hop.source.service, hop.run.service) for hop in bound] == [
        (10, Link.NATIVE, "nova-compute", "libvirtd")
    ]
    assert not [hop for hop in hops if "__del__" in hop.what]
