"""The written record of what a stack has started, which outlives whoever started it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from runtime.processes import ProcessId, boot_id


@dataclass(frozen=True)
class Started:
    """One process that was started for the stack.

    Args:
        service: the service it is.
        process: the process.
    """

    service: str
    process: ProcessId


class Ledger:
    """Appends what was started to a file, and reads it back.

    Args:
        file: one JSON object a line.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, started: Started) -> None:
        """Write down a process as soon as it has been started."""
        line = json.dumps(
            {
                "service": started.service,
                "pid": started.process.pid,
                "started": started.process.started,
                "boot": boot_id(),
            }
        )
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, f"{line}\n".encode())
        finally:
            os.close(handle)

    def read(self) -> list[Started]:
        """Everything that was started since the machine's boot, in order.

        A line that a crash cut short is passed over: whatever it stood for is found by the marks
        that every process of the stack carries.
        """
        try:
            text = self._file.read_text(errors="replace")
        except FileNotFoundError:
            return []
        boot = boot_id()
        found = []
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                if entry["boot"] == boot:
                    process = ProcessId(int(entry["pid"]), int(entry["started"]))
                    found.append(Started(str(entry["service"]), process))
            except (ValueError, TypeError, KeyError):
                continue
        return found

    def clear(self) -> None:
        """Forget everything, once it is gone."""
        self._file.unlink(missing_ok=True)
