"""Ways that unchanged code takes now and then: lost races, first uses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.regression.flows import Call, request
from tracer.model.kinds import Link
from tracer.model.request_tree import RequestTree
from tracer.regression.baseline import Baseline, baseline_of
from tracer.regression.baseline_file import parse_baseline, text_of
from tracer.regression.caught import Caught
from tracer.regression.changes import Comparison
from tracer.regression.comparison import compare
from tracer.regression.learning import learnt
from tracer.regression.observed_flow import observed_flow
from tracer.regression.scope import Scope, in_packages

ORDER: list[Call] = [("shop:order", "shop:reserve"), ("shop:order", "shop:pack"), ("shop:pack", "shop:label")]
LOST: list[Call] = [
    ("shop:order", "shop:reserve"),
    ("shop:reserve", "shop:Taken.__init__"),
    ("shop:order", "shop:apologise"),
    ("shop:apologise", "shop:write"),
]


def lost(*more: Call) -> RequestTree:
    """A request that lost a race: what it wanted to reserve was taken."""
    return request([*LOST, *more], raising=("shop:reserve",))


def baseline(*trees: RequestTree) -> Baseline:
    made = baseline_of([learnt([observed_flow(tree) for tree in trees])], Scope())
    return parse_baseline(text_of(made), Path("baseline"))


def checked(agreed: Baseline, *trees: RequestTree) -> Comparison:
    return compare(agreed, [observed_flow(tree) for tree in trees])


def callees(comparison: Comparison) -> Sequence[str]:
    return [change.callee for change in comparison.changes]


def test_what_follows_from_an_exception_that_no_learnt_run_caught_is_not_judged() -> None:
    found = checked(baseline(request(ORDER)), lost())
    assert found.changes == []
    assert len(found.notes) == 1
    assert "shop:order caught what shop:reserve raised" in found.notes[0]


def test_what_two_recordings_do_is_judged() -> None:
    found = checked(baseline(request(ORDER)), lost(), lost())
    assert {"shop:apologise", "shop:write", "shop:pack", "shop:label"} <= set(callees(found))


def test_an_exception_that_was_learnt_excuses_nothing() -> None:
    agreed = baseline(request(ORDER), lost())
    assert checked(agreed, lost()).changes == []
    assert callees(checked(agreed, lost(("shop:order", "shop:refund")))) == ["shop:refund"]


def test_what_ran_before_the_exception_is_judged() -> None:
    found = checked(
        baseline(request(ORDER)), request([("shop:order", "shop:pay"), *LOST], raising=("shop:reserve",))
    )
    assert callees(found) == ["shop:pay"]


def test_a_new_call_is_new_though_what_it_raises_is_caught() -> None:
    asked: list[Call] = [*ORDER, ("shop:order", "shop:ask")]
    assert callees(checked(baseline(request(ORDER)), request(asked, raising=("shop:ask",)))) == ["shop:ask"]


def test_a_request_that_fails_is_judged() -> None:
    failed: list[Call] = [("shop:order", "shop:reserve"), ("shop:reserve", "shop:Taken.__init__")]
    found = checked(baseline(request(ORDER)), request(failed, raising=("shop:order", "shop:reserve")))
    assert {"shop:pack", "shop:Taken.__init__"} <= set(callees(found))


def test_what_only_some_runs_ran_may_do_more() -> None:
    first: list[Call] = [*ORDER, ("shop:order", "shop:open"), ("shop:open", "shop:unlock")]
    agreed = baseline(request(ORDER), request(first))
    again = request([*first, ("shop:open", "shop:sweep"), ("shop:sweep", "shop:broom")])
    found = checked(agreed, again)
    assert found.changes == []
    assert "shop:open" in found.notes[0]
    assert "shop:sweep" in callees(checked(agreed, again, again))


def test_where_a_way_leads_that_only_some_runs_took_is_not_known() -> None:
    late: list[Call] = [*ORDER, ("shop:order", "shop:hear"), ("shop:hear", "shop:pack")]
    agreed = baseline(request(ORDER), request(late))
    assert checked(agreed, request([*late, ("shop:pack", "shop:weigh")])).changes == []
    assert callees(checked(agreed, request([*ORDER, ("shop:pack", "shop:weigh")]))) == ["shop:weigh"]


def test_exceptions_among_what_is_left_out_do_not_count() -> None:
    tree = request(
        [("shop:a", "bus:send"), ("bus:send", "bus:retry"), ("bus:send", "shop:b"), ("shop:a", "shop:c")],
        raising=("bus:retry", "shop:b"),
    )
    flow = observed_flow(tree, lambda function, _: in_packages(function, ("shop",)))
    assert set(flow.caught) == {Caught("api", "shop:a", "shop:b")}


def test_exceptions_of_other_threads_are_theirs() -> None:
    calls: list[Call] = [("shop:a", "shop:b", Link.SPAWN), ("shop:a", "shop:c")]
    assert not observed_flow(request(calls, raising=("shop:b",))).caught


def test_the_exceptions_that_were_caught_stand_in_the_file() -> None:
    text = text_of(baseline(lost()))
    assert "! api shop:order -> shop:reserve" in text.splitlines()
