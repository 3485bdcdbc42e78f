"""What a diagram says is what was recorded: lanes, order, kinds, counts."""

from __future__ import annotations

import pytest

from reports.flow.build import build_flow
from reports.flow.model import Flow, Kind, Step
from reports.flow.selection import STEPS, Level
from tests.reports.flow.requests import EVENTS, MS, Builder, boot_request, odd_request, random_tree, tree_of
from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import Orphan, RequestTree, Span, UnansweredLink


def step(flow: Flow, label: str) -> Step:
    return next(step for step in flow.steps if step.label == label)


def lane(flow: Flow, step: Step) -> str:
    return flow.lanes[step.lane].name


@pytest.fixture(scope="module")
def services() -> Flow:
    return build_flow(boot_request(), Level.SERVICES, events=EVENTS)


def test_lanes_come_in_customary_order_and_only_where_something_was_seen(services: Flow) -> None:
    assert [lane.name for lane in services.lanes] == [
        "client", "nova-api", "nova-conductor", "nova-scheduler", "broker", "nova-compute", "placement",
        "keystone", "glance", "neutron", "database", "privsep", "libvirtd", "qemu",
    ]  # fmt: skip
    b = Builder()
    with b.call("client:main"), b.call("app:serve", "nova-api", link=Link.HTTP, detail="GET /"):
        b.plain("app.db_schema:names")
    assert [lane.name for lane in build_flow(b.tree(), Level.FUNCTIONS).lanes] == ["client", "nova-api"]


def test_services_nobody_knows_stand_between_compute_and_those_it_calls() -> None:
    b = Builder()
    with b.call("client:main"), b.call("app:serve", "all-in-one", link=Link.HTTP, detail="GET /"):
        b.plain("libvirt:virConnect.getInfo")
        with b.call("imgs:show", "glance", link=Link.HTTP, detail="GET /v2/images"):
            pass
    names = [lane.name for lane in build_flow(b.tree(), Level.SERVICES).lanes]
    assert names == ["client", "all-in-one", "glance", "libvirtd"]


@pytest.mark.parametrize(
    ("label", "kind", "to", "answered"),
    [
        ("POST /v2.1/servers", Kind.HTTP, "nova-api", True),
        ("schedule_and_build", Kind.CAST, "nova-conductor", False),
        ("select_destinations", Kind.CALL, "nova-scheduler", True),
        ("port_update", Kind.FANOUT, "neutron", False),
        ("API.allocate", Kind.SPAWN, "nova-compute", False),
        ("chown", Kind.PRIVSEP, "privsep", True),
        ("virDomain.createWithFlags", Kind.NATIVE, "libvirtd", True),
        ("quota_get", Kind.DATABASE, "database", True),
        ("started (booted)", Kind.EVENT, "libvirtd", False),
    ],
)
def test_every_link_becomes_an_arrow_of_its_kind(
    services: Flow, label: str, kind: Kind, to: str, answered: bool
) -> None:
    found = step(services, label)
    assert (found.kind, lane(services, found), found.answered) == (kind, to, answered)


@pytest.mark.parametrize("level", list(Level))
def test_marks_are_in_the_order_of_the_recording(level: Level) -> None:
    for tree in (boot_request(), random_tree(3_000, seed=7)):
        flow = build_flow(tree, level, events=EVENTS)
        assert [mark.time_ns for mark in flow.marks] == sorted(mark.time_ns for mark in flow.marks)
        begun: set[int] = set()
        for mark in flow.marks:
            source = mark.step.source
            assert mark.is_begin == (id(mark.step) not in begun)
            assert source is None or id(source) in begun
            begun.add(id(mark.step))


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize(
    "tree", [boot_request(), odd_request(), random_tree(10_000)], ids=["boot", "odd", "random"]
)
def test_nothing_is_cut_silently(level: Level, tree: RequestTree) -> None:
    flow = build_flow(tree, level)
    assert sum(step.count + step.folded_calls for step in flow.steps) == len(tree.spans)
    assert min(step.folded_calls for step in flow.steps) >= 0
    assert min(step.folded_messages for step in flow.steps) >= 0
    assert f"stand for {len(tree.spans):,} calls" in flow.statements[0]
    assert len(flow.steps) <= STEPS[level]


def test_the_number_of_steps_can_be_asked_for() -> None:
    tree = random_tree(2_000)
    assert len(build_flow(tree, Level.FUNCTIONS, steps=17).steps) == 17
    assert len(build_flow(boot_request(), Level.FUNCTIONS, steps=10_000).steps) < 74


def test_every_call_is_drawn_when_there_is_room() -> None:
    b = Builder()
    with b.call("m:root"):
        b.plain("m:a", "m:b", "m:b", "m:b", "m:a")
    labels = [(step.label, step.count) for step in build_flow(b.tree(), Level.FUNCTIONS).steps]
    assert labels == [("root", 1), ("a", 1), ("b", 3), ("a", 1)]


def test_alike_calls_that_differ_inside_stay_apart() -> None:
    b = Builder()
    with b.call("m:root"):
        for inside in ("m:x", "m:x", "m:y"):
            with b.call("m:work"):
                b.plain(inside)
    counts = [step.count for step in build_flow(b.tree(), Level.FUNCTIONS).steps if step.label == "work"]
    assert counts == [2, 1]


def test_phases_name_what_matters_and_skip_wrappers() -> None:
    labels = {step.label for step in build_flow(boot_request(), Level.PHASES).steps}
    assert {"API.create", "Driver.spawn", "POST /v2.1/servers", "build_and_run"} <= labels
    b = Builder()
    with b.call("m:root"):
        b.plain("m:first", "m:second", "m:third")
        with b.call("m:decorator.<locals>.wrapper"), b.call("m:Class.work"):
            b.plain(*[f"m:part_{number}" for number in range(9)])
    assert "decorator.<locals>.wrapper" not in {s.label for s in build_flow(b.tree(), Level.PHASES).steps}


