"""What the last reading of the same trees found, kept for the next one.

A graph is remembered with numbers of places in place of lines. When no file does anything else than it did
then (only lines, comments or names of local variables changed), the graph of the trees as they are now is the
remembered one with the places' lines as they are now; nothing is followed again. That a file does the same is
known from the digest of its facts, which know places by number only, so the answer is the one that following
everything anew would give.
"""

from __future__ import annotations

import hashlib
import os
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from tracer import worklist
from tracer.model import graph as graph_module
from tracer.model.graph import CallGraph
from tracer.reading.files import ReadingWarning
from tracer.reading.summaries import Content, Summary

_MOST_KEPT = 12
_MOST_BASES = 3
"""So many are kept of what takes the most room."""
_BASE = ".base"
_DIGEST = 16


class KeptFile(msgspec.Struct, array_like=True):
    """A file as it was: which, its content's digest, its flow's digest and the lines of its places."""

    module: str
    file: str
    is_package: bool
    digest: str
    flow: str
    """Empty for a file that is not Python; ``warning`` says why."""
    places: bytes = b""
    count: int = 0
    warning: tuple[int, str] = (0, "")

    @property
    def identity(self) -> tuple[str, str, bool]:
        """Which file it is."""
        return self.module, self.file, self.is_package


class Reading(msgspec.Struct, array_like=True):
    """A reading as it is remembered: the files, what else was read, the graph with places for lines."""

    files: list[KeptFile]
    data: str
    lines_of_data: list[int]
    graph: bytes

    def changed(self, now: Sequence[Content], data: str) -> list[Content] | None:
        """The files whose content is another; None if other files were read."""
        before = [kept.identity for kept in self.files]
        if data != self.data or before != [identity(content) for content in now]:
            return None
        return [
            content for kept, content in zip(self.files, now, strict=True) if kept.digest != content.digest
        ]

    def updated(self, files: Mapping[str, KeptFile]) -> list[str]:
        """Take ``files`` (by module) over, unless one of them does something else than before.

        Returns:
            the names of the files that do; nothing was taken over if there are any.
        """
        known = {kept.module: kept for kept in self.files}
        others = [
            kept.file
            for kept in files.values()
            if (kept.flow, len(kept.places)) != (known[kept.module].flow, len(known[kept.module].places))
        ]
        if not others:
            self.files = [files.get(kept.module, kept) for kept in self.files]
        return others

    def placed(self, label: str, warnings: Sequence[ReadingWarning]) -> CallGraph:
        """The graph with the lines of the files as they are now.

        Raises:
            GraphError: what was remembered is damaged.
        """
        graph = CallGraph.from_bytes(self.graph, "the remembered graph")
        lines = array("I", [0])
        for kept in self.files:
            lines.frombytes(kept.places)
        lines.extend(self.lines_of_data)
        broken = {ReadingWarning(kept.file, *kept.warning) for kept in self.files if not kept.flow}
        summary = msgspec.structs.replace(
            graph.summary,
            label=label,
            lines=sum(kept.count for kept in self.files),
            warnings=[*graph.summary.warnings, *map(str, sorted({*warnings, *broken}))],
        )
        return graph.relined(lines, summary)


def identity(content: Content) -> tuple[str, str, bool]:
    """Which file it is, wherever it lies."""
    return content.source.module, content.source.file, content.source.is_package


def kept_file(content: Content, summary: Summary | None, warning: ReadingWarning | None) -> KeptFile:
    """What is remembered of a file: its summary's digest and places, or why it has none."""
    if summary is None:
        line, reason = (warning.line, warning.reason) if warning is not None else (0, "")
        return KeptFile(*identity(content), content.digest, "", warning=(line, reason))
    places = summary.places()
    return KeptFile(
        *identity(content), content.digest, summary.flow, array("I", places.lines).tobytes(), places.count
    )


