"""The spool format: what a probe writes and the decoder reads.

A spool is a file header (`MAGIC`, then the format version in one byte) followed by blocks. A block is
`MARK`, the length of
its body and the CRC-32 of the body (both little-endian, four bytes), and the body. The body's first byte
says how the
rest is stored (`PLAIN` or `DEFLATED`). The first block's content is the header, a JSON object; every later
block's is a
sequence of records.

Each record starts with an opcode byte. Numbers are LEB128 varints, signed ones zigzag-coded; text is a
varint length and UTF-8.
Times are nanoseconds of the host's monotonic clock: a block starts with `BASE` and its first time, later
ones are signed
differences to the one before. Span ids are signed differences to the id before, within a block. So a
lost block costs its own records and nothing else. Texts that repeat stand once in a table (`NAME`,
`FUNCTION`, `THREAD`) and are
referred to by their number.
"""

from __future__ import annotations

import struct

MAGIC = b"\x89SWSPOOL"
VERSION = 1
MARK = b"\x1eSWB"
BLOCK_HEAD = struct.Struct("<4sII")
MAX_BODY = 16 * 1024 * 1024
MAX_CONTENT = 64 * 1024 * 1024

PLAIN = 0
DEFLATED = 1

BASE = 1
"""BASE time: the time and the span id that later records of the block count from (the id starts at 0)."""
NAME = 2
"""NAME number text."""
FUNCTION = 3
"""FUNCTION number id-text file-text line arguments [name]*: the arguments' names are numbers of NAMEs."""
THREAD = 4
"""THREAD number text."""
ENTER = 5
"""ENTER time span-id parent-distance thread function call-line flags [activation] [incoming] [values].

``parent-distance`` is the span's id minus its parent's, 0 for the bottom of a stack. The values are those
of the
function's arguments, in their order, after their count.
"""
EXIT = 6
"""EXIT time span-id outcome-and-flags [value]."""
OUTGOING = 7
"""OUTGOING time span-id link key-text detail-text."""
NOTICE = 8
"""NOTICE text: something is missing from here on, and why."""
CLOSE = 9
"""CLOSE time: the process ended the spool in order. Records may follow when the trace came back."""

ENTER_ACTIVATION = 1
ENTER_INCOMING = 2
ENTER_VALUES = 4

EXIT_OUTCOME = 3
EXIT_VALUE = 4

RETURNED = 0
RAISED = 1
YIELDED = 2

LINKS = (
    *("", "http", "rpc-call", "rpc-cast", "rpc-fanout", "spawn", "privsep", "native"),
    *("answering", "answered"),
)
"""Links by the number that stands for them in a spool; numbers are never reused. The last two are no links:
they say when a message with that key began to be answered, at its receiver, and was, at its sender."""

VALUE_TEXT = 1
VALUE_SIZE = 2
VALUE_MASKED = 4
"""A value is: type (a NAME's number), flags, [text], [size]."""


_SMALL = tuple(
    bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80, value >> 7]) for value in range(1 << 14)
)


def number(value: int) -> bytes:
    """``value`` (not negative) as a varint."""
    if value < 1 << 14:
        return _SMALL[value]
    if value < 1 << 21:
        return bytes((value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """``value`` as a varint, small magnitudes in few bytes."""
    return number(value << 1 if value >= 0 else (-value << 1) - 1)


def text(value: str) -> bytes:
    """``value`` as its length and UTF-8; what that cannot hold is escaped."""
    raw = value.encode("utf-8", "backslashreplace")
    return number(len(raw)) + raw