def test_a_closure_is_called_by_what_it_wraps() -> None:
    b = Builder()
    with (
        b.call("m:root"),
        b.call("pool:spawn.<locals>.run", thread="t", link=Link.SPAWN),
        b.call("m:Class.work"),
    ):
        b.plain("m:a", "m:b")
    spawned = build_flow(b.tree(), Level.PHASES).steps[1]
    assert (spawned.label, spawned.function) == ("Class.work", "pool:spawn.<locals>.run")


def test_business_logic_in_a_decorated_data_layer_is_not_data_access() -> None:
    b = Builder()
    with b.call("m:root"), b.call("shop.db.api:retry"), b.call("shop.orders:create"):
        b.plain("shop.orders:check", "shop.mail:send", "shop.orders:done")
        b.plain("shop.db.api:insert")
    flow = build_flow(b.tree(), Level.FUNCTIONS)
    assert lane(flow, step(flow, "retry")) == "client"
    assert lane(flow, step(flow, "insert")) == "database"


def test_threads_that_work_at_the_same_time_are_told_apart(services: Flow) -> None:
    network, work = step(services, "API.allocate"), step(services, "Manager._locked_build.<locals>.work")
    assert network.thread != work.thread
    assert network.end_ns > step(services, "GET /v2/images/7/file").start_ns > network.start_ns


def test_failures_and_unfinished_calls_are_said(services: Flow) -> None:
    failed = [step for step in services.steps if step.failure]
    assert [(step.label, step.failure) for step in failed] == [("object_action", "raised StaleDataError")]
    spans = [Span(1, 0, 0, "client", 1, "t", 0, 5, Outcome.UNFINISHED)]
    assert build_flow(tree_of(["m:f"], spans), Level.FUNCTIONS).steps[0].failure == "not finished"


def test_calls_without_sender_and_messages_without_receiver_are_stated() -> None:
    spans = [
        Span(1, 0, 0, "client", 1, "t", 0, 9),
        Span(2, 0, 1, "nova-api", 2, "t", 3, 5),
    ]
    unanswered = [UnansweredLink(1, Link.HTTP, "GET /", "no probe")]
    tree = tree_of(["m:f", "m:g"], spans, orphans=[Orphan(2, "lost")], unanswered=unanswered)
    flow = build_flow(tree, Level.SERVICES)
    assert [step.kind for step in flow.steps] == [Kind.START, Kind.START]
    assert "1 calls have no known sender in the recording." in flow.statements
    assert "At the other end of 1 messages nothing was recorded: 1 http." in flow.statements


def test_a_clock_that_disagrees_never_turns_the_order_round() -> None:
    spans = [
        Span(1, 0, 0, "client", 1, "t", 0, 10 * MS),
        Span(2, 1, 1, "nova-api", 2, "t", -3, 20 * MS, Outcome.RETURNED, Link.HTTP, "GET /"),
    ]
    marks = [
        (mark.step.label, str(mark.moment))
        for mark in build_flow(tree_of(["m:f", "m:g"], spans), Level.SERVICES).marks
    ]
    assert marks == [
        ("f", "begin"),
        ("GET /", "begin"),
        ("GET /", "answer"),
        ("f", "end"),
        ("GET /", "end"),
    ]


def test_an_answer_is_there_before_its_sender_goes_on() -> None:
    spans = [
        Span(1, 0, 0, "client", 1, "t", 0, 90),
        Span(2, 1, 1, "client", 1, "t", 10, 40),
        Span(3, 2, 2, "nova-api", 2, "t", 20, 60, Outcome.RETURNED, Link.HTTP, "GET /1"),
        Span(4, 2, 3, "client", 1, "t", 35, 38),
        Span(5, 1, 1, "client", 1, "t", 50, 80),
        Span(6, 5, 2, "nova-api", 2, "u", 55, 70, Outcome.RETURNED, Link.HTTP, "GET /2"),
    ]
    flow = build_flow(tree_of(["m:f", "m:send", "n:serve", "m:read"], spans), Level.SERVICES)
    assert [(mark.step.label, str(mark.moment), mark.time_ns) for mark in flow.marks] == [
        ("f", "begin", 0),
        ("GET /1", "begin", 20),
        ("GET /1", "answer", 35),
        ("GET /2", "begin", 55),
        ("GET /1", "end", 60),
        ("GET /2", "answer", 70),
        ("GET /2", "end", 70),
        ("f", "end", 90),
    ]


def test_notes_belong_to_a_function_or_to_an_edge() -> None:
    notes: dict[str | tuple[str, str], str] = {
        "app.driver:Driver.spawn": "of the function",
        ("app.guest:Guest.create", "libvirt:virDomain.createWithFlags"): "of the edge",
        "nobody:calls_this": "unused",
    }
    flow = build_flow(boot_request(), Level.PHASES, notes=notes)
    assert {step.label: step.note for step in flow.steps if step.note} == {
        "Driver.spawn": "of the function",
        "virDomain.createWithFlags": "of the edge",
    }
    assert "1 notes belong to calls that are not drawn here." in flow.statements


def test_identifiers_are_shortened_and_that_is_said() -> None:
    b = Builder()
    with (
        b.call("m:f"),
        b.call("m:g", "neutron", link=Link.HTTP, detail="GET /p/0364935f-8516-49af-bff4-a0c1962716e3"),
    ):
        pass
    flow = build_flow(b.tree(), Level.SERVICES)
    assert flow.steps[1].label == "GET /p/0364935f…"
    assert "Of identifiers only the beginning is shown (…)." in flow.statements
