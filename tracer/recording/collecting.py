"""Merging what several hosts recorded, each on its own disk and clock."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import SOURCES, Recording
from tracer.recording.gather import Spools, assemble
from tracer.recording.outside import with_outside
from tracer.recording.raw import ProcessRecord
from tracer.recording.spool import SpoolError, read_spool
from tracer.recording.stitching import Occasion, StitchingError
from tracer.terminal.errors import UserError

SCENARIO = "collected"
_SHOWN_UNREAD = 20
TRACE_ID = re.compile(r"[0-9a-f]{32}\Z")


def collect(
    folders: Sequence[Path],
    target: Path,
    command: str,
    *,
    trace_id: str = "",
    source_roots: Iterable[Path] = (),
) -> Recording:
    """Merge the spools in ``folders`` into one recording.

    Args:
        folders: of spools, one a host, as the probes or a recording hold them, however deep. Source files
            that a recording holds are looked in, too.
        target: where the recording shall be.
        command: the command line, for its header.
        trace_id: which trace; may be left out where there is only one.
        source_roots: folders in which to look for source files, besides those that the spools name.

    Raises:
        UserError: there is no such trace, or the choice is not clear.
        RecordingError: nothing was recorded of it, or the recording cannot be written.
    """
    found, unread = _spools_by_trace(folders)
    if not found:
        where = ", ".join(map(str, folders))
        if unread:
            raise UserError(
                f"None of the spools in {where} can be read.", details=tuple(unread[:_SHOWN_UNREAD])
            )
        raise UserError(f"There are no spools in {where}.", "Give the folders that services recorded into.")
    if not trace_id and len(found) > 1:
        listed = tuple(f"{trace}  {len(files)} spools" for trace, files in sorted(found.items()))
        raise UserError("There are spools of several traces.", "Choose one with --trace.", details=listed)
    chosen = trace_id or next(iter(found))
    if chosen not in found:
        raise UserError(
            f"There are no spools of the trace {chosen}.",
            "Choose one of these with --trace.",
            details=tuple(sorted(found)),
        )
    spools = _read(chosen, found[chosen], unread)
    kept_sources = (folder / SOURCES for folder in folders)
    roots = [*source_roots, *(kept for kept in kept_sources if kept.is_dir())]
    hosts = sorted({record.host or "a host that does not say its name" for record in spools.records})
    created = datetime.now(UTC).isoformat(timespec="seconds")
    facts = {"stack": f"collected from {len(folders)} folders", "hosts": ", ".join(hosts)}
    try:
        return assemble(spools, target, Occasion(SCENARIO, command, created, facts), source_roots=roots)
    except StitchingError as error:
        raise RecordingError(f"{error}: there are {len(spools.files)} spools") from None


def _spools_by_trace(folders: Sequence[Path]) -> tuple[dict[str, list[Path]], list[str]]:
    """The spools of each trace, and what is in the way of reading those whose trace is not known."""
    found: dict[str, list[Path]] = {}
    unread: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            raise UserError(f"{folder} is no folder.", "Give the folders that services recorded into.")
        for file in sorted(folder.rglob("*.spool")):
            trace_id = file.parent.name
            if not TRACE_ID.match(trace_id):
                try:
                    trace_id = read_spool(file).trace_id
                except (SpoolError, OSError) as error:
                    unread.append(f"spool {file.name} cannot be read and is left out: {error}")
                    continue
            found.setdefault(trace_id, []).append(file)
    return found, unread


def _read(trace_id: str, files: Sequence[Path], unread: Sequence[str]) -> Spools:
    records: list[ProcessRecord] = []
    kept: list[Path] = []
    notices = list(unread)
    seen: set[tuple[int, int]] = set()
    twice = 0
    for file in files:
        try:
            content = file.read_bytes()
            same = (len(content), zlib.crc32(content))
            if same in seen:
                twice += 1
                continue
            record = read_spool(file)
        except (SpoolError, OSError) as error:
            notices.append(f"spool {file.name} cannot be read and is left out: {error}")
            continue
        if record.trace_id != trace_id:
            notices.append(f"spool {file.name} is of another trace and is left out")
            continue
        seen.add(same)
        records.append(record)
        kept.append(file)
    if twice:
        notices.append(f"{twice:,} spools were given twice and are left out once")
    # Whose processes run on which host, and whether they still do, cannot be told from here.
    return Spools(with_outside(trace_id, records), kept, frozenset(), notices)
