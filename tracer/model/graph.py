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

from tracer.model.function import Function
from tracer.model.kinds import CallKind, Certainty
from tracer.model.paths import Handover, PathSearch
from tracer.model.sealed import Seal
from tracer.model.whole_file import write_whole

if TYPE_CHECKING:
    import networkx as nx

FORMAT_NAME = "stackwalk-callgraph"
FORMAT_VERSION = 1
_KINDS = tuple(CallKind)
_CERTAINTIES = tuple(Certainty)
_LITTLE = array("I", [1]).tobytes()[0] == 1


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
        self._ids = [function.id for function in ordered]
        self._index = {identity: index for index, identity in enumerate(self._ids)}
        self._files = sorted({function.file for function in ordered})
        file_index = {file: index for index, file in enumerate(self._files)}
        self._function_file = array("I", [file_index[function.file] for function in ordered])
        self._function_line = array("I", [function.line for function in ordered])
        at = self._index
        rows = sorted(
            {(at[one.caller], at[one.callee], one.line, one.kind, one.certainty, one.rule) for one in calls}
        )
        self._rules = sorted({row[5] for row in rows})
        kinds = {kind: index for index, kind in enumerate(_KINDS)}
        certainties = {certainty: index for index, certainty in enumerate(_CERTAINTIES)}
        rules = {rule: index for index, rule in enumerate(self._rules)}
        self._take_rows([(*row[:3], kinds[row[3]], certainties[row[4]], rules[row[5]]) for row in rows])
        self._entries = sorted({(self._index[name], why) for name, why in entries if name in self._index})
        self._handovers: list[tuple[int, int, int, int]] = sorted(
            {(at[one.caller], at[one.callee], at[one.giver], at[one.taker]) for one in handovers}
        )

    def _take_rows(self, rows: Sequence[tuple[int, int, int, int, int, int]]) -> None:
        """Keep the calls: caller, callee, line, kind, certainty and rule, all by number, in order."""
        self._caller = array("I", [row[0] for row in rows])
        self._callee = array("I", [row[1] for row in rows])
        self._line = array("I", [row[2] for row in rows])
        self._kind = array("B", [row[3] for row in rows])
        self._certainty = array("B", [row[4] for row in rows])
        self._rule = array("H", [row[5] for row in rows])
        self._starts = self._starts_of(self._caller)

    def _starts_of(self, callers: array[int]) -> array[int]:
        starts = array("I", bytes(4 * (len(self._ids) + 1)))
        for caller in callers:
            starts[caller + 1] += 1
        for index in range(len(self._ids)):
            starts[index + 1] += starts[index]
        return starts

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
        return len(self._caller)

    def call_at(self, row: int) -> Call:
        """The call of a row."""
        caller = self._caller[row]
        return Call(
            self._ids[caller],
            self._ids[self._callee[row]],
            self._files[self._function_file[caller]],
            self._line[row],
            _KINDS[self._kind[row]],
            _CERTAINTIES[self._certainty[row]],
            self._rules[self._rule[row]],
        )

    def calls(self) -> Iterator[Call]:
        """All calls, sorted by caller, callee and place."""
        return map(self.call_at, range(len(self._caller)))

    def entries(self) -> Iterator[tuple[Function, str]]:
        """Functions entered from outside of the read code, and why."""
        return ((self.function(self._ids[index]), why) for index, why in self._entries)

    def callees(self, identity: str) -> list[Call]:
        """The calls that the function makes."""
        index = self._index[identity]
        return [self.call_at(row) for row in range(self._starts[index], self._starts[index + 1])]

    def callers(self, identity: str) -> list[Call]:
        """The calls that reach the function."""
        index = self._index[identity]
        return [self.call_at(row) for row, callee in enumerate(self._callee) if callee == index]

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
        return range(self._starts[caller], self._starts[caller + 1])

    def callee_at(self, row: int) -> int:
        """The number of the function that is called."""
        return self._callee[row]

    def line_at(self, row: int) -> int:
        """The line of a call."""
        return self._line[row]

    def rule_at(self, row: int) -> int:
        """Which of `rules` found a call."""
        return self._rule[row]

    def certainty_at(self, row: int) -> int:
        """How sure a call is; lower is surer."""
        return self._certainty[row]

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
        now = map(lines.__getitem__, self._line)
        # Nearly in order already, which sorting makes use of.
        ordered = sorted(
            zip(self._caller, self._callee, now, self._kind, self._certainty, self._rule, strict=True)
        )
        graph._take_rows(list(dict.fromkeys(ordered)))
        return graph

    # Keeping it

    def to_bytes(self) -> bytes:
        """The graph in its file format; the same graph always gives the same bytes."""
        columns = {
            "function_file": self._function_file,
            "function_line": self._function_line,
            "caller": self._caller,
            "callee": self._callee,
            "line": self._line,
            "kind": self._kind,
            "certainty": self._certainty,
            "rule": self._rule,
            "starts": self._starts,
        }
        packed = {name: _pack(column) for name, column in columns.items()}
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
        graph._function_file = _unpack("I", columns["function_file"])
        graph._function_line = _unpack("I", columns["function_line"])
        graph._caller = _unpack("I", columns["caller"])
        graph._callee = _unpack("I", columns["callee"])
        graph._line = _unpack("I", columns["line"])
        graph._kind = _unpack("B", columns["kind"])
        graph._certainty = _unpack("B", columns["certainty"])
        graph._rule = _unpack("H", columns["rule"])
        graph._entries = stored.entries
        graph._handovers = stored.handovers
        graph._starts = _unpack("I", columns["starts"])
        return graph


_REMEDY = "Make one with `stackwalk read PACKAGE --out FILE`."
_SEAL = Seal(FORMAT_NAME, FORMAT_VERSION, "a call graph", _REMEDY, GraphError)


def _pack(column: array[int]) -> bytes:
    if not _LITTLE:
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()


def _unpack(typecode: str, data: bytes) -> array[int]:
    column: array[int] = array(typecode)
    column.frombytes(data)
    if not _LITTLE:
        column.byteswap()
    return column
