"""What of a graph is shown: everything that was asked for, nothing else, and what is left out is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.graph.build import build_view
from reports.graph.choice import Unit, Wish
from reports.graph.material import from_recording, from_source
from tests.reports.flow.requests import boot_request
from tests.reports.graph.graphs import SHOP, call_graph, compared_shop, random_graph, shop, view_of
from tracer.model.graph import CallGraph
from tracer.model.kinds import CallKind
from tracer.model.notes import Notes, parse_note
from tracer.model.overlaid import Standing
from tracer.terminal.errors import UserError


def names(view_options: dict[str, object]) -> set[str]:
    return {node.name for node in view_of(shop(), **view_options).nodes}


def test_without_a_wish_everything_is_shown() -> None:
    view = view_of(shop())
    assert {one for node in view.nodes for one in node.functions} == {
        name for a, b, _ in SHOP for name in (a, b)
    }
    assert len(view.edges) == len(SHOP)
    assert view.statements == []


def test_a_way_holds_what_leads_from_here_to_there_and_no_dead_end() -> None:
    assert names({"start": "Counter.order", "goal": "Hook.pull"}) == {
        "Counter.order", "Desk.take", "Store.pack", "Crane.lift", "Hook.pull", "Store.label", "Label.save",
    }  # fmt: skip


def test_a_way_ends_where_it_arrives_and_does_not_begin_twice() -> None:
    calls = [("m:start", "m:goal"), ("m:goal", "m:after"), ("m:after", "m:before"), ("m:before", "m:start")]
    material = from_source(call_graph((one, other, CallKind.CALL) for one, other in calls))
    view = view_of(material, start="start", goal="goal")
    assert {node.name for node in view.nodes} == {"start", "goal"}


def test_depth_bounds_how_much_longer_a_way_may_be() -> None:
    shortest = names({"start": "Counter.order", "goal": "Hook.pull", "depth": 0})
    assert "Store.label" not in shortest
    assert "Store.label" in names({"start": "Counter.order", "goal": "Hook.pull", "depth": 3})


def test_around_goes_both_ways_as_far_as_asked() -> None:
    assert names({"around": "Crane.lift", "depth": 1}) == {
        "Crane.lift", "Store.pack", "Hook.pull", "Motor.run",
    }  # fmt: skip
    assert "Desk.take" in names({"around": "Crane.lift", "depth": 2})


def test_from_goes_down_and_to_goes_up() -> None:
    assert names({"start": "Motor.run"}) == {"Motor.run", "raise_right", "Grid.take"}
    assert names({"goal": "Counter.check"}) == {"Counter.check", "Counter.order"}


def test_kinds_hidden_names_and_services_are_left_out_before_ways_are_sought() -> None:
    assert names({"kinds": frozenset({CallKind.RPC_CAST, CallKind.RPC_FANOUT})}) == {
        "Desk.take", "Store.label", "Store.tell",
    }  # fmt: skip
    hidden = view_of(shop(), hide=("depot.crane:*",))
    assert "Crane.lift" not in {node.name for node in hidden.nodes}
    assert any("hidden by depot.crane:*" in said for said in hidden.statements)
    compute = view_of(compared_shop(), services=frozenset({"nova-compute"}))
    assert {node.service for node in compute.nodes} == {"nova-compute"}
    with pytest.raises(UserError, match="No way leads"):
        view_of(shop(), start="Counter.order", goal="Hook.pull", hide=("*:Crane.lift",))


def test_only_seen_leaves_out_what_was_only_predicted() -> None:
    view = view_of(compared_shop(), only_seen=True)
    assert {edge.standing for edge in view.edges} == {Standing.CONFIRMED, Standing.UNPREDICTED}


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"around": "Crane.lfit"}, "no function Crane.lfit"),
        ({"around": "take"}, "may mean any of 2 functions"),
        ({"services": frozenset({"nowhere"})}, "no such service"),
        ({"unit": Unit.SERVICE}, "knows no services"),
        ({"kinds": frozenset({CallKind.CONTEXT})}, "Nothing is left"),
    ],
)
def test_what_cannot_be_shown_is_told(wish: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        view_of(shop(), **wish)


def test_classes_and_modules_hold_their_functions_and_count_calls_within() -> None:
    classes = {node.key: node for node in view_of(shop(), unit=Unit.CLASS).nodes}
    assert classes["depot.store:Store"].functions == (
        "depot.store:Store.label", "depot.store:Store.pack", "depot.store:Store.pack.<locals>.<lambda>",
        "depot.store:Store.tell",
    )  # fmt: skip
    assert classes["depot.store:Store"].inside == 2
    assert classes["shop.desk:"].name == "functions of desk"
    modules = {node.name for node in view_of(shop(), unit=Unit.MODULE).nodes}
    assert modules == {"web", "desk", "store", "crane", "libcrane", "motors", "rights", "objects"}


@pytest.mark.parametrize("unit", [Unit.NONE, Unit.CLASS, Unit.MODULE])
def test_a_large_graph_is_folded_and_every_function_is_counted(unit: Unit) -> None:
    material = from_source(random_graph(1_500, 4_000))
    view = view_of(material, unit=unit, most=60)
    assert len(view.nodes) <= 60
    assert len(view.edges) <= 400
    shown = [one for node in view.nodes for one in node.functions]
    assert sorted(shown) == sorted(material.by_id)
    drawn = sum(edge.ways for edge in view.edges) + sum(node.inside for node in view.nodes)
    left_out = sum(
        int(said.partition("the most calls; ")[2].split()[0].replace(",", ""))
        for said in view.statements
        if "the most calls; " in said
    )
    assert drawn + left_out == len(material.ways)
    folded = sum(node.folded for node in view.nodes)
    assert any(f"{folded:,} function" in said or unit is Unit.NONE for said in view.statements)


def test_what_was_asked_for_is_never_folded() -> None:
    view = view_of(from_source(random_graph(600, 2_000)), around="method_77", depth=9, most=12)
    assert [node.name for node in view.nodes if node.asked] == ["Class77.method_77"]


def test_of_many_ways_those_that_can_be_followed_are_shown_unless_more_are_asked_for() -> None:
    material = from_source(random_graph(400, 1_600))
    ends = {"start": "method_7", "goal": "method_99"}
    view = view_of(material, **ends)
    assert len(view.nodes) <= 40
    assert len(view.edges) <= 80
    assert any("on longer ones, which --depth shows" in said for said in view.statements)
    assert len(view_of(material, **ends, depth=30, most=0).nodes) > 100


def test_around_a_busy_function_the_nearest_are_shown_unless_more_are_asked_for() -> None:
    material = from_source(random_graph(400, 1_600))
    view = view_of(material, around="method_7")
    assert 2 < len(view.nodes) <= 40
    assert any("farther, which --depth shows" in said for said in view.statements)
    assert len(view_of(material, around="method_7", depth=9, most=0).nodes) > 300


def test_around_a_very_busy_function_calls_among_its_neighbours_are_counted_only() -> None:
    ring = [(f"m:near{n}", f"m:near{(n + 1) % 60}", CallKind.CALL) for n in range(60)]
    spokes = [("m:hub", f"m:near{n}", CallKind.CALL) for n in range(60)]
    material = from_source(call_graph([*ring, *spokes]))
    view = view_of(material, around="hub")
    assert len(view.edges) == 60
    assert any(said.startswith("60 calls between those that are equally far") for said in view.statements)
    assert len(view_of(material, around="hub", depth=1).edges) == 120


def test_a_recording_shows_the_way_that_was_taken_and_no_other() -> None:
    tree = boot_request()
    ids = [function.id for function in tree.functions]
    start = next(one for one in ids if one.endswith("API.create"))
    goal = next(one for one in ids if one.endswith("Driver.spawn"))
    view = view_of(from_recording(tree, start, goal), start=start, goal=goal)
    spawn = next(span for span in tree.spans if tree.function(span).id == goal)
    above = [tree.function(one).id for one in tree.ancestors(spawn)]
    way = {*above[: above.index(start) + 1], goal}
    assert {one for node in view.nodes for one in node.functions} == way


def test_notes_stand_where_their_function_or_call_is() -> None:
    def note(anchor: str, title: str) -> str:
        parts = f"# en: {title}\n\n## what\n\nIt works.\n\n## why\n\nSo.\n\n## without\n\nNot.\n"
        return f"---\nanchor: {anchor}\nreleases: 2..\n---\n\n{parts}\n{parts.replace('en:', 'zh:')}"

    notes = Notes(
        [
            parse_note(note("depot.crane:Crane.lift", "Up"), "a.md"),
            parse_note(note("shop.desk:Desk.take -> depot.store:Store.pack", "Away"), "b.md"),
            parse_note(note("shop.gone:never", "Nothing"), "c.md"),
        ]
    )
    view = build_view(shop(), Wish(), notes=notes, language="zh")
    assert [remark.text for remark in view.remarks] == ["Up: It works.", "Away: It works."]
    noted = {node.name: node.remarks for node in view.nodes if node.remarks}
    assert noted == {"Crane.lift": (1,)}
    assert [(edge.kind, edge.remarks) for edge in view.edges if edge.remarks] == [(CallKind.RPC_CALL, (2,))]


def test_a_decorated_function_is_met_directly_unless_wrappers_are_asked_for() -> None:
    calls = (
        ("a:top", "w:wrap.<locals>.inner", CallKind.CALL),
        ("a:top", "a:work", CallKind.CALL),
        ("w:wrap.<locals>.inner", "a:work", CallKind.CALL),
        ("a:<module>", "w:wrap", CallKind.DECORATOR),
    )
    graph = call_graph(calls)
    plain, with_wrappers = from_source(graph, wrappers=False), from_source(graph)
    assert "w:wrap.<locals>.inner" not in plain.by_id
    assert "w:wrap.<locals>.inner" in with_wrappers.by_id
    assert any("1 function that only carries calls on" in said for said in view_of(plain).statements)


def test_a_saved_graph_gives_the_same_picture(tmp_path: Path) -> None:
    graph = call_graph(SHOP)
    graph.save(tmp_path / "shop.graph")
    assert view_of(from_source(CallGraph.load(tmp_path / "shop.graph"))) == view_of(from_source(graph))
