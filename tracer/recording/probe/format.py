"""The spool format: what a probe writes and the decoder reads.

A spool is a file header (`MAGIC`, then the format version in one byte) followed by blocks. A block is
`MARK`, the length of
its body and the CRC-32 of the body (both little-endian, four bytes), and the body. The body's first byte
says how the
rest is stored (`PLAIN` or `DEFLATED`). The first block's content is the header, a JSON object; every later
block's is a
sequence of records.

Numbers are LEB128 varints; text is a varint length and UTF-8. Each record starts
with a number whose lowest two bits are its kind (`RETURN`, `CALL`, `RICH` or `OTHER`) and whose other bits
are the time since the record before, in the block's unit. Of `OTHER` records an opcode byte follows.

Calls belong to strands: stacks of running functions, one for each context that a thread, greenlet or task
has in the trace. A record concerns the strand that the last `STRAND` or `SWITCH` named, so neither the
thread nor the parent of a call needs to be written, and spans count up by one. A block starts with `BASE`
and describes each strand's stack when it first comes to it, so that a lost block costs its own records and
nothing else. Texts and places of calls that repeat stand once in a table (`NAME`, `TYPE`, `FUNCTION`,
`THREAD`, `SITE`) and are referred to by their number, after they were written.
"""

from __future__ import annotations

import struct

MAGIC = b"\x89SWSPOOL"
VERSION = 2
MARK = b"\x1eSWB"
BLOCK_HEAD = struct.Struct("<4sII")
MAX_BODY = 16 * 1024 * 1024
MAX_CONTENT = 64 * 1024 * 1024

PLAIN = 0
DEFLATED = 1

RETURN = 0
"""The function at the top of the strand returned; nothing follows."""
CALL = 1
"""CALL site: a function is called from the top of the strand."""
RICH = 2
"""A call or the end of one about which there is more to say.

A call: flags site [activation] [values]. The values are those of the function's arguments, in their order,
after their count. An end: flags [value]; the outcome is in the flags.
"""
OTHER = 3
"""Followed by one of the opcodes below."""

BASE = 1
"""BASE time duration units span: the block begins at ``time`` (nanoseconds of the host's monotonic clock), in
which ``units`` of its unit last ``duration`` nanoseconds, with ``span`` as the number of its first call."""
NAME = 2
"""NAME number text."""
FUNCTION = 3
"""FUNCTION number id-text file-text line arguments [name]*: the arguments' names are numbers of NAMEs."""
THREAD = 4
"""THREAD number text."""
SITE = 5
"""SITE number function line: a function and the line it is called from."""
STRAND = 6
"""STRAND number thread incoming-text depth [span]*: records from here on concern this strand, at the bottom
of which calls run under the link with the key ``incoming``, and on which these calls are running."""
OUTGOING = 7
"""OUTGOING link key-text detail-text: something leaves the function at the top of the strand."""
NOTICE = 8
"""NOTICE text: something is missing from here on, and why."""
CLOSE = 9
"""CLOSE: the process ended the spool in order. Records may follow when the trace came back."""
SWITCH = 10
"""SWITCH number: records from here on concern this strand, which the block has described."""

TYPE = 11
"""TYPE number text: the name of the type of values."""

RICH_END = 1
RICH_ACTIVATION = 2
RICH_VALUES = 4
RICH_OUTCOME = 1
"""Bits by which an end's outcome is shifted in its flags."""
RICH_VALUE = 8

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
"""A value is: type (a TYPE's number), flags, [text], [size]."""


SMALL = tuple(
    bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80, value >> 7]) for value in range(1 << 14)
)
"""Small numbers as varints."""

SMALL_BELOW = 1 << 14


def number(value: int) -> bytes:
    """``value`` (not negative) as a varint."""
    if value < 1 << 14:
        return SMALL[value]
    if value < 1 << 21:
        return bytes((value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(value: str) -> bytes:
    """``value`` as its length and UTF-8; what that cannot hold is escaped."""
    raw = value.encode("utf-8", "backslashreplace")
    return number(len(raw)) + raw


def record(opcode: int) -> bytes:
    """The beginning of a record with an opcode, at the time of the one before."""
    return bytes((OTHER, opcode))
