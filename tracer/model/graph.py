"""Call graphs: who can call whom, from where, and by which rule that is known.

A graph is kept in columns (one array a field), so that a large one is loaded in milliseconds; `Call`
objects and a
networkx graph are made from them when asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tracer.model.call_rows import CERTAINTIES, KINDS, CallRows, Row, in_order, pack, unpack
from tracer.model.function import Function
from tracer.model.kinds import CallKind, Certainty
from tracer.model.paths import Handover, PathSearch
from tracer.model.sealed import Seal
from tracer.model.whole_file import write_whole

if TYPE_CHECKING:
    import networkx as nx

FORMAT_NAME = "stackwalk-callgraph"
FORMAT_VERSION = 1
_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_CERTAINTY_NUMBERS = {certainty: number for number, certainty in enumerate(CERTAINTIES)}


class GraphError(Exception):
    """A call graph that cannot be read: what is wrong and, where there is one, a remedy."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Call(msgspec.Struct, frozen=True, gc=False, order=True):
    """One way from a caller to a callee: kind, certainty, the rule that found it, file and 1-based line."""

    caller: str
    callee: str
    file: str
    line: int
    kind: CallKind
    certainty: Certainty
    rule: str


class Sites(msgspec.Struct, frozen=True):
    """How many call sites were classified how; the parts add up to ``total``."""

    total: int = 0
    exact: int = 0
    inferred: int = 0
    by_name: int = 0
    external: int = 0
    unresolved: int = 0
    reasons: dict[str, int] = {}
    """Why the unresolved are unresolved."""

    @property
    def resolved_share(self) -> float:
        """Of the sites that do not lead out of the read code, the share resolved exactly or inferred."""
        inside = self.total - self.external
        return (self.exact + self.inferred) / inside if inside else 1.0


class GraphSummary(msgspec.Struct, frozen=True):
    """What a graph says of itself."""

    label: str
    modules: int
    functions: int
    lines: int
    sites: Sites
    warnings: list[str] = []


class _Stored(msgspec.Struct):
    summary: GraphSummary
    functions: list[str]
    files: list[str]
    rules: list[str]
    columns: dict[str, bytes]
    entries: list[tuple[int, str]] = []
    handovers: list[tuple[int, int, int, int]] = []


