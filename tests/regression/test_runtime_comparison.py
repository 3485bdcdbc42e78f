"""What recordings of the same code may differ in, and what not."""

from __future__ import annotations

from tests.regression.flows import Call, request
from tracer.model.kinds import Link
from tracer.regression.baseline import baseline_of
from tracer.regression.changes import Change, What
from tracer.regression.comparison import compare
from tracer.regression.learning import learnt
from tracer.regression.observed_flow import observed_flow
from tracer.regression.scope import Scope, in_packages

A_B: Call = ("shop:a", "shop:b")
A_C: Call = ("shop:a", "shop:c")
A_D: Call = ("shop:a", "shop:d")


def changes(learnt_from: list[list[Call]], *seen: list[Call]) -> list[Change]:
    baseline = baseline_of([learnt([observed_flow(request(calls)) for calls in learnt_from])], Scope())
    return compare(baseline, [observed_flow(request(calls)) for calls in seen]).changes


def test_what_only_some_runs_have_is_optional() -> None:
    assert changes([[A_B, A_C], [A_B]], [A_B]) == []
    assert changes([[A_B, A_C], [A_B]], [A_B, A_C]) == []


def test_what_all_runs_have_is_required() -> None:
    found = changes([[A_B, A_C], [A_B, A_C]], [A_B])
    assert [(change.what, change.callee) for change in found] == [(What.REMOVED, "shop:c")]
    assert found[0].now is not None


def test_what_no_run_had_is_new() -> None:
    found = changes([[A_B], [A_B]], [A_B, A_D])
    assert [(change.what, change.callee) for change in found] == [(What.ADDED, "shop:d")]


def test_order_of_one_callers_calls_is_kept() -> None:
    found = changes([[A_B, A_C], [A_B, A_C]], [A_C, A_B])
    assert [(change.what, change.before) for change in found] == [(What.ORDER, "b before c")]


def test_order_that_varies_is_no_order() -> None:
    assert changes([[A_B, A_C], [A_C, A_B]], [A_C, A_B]) == []


def test_order_that_the_text_does_not_have_is_that_of_data() -> None:
    lines = {"shop:b": 20, "shop:c": 10}
    runs = [observed_flow(request(calls, lines=lines)) for calls in ([A_B, A_C], [A_C, A_B])]
    assert compare(baseline_of(runs[:1], Scope()), runs[1:]).changes == []


def test_what_runs_elsewhere_has_no_order() -> None:
    spawned: Call = ("shop:a", "shop:b", Link.SPAWN)
    assert changes([[spawned, A_C]], [A_C, spawned]) == []


def test_how_often_does_not_matter() -> None:
    assert changes([[A_B, A_B, A_C]], [A_B, A_C]) == []


def test_a_message_that_is_waited_for_now() -> None:
    found = changes([[("shop:a", "shop:b", Link.RPC_CAST)]], [("shop:a", "shop:b", Link.RPC_CALL)])
    assert [(change.what, change.before, change.after) for change in found] == [
        (What.ALTERED, "rpc-cast", "rpc-call")
    ]


def test_several_recordings_count_as_one() -> None:
    assert changes([[A_B]], [A_B], [A_B, A_D]) == []
    assert len(changes([[A_B]], [A_B, A_D], [A_B, A_D])) == 1


def test_imports_are_no_part_of_a_request() -> None:
    imported: list[Call] = [("shop:a", "tools:<module>"), ("tools:<module>", "tools:prepare")]
    assert changes([[A_B]], [A_B, *imported]) == []


def test_functions_that_are_left_out_join_those_around_them() -> None:
    tree = request(
        [("shop:a", "bus:send"), ("bus:send", "bus:receive", Link.RPC_CAST), ("bus:receive", "shop:b")]
    )
    flow = observed_flow(tree, lambda function, _: in_packages(function, ("shop",)))
    assert list(flow.edges) == [("api", "shop:a", "shop:b", "rpc-cast")]


def test_allowances_that_nothing_uses_are_told() -> None:
    baseline = baseline_of(
        [learnt([observed_flow(request(calls)) for calls in ([A_B, A_C], [A_B])])], Scope()
    )
    again = [observed_flow(request([A_B])) for _ in range(2)]
    assert compare(baseline, again).unused == ["api shop:a -> shop:c [call]"]
    assert compare(baseline, again[:1]).unused == []
