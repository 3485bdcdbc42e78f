"""Which functions a name means that a person wrote."""

from __future__ import annotations

import pytest

from tracer.model.function import Function
from tracer.model.names import NameProblemError, matching, one_of

CONTROLLER = "shop.api.orders:OrdersController.create"
VIEW = "shop.api.views.orders:View.create"
HELPER = "shop.api.orders:check"
NESTED = "shop.api.orders:OrdersController.create.<locals>.check"
TABLE = "shop.tables:orders.create"
CLERK = "shop.desk:Clerk.take"
CLERKS_HELPER = "shop.desk:Clerk.take.<locals>.ask"
BODY = "shop.desk:<module>"
OUTSIDE = "remote:client.desk.take"
IDS = sorted([CONTROLLER, VIEW, HELPER, NESTED, CLERK, CLERKS_HELPER, BODY, OUTSIDE])


def is_read(identity: str) -> bool:
    return identity != OUTSIDE


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (CONTROLLER, [CONTROLLER]),
        ("shop.api.orders.OrdersController.create", [CONTROLLER]),
        ("OrdersController.create", [CONTROLLER]),
        ("OrdersController:create", [CONTROLLER]),
        ("orders:OrdersController.create", [CONTROLLER]),
        ("create", [CONTROLLER, VIEW]),
        ("orders.create", [CONTROLLER, VIEW]),
        ("orders:create", [CONTROLLER, VIEW]),
        ("api.orders.create", [CONTROLLER]),
        ("shop.api.orders:create", [CONTROLLER]),
        ("views.orders.create", [VIEW]),
        ("orders.check", [HELPER]),
        ("create.check", [NESTED]),
        ("desk.ask", [CLERKS_HELPER]),
        ("shop.desk", [BODY]),
        ("desk", [BODY]),
        ("desk.take", [CLERK]),
        ("client.desk.take", [OUTSIDE]),
        ("rders.create", []),
        ("sk.take", []),
        ("orders.desk", []),
    ],
)
def test_a_name_may_be_any_tail_or_a_module_and_a_function_in_it(name: str, meant: list[str]) -> None:
    assert matching(IDS, name, is_read) == meant


def test_a_tail_that_is_written_out_wins_over_a_class_left_out() -> None:
    assert matching([*IDS, TABLE], "orders.create") == [TABLE]


def test_what_was_read_wins_over_a_better_fit_that_was_not() -> None:
    assert matching(IDS, "desk.take") == [OUTSIDE]
    assert one_of(IDS, "desk.take", is_read) == CLERK


def test_what_is_nested_is_meant_where_nothing_else_is() -> None:
    assert one_of(IDS, "check") == HELPER
    assert one_of(IDS, "ask") == CLERKS_HELPER


def test_the_candidates_of_a_name_are_told_with_their_places() -> None:
    with pytest.raises(NameProblemError, match=r"orders\.create may mean any of 2 functions") as caught:
        one_of(IDS, "orders.create", is_read)
    lines = caught.value.lines(lambda identity: Function(identity, "shop.py", IDS.index(identity)))
    assert lines == (f"{CONTROLLER}  shop.py:{IDS.index(CONTROLLER)}", f"{VIEW}  shop.py:{IDS.index(VIEW)}")
    assert caught.value.remedy


def test_no_more_candidates_are_told_than_can_be_read_and_the_rest_is_counted() -> None:
    ids = [f"shop.m{number}:pay" for number in range(50)]
    with pytest.raises(NameProblemError) as caught:
        one_of(ids, "pay")
    *shown, rest = caught.value.lines(Function)
    assert set(shown) < set(ids)
    assert rest == f"... and {len(ids) - len(shown)} more"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("OrdersController.creat", CONTROLLER),
        ("OrdersControler.create", CONTROLLER),
        ("View.craete", VIEW),
        ("views.order.create", VIEW),
        ("views.orders.creat", VIEW),
    ],
)
def test_a_mistyped_name_is_answered_with_the_most_alike_first(name: str, first: str) -> None:
    with pytest.raises(NameProblemError, match="no function") as caught:
        one_of(IDS, name, is_read)
    assert caught.value.near[0] == first


def test_a_name_like_no_other_has_no_suggestion() -> None:
    with pytest.raises(NameProblemError) as caught:
        one_of(IDS, "xyzzy")
    assert (caught.value.lines(Function), caught.value.remedy) == ((), "")


def test_a_class_is_answered_with_its_functions() -> None:
    with pytest.raises(NameProblemError, match="OrdersController is a class") as caught:
        one_of(IDS, "OrdersController", is_read)
    assert caught.value.inside == sorted(one for one in IDS if ":OrdersController." in one and "<" not in one)
    assert caught.value.remedy == "Name one of its functions."


def test_a_function_that_a_class_does_not_have_is_answered_with_those_it_has() -> None:
    cancel, inherited = "shop.api.orders:OrdersController.cancel", "shop.base:Base.forget"
    with pytest.raises(
        NameProblemError, match="the class OrdersController has no function ancillary"
    ) as caught:
        one_of([*IDS, cancel], "OrdersController.ancillary", is_read)
    assert caught.value.inside[0] == cancel
    assert CONTROLLER in caught.value.inside
    with pytest.raises(NameProblemError) as caught:
        one_of([*IDS, inherited], "OrdersController.forget", is_read)
    assert caught.value.near[0] == inherited


def test_an_empty_name_is_called_empty() -> None:
    with pytest.raises(NameProblemError, match="is empty"):
        one_of(IDS, "")
