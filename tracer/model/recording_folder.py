"""The recording folder: one recorded request on disk, written once and read by everything that shows it."""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

import msgspec

from tracer.model.hypervisor import Hypervisor, read_hypervisor, write_hypervisor
from tracer.model.recording_error import UNREADABLE, RecordingError
from tracer.model.request_tree import RecordingHeader, RequestTree
from tracer.model.stored_tree import SpanTable, decode_table, decode_tree, encode_tree

__all__ = ["Hypervisor", "Recording", "RecordingError", "open_recording", "write_recording"]

FORMAT = "stackwalk recording"
VERSION = 1
HEADER_FILE = "recording.json"
TREE_FILE = "tree.msgpack"
SPOOLS = "spools"
SOURCES = "sources"
HYPERVISOR = "hypervisor"

MAX_HEADER_BYTES = 256 << 20
MAX_TREE_BYTES = 4 << 30
MAX_SOURCE_BYTES = 64 << 20


class _Format(msgspec.Struct):
    """The part of ``recording.json`` that every version has, read first."""

    format: str
    version: int


class _HeaderFile(msgspec.Struct):
    """The whole of ``recording.json``; ``tree_bytes`` and ``tree_crc32`` tie the tree file to it."""

    format: str
    version: int
    tree_bytes: int
    tree_crc32: int
    header: RecordingHeader


class Recording:
    """One recording, opened for reading; its tree is read when it is first asked for.

    Args:
        folder: the recording's folder.
        stored: what its ``recording.json`` says.
    """

    def __init__(self, folder: Path, stored: _HeaderFile) -> None:
        self.folder = folder
        self.header = stored.header
        self._stored = stored

    @cached_property
    def tree(self) -> RequestTree:
        """The request tree.

        Raises:
            RecordingError: when the tree file is missing, cut off, damaged, or of another recording.
        """
        functions, spans = decode_tree(self._tree_bytes(), self.folder / TREE_FILE)
        return RequestTree(self.header, functions, spans)

    def table(self) -> SpanTable:
        """The request tree's spans by column: for what goes over many of them once, in little memory.

        Raises:
            RecordingError: see `tree`.
        """
        return decode_table(self._tree_bytes(), self.folder / TREE_FILE)

    def _tree_bytes(self) -> bytes:
        path = self.folder / TREE_FILE
        data = _read(path, MAX_TREE_BYTES, _made_anew(self.folder))
        if len(data) != self._stored.tree_bytes:
            raise RecordingError(
                f"{path} has {len(data):,} bytes, but {HEADER_FILE} says {self._stored.tree_bytes:,}: "
                f"the recording was cut off, or its files belong to two recordings",
                _made_anew(self.folder),
            )
        if zlib.crc32(data) != self._stored.tree_crc32:
            raise RecordingError(
                f"{path} is damaged: its checksum is not the one in {HEADER_FILE}", _made_anew(self.folder)
            )
        return data

    @cached_property
    def hypervisor(self) -> Hypervisor:
        """What the project's own read-only connection to the hypervisor saw; each part may be empty.

        Raises:
            RecordingError: when a file of it cannot be read.
        """
        return read_hypervisor(self.folder / HYPERVISOR)

    @property
    def spools(self) -> list[Path]:
        """The raw spool files, as the probes left them."""
        return sorted((self.folder / SPOOLS).glob("*"))

    def source(self, file: str) -> str | None:
        """The text of a recorded source file.

        Args:
            file: path relative to its source root, as in `Function.file`.

        Returns:
            The text (undecodable bytes replaced), or None when the recording does not hold this file.

        Raises:
            RecordingError: when ``file`` points out of the recording, or the stored file cannot be read.
        """
        if not file:
            return None
        root = self.folder / SOURCES
        path = root / _inside(file)
        if not path.is_file():
            return None
        if not path.resolve().is_relative_to(root.resolve()):
            raise RecordingError(f"{path} points out of the recording's own folder")
        return _read(path, MAX_SOURCE_BYTES, _made_anew(self.folder)).decode("utf-8", errors="replace")


def _made_anew(folder: Path) -> str:
    """What to do about a recording that is not whole."""
    if any((folder / SPOOLS).glob("*.spool")):
        return f"Make it anew from its spools: `stackwalk collect {folder} --out FOLDER`."
    return "Record the request again."


