"""What the project's own read-only connection saw of the hypervisor while a request was recorded."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tracer.model.recording_error import UNREADABLE, RecordingError

EVENTS = "events.jsonl"
DOMAIN_XML = "domain.xml"
QEMU_COMMAND_LINE = "qemu-command-line.txt"
CONSOLE = "console.txt"
CONNECTION = "connection.json"


class HypervisorEvent(msgspec.Struct, frozen=True):
    """A lifecycle event of a domain: Unix time in nanoseconds, ``started``, ``booted``, the domain's name."""

    time_ns: int
    event: str
    detail: str = ""
    domain: str = ""


class Hypervisor(msgspec.Struct):
    """Lifecycle events, domain XML, QEMU command line, guest console, and how all that was looked at.

    ``connection`` names the connection's URI, the flags it was opened with, and what a write on it
    answered. ``notices`` says what could not be read. Each part is empty where nothing was seen.
    """

    events: list[HypervisorEvent] = []
    domain_xml: str = ""
    qemu_command_line: str = ""
    console: str = ""
    connection: dict[str, str | int | bool] = {}
    notices: list[str] = []


def write_hypervisor(folder: Path, hypervisor: Hypervisor) -> None:
    """Write ``hypervisor`` into ``folder``, leaving out the parts that are empty.

    Raises:
        OSError: when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if hypervisor.events:
        encoder = msgspec.json.Encoder()
        (folder / EVENTS).write_bytes(b"".join(encoder.encode(event) + b"\n" for event in hypervisor.events))
    for name, text in (
        (DOMAIN_XML, hypervisor.domain_xml),
        (QEMU_COMMAND_LINE, hypervisor.qemu_command_line),
        (CONSOLE, hypervisor.console),
    ):
        if text:
            (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    if hypervisor.connection:
        (folder / CONNECTION).write_bytes(
            msgspec.json.format(msgspec.json.encode(hypervisor.connection)) + b"\n"
        )


def read_hypervisor(folder: Path) -> Hypervisor:
    """Read what `write_hypervisor` wrote; a missing folder or file is an empty part.

    A last event that was cut off while it was written is left out and named in ``notices``.

    Raises:
        RecordingError: when a file of it is damaged or cannot be read.
    """
    result = Hypervisor(
        domain_xml=_text(folder / DOMAIN_XML),
        qemu_command_line=_text(folder / QEMU_COMMAND_LINE),
        console=_text(folder / CONSOLE),
    )
    lines = _bytes(folder / EVENTS).splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        try:
            result.events.append(msgspec.json.decode(line, type=HypervisorEvent))
        except UNREADABLE as error:
            if number == len(lines) and not line.endswith(b"\n"):
                result.notices.append(f"the last line of {EVENTS} was cut off and is left out")
                break
            raise RecordingError(f"{folder / EVENTS}, line {number} is damaged: {error}") from None
    connection = _bytes(folder / CONNECTION)
    if connection:
        try:
            result.connection = msgspec.json.decode(connection, type=dict[str, str | int | bool])
        except UNREADABLE as error:
            raise RecordingError(f"{folder / CONNECTION} is damaged: {error}") from None
    return result


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise RecordingError(f"cannot read {path}: {error.strerror or error}") from None


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", errors="replace")
