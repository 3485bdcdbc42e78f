"""Which calls become steps, in which chapters, under which names."""

from __future__ import annotations

import random

import pytest

from reports.walkthrough.backbone import LEAST, MOST, backbone, way_of
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.content import shipped
from reports.walkthrough.identity import without_identifiers
from reports.walkthrough.plan import Plan, make_plan
from tests.reports.flow.requests import EVENTS, Builder, boot_request, random_tree, replaced, tree_of
from tests.reports.walkthrough.tours import note
from tracer.model.hypervisor import Hypervisor
from tracer.model.kinds import Link
from tracer.model.notes import Notes
from tracer.model.request_tree import RequestTree

NOTES = Notes(
    [
        note("scenarios.boot:main", "Ask", "client"),
        note("app.servers:Controller.create", "Handle", "api"),
        note("app.conductor:Manager._select", "Select", "conductor"),
        note(
            "app.scheduler:Manager.select_destinations",
            "A call",
            "scheduler",
            caller="app.conductor:Manager._select",
        ),
        note("placement.handlers:list_candidates", "Sums", "placement"),
        note("app.driver:Driver.spawn", "Spawn", "libvirt"),
        note("app.guest:Guest.create", "Guest", "libvirt"),
        note("net.api:Ports.create", "Port", "network"),
    ]
)


def plan_of(tree: RequestTree, notes: Notes = NOTES, *, events: bool = False) -> Plan:
    hypervisor = Hypervisor(events=list(EVENTS) if events else [], console="booting\nup\n" if events else "")
    return make_plan(CallIndex(tree), notes, hypervisor, shipped(), "en")


def test_every_way_between_services_every_procedure_and_every_change_is_a_step() -> None:
    index = CallIndex(boot_request())
    stops = backbone(index, Notes([]))
    crossings = [stop.crossing for stop in stops if stop.crossing]
    assert {way_of(hop) for hop in crossings} == {way_of(hop) for hop in index.way.crossings}
    procedures = {hop.what for hop in index.way.crossings if hop.link in (Link.RPC_CALL, Link.RPC_CAST)}
    assert procedures <= {hop.what for hop in crossings}
    covered = sum(1 + len(stop.repeats) for stop in stops if stop.crossing)
    assert covered == len(index.way.crossings)


def test_messages_like_an_earlier_one_are_its_repeats() -> None:
    stops = backbone(CallIndex(boot_request()), Notes([]))
    saves = [stop for stop in stops if stop.crossing and stop.crossing.what == "object_action"]
    assert len(saves) == 1
    assert len(saves[0].repeats) == 3


def test_what_notes_are_about_is_a_step_and_joins_the_crossing_that_leads_to_it() -> None:
    plan = plan_of(boot_request())
    titles = {step.title for step in plan.steps}
    assert {"Ask", "Handle", "Select", "A call", "Sums", "Spawn", "Guest", "Port"} <= titles
    call = next(step for step in plan.steps if step.title == "A call")
    assert call.link is Link.RPC_CALL
    assert (call.source, call.service) == ("nova-conductor", "nova-scheduler")


def test_chapters_come_in_reading_order_and_placement_is_told_with_the_scheduler() -> None:
    plan = plan_of(boot_request(), events=True)
    keys = [chapter.key for chapter in plan.chapters]
    assert keys == [key for key in shipped().chapters if key in keys]
    assert {"client", "api", "conductor", "scheduler", "network", "libvirt", "guest"} <= set(keys)
    by_title = {step.title: chapter.key for chapter in plan.chapters for step in chapter.steps}
    assert by_title["Sums"] == "scheduler"
    guest = next(chapter for chapter in plan.chapters if chapter.key == "guest")
    assert [step.title for step in guest.steps][-1] == "The guest speaks on its console"
    assert [step.number for step in plan.steps] == list(range(1, len(plan.steps) + 1))


def test_without_notes_the_services_are_the_chapters() -> None:
    plan = plan_of(boot_request(), Notes([]))
    assert {"client", "nova-api", "nova-compute"} <= {chapter.key for chapter in plan.chapters}


