"""Runs a scenario's client as a process of its own and tells what it reports."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

import runtime
from runtime.provisioning.guest import KERNEL_OPTIONS, MARKER
from runtime.scenarios.target import Target
from tracer.recording.attaching import usable_key
from tracer.recording.switch import probe_environment
from tracer.terminal.errors import ANSWER_IS_NO, UserError

SOURCE_ROOT = Path(runtime.__file__).parent.parent
CLIENT_MODULE = "runtime.scenarios.client"
LOG_LINES = 15
LOGS_REMEDY = "The logs of all services: `stackwalk stack logs SERVICE`."
LONGEST_REPORT = 4 << 20


class Happening(msgspec.Struct, forbid_unknown_fields=False):
    """One thing that the client reports; each ``event`` has some of the other fields."""

    event: str
    server: str = ""
    domain: str = ""
    seconds: float = 0.0
    status: str = ""
    task: str = ""
    text: str = ""
    console: str = ""
    trace_id: str = ""
    message: str = ""
    details: str = ""


@dataclass(frozen=True)
class Order:
    """What the client is to do.

    Args:
        scene: "create", "delete" or "prepare".
        name: the server's name.
        trace_id: the trace to record the request under; empty to send it untraced.
        timeout: how long each wait may take, in seconds.
        admin_password: to set in the guest, or empty.
        user_data: for the guest, or empty.
        poll_interval: how often to ask how the server is doing, in seconds.
        gate: a file on whose lock the client waits before it sends the request, or empty.
    """

    scene: str
    name: str
    trace_id: str = ""
    timeout: float = 120.0
    admin_password: str = field(default="", repr=False)
    user_data: str = field(default="", repr=False)
    poll_interval: float = 0.1
    gate: str = ""


def play(target: Target, order: Order) -> Generator[Happening]:
    """Let the client do what ``order`` says, and yield what happens as it happens.

    Closing the iterator early ends the client.

    Raises:
        UserError: the scenario failed; says what the server's fault and nova-compute's log say.
    """
    process = subprocess.Popen(
        [str(target.environment.python), "-P", "-m", CLIENT_MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(target, order),
        text=True,
        # A Ctrl-C is for whoever runs the scenario, who then ends the client.
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        with process.stdin as stdin:
            json.dump(_orders(target, order), stdin)
        last = ""
        for line in iter(lambda: process.stdout.readline(LONGEST_REPORT), ""):  # type: ignore[union-attr]
            happening = msgspec.json.decode(line, type=Happening)
            last = happening.event
            if last == "state" and (ended := target.ended()):
                raise _service_ended(ended, target)
            if last == "failed":
                raise _failure(happening, target)
            yield happening
        said = process.stderr.read()
        if process.wait() != 0 or last != "done":
            raise UserError(
                "The client of the stack broke down.",
                "This is a defect; please report it with the lines above.",
                details=tuple(said.splitlines()[-LOG_LINES:]),
            )
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def _orders(target: Target, order: Order) -> dict[str, Any]:
    guest = target.guest
    return {
        "scene": order.scene,
        "name": order.name,
        "trace_id": order.trace_id,
        "timeout": order.timeout,
        "admin_password": order.admin_password,
        "user_data": order.user_data,
        "poll_interval": order.poll_interval,
        "gate": order.gate,
        "marker": MARKER,
        "auth": dict(target.auth),
        "endpoints": dict(target.endpoints),
        "guest": {
            "name": guest.kernel.parent.name,
            "kernel": str(guest.kernel),
            "initrd": str(guest.initrd),
            "disk": str(guest.disk),
            "options": KERNEL_OPTIONS,
        },
    }


def _environment(target: Target, order: Order) -> dict[str, str]:
    environment = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        environment.pop(name, None)
    search = [str(SOURCE_ROOT)]
    if order.trace_id:
        probe = probe_environment("client", target.spool_dir)
        usable_key(Path(probe["STACKWALK_KEY_FILE"]))  # without it the services would record nothing
        search.insert(0, probe.pop("PYTHONPATH").split(os.pathsep)[0])
        environment |= probe
    return environment | {"PYTHONPATH": os.pathsep.join(search), "PYTHONDONTWRITEBYTECODE": "1"}


def _failure(happening: Happening, target: Target) -> UserError:
    details = [
        *happening.details.splitlines(),
        "",
        f"the end of {target.compute_log}:",
        *log_tail(target.compute_log),
    ]
    return UserError(happening.message, LOGS_REMEDY, details=tuple(details), exit_code=ANSWER_IS_NO)


def _service_ended(names: Sequence[str], target: Target) -> UserError:
    return UserError(
        f"{', '.join(names)} ended while the server was waited for.",
        LOGS_REMEDY,
        details=(f"the end of {target.compute_log}:", *log_tail(target.compute_log)),
        exit_code=ANSWER_IS_NO,
    )


def log_tail(file: Path, lines: int = LOG_LINES) -> list[str]:
    """The last lines of a log file, or a line that says why there are none."""
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 64 * 1024))
            return stream.read().decode(errors="replace").splitlines()[-lines:]
    except OSError as error:
        return [f"(it cannot be read: {error.strerror})"]
