"""Files with a head that says what they are, and a checksum: read whole, or refused with the reason."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_LONGEST_HEAD = 80


class Seal(NamedTuple):
    """How one kind of file is marked.

    ``name`` and ``version`` stand in its first line, before the checksum (CRC-32, eight hexadecimal digits)
    of what follows. ``what`` names the kind for people (``a call graph``), ``remedy`` says how to get a good
    one, ``error`` makes the exception from a message and the remedy.
    """

    name: str
    version: int
    what: str
    remedy: str
    error: Callable[[str, str], Exception]

    def sealed(self, body: bytes) -> bytes:
        """The file's bytes for this content."""
        return f"{self.name} {self.version} {zlib.crc32(body):08x}\n".encode() + body

    def opened(self, data: bytes, name: str) -> memoryview:
        """The content of a file of this kind.

        Args:
            data: the whole file.
            name: what it is called, for messages.

        Raises:
            Exception: as `error` makes it, when the file is foreign, of another version, cut off or damaged.
        """
        head, newline, _ = data[:_LONGEST_HEAD].partition(b"\n")
        fields = head.split(b" ")
        if not newline or len(fields) != 3 or fields[0] != self.name.encode():
            raise self.error(f"{name} is not {self.what}", self.remedy)
        if fields[1] != str(self.version).encode():
            version = fields[1].decode("ascii", "replace")
            raise self.error(
                f"{name} has format version {version}; this program reads {self.version}", self.remedy
            )
        body = memoryview(data)[len(head) + 1 :]
        if f"{zlib.crc32(body):08x}".encode() != fields[2]:
            raise self.error(f"{name} is damaged or was cut off", self.remedy)
        return body

    def read(self, path: Path) -> bytes:
        """The bytes of the file at ``path``; of one that begins as something else, however large, the begin.

        Raises:
            Exception: as `error` makes it, when it cannot be read.
        """
        try:
            with path.open("rb") as stream:
                head = stream.read(_LONGEST_HEAD)
                return head + stream.read() if head.startswith(self.name.encode()) else head
        except FileNotFoundError:
            raise self.error(f"there is no {self.what.partition(' ')[2]} at {path}", self.remedy) from None
        except OSError as error:
            raise self.error(f"{path}: {error.strerror or error}", self.remedy) from error
