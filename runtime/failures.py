"""What to say when a service fails: its last words and the likely cause."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path

from tracer.terminal.errors import ANSWER_IS_NO, UserError

LINES_SHOWN = 12

CAUSES = (
    (r"Address already in use|eaddrinuse", "a port it needs is taken by another program"),
    (r"No space left on device|Disk quota exceeded", "the disk is full"),
    (r"Cannot allocate memory|MemoryError|Out of memory", "the machine is out of memory"),
    (r"Too many open files", "too many files are open: raise the limit (ulimit -n)"),
    (r"Access denied for user", "the database refuses its password"),
    (r"ACCESS_REFUSED|Login was refused", "the message broker refuses its password"),
    (r"doesn't exist\"|Unknown database|Table .* doesn't exist", "its database has no schema, or an old one"),
    (r"Can't connect to .*MySQL|Can't connect to local server", "the database server does not answer"),
    (r"AMQP server on .* is unreachable", "the message broker does not answer"),
    (r"ModuleNotFoundError|ImportError", "its environment is incomplete: a Python module is missing"),
    (r"Could not access KVM|failed to initialize kvm", "KVM does not work on this machine"),
    (
        r"Permission denied|Operation not permitted",
        "it lacks a right: the stack must run as root, outside of a confined container",
    ),
    (r"Failed to connect to libvirt|Failed to connect socket to", "libvirtd does not answer"),
    (r"libvirtError|libvirt: .* error", "libvirt refuses what it was asked"),
    (r"Unauthorized|requires authentication", "keystone refuses its password"),
    (r"No such file or directory", "a file it needs is missing"),
)
"""Patterns in a log's last lines, and what they mean; the first that is found counts."""


class ServiceFailedError(UserError):
    """A service ended, or never came to do its work.

    Args:
        service: its name.
        what: what became of it.
        log: its log file.
    """

    def __init__(self, service: str, what: str, log: Path) -> None:
        lines = last_lines(log, LINES_SHOWN)
        cause = likely_cause(last_lines(log, 5 * LINES_SHOWN))
        super().__init__(
            f"{service} {what}" + (f"; the likely cause: {cause}" if cause else ""),
            f"See the whole log with `stackwalk stack logs {service}`, or in {log}.",
            details=lines,
            exit_code=ANSWER_IS_NO,
        )
        self.service = service


def last_lines(log: Path, count: int) -> tuple[str, ...]:
    """The last lines of a log file; none when there is no such file."""
    try:
        with log.open(errors="replace") as stream:
            return tuple(line.rstrip("\n") for line in deque(stream, count))
    except OSError:
        return ()


def likely_cause(lines: tuple[str, ...]) -> str:
    """What the lines of a log say of why a service failed; empty when they say nothing that is known."""
    text = "\n".join(lines)
    for pattern, cause in CAUSES:
        if re.search(pattern, text, re.IGNORECASE):
            return cause
    return ""
