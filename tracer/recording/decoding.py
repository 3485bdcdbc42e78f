"""What stands in a spool's blocks, put together into one process's record."""

from __future__ import annotations

from typing import Any

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import Value, Values
from tracer.recording.probe import format as spool
from tracer.recording.raw import Outgoing, ProcessRecord, RawSpan

OUTCOMES = (Outcome.RETURNED, Outcome.RAISED, Outcome.YIELDED)
LOST = Function("lost:lost")
"""Stands for functions whose names were in a part of the spool that cannot be read."""


class Header(msgspec.Struct):
    """The first block of a spool: the process, and how it was recorded."""

    trace_id: str
    service: str
    pid: int
    program: str
    python: str
    collector: str
    realtime_offset: int
    time: int
    versions: dict[str, str] = {}
    source_roots: list[str] = []
    whole_program: bool = False
    host: str = ""
    clock: str = ""


class _DamagedError(Exception):
    """A record that makes no sense."""


class _Cursor:
    """Reads records' parts from a block's content."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def byte(self) -> int:
        try:
            value = self.content[self.at]
        except IndexError:
            raise _DamagedError("a record is cut short") from None
        self.at += 1
        return value

    def number(self) -> int:
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7
            if shift > 70:
                raise _DamagedError("a number is too long")

    def text(self) -> str:
        length = self.number()
        end = self.at + length
        if end > len(self.content):
            raise _DamagedError("a text is cut short")
        raw = self.content[self.at : end]
        self.at = end
        return raw.decode("utf-8", "replace")


class _Strand:
    """One stack of running functions, as a block knows it."""

    def __init__(self, thread: str, incoming: str, stack: list[int]) -> None:
        self.thread = thread
        self.incoming = incoming
        self.stack = stack


class Decoder:
    """Puts one process's record together from its blocks."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._names: dict[int, str] = {}
        self._types: dict[int, str] = {}
        self._threads: dict[int, str] = {}
        self._function_at: dict[int, int] = {}
        self._arguments: dict[int, list[str]] = {}
        self._sites: dict[int, tuple[int, int]] = {}
        self._functions: list[Function] = []
        self._spans: dict[int, RawSpan] = {}
        self._outgoing: list[Outgoing] = []
        self._answers: dict[str, dict[str, int]] = {"answering": {}, "answered": {}}
        self._notices: list[str] = []
        self._closed = False
        self._last_seen = header.time
        self._base = (header.time, 1, 1)
        self._units = 0
        self._span = 0
        self._strands: dict[int, _Strand] = {}
        self._strand = _Strand("?", "", [])
        self._ends_without_start = 0
        self.damage: list[str] = []

    def block(self, content: bytes) -> None:
        """Decode one block; a record that makes no sense ends it, and is noted."""
        cursor = _Cursor(content)
        self._units = 0
        self._strands.clear()
        self._strand = _Strand("?", "", [])
        try:
            while cursor.at < len(content):
                self._record(cursor)
        except _DamagedError as error:
            self.damage.append(
                f"a block of {len(content)} bytes is unreadable from its byte {cursor.at} on: {error}"
            )

    def finish(self, damage: list[str]) -> ProcessRecord:
        """The record of all blocks read; ``damage`` lists what could not be read."""
        if self._ends_without_start:
            damage.append(f"{self._ends_without_start} calls' beginnings are missing")
        header = self._header
        return ProcessRecord(
            trace_id=header.trace_id,
            service=header.service,
            pid=header.pid,
            program=header.program,
            python=header.python,
            collector=header.collector,
            realtime_offset=header.realtime_offset,
            last_seen=self._last_seen,
            closed=self._closed,
            functions=self._functions,
            spans=list(self._spans.values()),
            outgoing=self._outgoing,
            answering=self._answers["answering"],
            answered=self._answers["answered"],
            versions=header.versions,
            damage="; ".join(damage),
            notices=self._notices,
            source_roots=header.source_roots,
            whole_program=header.whole_program,
            host=header.host,
            clock=header.clock,
        )

    def _record(self, cursor: _Cursor) -> None:
        head = cursor.number()
        self._units += head >> 2
        kind = head & 3
        if kind == spool.RETURN:
            self._end(0, None)
        elif kind == spool.CALL:
            self._call(cursor, self._site(cursor), 0)
        elif kind == spool.RICH:
            flags = cursor.byte()
            if flags & spool.RICH_END:
                outcome = flags >> spool.RICH_OUTCOME & 3
                if outcome >= len(OUTCOMES):
                    raise _DamagedError(f"outcome {outcome} is unknown")
                self._end(outcome, self._value(cursor) if flags & spool.RICH_VALUE else None)
            else:
                self._call(cursor, self._site(cursor), flags)
        else:
            self._other(cursor)

    def _other(self, cursor: _Cursor) -> None:
        opcode = cursor.byte()
        if opcode == spool.STRAND:
            number, thread = cursor.number(), cursor.number()
            incoming = cursor.text()
            stack = [cursor.number() for _ in range(cursor.number())]
            self._strand = _Strand(self._threads.get(thread, "?"), incoming, stack)
            self._strands[number] = self._strand
        elif opcode == spool.SWITCH:
            number = cursor.number()
            if number not in self._strands:
                raise _DamagedError(f"strand {number} is unknown")
            self._strand = self._strands[number]
        elif opcode == spool.OUTGOING:
            number = cursor.byte()
            if number >= len(spool.LINKS):
                raise _DamagedError(f"link {number} is unknown")
            span = self._strand.stack[-1] if self._strand.stack else 0
            key, detail = cursor.text(), cursor.text()
            name, time = spool.LINKS[number], self._time()
            if name in self._answers:
                self._answers[name].setdefault(key, time)
            else:
                self._outgoing.append(Outgoing(key, span, time, Link(name), detail))
        elif opcode == spool.NAME:
            number = cursor.number()
            self._names[number] = cursor.text()
        elif opcode == spool.TYPE:
            number = cursor.number()
            self._types[number] = cursor.text()
        elif opcode == spool.FUNCTION:
            number = cursor.number()
            function = Function(cursor.text(), cursor.text(), cursor.number())
            names = [self._names.get(cursor.number(), "?") for _ in range(cursor.number())]
            self._arguments[number] = names
            self._function_at[number] = len(self._functions)
            self._functions.append(function)
        elif opcode == spool.THREAD:
            number = cursor.number()
            self._threads[number] = cursor.text()
        elif opcode == spool.SITE:
            number = cursor.number()
            self._sites[number] = (cursor.number(), cursor.number())
        elif opcode == spool.BASE:
            time, duration, units = cursor.number(), cursor.number(), cursor.number()
            if not units:
                raise _DamagedError("its unit of time is nothing")
            self._base = (time, duration, units)
            self._units = 0
            self._span = cursor.number()
            self._last_seen = max(self._last_seen, time)
        elif opcode == spool.NOTICE:
            self._notices.append(cursor.text())
        elif opcode == spool.CLOSE:
            self._time()
            self._closed = True
        else:
            raise _DamagedError(f"record {opcode} is unknown")

    def _time(self) -> int:
        base, duration, units = self._base
        now = base + self._units * duration // units
        self._last_seen = max(self._last_seen, now)
        return now

    def _site(self, cursor: _Cursor) -> tuple[int, int]:
        return self._sites.get(cursor.number(), (-1, 0))

    def _call(self, cursor: _Cursor, site: tuple[int, int], flags: int) -> None:
        function, line = site
        activation = cursor.number() if flags & spool.RICH_ACTIVATION else 0
        values = None
        if flags & spool.RICH_VALUES:
            names = iter(self._arguments.get(function, ()))
            values = Values({next(names, "?"): self._value(cursor) for _ in range(cursor.number())})
        strand = self._strand
        number = self._span
        self._closed = False
        self._spans[number] = RawSpan(
            id=number,
            parent=strand.stack[-1] if strand.stack else 0,
            function=self._function(function),
            thread=strand.thread,
            start=self._time(),
            end=None,
            outcome=Outcome.UNFINISHED,
            activation=activation,
            call_line=line,
            incoming="" if strand.stack else strand.incoming,
            values=values,
        )
        strand.stack.append(number)
        self._span += 1

    def _end(self, outcome: int, value: Value | None) -> None:
        now = self._time()
        if not self._strand.stack:
            raise _DamagedError("a call ends that did not begin")
        span = self._spans.get(self._strand.stack.pop())
        if span is None:
            self._ends_without_start += 1
            return
        span.end = now
        span.outcome = OUTCOMES[outcome]
        if value is not None:
            arguments = span.values.arguments if span.values is not None else {}
            if span.outcome is Outcome.RAISED:
                span.values = Values(arguments, error=value)
            else:
                span.values = Values(arguments, result=value)

    def _function(self, number: int) -> int:
        index = self._function_at.get(number)
        if index is None:
            index = self._function_at[number] = len(self._functions)
            self._functions.append(LOST)
            self.damage.append("the names of some functions are lost")
        return index

    def _value(self, cursor: _Cursor) -> Value:
        kind: dict[str, Any] = {"type": self._types.get(cursor.number(), "?")}
        flags = cursor.byte()
        text = cursor.text() if flags & spool.VALUE_TEXT else ""
        size = cursor.number() if flags & spool.VALUE_SIZE else None
        return Value(text=text, size=size, masked=bool(flags & spool.VALUE_MASKED), **kind)
