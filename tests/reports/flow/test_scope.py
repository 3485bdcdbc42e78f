"""Parts of a request: between two functions, between two services, under one call."""

from __future__ import annotations

import pytest

from reports.flow.build import build_flow
from reports.flow.scope import between, under
from reports.flow.selection import Level
from tests.reports.flow.requests import EVENTS, Builder, boot_request, random_tree
from tracer.terminal.errors import UserError


def labels(one: str, other: str, level: Level = Level.PHASES, steps: int | None = None) -> list[str]:
    tree = boot_request()
    return [
        step.label for step in build_flow(tree, level, scope=between(tree, one, other), steps=steps).steps
    ]


def test_from_one_function_to_the_next() -> None:
    found = labels("app.servers:Controller.create", "app.driver:Driver.spawn")
    assert found[0] == "Controller.create"
    assert found[-1] == "Driver.spawn"
    assert {"schedule_and_build", "build_and_run"} <= set(found)
    assert "GET /v3/auth/tokens" not in found


def test_both_ends_are_drawn_however_few_the_steps() -> None:
    found = labels("Controller.create", "Driver.spawn", steps=1)
    assert found[0] == "Controller.create"
    assert found[-1] == "Driver.spawn"


def test_the_end_of_a_name_will_do_where_it_is_unique() -> None:
    assert labels("Controller.create", "Driver.spawn") == labels(
        "app.servers:Controller.create", "app.driver:Driver.spawn"
    )


def test_functions_of_which_neither_called_the_other() -> None:
    found = labels("app.network:API.allocate", "Guest.create")
    assert found[0] == "API.allocate"
    assert found[-1] == "Guest.create"
    assert "GET /v2/images/7/file" in found


def test_only_the_messages_between_two_services() -> None:
    tree = boot_request()
    flow = build_flow(
        tree, Level.SERVICES, scope=between(tree, "nova-compute", "nova-conductor"), events=EVENTS
    )
    assert {lane.name for lane in flow.lanes} == {"nova-conductor", "broker", "nova-compute"}
    assert {"build_and_run", "object_action"} <= {step.label for step in flow.steps}
    assert "select_destinations" not in {step.label for step in flow.steps}
    assert "outside of this part" in flow.statements[0]
    assert flow.title.endswith("between nova-compute and nova-conductor")
    assert flow.steps[0].label == "schedule_and_build"


def test_counts_add_up_in_every_part() -> None:
    tree = random_tree(2_000, seed=3)
    messages = [span for span in tree.spans if span.link and tree.by_id[span.parent].service != span.service]
    for first, second in {(tree.by_id[span.parent].service, span.service) for span in messages}:
        flow = build_flow(tree, Level.FUNCTIONS, scope=between(tree, first, second))
        shown = sum(step.count + step.folded_calls for step in flow.steps)
        assert f"{len(tree.spans) - shown:,} lie outside" in flow.statements[0]


def test_under_one_call() -> None:
    tree = boot_request()
    spawn = next(span for span in tree.spans if tree.function(span).id == "app.driver:Driver.spawn")
    flow = build_flow(tree, Level.FUNCTIONS, scope=under(tree, spawn.id, "the guest"))
    assert flow.steps[0].label == "Driver.spawn"
    assert "virDomain.createWithFlags" in {step.label for step in flow.steps}
    assert "API.allocate" not in {step.label for step in flow.steps}


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Controler.create", "Driver.spawn", "neither a service nor a function"),
        ("Driver.spawn", "Controller.create", "not called after"),
        ("keystone", "glance", "No message went between"),
    ],
)
def test_what_cannot_be_found_is_said(one: str, other: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        between(boot_request(), one, other)


def test_a_mistyped_name_gets_the_nearest_ones() -> None:
    with pytest.raises(UserError) as caught:
        between(boot_request(), "Controler.create", "Driver.spawn")
    assert any("Controller.create" in line for line in caught.value.details)


def test_an_ambiguous_end_of_a_name_is_refused() -> None:
    b = Builder()
    with b.call("a:X.run"), b.call("b:Y.run"):
        pass
    with pytest.raises(UserError, match="means 2 functions"):
        between(b.tree(), "run", "a:X.run")
