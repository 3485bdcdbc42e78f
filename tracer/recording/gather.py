"""From the spools of one trace to a finished recording folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracer.model.hypervisor import Hypervisor
from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import Recording, write_recording
from tracer.recording.completeness import CompletionWatch, Missing
from tracer.recording.outside import with_outside
from tracer.recording.raw import ProcessRecord
from tracer.recording.spool import SpoolError, read_spool
from tracer.recording.stitching import Occasion, StitchingError, stitch

LOOK_EVERY_S = 0.2
IDLE_SHARE = 4
"""How much longer to sleep than the last look took."""


class NothingRecordedError(RecordingError):
    """What spools there are could be read whole, and no process had called anything that is recorded."""


@dataclass(frozen=True)
class Spools:
    """All spools of one trace: records, files, pids that still run, and what could not be read."""

    records: list[ProcessRecord]
    files: list[Path]
    living: frozenset[int]
    notices: list[str]


class SpoolReader:
    """Reads spools again and again while they grow; one that has not grown is not read anew."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[int, ProcessRecord]] = {}

    def __call__(self, file: Path) -> ProcessRecord:
        """What ``file`` holds now.

        Raises:
            SpoolError: it is no spool, or of an unknown version.
        """
        size = _size(file)
        known = self._read.get(file)
        if known is None or known[0] != size:
            known = self._read[file] = (size, read_spool(file))
        return known[1]


def read_spools(spool_dir: Path, trace_id: str, read: Callable[[Path], ProcessRecord] = read_spool) -> Spools:
    """Read what the processes have recorded of a trace so far.

    A file that is no spool at all becomes a notice; a damaged one gives what is readable of it.

    Args:
        spool_dir: the folder that the traced services were given.
        trace_id: 32 hexadecimal digits.
        read: reads one spool.
    """
    records: list[ProcessRecord] = []
    notices: list[str] = []
    files = sorted((spool_dir / trace_id).glob("*.spool"))
    living = frozenset(pid for file in files if (pid := _living_pid(file)) is not None)
    for file in files:
        try:
            record = read(file)
        except (SpoolError, OSError) as error:
            notices.append(f"spool {file.name} cannot be read and is left out: {error}")
            continue
        if record.trace_id != trace_id:
            notices.append(f"spool {file.name} is of another trace and is left out")
        else:
            records.append(record)
    return Spools(with_outside(trace_id, records), files, living, notices)


def wait_until_complete(
    spool_dir: Path,
    trace_id: str,
    *,
    timeout_s: float,
    quiet_s: float = 1.0,
    note: Callable[[str], None] = lambda _: None,
) -> Missing:
    """Wait until a request has been recorded to its end.

    Args:
        spool_dir: the folder that the traced services were given.
        trace_id: 32 hexadecimal digits.
        timeout_s: when to give up, in seconds.
        quiet_s: see `CompletionWatch`.
        note: is told in a few words what is being waited for.

    Returns:
        What was still missing when the wait ended; its ``certain`` is empty unless the time ran out.
    """
    watch = CompletionWatch(quiet_s)
    folder = spool_dir / trace_id
    give_up = time.monotonic() + timeout_s

    reader = SpoolReader()

    def read() -> tuple[Sequence[ProcessRecord], frozenset[int]]:
        spools = read_spools(spool_dir, trace_id, reader)
        return spools.records, spools.living

    while True:
        began = time.monotonic()
        if watch.look(began, _state(folder), read) or time.monotonic() >= give_up:
            return watch.missing
        note((watch.missing.certain or watch.missing.possible or [""])[0])
        # Looking must not take from the services the time that it waits for.
        time.sleep(max(LOOK_EVERY_S, IDLE_SHARE * (time.monotonic() - began)))