def starts_of_places(files: Sequence[KeptFile]) -> tuple[dict[str, int], int]:
    """For each module the number of its first place when all places stand in a row, and of the next free."""
    starts: dict[str, int] = {}
    start = 1
    for kept in files:
        starts[kept.module] = start
        start += len(kept.places) // array("I").itemsize
    return starts, start


def digest_of(data: Sequence[tuple[str, Path]]) -> str:
    """A digest of the names and contents of files that are no Python."""
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for name, path in data:
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        digest.update(f"{name}\0{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


class Memory:
    """Readings by what was asked for, in one folder; anything unreadable in it counts as absent.

    Args:
        folder: where to keep them; None to keep none.
        asked: everything that decides what is read and how, beside the files.
    """

    def __init__(self, folder: Path | None, asked: Sequence[str]) -> None:
        self._place: Path | None = None
        if folder is not None:
            name = hashlib.blake2b("\0".join((_made_by(), *asked)).encode(), digest_size=_DIGEST)
            self._place = folder / "readings" / name.hexdigest()

    @property
    def is_kept(self) -> bool:
        """Whether anything is remembered at all."""
        return self._place is not None

    def recall(self) -> Reading | None:
        """The reading that was remembered last."""
        kept = self._read("")
        try:
            return msgspec.msgpack.decode(kept, type=Reading) if kept is not None else None
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def keep(self, reading: Reading) -> None:
        """Remember a reading in place of the last; failing to is no error."""
        self._write("", msgspec.msgpack.encode(reading))

    def recall_base(self) -> tuple[Reading, memoryview] | None:
        """The last reading that was followed in full, and what was kept of that; see `keep_base`."""
        kept = self._read(_BASE)
        if kept is None:
            return None
        length = int.from_bytes(kept[:8], "little")
        try:
            return msgspec.msgpack.decode(kept[8 : 8 + length], type=Reading), kept[8 + length :]
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def keep_base(self, reading: Reading, state: Sequence[bytes | memoryview]) -> None:
        """Remember a reading that was followed in full, and what later ones may follow on from."""
        encoded = msgspec.msgpack.encode(reading)
        self._write(_BASE, len(encoded).to_bytes(8, "little"), encoded, *state)

    def _read(self, kind: str) -> memoryview | None:
        if self._place is None:
            return None
        try:
            kept = memoryview(self._place.with_name(self._place.name + kind).read_bytes())
        except OSError:
            return None
        sound = hashlib.blake2b(kept[_DIGEST:], digest_size=_DIGEST).digest() == kept[:_DIGEST]
        return kept[_DIGEST:] if sound else None

    def _write(self, kind: str, *parts: bytes | memoryview) -> None:
        if self._place is None:
            return
        digest = hashlib.blake2b(digest_size=_DIGEST)
        for part in parts:
            digest.update(part)
        place = self._place.with_name(self._place.name + kind)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            scratch = place.with_name(f"{place.name}.{os.getpid()}")
            try:
                with scratch.open("wb") as file:
                    file.writelines((digest.digest(), *parts))
                scratch.replace(place)
            finally:
                scratch.unlink(missing_ok=True)
            self._forget_old(place.parent)
        except OSError:
            return

    def _forget_old(self, folder: Path) -> None:
        kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        bases = [path for path in kept if path.suffix == _BASE]
        others = [path for path in kept if path.suffix != _BASE]
        for path in (*bases[:-_MOST_BASES], *others[:-_MOST_KEPT]):
            path.unlink(missing_ok=True)


def _made_by() -> str:
    """What decides what a reading finds: this program's reader, its work list and graph, and the Python it
    runs in."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=_DIGEST)
    for source in _own_sources():
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _own_sources() -> Iterator[Path]:
    for folder in (Path(__file__).parent, Path(worklist.__file__).parent, Path(graph_module.__file__).parent):
        yield from sorted(folder.rglob("*.py"))
        yield from sorted(folder.rglob("*.[ch]"))
