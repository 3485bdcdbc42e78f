"""One spool file: header, blocks, size limit, and what happens when the disk will not take more."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from typing import Any

from .blocks import AppendBlock, append, block
from .encoder import Encoder
from .format import MAGIC, VERSION
from .functions import FunctionTable
from .settings import Settings
from .tape import Piece
from .versions import chosen_versions


class SpoolFullError(Exception):
    """The spool takes no further calls: its limit is reached or the disk is full."""


class SpoolWriter:
    """Appends one process's records of one trace to its own private file.

    Args:
        settings: where the file is and how long it may become.
        functions: what the records' sites are about.
        trace_id: whose records.
        collector: the name of the one that records.
        append_block: writes a block.
    """

    def __init__(
        self,
        settings: Settings,
        functions: FunctionTable,
        trace_id: str,
        collector: str,
        append_block: AppendBlock,
    ) -> None:
        self._settings = settings
        self._trace_id = trace_id
        self._collector = collector
        self._append_block = append_block
        self._encoder = Encoder(functions)
        self._path = ""
        self._size = 0
        self._size_before = 0
        """Without the last block."""

    def append(self, piece: Piece) -> None:
        """Write ``piece`` as one block, after the header if it is the first.

        Raises:
            SpoolFullError: the block was written, or a notice in its place, and nothing more will be.
            OSError: the file cannot be written at all.
        """
        content = self._encoder.content(piece)
        if not self._path:
            self._create()
        limit = self._settings.spool_limit
        try:
            length = self._append_block(self._path, content, self._size, limit)
            if length:
                self._grown(length)
            else:
                said = f"the spool reached its limit of {limit} bytes; later calls are not recorded"
                self._write(block(self._encoder.notice(piece[1], said)))
        except OSError as error:
            self._say_why(piece[1], error)
            raise
        if not length:
            raise SpoolFullError

    def end(self) -> None:
        """Say that the process ended its record in order; nothing may be appended after that.

        Raises:
            OSError: the file cannot be written.
        """
        if not self._path:
            self._create()
        self._write(block(self._encoder.end(time.monotonic_ns())))

    def _create(self) -> None:
        folder = f"{self._settings.spool_dir}/{self._trace_id}"
        for made in (self._settings.spool_dir, folder):
            _make_private(made)
        pid = os.getpid()
        path = _free_name(folder, self._settings.service, f"{pid}-{_process(pid)[1]}.spool")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(f"{path}.new", flags, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
        # A spool has its header before it is one, so nobody ever reads one without.
        self._path = f"{path}.new"
        header = block(json.dumps(self._header(pid)).encode())
        self._write(MAGIC + bytes([VERSION]) + header)
        os.rename(self._path, path)  # noqa: PTH104 - pathlib is not loaded in services for this
        self._path = path

    def _header(self, pid: int) -> dict[str, Any]:
        return {
            "trace_id": self._trace_id,
            "service": self._settings.service,
            "pid": pid,
            "parent_pid": os.getppid(),
            "program": self._settings.program,
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "collector": self._collector,
            "values": self._settings.values,
            "whole_program": bool(self._settings.parent),
            "host": os.uname().nodename,
            "clock": _process(pid)[0],
            "packages": list(self._settings.packages),
            "time": time.monotonic_ns(),
            "realtime_offset": time.time_ns() - time.monotonic_ns(),
            "source_roots": list(map(_root, sys.path)),
            "versions": chosen_versions(self._settings.packages),
        }

    def _say_why(self, time: int, error: OSError) -> None:
        """Leave a notice where nothing more can be written, in the place of the last block if need be."""
        said = f"the spool could not be written ({error.strerror}); later calls are not recorded"
        try:
            self._write(block(self._encoder.notice(time, said)))
        except OSError:
            if self._size_before:
                os.truncate(self._path, self._size_before)
                self._size = self._size_before
                with suppress(OSError):
                    self._write(block(self._encoder.notice(time, f"{said}, nor are the last before that")))

    def _write(self, data: bytes) -> None:
        append(self._path, data, self._size)
        self._grown(len(data))

    def _grown(self, length: int) -> None:
        self._size_before, self._size = self._size, self._size + length


def _make_private(folder: str) -> None:
    """Make a folder that only its owner may look into, whatever the umask; one that is there stays."""
    if os.path.isdir(folder):  # noqa: PTH112 - pathlib is not loaded in services for this
        return
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
    os.chmod(folder, 0o700)  # noqa: PTH101


def _free_name(folder: str, service: str, rest: str) -> str:
    """The name of this process's spool; numbered where it has been another program before."""
    path = f"{folder}/{service}-{rest}"
    number = 1
    while os.path.lexists(path):
        number += 1
        path = f"{folder}/{service}.{number}-{rest}"
    return path


_processes: dict[int, tuple[str, str]] = {}
_roots: dict[str, str] = {}


def _process(pid: int) -> tuple[str, str]:
    """The clock and the start of this process, whose number is ``pid``; a forked child's are its own."""
    known = _processes.get(pid)
    if known is None:
        _processes.clear()
        known = _processes[pid] = _clock(), _start_time()
    return known


def _root(entry: str) -> str:
    """The absolute path of a folder that modules are looked for in."""
    if not entry.startswith("/"):
        return os.path.abspath(entry)  # noqa: PTH100
    root = _roots.get(entry)
    if root is None:
        root = _roots[entry] = os.path.abspath(entry)  # noqa: PTH100
    return root


def _clock() -> str:
    """Names the monotonic clock that this process reads: the boot it counts from, as its time namespace
    sees it."""
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as boot:  # noqa: PTH123
            boot_id = boot.read().strip().decode()
        return f"{boot_id} {os.readlink('/proc/self/ns/time')}"  # noqa: PTH115
    except OSError:
        return ""


def _start_time() -> str:
    """The process's start in clock ticks since boot, which with its pid names it for good; else a time of
    day."""
    try:
        with open("/proc/self/stat", "rb") as stat:  # noqa: PTH123
            return stat.read().rpartition(b")")[2].split()[19].decode()
    except (OSError, IndexError):
        return str(time.time_ns())
