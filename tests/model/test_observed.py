"""Observed calls: what a request's spans come down to."""

from __future__ import annotations

from tracer.model.function import Function
from tracer.model.kinds import CallKind, Link
from tracer.model.observed import ServicePair, observed_calls
from tracer.model.request_tree import RecordingHeader, RequestTree, Span


def request(*spans: Span, functions: str = "abcdef") -> RequestTree:
    """A tree of ``spans`` whose functions are ``m:a``, ``m:b``, ..."""
    header = RecordingHeader("s", "c", "t", 0, "now", len(spans), 6, {}, {}, [], [], [], {})
    return RequestTree(header, [Function(f"m:{name}", "m.py", 1) for name in functions], spans)


def span(
    number: int,
    parent: int,
    name: str,
    service: str = "nova-api",
    *,
    link: Link = Link.PLAIN,
    detail: str = "",
    activation: int = 0,
    line: int = 0,
) -> Span:
    function = "abcdef".index(name)
    return Span(
        number,
        parent,
        function,
        service,
        1,
        "main",
        number,
        number + 1,
        link=link,
        link_detail=detail,
        activation=activation,
        call_line=line,
    )


def test_calls_add_up_over_services_and_keep_their_lines() -> None:
    tree = request(
        span(1, 0, "a"),
        span(2, 1, "b", line=9),
        span(3, 1, "b", line=4),
        span(4, 1, "a", "nova-conductor", link=Link.RPC_CALL, detail="go"),
        span(5, 4, "b", "nova-conductor", line=4),
    )

    back, plain = observed_calls(tree)

    assert (plain.caller, plain.callee, plain.kind, plain.times) == ("m:a", "m:b", CallKind.CALL, 3)
    assert plain.services == (
        ServicePair("nova-api", "nova-api", 2),
        ServicePair("nova-conductor", "nova-conductor", 1),
    )
    assert (plain.line, plain.lines, plain.first) == (4, (4, 9), 2)
    assert (back.kind, back.details, back.services) == (
        CallKind.RPC_CALL,
        ("go",),
        (ServicePair("nova-api", "nova-conductor", 1),),
    )


def test_every_link_has_a_kind_of_its_own() -> None:
    spans = [span(number, 1, "b", link=link) for number, link in enumerate(Link, 2)]
    kinds = {call.kind for call in observed_calls(request(span(1, 0, "a"), *spans))}
    assert len(kinds) == len(Link)


def test_a_generator_is_called_once_however_often_it_is_resumed() -> None:
    tree = request(
        span(1, 0, "a"), span(2, 1, "b"), span(3, 1, "b", activation=1), span(4, 1, "b", activation=2)
    )
    assert [(call.caller, call.callee, call.times) for call in observed_calls(tree)] == [("m:a", "m:b", 1)]


def test_whoever_resumes_a_generator_it_did_not_start_is_a_caller_of_it() -> None:
    tree = request(
        span(1, 0, "a"),
        span(2, 1, "b"),
        span(3, 1, "c"),
        span(4, 3, "b", activation=1),
        span(5, 3, "b", activation=2),
        span(6, 1, "b"),
        span(7, 3, "b", activation=1),
    )
    found = {(call.caller, call.callee): call.times for call in observed_calls(tree)}
    assert found == {("m:a", "m:b"): 2, ("m:a", "m:c"): 1, ("m:c", "m:b"): 2}


def test_the_root_and_orphans_have_no_caller() -> None:
    assert observed_calls(request(span(1, 0, "a"), span(2, 0, "b"))) == []
