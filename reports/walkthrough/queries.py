"""Questions that a recording answers: what the exercises' answers are checked against.

A query is a list of words, the first naming what is asked. Functions are given as ids. The answer is a text;
an empty one says that the recording does not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from reports.visible_text import shortened, visible_line
from reports.walkthrough.call_index import CallIndex
from tracer.model.hypervisor import Hypervisor
from tracer.model.request_tree import Span, Value

YES, NO = "yes", "no"
_LONGEST = 200


class Queries:
    """Answers queries about one recording.

    Args:
        index: the request.
        hypervisor: what was seen of the hypervisor.
    """

    def __init__(self, index: CallIndex, hypervisor: Hypervisor) -> None:
        self._index, self._hypervisor = index, hypervisor
        self._known: dict[str, Callable[..., str]] = {
            "service": self._service,
            "times": self._times,
            "messages": self._messages,
            "link": self._link,
            "under": self._under,
            "before": self._before,
            "outlives": self._outlives,
            "same-thread": self._same_thread,
            "argument": self._argument,
            "result": self._result,
            "milliseconds": self._milliseconds,
            "processes": self._processes,
            "busiest": self._busiest,
            "event": self._event,
            "connection": self._connection,
            "in-xml": self._in_xml,
            "on-console": self._on_console,
        }

    def answer(self, query: Sequence[str]) -> str:
        """What the recording says to ``query``.

        Raises:
            ValueError: there is no such query.
        """
        ask = self._known.get(query[0]) if query else None
        if ask is None:
            raise ValueError(f"no such query: {' '.join(query)}")
        return shortened(visible_line(ask(*query[1:])), _LONGEST)

    def _first(self, function_id: str) -> Span | None:
        number = self._index.function_numbers.get(function_id)
        at = self._index.first_of.get(number, -1) if number is not None else -1
        return self._index.tree.spans[at] if at >= 0 else None

    def _all(self, function_id: str) -> list[Span]:
        number = self._index.function_numbers.get(function_id)
        return [span for span in self._index.tree.spans if span.function == number]

    def _service(self, function_id: str) -> str:
        span = self._first(function_id)
        return span.service if span else ""

    def _times(self, function_id: str) -> str:
        number = self._index.function_numbers.get(function_id, -1)
        times = self._index.times[number]
        return f"{times:,}" if times else ""

    def _messages(self, source: str, target: str, link: str, what: str = "") -> str:
        """How many messages went from one service to another (``*`` for any)."""
        count = sum(
            source in ("*", hop.source.service)
            and target in ("*", hop.run.service)
            and hop.link.value == link
            and what in hop.what
            for hop in self._index.way.crossings
        )
        return f"{count:,}" if count else ""

    def _link(self, what: str) -> str:
        """How the first message that is called ``what`` travelled."""
        hop = next((hop for hop in self._index.way.crossings if hop.what == what), None)
        return hop.link.value if hop else ""

    def _under(self, above: str, below: str) -> str:
        outer = self._index.function_numbers.get(above, -1)
        spans = self._index.tree.spans
        found = self._all(below)
        if not found or outer < 0:
            return ""
        ran = any(spans[up].function == outer for span in found for up in self._index.ancestors(span.id - 1))
        return YES if ran else NO

    def _before(self, one: str, other: str) -> str:
        first, second = self._first(one), self._first(other)
        return (YES if first.start_ns < second.start_ns else NO) if first and second else ""

    def _outlives(self, one: str, other: str) -> str:
        first, second = self._first(one), self._first(other)
        return (YES if first.end_ns > second.end_ns else NO) if first and second else ""

    def _same_thread(self, one: str, other: str) -> str:
        first, second = self._first(one), self._first(other)
        if first is None or second is None:
            return ""
        return YES if (first.pid, first.thread) == (second.pid, second.thread) else NO

    def _argument(self, function_id: str, name: str) -> str:
        spans = (span for span in self._all(function_id) if span.values and name in span.values.arguments)
        span = next(spans, None)
        return _text(span.values.arguments[name]) if span and span.values else ""

    def _result(self, function_id: str) -> str:
        span = self._first(function_id)
        return _text(span.values.result) if span and span.values and span.values.result else ""

    def _milliseconds(self, function_id: str) -> str:
        span = self._first(function_id)
        return f"{span.duration_ns / 1e6:,.0f}" if span else ""

    def _processes(self) -> str:
        return f"{len({span.pid for span in self._index.tree.spans}):,}"

    def _busiest(self) -> str:
        counts = Counter(span.service for span in self._index.tree.spans)
        return max(sorted(counts), key=counts.__getitem__) if counts else ""

    def _event(self, name: str) -> str:
        return next((event.detail for event in self._hypervisor.events if event.event == name), "")

    def _connection(self, name: str) -> str:
        return str(self._hypervisor.connection.get(name, ""))

    def _in_xml(self, text: str) -> str:
        return (YES if text in self._hypervisor.domain_xml else NO) if self._hypervisor.domain_xml else ""

    def _on_console(self, text: str) -> str:
        lines = self._hypervisor.console.splitlines()
        return next((line.strip() for line in reversed(lines) if text in line), "")


def _text(value: Value) -> str:
    return value.text or value.type
