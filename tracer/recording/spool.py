"""Reading spool files back, however they ended: whole, torn in the middle of a write, or damaged since."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tracer.recording.decoding import Decoder, Header
from tracer.recording.probe import format as spool
from tracer.recording.raw import ProcessRecord
from tracer.terminal.errors import UserError


class SpoolError(UserError):
    """A file that is no spool, or one of a format this program does not know."""


def read_spools(folder: Path) -> list[ProcessRecord]:
    """All processes' records of one trace, in the order of their files' names.

    Args:
        folder: ``SPOOL_DIR/<trace id>``.

    Raises:
        SpoolError: a file in it is not a spool of a known format.
    """
    return [read_spool(path) for path in sorted(folder.glob("*.spool"))]


def read_spool(path: Path) -> ProcessRecord:
    """What one process recorded of one trace, as far as it can be read.

    A torn tail or a damaged block costs what stood in it; `ProcessRecord.damage` says so.

    Raises:
        SpoolError: not a spool, a format version unknown here, or nothing of it is readable, not even its
        header.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SpoolError(f"{path} cannot be read: {error.strerror}.") from error
    start = len(spool.MAGIC) + 1
    if not data:
        raise SpoolError(f"{path} is empty: its process ended before it wrote anything.")
    if data[: len(spool.MAGIC)] != spool.MAGIC[: len(data)]:
        raise SpoolError(f"{path} is not a spool file.")
    if len(data) < start:
        raise SpoolError(f"{path} ends within its first {start} bytes: nothing was recorded.")
    if data[start - 1] != spool.VERSION:
        raise SpoolError(
            f"{path} has spool format {data[start - 1]}; this program reads format {spool.VERSION}.",
            "Read it with the version of stackwalk that recorded it.",
        )
    contents = _Blocks(data, start)
    blocks = iter(contents)
    first = next(blocks, None)
    if first is None or contents.damage:
        raise SpoolError(f"{path} has no readable header: {contents.damage or 'it ends before it'}.")
    try:
        header = msgspec.json.decode(first, type=Header)
    except msgspec.MsgspecError as error:
        raise SpoolError(f"{path} has no readable header: {error}.") from error
    decoder = Decoder(header)
    for content in blocks:
        decoder.block(content)
    return decoder.finish([*contents.damage_list, *decoder.damage])


class _Blocks:
    """The contents of a spool's blocks, skipping what cannot be read and noting it."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._start = start
        self.damage_list: list[str] = []

    @property
    def damage(self) -> str:
        """What could not be read so far; empty if all could."""
        return "; ".join(self.damage_list)

    def __iter__(self) -> Iterator[bytes]:
        data = self._data
        at = self._start
        while at < len(data):
            body = self._body(at)
            if body is not None:
                at += spool.BLOCK_HEAD.size + len(body)
                content = self._content(body)
                if content is not None:
                    yield content
                    continue
                self.damage_list.append(f"a block of {len(body)} bytes before byte {at} cannot be unpacked")
                continue
            resumed = self._next_block(at + 1)
            if resumed is None:
                self.damage_list.append(
                    f"the last {len(data) - at} bytes, from byte {at} on, are torn or damaged"
                )
                return
            self.damage_list.append(f"{resumed - at} bytes from byte {at} on are damaged")
            at = resumed

    def _body(self, at: int) -> bytes | None:
        end = at + spool.BLOCK_HEAD.size
        if end > len(self._data):
            return None
        mark, length, checksum = spool.BLOCK_HEAD.unpack_from(self._data, at)
        if mark != spool.MARK or not 0 < length <= spool.MAX_BODY or end + length > len(self._data):
            return None
        body = self._data[end : end + length]
        return body if zlib.crc32(body) == checksum else None

    def _next_block(self, at: int) -> int | None:
        while (at := self._data.find(spool.MARK, at)) >= 0:
            if self._body(at) is not None:
                return at
            at += 1
        return None

    @staticmethod
    def _content(body: bytes) -> bytes | None:
        if body[0] == spool.PLAIN:
            return body[1:]
        if body[0] != spool.DEFLATED:
            return None
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(body[1:], spool.MAX_CONTENT)
        except zlib.error:
            return None
        return content if unpacker.eof else None
