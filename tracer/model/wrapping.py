"""Frames that only carry a call on: decorators' closures, proxies, and the dispatchers behind a link.

They are recognised by what they are, never by name:

- a closure of a function that is used as a decorator (or that such a function made) stands in the place of
  what it decorates;
- a closure that a ``__getattr__`` made stands in the place of the attribute that was asked for;
- behind a link between processes, the frames of the package that sent, as long as no other package has been
  entered, deliver the message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from tracer.model.graph import Call, CallGraph
from tracer.model.kinds import CallKind, Certainty, Link
from tracer.model.paths import THROUGH_DECORATOR
from tracer.model.request_tree import RequestTree, Span

DECORATOR_RULE = "decorator"
"""The rule of calls that the ``@`` of a decorated definition makes."""
THROUGH_WRAPPER = "through wrapper"
"""The rule of calls that were led past a wrapper to everything that it calls."""
_DECORATES = re.compile(r"^[ \t]*@(?:\w+\.)*(\w+)", re.MULTILINE)
_PROXY_MAKERS = ("__getattr__", "__getattribute__")
_MESSAGES = frozenset((Link.RPC_CALL, Link.RPC_CAST, Link.RPC_FANOUT))


def maker_of(identity: str) -> str:
    """The id of the function in which a closure was made; empty for what is no closure."""
    return identity.rpartition(".<locals>.")[0]


def is_proxy(identity: str) -> bool:
    """Whether the function is a closure that a ``__getattr__`` made."""
    return maker_of(identity).endswith(_PROXY_MAKERS)


def decorators_in(texts: Iterable[str]) -> frozenset[str]:
    """The last names of what stands behind an ``@`` in Python sources."""
    return frozenset(name for text in texts for name in _DECORATES.findall(text))


def is_decorators_closure(identity: str, decorators: Collection[str]) -> bool:
    """Whether the function is a closure that a decorator made, told by the decorator's name.

    Args:
        identity: the function's id.
        decorators: names that are used as decorators, see `decorators_in`.
    """
    outermost, made, _ = identity.partition(".<locals>.")
    return bool(made) and outermost.rpartition(":")[2].rpartition(".")[2] in decorators


def wrappers(graph: CallGraph) -> frozenset[str]:
    """The functions of ``graph`` that stand in the place of others: decorators' closures and proxies."""
    decorators = {
        call.callee
        for call in graph.calls()
        if call.rule == DECORATOR_RULE or call.kind is CallKind.DECORATOR
    }
    return frozenset(
        identity
        for identity in graph.ids
        if is_proxy(identity) or (maker_of(identity) in decorators and identity not in decorators)
    )


def without_wrappers(graph: CallGraph) -> CallGraph:
    """The graph whose calls lead past its wrappers, from end to end.

    Where the graph knows what a wrapper that is called somewhere stands for, that is what is called there.
    Else it is everything that the wrapper calls. The wrappers' own calls go with them.
    """
    folded = wrappers(graph)
    calls: list[Call] = []
    for caller in graph.ids:
        if caller not in folded:
            calls += _past(graph, folded, caller)
    functions = [function for function in graph.functions() if function.id not in folded]
    entries = ((function.id, why) for function, why in graph.entries())
    handed = (one for one in graph.handovers() if folded.isdisjoint(one))
    return CallGraph(graph.summary, functions, calls, entries, handed)


def _past(graph: CallGraph, folded: Collection[str], caller: str) -> list[Call]:
    """The calls of a function, those into wrappers led on."""
    own = graph.callees(caller)
    known = {call.line for call in own if call.rule == THROUGH_DECORATOR and call.callee not in folded}
    result = [call for call in own if call.callee not in folded]
    for call in own:
        if call.callee in folded and call.line not in known:
            result += [
                Call(caller, end, call.file, call.line, call.kind, Certainty.INFERRED, THROUGH_WRAPPER)
                for end in _behind(graph, folded, call.callee)
            ]
    return result


def _behind(graph: CallGraph, folded: Collection[str], wrapper: str) -> set[str]:
    """The functions at the far end of a wrapper and of those that it calls."""
    met = {wrapper}
    todo = [wrapper]
    ends: set[str] = set()
    while todo:
        for call in graph.callees(todo.pop()):
            if call.callee not in folded:
                ends.add(call.callee)
            elif call.callee not in met:
                met.add(call.callee)
                todo.append(call.callee)
    return ends


def dispatchers(tree: RequestTree) -> frozenset[str]:
    """The functions that only handed on what came over a message link, at either end, wherever they ran."""
    ids = [function.id for function in tree.functions]
    packages = [function.module.partition(".")[0] for function in tree.functions]
    handing: set[str] = set()
    own: set[str] = set()
    delivering: set[int] = set()
    for span in tree.spans:
        above = tree.parent(span)
        if above is None:
            own.add(ids[span.function])
            continue
        same = packages[above.function] == packages[span.function]
        if same and (
            above.id in delivering or (span.link in _MESSAGES and _was_entered(above, tree, packages))
        ):
            delivering.add(span.id)
            handing.add(ids[span.function])
        else:
            own.add(ids[span.function])
    return frozenset(handing - own)


def _was_entered(sender: Span, tree: RequestTree, packages: Sequence[str]) -> bool:
    """Whether another package called what sends: if not, it sends for itself, and so does who receives."""
    above = tree.parent(sender)
    return above is not None and packages[above.function] != packages[sender.function]


class Carried(NamedTuple):
    """A call that ran through frames which only carry it.

    ``through`` are the ids of the frames in between, outermost first; ``link`` is the link nearest to the
    callee (`Link.PLAIN` for none), ``line`` the 1-based line in the caller's file, 0 where not known.
    """

    caller: Span
    callee: Span
    through: tuple[str, ...]
    link: Link
    line: int


def carried(
    tree: RequestTree, carries: Callable[[str], bool], ends: Collection[str] | None = None
) -> Iterator[Carried]:
    """Which calls run from end to end through nothing but frames that carry them, over one link at most.

    Args:
        tree: the recorded request.
        carries: whether a function, by id, only carries calls on.
        ends: functions at which a call may end or begin although they carry; None for none.

    Yields:
        each call with at least one carrying frame in between.
    """
    ids = [function.id for function in tree.functions]
    carrying = [carries(identity) for identity in ids]
    for span in tree.spans:
        if span.activation or (carrying[span.function] and (ends is None or ids[span.function] not in ends)):
            continue
        between: list[str] = []
        link, line = span.link, 0
        above = tree.parent(span)
        while above is not None:
            if between and (
                not carrying[above.function] or (ends is not None and ids[above.function] in ends)
            ):
                yield Carried(above, span, tuple(reversed(between)), link, line)
            if not carrying[above.function] or (link and above.link):
                break
            between.append(ids[above.function])
            line = above.call_line
            link = link or above.link
            above = tree.parent(above)