def gather(
    spool_dir: Path,
    trace_id: str,
    folder: Path,
    occasion: Occasion,
    *,
    hypervisor: Hypervisor | None = None,
    source_roots: Iterable[Path] = (),
    notices: Sequence[str] = (),
) -> Recording:
    """Stitch a trace's spools and leave them, the tree and the source files it names as a recording.

    Args:
        spool_dir: the folder that the traced services were given.
        trace_id: 32 hexadecimal digits.
        folder: where the recording shall be.
        occasion: what the header shall say of the run.
        hypervisor: what the hypervisor connection saw.
        source_roots: folders in which to look for source files, besides those that the spools name.
        notices: statements of incompleteness that the caller knows of.

    Returns:
        The recording, opened.

    Raises:
        NothingRecordedError: no process recorded anything of the trace.
        RecordingError: no spool of it could be read, or the recording cannot be written.
    """
    spools = read_spools(spool_dir, trace_id)
    try:
        return assemble(
            spools, folder, occasion, hypervisor=hypervisor, source_roots=source_roots, notices=notices
        )
    except StitchingError as error:
        whole = not spools.notices and not any(record.damage for record in spools.records)
        raise (NothingRecordedError if whole else RecordingError)(
            f"{error}: {spool_dir / trace_id} holds {len(spools.files)} spool files",
            "Were the services started with the probe, and did the request carry a trace context?",
        ) from None


def assemble(
    spools: Spools,
    folder: Path,
    occasion: Occasion,
    *,
    hypervisor: Hypervisor | None = None,
    source_roots: Iterable[Path] = (),
    notices: Sequence[str] = (),
) -> Recording:
    """Stitch spools that have been read, wherever they come from; see `gather`.

    Raises:
        StitchingError: there is nothing to record.
        RecordingError: it cannot be written.
    """
    told = [*notices, *spools.notices]
    sources = find_sources(spools.records, list(source_roots), told)
    tree = stitch(spools.records, occasion, living=spools.living, notices=told)
    return write_recording(folder, tree, sources=sources, spools=spools.files, hypervisor=hypervisor)


def find_sources(
    records: Iterable[ProcessRecord], more_roots: Sequence[Path], notices: list[str]
) -> dict[str, bytes]:
    """Read the source file of every function, from where its process imported it.

    Args:
        records: whose functions; each names the roots of its process.
        more_roots: folders to look in where those have nothing.
        notices: gets a line each for files not found and files that differ between processes.

    Returns:
        Contents by path relative to the root.
    """
    found: dict[str, bytes] = {}
    origin: dict[str, Path] = {}
    lost: set[str] = set()
    differing: set[str] = set()
    for record in records:
        roots = [*(Path(root) for root in record.source_roots), *more_roots]
        for file in {function.file for function in record.functions if function.file}:
            path = None if _leads_out(file) else _first(roots, file)
            if path is None:
                lost.add(file)
            elif file not in found:
                found[file], origin[file] = path.read_bytes(), path
            elif path != origin[file] and path.read_bytes() != found[file]:
                differing.add(file)
    lost -= found.keys()
    for files, said in (
        (lost, "source files were not found"),
        (differing, "source files differ between processes; one of each is kept"),
    ):
        if files:
            notices.append(f"{len(files):,} {said}, among them {min(files)}")
    return found


def _leads_out(file: str) -> bool:
    path = Path(file)
    return path.is_absolute() or ".." in path.parts


def _first(roots: Iterable[Path], file: str) -> Path | None:
    return next((root / file for root in roots if (root / file).is_file()), None)


def _state(folder: Path) -> tuple[object, ...]:
    """Changes when a spool of ``folder`` grows or appears, or a process of it ends."""
    return tuple((file.name, _size(file), _living_pid(file)) for file in sorted(folder.glob("*.spool")))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _living_pid(file: Path) -> int | None:
    """The pid in a spool's name (``<service>-<pid>-<starttime>.spool``) if that very process still runs."""
    _, pid, started = file.stem.rsplit("-", 2)
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    running = stat[0] not in (b"Z", b"X") and stat[19].decode() == started
    return int(pid) if running else None
