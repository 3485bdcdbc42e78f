"""Recording requests to services that run already, whoever sends them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracer.model.recording_folder import Recording
from tracer.recording.attaching import OpenWindow, new_pass, wait_for_trace
from tracer.recording.gather import gather, wait_until_complete
from tracer.recording.stitching import Occasion
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import Steps

SCENARIO = "attached"
COMPLETE_WITHIN = 60.0
"""Seconds that the services get to finish a request, from when it was seen or the window was closed."""

LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Attached:
    """Services with the dormant probe, as somebody who records what they do reaches them.

    Args:
        spool_dir: the folder that they were given.
        key_file: their key.
        facts: what a recording should say of them.
        notices: what a recording of them cannot show.
        source_roots: where else their source may be.
    """

    spool_dir: Path
    key_file: Path
    facts: dict[str, str]
    notices: tuple[str, ...] = ()
    source_roots: tuple[Path, ...] = ()


def record_one(
    services: Attached,
    folder: Path,
    command: str,
    timeout_s: float,
    show: Callable[[dict[str, str]], None],
    steps: Steps,
) -> Recording:
    """Record the one request that is sent with the headers that this makes.

    Args:
        services: the services.
        folder: where the recording goes; must not be there yet.
        command: the command line, for the recording's header.
        timeout_s: how long to wait for the request, in seconds.
        show: is given the headers.
        steps: shows progress.

    Raises:
        UserError: no such request came.
        RecordingError: the recording cannot be written.
    """
    leave = new_pass(services.key_file, timeout_s)
    show(leave.headers)
    with steps.step("Wait for the request") as step:
        came = wait_for_trace(services.spool_dir, leave.trace_id, timeout_s, step.note)
    if not came:
        raise UserError(
            f"No request came with these headers within {timeout_s:.0f} s.",
            "Do they reach the service? A proxy may drop them; --timeout waits longer.",
            exit_code=ANSWER_IS_NO,
        )
    return _gathered(services, leave.trace_id, folder, command, steps)


def record_window(
    services: Attached,
    folder: Path,
    command: str,
    seconds: float,
    at: Sequence[str],
    at_most: int,
    steps: Steps,
) -> list[Recording]:
    """Record the requests of the next seconds, each into a recording of its own.

    Ctrl-C closes the window early; what was recorded until then is kept.

    Args:
        services: the services.
        folder: the recordings' folder.
        command: the command line, for the recordings' headers.
        seconds: how long the window is open.
        at: at which services a request begins to be recorded.
        at_most: how many requests each of their processes takes.
        steps: shows progress.

    Returns:
        The recordings, the oldest request first.

    Raises:
        UserError: a window is open already.
        RecordingError: a recording cannot be written.
    """
    with OpenWindow(services.spool_dir, seconds, at, at_most) as window:
        try:
            with steps.step(f"Record for {seconds:.0f} s") as step:
                until = time.monotonic() + seconds
                while (left := until - time.monotonic()) > 0:
                    step.note(f"{len(window.traces())} requests, {left:.0f} s left")
                    time.sleep(min(LOOK_EVERY_S, left))
        except KeyboardInterrupt:
            steps.say("The window is closed.")
    return [
        _gathered(services, trace_id, folder / f"{number:03}-{trace_id[-8:]}", command, steps)
        for number, trace_id in enumerate(window.traces(), 1)
    ]


def _gathered(services: Attached, trace_id: str, folder: Path, command: str, steps: Steps) -> Recording:
    with steps.step("Wait for the last of the request") as step:
        missing = wait_until_complete(services.spool_dir, trace_id, timeout_s=COMPLETE_WITHIN, note=step.note)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    with steps.step("Stitch and write the recording"):
        return gather(
            services.spool_dir,
            trace_id,
            folder,
            Occasion(SCENARIO, command, created, services.facts),
            source_roots=services.source_roots,
            notices=[
                *services.notices,
                *(f"not complete after {COMPLETE_WITHIN:.0f} s: {what}" for what in missing.certain),
            ],
        )
