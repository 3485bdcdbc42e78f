"""A spool's blocks: packed, checked and appended to a file."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable

from . import format as spool

PACK_FROM = 1024
"""Contents shorter than this many bytes are stored as they are: packing takes longer than it spares."""

PACK_AFTER = 1 << 19
"""So is what a file begins with, up to this many bytes. Most requests leave no more in a process, and are not
to wait for the packing; the room that it would spare matters where much is recorded."""

PACK_LEVEL = 1
PACK_WINDOW = 14
PACK_MEMORY = 7
"""Less memory than by default, whose providing would take longer than the packing."""

AppendBlock = Callable[[str, bytes, int, int], int]


def block(content: bytes, size: int = 0) -> bytes:
    """``content`` as a block: compressed where that helps, with its length and checksum before it.

    Args:
        content: the records.
        size: how many bytes the file has to which the block is appended.
    """
    how = spool.PLAIN
    if len(content) >= PACK_FROM and size + len(content) > PACK_AFTER:
        packing = zlib.compressobj(PACK_LEVEL, zlib.DEFLATED, PACK_WINDOW, PACK_MEMORY)
        packed = packing.compress(content) + packing.flush()
        if len(packed) < len(content):
            content, how = packed, spool.DEFLATED
    body = bytes([how]) + content
    return spool.BLOCK_HEAD.pack(spool.MARK, len(body), zlib.crc32(body)) + body


def append_block(path: str, content: bytes, size: int, at_most: int) -> int:
    """Append ``content`` as a block to the file at ``path``, unless the file became too long.

    Args:
        path: the file.
        content: the records.
        size: how many bytes the file has; it is cut back to them where the block does not fit on the disk.
        at_most: how many bytes it may have.

    Returns:
        How many bytes were appended; 0 where those would be too many.

    Raises:
        OSError: the file cannot be written.
    """
    data = block(content, size)
    if size + len(data) > at_most:
        return 0
    append(path, data, size)
    return len(data)


def append(path: str, data: bytes, size: int) -> None:
    """Append ``data`` to the file at ``path``, which has ``size`` bytes; it keeps those where that fails.

    Raises:
        OSError: the file cannot be written.
    """
    # Opened for each block: a service that closes all descriptors, or a trace that never ends, costs
    # nothing.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    finally:
        os.close(descriptor)
