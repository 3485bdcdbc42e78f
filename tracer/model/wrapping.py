"""Frames that only carry a call on: decorators' closures, proxies, and the dispatchers behind a link.

They are recognised by what they are, never by name:

- a closure of a function that is used as a decorator (or that such a function made) stands in the place of
  what it decorates;
- a closure that a ``__getattr__`` made stands in the place of the attribute that was asked for;
- behind a link between processes, the frames of the package that sent, as long as no other package has been
  entered, deliver the message.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from tracer.model.graph import CallGraph
from tracer.model.kinds import CallKind, Link
from tracer.model.request_tree import RequestTree, Span

DECORATOR_RULE = "decorator"
"""The rule of calls that the ``@`` of a decorated definition makes."""
_PROXY_MAKERS = ("__getattr__", "__getattribute__")
_MESSAGES = frozenset((Link.RPC_CALL, Link.RPC_CAST, Link.RPC_FANOUT))


def maker_of(identity: str) -> str:
    """The id of the function in which a closure was made; empty for what is no closure."""
    return identity.rpartition(".<locals>.")[0]


def is_proxy(identity: str) -> bool:
    """Whether the function is a closure that a ``__getattr__`` made."""
    return maker_of(identity).endswith(_PROXY_MAKERS)


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
        if same and (span.link in _MESSAGES or above.id in delivering):
            delivering.add(span.id)
            handing.add(ids[span.function])
        else:
            own.add(ids[span.function])
    return frozenset(handing - own)


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
    """Which calls run from end to end through nothing but frames that carry them.

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
            if not carrying[above.function]:
                break
            between.append(ids[above.function])
            line = above.call_line
            link = link or above.link
            above = tree.parent(above)
