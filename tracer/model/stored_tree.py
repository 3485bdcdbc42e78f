"""How functions and spans lie in a recording's tree file: by column, with tables for what repeats."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import add, lt
from pathlib import Path
from typing import TypeVar

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.model.recording_error import UNREADABLE, RecordingError
from tracer.model.request_tree import RequestTree, Span, Values

FORMAT = "stackwalk request tree"
VERSION = 1

_T = TypeVar("_T")


class _Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where spans ran: the service, process and thread that many of them share."""

    service: str
    pid: int
    thread: str


class _Kind(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How spans began and ended."""

    outcome: Outcome
    link: Link
    link_detail: str
    activation: int


class _StoredTree(msgspec.Struct):
    """Columns of equal length, one entry a span; ids are 1, 2, 3, ... and not stored.

    ``start`` holds the difference to the span before, ``duration`` end minus start. ``place``, ``kind``
    and ``value`` index the tables ``places``, ``kinds`` and ``values``; ``value`` from 1, 0 for none.
    """

    format: str
    version: int
    functions: list[Function]
    places: list[_Place]
    kinds: list[_Kind]
    values: list[msgspec.Raw]
    parent: list[int]
    function: list[int]
    place: list[int]
    kind: list[int]
    start: list[int]
    duration: list[int]
    call_line: list[int]
    value: list[int]


def encode_tree(tree: RequestTree) -> bytes:
    """The tree file's bytes for the functions and spans of ``tree``.

    Raises:
        ValueError: when the spans are not numbered 1, 2, 3, ... in depth-first order.
    """
    spans = tree.spans
    if any(span.id != number or span.parent >= number for number, span in enumerate(spans, 1)):
        raise ValueError("spans must be numbered from 1, each after its parent")
    encode = msgspec.msgpack.Encoder().encode
    places: dict[_Place, int] = {}
    kinds: dict[_Kind, int] = {}
    values: dict[bytes, int] = {b"": 0}
    start, before = [], 0
    for span in spans:
        start.append(span.start_ns - before)
        before = span.start_ns
    place = [places.setdefault(_Place(s.service, s.pid, s.thread), len(places)) for s in spans]
    kind = [
        kinds.setdefault(_Kind(s.outcome, s.link, s.link_detail, s.activation), len(kinds)) for s in spans
    ]
    value = [values.setdefault(encode(s.values) if s.values else b"", len(values)) for s in spans]
    return encode(
        _StoredTree(
            format=FORMAT,
            version=VERSION,
            functions=list(tree.functions),
            places=list(places),
            kinds=list(kinds),
            values=[msgspec.Raw(item) for item in values if item],
            parent=[span.parent for span in spans],
            function=[span.function for span in spans],
            place=place,
            kind=kind,
            start=start,
            duration=[span.end_ns - span.start_ns for span in spans],
            call_line=[span.call_line for span in spans],
            value=value,
        )
    )


def decode_tree(data: bytes, path: Path) -> tuple[list[Function], list[Span]]:
    """Functions and spans from the bytes of a tree file.

    Args:
        data: the file's content.
        path: its name, for messages.

    Raises:
        RecordingError: when the bytes are cut off, damaged, foreign, of another version or contradictory.
    """
    try:
        stored = msgspec.msgpack.decode(data, type=_StoredTree)
        decode = msgspec.msgpack.Decoder(Values).decode
        values: list[Values | None] = [None, *(decode(item) for item in stored.values)]
    except UNREADABLE as error:
        raise RecordingError(f"{path} is cut off or damaged: {error}") from None
    _check_format(stored, path)
    _check(stored, path)
    places, kinds = stored.places, stored.kinds
    spans: list[Span] = []
    append = spans.append
    clock = 0
    for number, (parent, function, at, how, start, duration, call_line, value) in enumerate(
        zip(
            stored.parent,
            stored.function,
            stored.place,
            stored.kind,
            stored.start,
            stored.duration,
            stored.call_line,
            stored.value,
            strict=True,
        ),
        1,
    ):
        clock += start
        place, kind = places[at], kinds[how]
        append(
            Span(
                number,
                parent,
                function,
                place.service,
                place.pid,
                place.thread,
                clock,
                clock + duration,
                kind.outcome,
                kind.link,
                kind.link_detail,
                kind.activation,
                call_line,
                values[value],
            )
        )
    return stored.functions, spans


class _StoredColumns(msgspec.Struct):
    """A `_StoredTree` whose columns are not decoded yet."""

    format: str
    version: int
    functions: list[Function]
    places: list[_Place]
    kinds: list[_Kind]
    values: list[msgspec.Raw]
    parent: msgspec.Raw
    function: msgspec.Raw
    place: msgspec.Raw
    kind: msgspec.Raw
    start: msgspec.Raw
    duration: msgspec.Raw
    call_line: msgspec.Raw
    value: msgspec.Raw


class SpanTable:
    """A tree's spans by column, a few bytes each, for what goes over many of them once.

    Spans are numbered from 1 in depth-first order; entry n - 1 of every column is of span n.

    Attributes:
        functions: the table that `function` indexes.
        parent: numbers of parents, 0 for the root and for orphans.
        place: equal for spans of the same service, process and thread.
        start: nanoseconds since the recording's beginning.
        end: the same of the end.
    """

    def __init__(self, stored: _StoredTree, values: Sequence[msgspec.Raw]) -> None:
        self.functions = stored.functions
        self.places = stored.places
        self._kinds = stored.kinds
        self._values = values
        self._decode = msgspec.msgpack.Decoder(Values).decode
        self.parent = stored.parent
        self.function = stored.function
        self.place = stored.place
        self.kind = stored.kind
        self.start = array("q", accumulate(stored.start))
        self.end = array("q", map(add, self.start, stored.duration))
        self._call_line = stored.call_line
        self._value = stored.value

    def __len__(self) -> int:
        return len(self.parent)

    def linked(self, number: int) -> bool:
        """Whether span ``number`` came by a link, not by an ordinary call."""
        return self._kinds[self.kind[number - 1]].link is not Link.PLAIN

    def span(self, number: int) -> Span:
        """Span ``number`` with all there is to know of it."""
        at = number - 1
        place, kind = self.places[self.place[at]], self._kinds[self.kind[at]]
        value = self._value[at]
        return Span(
            number,
            self.parent[at],
            self.function[at],
            place.service,
            place.pid,
            place.thread,
            self.start[at],
            self.end[at],
            kind.outcome,
            kind.link,
            kind.link_detail,
            kind.activation,
            self._call_line[at],
            self._decode(self._values[value - 1]) if value else None,
        )

    def __iter__(self) -> Iterator[Span]:
        return map(self.span, range(1, len(self) + 1))


def decode_table(data: bytes, path: Path) -> SpanTable:
    """Functions and spans from the bytes of a tree file, by column.

    Args:
        data: the file's content.
        path: its name, for messages.

    Raises:
        RecordingError: see `decode_tree`.
    """
    column = msgspec.msgpack.Decoder(list[int]).decode
    try:
        stored = msgspec.msgpack.decode(data, type=_StoredColumns)
        _check_format(stored, path)
        columns = {
            name: array("q", column(getattr(stored, name)))
            for name in ("parent", "function", "place", "kind", "start", "duration", "call_line", "value")
        }
    except (*UNREADABLE, OverflowError) as error:
        raise RecordingError(f"{path} is cut off or damaged: {error}") from None
    tables = (stored.functions, stored.places, stored.kinds, stored.values)
    # The columns' arrays behave as the lists of a stored tree do.
    tree = _StoredTree(stored.format, stored.version, *tables, **columns)  # type: ignore[arg-type]
    _check(tree, path)
    return SpanTable(tree, stored.values)


def _check_format(stored: _StoredTree | _StoredColumns, path: Path) -> None:
    if stored.format != FORMAT or stored.version != VERSION:
        raise RecordingError(
            f"{path} is of format {stored.format[:80]!r} version {stored.version}, "
            f"this stackwalk reads {FORMAT!r} version {VERSION}"
        )


def _check(stored: _StoredTree, path: Path) -> None:
    count = len(stored.parent)
    columns = (
        stored.function,
        stored.place,
        stored.kind,
        stored.start,
        stored.duration,
        stored.call_line,
        stored.value,
    )
    if count == 0:
        raise RecordingError(f"{path} holds no span")
    if any(len(column) != count for column in columns):
        raise RecordingError(f"{path} contradicts itself: its columns differ in length")
    if min(stored.parent) < 0 or not all(map(lt, stored.parent, range(1, count + 1))):
        raise RecordingError(f"{path} contradicts itself: a span comes before its parent")
    for column, table, name in (
        (stored.function, stored.functions, "function"),
        (stored.place, stored.places, "place"),
        (stored.kind, stored.kinds, "kind"),
        (stored.value, [None, *stored.values], "value"),
    ):
        _check_table(column, table, name, path)


def _check_table(column: Sequence[int], table: Sequence[_T], name: str, path: Path) -> None:
    if min(column) < 0 or max(column) >= len(table):
        raise RecordingError(f"{path} contradicts itself: a span names a {name} that is not in its table")
