"""Which frames only carry a call on, and what they carry."""

from __future__ import annotations

from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph, GraphSummary, Sites
from tracer.model.kinds import CallKind, Certainty, Link
from tracer.model.paths import THROUGH_DECORATOR
from tracer.model.request_tree import RecordingHeader, RequestTree, Span
from tracer.model.wrapping import (
    THROUGH_WRAPPER,
    carried,
    decorators_in,
    dispatchers,
    is_decorators_closure,
    without_wrappers,
    wrappers,
)


def graph_of(*calls: tuple[str, str, str]) -> CallGraph:
    names = {name for caller, callee, _ in calls for name in (caller, callee)}
    return CallGraph(
        GraphSummary("demo", 1, 1, 1, Sites()),
        [Function(name, "m.py", 1) for name in names],
        [
            Call(caller, callee, "m.py", 1, CallKind.CALL, Certainty.EXACT, rule)
            for caller, callee, rule in calls
        ],
    )


def request(*spans: tuple[int, str, Link]) -> RequestTree:
    """A tree from (parent, function, link), numbered in order."""
    names = list(dict.fromkeys(name for _, name, _ in spans))
    header = RecordingHeader("s", "c", "t", 0, "now", len(spans), len(names), {}, {}, [], [], [], {})
    return RequestTree(
        header,
        [Function(name) for name in names],
        [
            Span(
                number, parent, names.index(name), "x", 1, "main", number, number, link=link, call_line=number
            )
            for number, (parent, name, link) in enumerate(spans, 1)
        ],
    )


def test_closures_of_decorators_and_proxies_are_wrappers() -> None:
    graph = graph_of(
        ("m:<module>", "m:logged", "decorator"),
        ("m:main", "m:logged.<locals>.wrapper", "flow"),
        ("m:<module>", "m:retried.<locals>.decorator", "decorator"),
        ("m:main", "m:retried.<locals>.decorator.<locals>.wrapped", "flow"),
        ("m:main", "m:Proxy.__getattr__.<locals>.call", "flow"),
        ("m:main", "m:helper.<locals>.inner", "flow"),
    )
    assert wrappers(graph) == {
        "m:logged.<locals>.wrapper",
        "m:retried.<locals>.decorator.<locals>.wrapped",
        "m:Proxy.__getattr__.<locals>.call",
    }


def test_a_graph_without_wrappers_leads_past_them() -> None:
    graph = without_wrappers(
        graph_of(
            ("m:<module>", "m:logged", "decorator"),
            ("m:main", "m:logged.<locals>.wrapper", "flow"),
            ("m:main", "m:work", THROUGH_DECORATOR),
            ("m:logged.<locals>.wrapper", "m:work", "flow"),
            ("m:logged.<locals>.wrapper", "m:other", "flow"),
            ("m:asks", "m:Proxy.__getattr__.<locals>.call", "flow"),
            ("m:Proxy.__getattr__.<locals>.call", "m:logged.<locals>.wrapper", "flow"),
        )
    )
    assert {(call.caller, call.callee, call.rule) for call in graph.calls()} == {
        ("m:<module>", "m:logged", "decorator"),
        ("m:main", "m:work", THROUGH_DECORATOR),
        ("m:asks", "m:work", THROUGH_WRAPPER),
        ("m:asks", "m:other", THROUGH_WRAPPER),
    }
    assert not [identity for identity in graph.ids if "<locals>" in identity]


def test_dispatchers_are_what_the_sending_package_runs_at_the_other_end() -> None:
    tree = request(
        (0, "shop:sell", Link.PLAIN),
        (1, "post.client:cast", Link.PLAIN),
        (2, "post.server:receive", Link.RPC_CAST),
        (3, "post.server:dispatch", Link.PLAIN),
        (4, "bank:pay", Link.PLAIN),
        (5, "post.client:cast", Link.PLAIN),
    )
    assert dispatchers(tree) == {"post.server:receive", "post.server:dispatch"}


def test_who_sends_for_itself_receives_for_itself() -> None:
    tree = request(
        (0, "shop.till:sell", Link.PLAIN),
        (1, "shop.wire:cast", Link.PLAIN),
        (2, "shop.depot:pack", Link.RPC_CAST),
        (3, "shop.depot:label", Link.PLAIN),
    )
    assert dispatchers(tree) == frozenset()


def test_a_function_that_also_runs_elsewhere_is_no_dispatcher() -> None:
    tree = request(
        (0, "post:client", Link.PLAIN), (1, "post:receive", Link.RPC_CALL), (1, "post:receive", Link.PLAIN)
    )
    assert dispatchers(tree) == frozenset()


def test_what_is_carried_goes_from_end_to_end() -> None:
    tree = request(
        (0, "shop:sell", Link.PLAIN),
        (1, "w:outer", Link.PLAIN),
        (2, "w:inner", Link.RPC_CALL),
        (3, "bank:pay", Link.PLAIN),
        (4, "bank:count", Link.PLAIN),
    )
    (one,) = carried(tree, lambda identity: identity.startswith("w:"))
    assert (tree.function(one.caller).id, tree.function(one.callee).id) == ("shop:sell", "bank:pay")
    assert (one.through, one.link, one.line) == (("w:outer", "w:inner"), Link.RPC_CALL, 2)


def test_nothing_is_carried_over_two_links() -> None:
    tree = request(
        (0, "shop:sell", Link.PLAIN),
        (1, "w:outer", Link.HTTP),
        (2, "w:inner", Link.RPC_CALL),
        (3, "bank:pay", Link.PLAIN),
    )
    assert list(carried(tree, lambda identity: identity.startswith("w:"))) == []


def test_a_carrying_function_may_be_an_end_where_asked_for() -> None:
    tree = request(
        (0, "shop:sell", Link.PLAIN),
        (1, "w:outer", Link.PLAIN),
        (2, "w:inner", Link.PLAIN),
        (3, "bank:pay", Link.PLAIN),
    )
    found = [
        (tree.function(one.caller).id, tree.function(one.callee).id)
        for one in carried(tree, lambda identity: identity.startswith("w:"), {"w:outer", "w:inner"})
    ]
    assert found == [("shop:sell", "w:inner"), ("w:outer", "bank:pay"), ("shop:sell", "bank:pay")]


def test_a_recording_knows_decorators_closures_by_what_its_sources_decorate_with() -> None:
    names = decorators_in(
        ["@utils.retried(times=3)\ndef f(): pass\n", "class C:\n    @logged\n    def g(self): pass\n"]
    )
    assert names == {"retried", "logged"}
    assert is_decorators_closure("utils:retried.<locals>.decorator.<locals>.wrapped", names)
    assert is_decorators_closure("m:logged.<locals>.wrapper", names)
    assert not is_decorators_closure("m:helper.<locals>.inner", names)
    assert not is_decorators_closure("m:logged", names)