class CallGraph:
    """An immutable call graph.

    Args:
        summary: what was read and how completely.
        functions: every function, read or external, in order of id.
        calls: every call, in any order.
        entries: functions entered from outside, with why (a periodic task, a route, an RPC method).
        handovers: who calls what only because it was handed over, and by whom.
    """

    def __init__(
        self,
        summary: GraphSummary,
        functions: Sequence[Function],
        calls: Iterable[Call],
        entries: Iterable[tuple[str, str]] = (),
        handovers: Iterable[Handover] = (),
    ) -> None:
        self.summary = summary
        ordered = sorted(functions, key=lambda function: function.id)
        self._take_functions(
            [function.id for function in ordered],
            [function.file for function in ordered],
            [function.line for function in ordered],
        )
        calls = list(calls)
        self._rules = sorted({one.rule for one in calls})
        self._calls = CallRows(in_order(self._numbered(calls)), len(self._ids))
        self._entries = sorted(self._numbered_entries(entries))
        self._handovers = sorted(self._numbered_handovers(handovers))

    def _take_functions(self, ids: list[str], files: Sequence[str], lines: Iterable[int]) -> None:
        self._ids = ids
        self._index = {identity: index for index, identity in enumerate(ids)}
        self._files = sorted(set(files))
        numbers = {file: index for index, file in enumerate(self._files)}
        self._function_file = array("I", map(numbers.__getitem__, files))
        self._function_line = array("I", lines)

    def _numbered(self, calls: Iterable[Call]) -> set[Row]:
        at = self._index
        rules = {rule: index for index, rule in enumerate(self._rules)}
        return {
            (
                at[one.caller],
                at[one.callee],
                one.line,
                _KIND_NUMBERS[one.kind],
                _CERTAINTY_NUMBERS[one.certainty],
                rules[one.rule],
            )
            for one in calls
        }

    def _numbered_entries(self, entries: Iterable[tuple[str, str]]) -> set[tuple[int, str]]:
        return {(self._index[name], why) for name, why in entries if name in self._index}

    def _numbered_handovers(self, handovers: Iterable[Handover]) -> set[tuple[int, int, int, int]]:
        at = self._index
        return {(at[one.caller], at[one.callee], at[one.giver], at[one.taker]) for one in handovers}

    # What is in it

    @property
    def ids(self) -> Sequence[str]:
        """The ids of all functions, sorted."""
        return self._ids

    def __contains__(self, identity: str) -> bool:
        return identity in self._index

    def function(self, identity: str) -> Function:
        """The function of this id.

        Raises:
            KeyError: the graph has no such function.
        """
        index = self._index[identity]
        return Function(identity, self._files[self._function_file[index]], self._function_line[index])

    def functions(self) -> Iterator[Function]:
        """All functions, in order of id."""
        return map(self.function, self._ids)

    @property
    def call_count(self) -> int:
        """How many calls (caller, callee, site) there are."""
        return len(self._calls)

    def call_at(self, row: int) -> Call:
        """The call of a row."""
        calls = self._calls
        caller = calls.caller[row]
        return Call(
            self._ids[caller],
            self._ids[calls.callee[row]],
            self._files[self._function_file[caller]],
            calls.line[row],
            KINDS[calls.kind[row]],
            CERTAINTIES[calls.certainty[row]],
            self._rules[calls.rule[row]],
        )

    def calls(self) -> Iterator[Call]:
        """All calls, sorted by caller, callee and place."""
        return map(self.call_at, range(len(self._calls)))

    def entries(self) -> Iterator[tuple[Function, str]]:
        """Functions entered from outside of the read code, and why."""
        return ((self.function(self._ids[index]), why) for index, why in self._entries)

    def callees(self, identity: str) -> list[Call]:
        """The calls that the function makes."""
        index = self._index[identity]
        return [self.call_at(row) for row in self._calls.of(index)]

    def callers(self, identity: str) -> list[Call]:
        """The calls that reach the function."""
        index = self._index[identity]
        return [self.call_at(row) for row, callee in enumerate(self._calls.callee) if callee == index]

    def between(self, caller: str, callee: str) -> list[Call]:
        """The calls from one function to another."""
        return [call for call in self.callees(caller) if call.callee == callee]

    def path(
        self,
        start: str,
        goal: str,
        *,
        avoid: Iterable[str] = (),
        allowed: Callable[[Call], bool] | None = None,
    ) -> list[Call]:
        """A shortest path of calls that a run can take; among equals the one whose calls are surest, then
        first by name.

        Where a call reaches a decorated function, the path goes straight to the function: a wrapper's own
        calls lead to everything that it wraps anywhere. What was handed over is entered behind its giver
        only, unless there is no such way (it may start behind the giver).

        Args:
            start, goal: function ids.
            avoid: functions the path must not enter.
            allowed: which calls may be used; None for all.

        Returns:
            the calls in order; empty when there is no path or ``start`` is ``goal``.
        """
        source, target = self._index[start], self._index[goal]
        rows = PathSearch(self, avoid, allowed).shortest(source, target)
        if not rows and self._handovers:
            rows = PathSearch(self, avoid, allowed, given=False).shortest(source, target)
        return [self.call_at(row) for row in rows]

    def handovers(self) -> Iterator[Handover]:
        """Who calls what only because it was handed over, and by whom."""
        return (Handover(*map(self._ids.__getitem__, numbers)) for numbers in self._handovers)

    # Its rows, for those who search it

    @property
    def handover_numbers(self) -> Sequence[tuple[int, int, int, int]]:
        """The `handovers` by the functions' numbers."""
        return self._handovers

    @property
    def rules(self) -> Sequence[str]:
        """The rules that found the calls, sorted."""
        return self._rules

    def index_of(self, identity: str) -> int:
        """The number of a function: its place in `ids`."""
        return self._index[identity]

    def rows_of(self, caller: int) -> range:
        """The rows of the calls that function number ``caller`` makes."""
        return self._calls.of(caller)

    def callee_at(self, row: int) -> int:
        """The number of the function that is called."""
        return self._calls.callee[row]

    def line_at(self, row: int) -> int:
        """The line of a call."""
        return self._calls.line[row]

    def rule_at(self, row: int) -> int:
        """Which of `rules` found a call."""
        return self._calls.rule[row]

    def certainty_at(self, row: int) -> int:
        """How sure a call is; lower is surer."""
        return self._calls.certainty[row]

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The graph as networkx knows it: nodes carry ``file`` and ``line``, edges the fields of `Call`."""
        import networkx

        graph: nx.MultiDiGraph[str] = networkx.MultiDiGraph()
        for function in self.functions():
            graph.add_node(function.id, file=function.file, line=function.line)
        for call in self.calls():
            graph.add_edge(
                call.caller,
                call.callee,
                kind=str(call.kind),
                certainty=str(call.certainty),
                rule=call.rule,
                file=call.file,
                line=call.line,
            )
        return graph

    def relined(self, lines: Sequence[int], summary: GraphSummary) -> CallGraph:
        """The same graph with ``lines[n]`` wherever it has line ``n``, and another summary."""
        graph = CallGraph.__new__(CallGraph)
        graph.__dict__.update(self.__dict__)
        graph.summary = summary
        graph._function_line = array("I", map(lines.__getitem__, self._function_line))
        graph._calls = self._calls.relined(lines)
        return graph

    def extended(
        self,
        summary: GraphSummary,
        functions: Iterable[Function] = (),
        calls: Iterable[Call] = (),
        entries: Iterable[tuple[str, str]] = (),
        handovers: Iterable[Handover] = (),
    ) -> CallGraph:
        """The graph that the constructor would make of what is in this one and what is given, but quicker.

        A function that is there already stays as it is, unless it was in no file.
        """
        graph = CallGraph.__new__(CallGraph)
        graph.summary = summary
        given = {one.id: one for one in functions}
        ids = sorted([*self._ids, *(given.keys() - self._index.keys())])
        at = {identity: index for index, identity in enumerate(ids)}
        now = [at[identity] for identity in self._ids]
        files, lines = [""] * len(ids), [0] * len(ids)
        for number, file, line in zip(now, self._function_file, self._function_line, strict=True):
            files[number], lines[number] = self._files[file], line
        for one in given.values():
            number = at[one.id]
            if not files[number]:
                files[number], lines[number] = one.file, one.line
        graph._take_functions(ids, files, lines)
        calls = list(calls)
        graph._rules = sorted({*self._rules, *(one.rule for one in calls)})
        rules = [graph._rules.index(rule) for rule in self._rules]
        graph._calls = self._calls.extended(graph._numbered(calls), now, rules, len(ids))
        entered = {(now[number], why) for number, why in self._entries}
        graph._entries = sorted(entered | graph._numbered_entries(entries))
        given_on = {(now[one], now[two], now[three], now[four]) for one, two, three, four in self._handovers}
        graph._handovers = sorted(given_on | graph._numbered_handovers(handovers))
        return graph

    # Keeping it

    def to_bytes(self) -> bytes:
        """The graph in its file format; the same graph always gives the same bytes."""
        packed = {
            "function_file": pack(self._function_file),
            "function_line": pack(self._function_line),
            **self._calls.packed(),
        }
        stored = _Stored(
            self.summary, self._ids, self._files, self._rules, packed, self._entries, self._handovers
        )
        body = msgspec.msgpack.encode(stored)
        return _SEAL.sealed(body)

    def save(self, path: Path) -> None:
        """Write the graph to ``path`` (whole or not at all)."""
        write_whole(path, self.to_bytes())

    @classmethod
    def load(cls, path: Path) -> CallGraph:
        """Read a graph.

        Raises:
            GraphError: the file is missing, truncated, corrupt, of another format or version.
        """
        return cls.from_bytes(_SEAL.read(path), str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "graph") -> CallGraph:
        """Read a graph from its file format; see `load`."""
        content = _SEAL.opened(data, name)
        try:
            return cls._from_stored(msgspec.msgpack.decode(content, type=_Stored))
        except (msgspec.DecodeError, msgspec.ValidationError, KeyError, ValueError) as error:
            raise GraphError(f"{name} is damaged: {error}", _REMEDY) from error

    @classmethod
    def _from_stored(cls, stored: _Stored) -> CallGraph:
        graph = cls.__new__(cls)
        graph.summary = stored.summary
        graph._ids, graph._files, graph._rules = stored.functions, stored.files, stored.rules
        graph._index = {identity: index for index, identity in enumerate(stored.functions)}
        columns = stored.columns
        graph._function_file = unpack("I", columns["function_file"])
        graph._function_line = unpack("I", columns["function_line"])
        graph._calls = CallRows.unpacked(columns)
        graph._entries = stored.entries
        graph._handovers = stored.handovers
        return graph


_REMEDY = "Make one with `stackwalk read PACKAGE --out FILE`."
_SEAL = Seal(FORMAT_NAME, FORMAT_VERSION, "a call graph", _REMEDY, GraphError)
