"""Writes the archive that the kernel unpacks as its first file system (the "newc" cpio format)."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from typing import NamedTuple

MAGIC = b"070701"
TRAILER = "TRAILER!!!"


class Entry(NamedTuple):
    """One file or folder of the archive; ``content`` of a folder is empty. Everything belongs to root."""

    name: str
    mode: int
    content: bytes = b""

    @classmethod
    def folder(cls, name: str) -> Entry:
        """A folder that everybody may read."""
        return cls(name, stat.S_IFDIR | 0o755)

    @classmethod
    def file(cls, name: str, content: bytes, mode: int = 0o644) -> Entry:
        """A regular file."""
        return cls(name, stat.S_IFREG | mode, content)

    @classmethod
    def console(cls, name: str) -> Entry:
        """The device node of the console, which the first process has as its standard streams."""
        return cls(name, stat.S_IFCHR | 0o600)


CONSOLE_DEVICE = (5, 1)


def archive(entries: Iterable[Entry]) -> bytes:
    """The archive of ``entries``, in their order; the same entries always give the same bytes."""
    result = bytearray()
    for number, entry in enumerate([*entries, Entry(TRAILER, 0)], start=1):
        name = entry.name.encode() + b"\0"
        device = CONSOLE_DEVICE if stat.S_ISCHR(entry.mode) else (0, 0)
        links = 0 if entry.name == TRAILER else 1
        fields = (number, entry.mode, 0, 0, links, 0, len(entry.content), 0, 0, *device, len(name), 0)
        result += MAGIC + b"".join(b"%08X" % field for field in fields) + name
        result += b"\0" * (-len(result) % 4)
        result += entry.content
        result += b"\0" * (-len(result) % 4)
    return bytes(result)