def open_recording(folder: Path) -> Recording:
    """Open the recording in ``folder``.

    Args:
        folder: a folder written by `write_recording`.

    Returns:
        The recording; its header is read and checked, its tree, sources and hypervisor files when asked for.

    Raises:
        RecordingError: when there is no recording, or it is cut off, damaged, foreign or of a newer version.
    """
    path = folder / HEADER_FILE
    if not folder.exists():
        raise RecordingError(
            f"there is no recording at {folder}", "Give the folder that `stackwalk record` made."
        )
    if not folder.is_dir():
        raise RecordingError(
            f"{folder} is a file; a recording is a folder with a {HEADER_FILE} in it",
            "Give the folder that `stackwalk record` made.",
        )
    if not path.exists():
        unfinished = (folder / SPOOLS).is_dir()
        raise RecordingError(
            f"{folder} holds no {HEADER_FILE}: "
            + ("its recording was never finished" if unfinished else "it is not a recording"),
            _made_anew(folder) if unfinished else "Give the folder that `stackwalk record` made.",
        )
    remedy = _made_anew(folder)
    data = _read(path, MAX_HEADER_BYTES, remedy)
    try:
        stated = msgspec.json.decode(data, type=_Format)
    except msgspec.ValidationError:
        raise RecordingError(
            f"{path} was not written by stackwalk: it states no format and version", remedy
        ) from None
    except UNREADABLE as error:
        raise RecordingError(f"{path} is cut off or damaged: {error}", remedy) from None
    if stated.format != FORMAT:
        raise RecordingError(f"{path} is not a {FORMAT}: it calls itself {stated.format[:80]!r}")
    if stated.version != VERSION:
        newer = stated.version > VERSION
        raise RecordingError(
            f"{folder} is of recording format version {stated.version}; this stackwalk reads {VERSION}",
            "Update stackwalk to read it." if newer else "Record the request again.",
        )
    try:
        return Recording(folder, msgspec.json.decode(data, type=_HeaderFile))
    except UNREADABLE as error:
        raise RecordingError(f"{path} is damaged: {error}", remedy) from None


def write_recording(
    folder: Path,
    tree: RequestTree,
    *,
    sources: Mapping[str, bytes] | None = None,
    spools: Iterable[Path] = (),
    hypervisor: Hypervisor | None = None,
) -> Recording:
    """Write a recording; the folder appears whole or not at all.

    Args:
        folder: where the recording shall be; must not exist yet, or be empty.
        tree: the stitched request with its header.
        sources: contents of source files by path relative to their source root.
        spools: raw spool files to keep, copied.
        hypervisor: what the hypervisor connection saw.

    Returns:
        The recording, opened.

    Raises:
        RecordingError: when something is there already, or it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RecordingError(
            f"{folder} exists already and is not empty", "Give another folder, or remove this one."
        )
    data = encode_tree(tree)
    stored = _HeaderFile(FORMAT, VERSION, len(data), zlib.crc32(data), tree.header)
    staging: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        for file, content in (sources or {}).items():
            target = staging / SOURCES / _inside(file)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        (staging / SPOOLS).mkdir()
        for spool in spools:
            shutil.copyfile(spool, _free(staging / SPOOLS / spool.name))
        if hypervisor is not None:
            write_hypervisor(staging / HYPERVISOR, hypervisor)
        (staging / TREE_FILE).write_bytes(data)
        (staging / HEADER_FILE).write_bytes(
            msgspec.json.format(msgspec.json.encode(stored), indent=1) + b"\n"
        )
        _close_to_others(staging)
        staging.replace(folder)
    except OSError as error:
        raise RecordingError(f"cannot write the recording {folder}: {error.strerror or error}") from error
    finally:
        if staging is not None and staging.exists():
            shutil.rmtree(staging, ignore_errors=True)
    return Recording(folder, stored)


def _free(path: Path) -> Path:
    """``path``, or one like it that is not taken: files of two hosts may be called the same."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{number}-{path.name}")
    return found


def _inside(file: str) -> PurePosixPath:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\0" in file or not path.parts:
        raise RecordingError(f"the source file name {file[:200]!r} points out of the recording")
    return path


def _close_to_others(folder: Path) -> None:
    for directory, _, files in os.walk(folder):
        Path(directory).chmod(0o700)
        for name in files:
            (Path(directory) / name).chmod(0o600)


def _read(path: Path, limit: int, remedy: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > limit:
            raise RecordingError(
                f"{path} is too large to be read: {size:,} bytes, the limit is {limit:,}", remedy
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise RecordingError(f"{path} is missing: the recording is not whole", remedy) from None
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}", remedy) from None
