"""A graph with more in it is the one that is made of everything together."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph, GraphSummary, Sites
from tracer.model.kinds import CallKind, Certainty
from tracer.model.paths import Handover

NAMES = tuple(f"{module}:{name}" for module in ("a", "b", "c.d") for name in ("f", "g", "C.m", "<module>"))
SUMMARY = GraphSummary("demo", 1, 4, 40, Sites())
names = st.sampled_from(NAMES)
calls = st.builds(
    Call,
    names,
    names,
    st.just(""),
    st.integers(0, 3),
    st.sampled_from(CallKind),
    st.sampled_from(Certainty),
    st.sampled_from(["flow", "decorator", "external"]),
)
entries = st.tuples(names, st.sampled_from(["route GET /", "periodic"]))
handovers = st.builds(Handover, names, names, names, names)
Part = tuple[list[Call], list[tuple[str, str]], list[Handover]]
parts = st.tuples(st.lists(calls), st.lists(entries, max_size=4), st.lists(handovers, max_size=4))


def functions(part: Part) -> list[Function]:
    """Those that a part speaks of; modules of one letter were read."""
    found = {name for one in part[0] for name in (one.caller, one.callee)}
    found |= {name for one in part[2] for name in (one.caller, one.callee, one.giver, one.taker)}
    found |= {name for name, _ in part[1]}
    return [function(name) for name in sorted(found)]


def function(name: str) -> Function:
    module = name.partition(":")[0]
    return Function(name, f"{module}.py", len(name)) if len(module) == 1 else Function(name)


def united(one: Iterable[Function], other: Iterable[Function]) -> list[Function]:
    """All functions, each once."""
    return list({function.id: function for function in (*one, *other)}.values())


@settings(max_examples=300, deadline=None)
@given(before=parts, more=parts)
def test_it_is_the_graph_of_everything(before: Part, more: Part) -> None:
    base = CallGraph(SUMMARY, functions(before), *before)
    other = GraphSummary("more", 2, 5, 50, Sites(total=1))

    found = base.extended(other, functions(more), *more)

    together = [[*one, *two] for one, two in zip(before, more, strict=True)]
    whole = CallGraph(other, united(functions(before), functions(more)), *together)  # type: ignore[arg-type]
    assert found.to_bytes() == whole.to_bytes()
    for name in found.ids:
        assert found.callees(name) == whole.callees(name)
        assert found.callers(name) == whole.callers(name)
    assert CallGraph.from_bytes(found.to_bytes()).to_bytes() == whole.to_bytes()


def test_what_was_outside_is_read_now() -> None:
    base = CallGraph(SUMMARY, [Function("a:f", "a.py", 1), Function("b:g"), Function("c:h", "c.py", 3)], [])

    found = base.extended(SUMMARY, [Function("b:g", "b.py", 7), Function("a:f"), Function("c:h", "d.py", 9)])

    assert list(found.functions()) == [
        Function("a:f", "a.py", 1),
        Function("b:g", "b.py", 7),
        Function("c:h", "c.py", 3),
    ]


def test_the_graph_before_stays_as_it_is() -> None:
    base = CallGraph(SUMMARY, [Function("b:g", "b.py", 1)], [])
    before = base.to_bytes()

    base.extended(
        SUMMARY, [Function("a:f")], [Call("a:f", "b:g", "", 1, CallKind.CALL, Certainty.EXACT, "x")]
    )

    assert base.to_bytes() == before