def test_a_great_many_notes_are_thinned_out_and_none_is_lost() -> None:
    tree = random_tree(4_000)
    notes = Notes([note(function.id, function.id) for function in tree.functions])
    stops = backbone(CallIndex(tree), notes)
    loose = [stop for stop in stops if stop.crossing is None]
    assert len(stops) == max(MOST, len(stops) - len(loose) + 1)
    ran = {tree.functions[span.function].id for span in tree.spans}
    told = {note.anchor.function for stop in stops for note in stop.notes}
    told |= {note.anchor.function for stop in stops for other in stop.aside for note in other.notes}
    assert told == ran


def test_the_id_of_a_call_that_is_told_beside_a_step_leads_to_that_step() -> None:
    tree = random_tree(2_000)
    ids = [function.id for function in tree.functions]
    few, many = (plan_of(tree, Notes([note(one, one) for one in ids[:count]])) for count in (40, len(ids)))
    known = {step.id for step in many.steps}
    assert many.aside
    assert set(many.aside.values()) <= known
    assert {step.id for step in few.steps if step.stop and step.stop.notes} <= known | set(many.aside)


def test_a_request_without_notes_and_messages_has_steps_where_most_happens() -> None:
    b = Builder()
    with b.call("m:main"):
        for number in range(90):
            with b.call(f"m:part_{number}"):
                b.plain(*["m:leaf"] * (number % 7 + 1))
    stops = backbone(CallIndex(b.tree()), Notes([]))
    assert len(stops) == LEAST
    assert stops[0].index == 0


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("GET /v2/images/2d0e3785-343d-45f2-8e9e-ff637b4f165b/file", "GET /v2/images/*/file"),
        ("GET /v2.0/quotas/6a618031ef5349089a6ec2f942828c1d", "GET /v2.0/quotas/*"),
        ("GET /allocation_candidates?limit=1000&resources=VCPU%3A1", "GET /allocation_candidates"),
        ("GET /things/42/parts", "GET /things/*/parts"),
        ("schedule_and_build_instances", "schedule_and_build_instances"),
    ],
)
def test_identifiers_do_not_tell_messages_apart(what: str, said: str) -> None:
    assert without_identifiers(what) == said


def test_step_ids_survive_another_recording_of_the_same_release() -> None:
    first = boot_request()
    slower = [
        replaced(
            span,
            start_ns=3 * span.start_ns,
            end_ns=3 * span.end_ns,
            pid=span.pid + 1,
            thread=f"t-{span.thread}",
        )
        for span in first.spans
    ]
    second = tree_of([function.id for function in first.functions], slower, trace_id="ff" * 16)
    ids = [step.id for step in plan_of(first, events=True).steps]
    assert [step.id for step in plan_of(second, events=True).steps] == ids
    assert len(set(ids)) == len(ids)


def test_step_ids_survive_frames_in_between_that_come_and_go() -> None:
    def request(wrapped: bool) -> RequestTree:
        b = Builder()
        with b.call("c:main"), b.call("a:App.call", "nova-api", link=Link.HTTP, detail="POST /servers"):
            if wrapped:
                with b.call("a:retry.<locals>.again"), b.call("a:App.create"):
                    pass
            else:
                b.plain("a:App.create")
        return b.tree()

    notes = Notes([note("a:App.create", "Create")])
    ids = [
        next(step.id for step in plan_of(request(wrapped), notes).steps if step.title == "Create")
        for wrapped in (False, True)
    ]
    assert ids[0] == ids[1]


def test_the_id_of_what_a_note_is_about_survives_another_way_to_it() -> None:
    def request(entry: str) -> RequestTree:
        b = Builder()
        with b.call("c:main"), b.call(entry, "nova-api", link=Link.HTTP, detail=f"POST /{entry}"):
            b.plain("a:App.create")
        return b.tree()

    notes = Notes([note("a:App.create", "Create")])
    plans = [plan_of(request(entry), notes) for entry in ("a:App.call", "b:Other.call")]
    ids = [next(step.id for step in plan.steps if step.title == "Create") for plan in plans]
    assert ids[0] == ids[1]


def test_spans_beneath_one_are_a_range_and_children_are_found_in_it() -> None:
    tree = random_tree(700, seed=random.Random(3).randrange(99))
    index = CallIndex(tree)
    for at in range(0, 700, 37):
        below = [other for other in range(700) if at in index.ancestors(other)]
        assert below == list(range(at + 1, at + index.size[at]))
        assert list(index.children(at)) == [other for other in below if index.parent[other] == at]
