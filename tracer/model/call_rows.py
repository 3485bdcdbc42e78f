"""The calls of a graph in columns, one array a field, with functions, kinds and rules by number."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from tracer.model.kinds import CallKind, Certainty

KINDS = tuple(CallKind)
CERTAINTIES = tuple(Certainty)
Row = tuple[int, int, int, int, int, int]
"""Caller, callee, line, kind, certainty and rule, all by number."""

_COLUMNS = {"caller": "I", "callee": "I", "line": "I", "kind": "B", "certainty": "B", "rule": "H"}
_LITTLE = array("I", [1]).tobytes()[0] == 1
_KIND_RANKS = tuple(map(sorted(KINDS).index, KINDS))
_CERTAINTY_RANKS = tuple(map(sorted(CERTAINTIES).index, CERTAINTIES))


class CallRows:
    """The calls, one row each, sorted by caller, callee, line and then by the names of what else they have.

    Args:
        rows: the calls in order.
        functions: how many functions there are.
    """

    def __init__(self, rows: Sequence[Row], functions: int) -> None:
        self.caller = array("I", [row[0] for row in rows])
        self.callee = array("I", [row[1] for row in rows])
        self.line = array("I", [row[2] for row in rows])
        self.kind = array("B", [row[3] for row in rows])
        self.certainty = array("B", [row[4] for row in rows])
        self.rule = array("H", [row[5] for row in rows])
        self.starts = _starts(self.caller, functions)

    def __len__(self) -> int:
        return len(self.caller)

    def of(self, caller: int) -> range:
        """The numbers of the rows of a caller."""
        return range(self.starts[caller], self.starts[caller + 1])

    def relined(self, lines: Sequence[int]) -> CallRows:
        """The same calls with ``lines[n]`` wherever they have line ``n``."""
        now = map(lines.__getitem__, self.line)
        # Nearly in order already, which sorting makes use of.
        ordered = sorted(
            zip(self.caller, self.callee, now, self.kind, self.certainty, self.rule, strict=True)
        )
        return CallRows(list(dict.fromkeys(ordered)), len(self.starts) - 1)

    def extended(
        self, rows: Iterable[Row], functions: Sequence[int], rules: Sequence[int], count: int
    ) -> CallRows:
        """The same calls and others.

        Args:
            rows: the others, by numbers as they are from now on.
            functions, rules: for each number of before, in order, the one it is from now on.
            count: how many functions there are from now on.
        """
        caller, callee = (array("I", map(functions.__getitem__, one)) for one in (self.caller, self.callee))
        rule = array("H", map(rules.__getitem__, self.rule))
        columns = (caller, callee, self.line, self.kind, self.certainty, rule)
        known = range(len(self))
        added: list[tuple[int, Row]] = []
        for row in in_order(set(rows)):
            at = bisect_left(known, _order(row), key=lambda number: _order(_row(columns, number)))
            if at == len(self) or _row(columns, at) != row:
                added.append((at, row))
        made = CallRows.__new__(CallRows)
        for place, (name, old) in enumerate(zip(_COLUMNS, columns, strict=True)):
            column: array[int] = array(old.typecode)
            done = 0
            for at, row in added:
                column += old[done:at]
                column.append(row[place])
                done = at
            column += old[done:]
            setattr(made, name, column)
        made.starts = _starts(made.caller, count)
        return made

    def packed(self) -> dict[str, bytes]:
        """The columns by name, as they are stored."""
        return {name: pack(getattr(self, name)) for name in (*_COLUMNS, "starts")}

    @classmethod
    def unpacked(cls, columns: Mapping[str, bytes]) -> CallRows:
        """The calls of stored columns.

        Raises:
            KeyError, ValueError: one is missing or broken.
        """
        rows = cls.__new__(cls)
        for name, typecode in (*_COLUMNS.items(), ("starts", "I")):
            setattr(rows, name, unpack(typecode, columns[name]))
        return rows


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Rows as `CallRows` has them."""
    return sorted(rows, key=_order)


def _row(columns: Sequence[array[int]], number: int) -> Row:
    caller, callee, line, kind, certainty, rule = (column[number] for column in columns)
    return caller, callee, line, kind, certainty, rule


def _order(row: Row) -> Row:
    return *row[:3], _KIND_RANKS[row[3]], _CERTAINTY_RANKS[row[4]], row[5]


def _starts(callers: array[int], functions: int) -> array[int]:
    starts = array("I", bytes(4 * (functions + 1)))
    for caller in callers:
        starts[caller + 1] += 1
    for index in range(functions):
        starts[index + 1] += starts[index]
    return starts


def pack(column: array[int]) -> bytes:
    """A column as it is stored, on any machine."""
    if not _LITTLE:
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()


def unpack(typecode: str, data: bytes) -> array[int]:
    """A stored column."""
    column: array[int] = array(typecode)
    column.frombytes(data)
    if not _LITTLE:
        column.byteswap()
    return column
