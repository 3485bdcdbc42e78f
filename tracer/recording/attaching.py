"""Switching recording on in processes that run already, for one request or for a time, and off again."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracer.recording.outside import entry_key
from tracer.recording.private_file import create_private
from tracer.recording.probe.authority import STATE, grant, member, read_key
from tracer.recording.probe.traceparent import HEADER, render
from tracer.recording.probe.window import SUFFIX
from tracer.recording.switch import new_trace_id
from tracer.terminal.errors import ANSWER_IS_NO, UserError

LOOK_EVERY_S = 0.2
PREFIX_DIGITS = 16


@dataclass(frozen=True)
class Pass:
    """What a request needs with it to be recorded.

    Args:
        trace_id: under which it is.
        headers: to be sent with it, by name; they hold for no other trace.
    """

    trace_id: str
    headers: dict[str, str]


def usable_key(key_file: Path) -> bytes:
    """The key by which services let a request be recorded, as a process of this user can use it.

    Raises:
        UserError: there is none, or it is not this user's or root's alone.
    """
    key = read_key(str(key_file))
    if not key:
        raise UserError(
            f"{key_file} holds no key, or one that is not this user's or root's alone.",
            "The services must have been started with the dormant probe, as `stackwalk stack up` does.",
        )
    return key


def new_pass(key_file: Path, valid_s: float) -> Pass:
    """Leave for one request to be recorded.

    Args:
        key_file: the key of the services that the request goes to.
        valid_s: how long it holds, in seconds.

    Raises:
        UserError: there is no usable key.
    """
    key = usable_key(key_file)
    trace_id = new_trace_id()
    granted = grant(key, trace_id, int(time.time() + valid_s))
    return Pass(trace_id, {HEADER: render(trace_id, entry_key(trace_id)), STATE: member(granted)})


class OpenWindow:
    """A time in which requests are recorded that bring no leave of their own.

    It opens when the block begins and closes when it ends, however it ends; the file names its end besides,
    should this process be killed.

    Args:
        spool_dir: the folder that the services were given.
        seconds: how long.
        services: at which of them a request begins to be recorded.
        at_most: how many requests each of their processes takes.
    """

    def __init__(self, spool_dir: Path, seconds: float, services: Sequence[str], at_most: int) -> None:
        self._spool_dir = spool_dir
        self._file = window_file(spool_dir)
        self._prefix = secrets.token_hex(PREFIX_DIGITS // 2)
        self._stated = {
            "until": time.time() + seconds,
            "prefix": self._prefix,
            "services": list(services),
            "at_most": at_most,
        }

    def __enter__(self) -> OpenWindow:
        try:
            create_private(self._file, json.dumps(self._stated))
        except FileExistsError:
            raise UserError(
                f"A window is open already: {self._file}",
                "Wait until it is closed; `stackwalk record attach --off` closes one that was left behind.",
                exit_code=ANSWER_IS_NO,
            ) from None
        except OSError as error:
            raise UserError(f"{self._file} cannot be written: {error.strerror or error}.") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.unlink(missing_ok=True)

    def traces(self) -> list[str]:
        """The ids of all traces that began in it so far, the oldest first."""
        found = [folder for folder in self._spool_dir.glob(f"{self._prefix}*") if folder.is_dir()]
        return [folder.name for folder in sorted(found, key=lambda folder: folder.stat().st_mtime_ns)]


def window_file(spool_dir: Path) -> Path:
    """The file that says that a window is open."""
    return spool_dir.absolute().with_name(spool_dir.name + SUFFIX)


def close_window(spool_dir: Path) -> bool:
    """Close a window that was left open; returns whether there was one."""
    file = window_file(spool_dir)
    was_open = file.exists()
    file.unlink(missing_ok=True)
    return was_open


def wait_for_trace(spool_dir: Path, trace_id: str, timeout_s: float, note: Callable[[str], None]) -> bool:
    """Wait until something of a trace has been recorded; returns whether it was.

    Args:
        spool_dir: the folder that the services were given.
        trace_id: which.
        timeout_s: when to give up, in seconds.
        note: is told in a few words what is being waited for.
    """
    until = time.monotonic() + timeout_s
    while not any((spool_dir / trace_id).glob("*.spool")):
        left = until - time.monotonic()
        if left <= 0:
            return False
        note(f"{left:.0f} s left")
        time.sleep(LOOK_EVERY_S)
    return True
