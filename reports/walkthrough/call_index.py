"""A request tree in columns of numbers: small, and quick to walk when it holds a million calls."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from reports.way import Way
from tracer.model.kinds import Link
from tracer.model.request_tree import RequestTree

_MOST_SAMPLED = 50_000
"""Calls looked at to learn which package a service mostly runs."""


class CallIndex:
    """Facts of a request's spans by index (a span's id minus one); -1 stands for none.

    Spans lie in depth-first order, so that a span and all beneath it are one range of indices.

    Args:
        tree: the request.
    """

    def __init__(self, tree: RequestTree) -> None:
        self.tree = tree
        self.parent = array("i", [span.parent - 1 for span in tree.spans])
        count = len(self.parent)
        self.size = array("I", [1]) * count
        """The span itself and all beneath it."""
        self.depth = array("I", bytes(4 * count))
        for index in range(count - 1, -1, -1):
            above = self.parent[index]
            if above >= 0:
                self.size[above] += self.size[index]
        for index in range(count):
            above = self.parent[index]
            if above >= 0:
                self.depth[index] = self.depth[above] + 1

    def children(self, index: int) -> Iterator[int]:
        """The spans that ran directly under the one at ``index``, in order of start."""
        child, end = index + 1, index + self.size[index]
        while child < end:
            yield child
            child += self.size[child]

    def ancestors(self, index: int) -> Iterator[int]:
        """The spans above the one at ``index``, nearest first."""
        above = self.parent[index]
        while above >= 0:
            yield above
            above = self.parent[above]

    def function_id(self, index: int) -> str:
        """The function that ran."""
        return self.tree.functions[self.tree.spans[index].function].id

    @cached_property
    def way(self) -> Way:
        """The request's way through processes and threads."""
        return Way(self.tree)

    @cached_property
    def first_of(self) -> dict[int, int]:
        """The first span of each function, by the function's number."""
        first: dict[int, int] = {}
        for index, span in enumerate(self.tree.spans):
            first.setdefault(span.function, index)
        return first

    @cached_property
    def times(self) -> Counter[int]:
        """How often each function was called, by its number; generators' resumptions are not counted."""
        return Counter(span.function for span in self.tree.spans if span.activation < 2)

    @cached_property
    def function_numbers(self) -> dict[str, int]:
        """Numbers of the functions by id."""
        return {function.id: number for number, function in enumerate(self.tree.functions)}

    @cached_property
    def own_package(self) -> dict[str, str]:
        """By service the package that most of its calls are of: what a newcomer looks for first."""
        counts: dict[str, Counter[str]] = {}
        packages = [function.id.partition(":")[0].partition(".")[0] for function in self.tree.functions]
        spans = self.tree.spans
        for index in range(0, len(spans), 1 + len(spans) // _MOST_SAMPLED):
            span = spans[index]
            counts.setdefault(span.service, Counter())[packages[span.function]] += 1
        return {service: max(sorted(count), key=count.__getitem__) for service, count in counts.items()}

    def caller_to_show(self, index: int) -> tuple[int, int]:
        """The span whose source shows best where the call at ``index`` was made, and the line of it.

        That is the caller; for a message the nearest function of the sending service's own package, since
        what stands between are its libraries.

        Returns:
            index and 1-based line, or (-1, 0) where no line is known.
        """
        spans = self.tree.spans
        crossed = spans[index].link is not Link.PLAIN
        fallback = (-1, 0)
        below = index
        for above in self.ancestors(index):
            line = spans[below].call_line
            if line:
                if not crossed:
                    return above, line
                if fallback == (-1, 0):
                    fallback = above, line
                package = self.function_id(above).partition(":")[0].partition(".")[0]
                if package == self.own_package[spans[above].service]:
                    return above, line
            if below != index and spans[below].link:
                break
            below = above
        return fallback

    @cached_property
    def edges(self) -> dict[tuple[int, int, int], tuple[int, Link]]:
        """Calls by (caller's number, callee's number, line): how often, and over which link."""
        counts: Counter[tuple[int, int, int]] = Counter()
        links: dict[tuple[int, int, int], Link] = {}
        spans = self.tree.spans
        for span, above in zip(spans, self.parent, strict=True):
            if above < 0 or span.activation > 1:
                continue
            key = (spans[above].function, span.function, span.call_line)
            counts[key] += 1
            if span.link:
                links[key] = span.link
        return {key: (count, links.get(key, Link.PLAIN)) for key, count in counts.items()}
