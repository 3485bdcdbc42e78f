"""Plays a scenario on a running stack and leaves a recording of the request it makes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from runtime.observer import Bystander, HypervisorObserver, Observer
from runtime.provisioning.guest import MARKER
from runtime.scenarios.driver import SOURCE_ROOT, Happening, Order, play
from runtime.scenarios.target import Target
from tracer.model.hypervisor import Hypervisor
from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import Recording
from tracer.recording.gather import gather, wait_until_complete
from tracer.recording.stitching import Occasion
from tracer.recording.switch import new_trace_id
from tracer.terminal.errors import UserError
from tracer.terminal.progress import Steps

COMPLETE_WITHIN = 30.0
"""Seconds that the services' probes get to finish, once the scenario itself is over."""

COMPLETE_WITHIN_AFTER_FAILURE = 5.0
"""The same when it failed or was interrupted, and somebody waits for the end."""


@dataclass
class Run:
    """What is known of a scenario while it is played."""

    order: Order
    traced: bool = False
    facts: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def record(
    target: Target,
    order: Order,
    folder: Path,
    command: str,
    steps: Steps,
    *,
    among_others: bool = False,
    on_ready: Callable[[], None] = lambda: None,
) -> Recording:
    """Play a scenario with its one request traced, and gather what was recorded.

    When the scenario fails or is interrupted, what was recorded until then is kept: the recording says so,
    and the error passes on afterwards.

    Args:
        target: the stack.
        order: the scenario; its trace id is chosen here.
        folder: where the recording goes; must not be there yet.
        command: the command line, for the recording's header.
        steps: shows progress.
        among_others: other scenarios are recorded at the same time; libvirt is not watched then.
        on_ready: called when the client waits at the order's gate.

    Raises:
        UserError: the scenario failed.
        RecordingError: nothing was recorded, or it cannot be written.
    """
    refuse_taken(folder)
    run = Run(replace(order, trace_id=new_trace_id()))
    run.facts |= dict(target.facts)
    run.notices += target.notices
    created = datetime.now(UTC)
    hypervisor = Hypervisor()

    def gathered() -> Recording:
        return _gather(target, run, hypervisor, folder, command, created, steps)

    try:
        with _observer(target, among_others) as observer:
            try:
                _follow(target, run, observer, steps, on_ready)
                _await_complete(target, run, COMPLETE_WITHIN, steps)
            finally:
                hypervisor = observer.seen
    except BaseException as error:
        run.notices.append(f"the scenario did not come to its end: {_in_words(error)}")
        if run.traced:
            _keep(target, run, folder, gathered, steps)
        raise
    return gathered()


def refuse_taken(folder: Path) -> None:
    """Say at once, not after minutes, that a recording cannot go where something is already.

    Raises:
        UserError: ``folder`` is a file, or a folder that is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there already.", "Give another folder with --out, or remove it.")


@contextmanager
def _observer(target: Target, among_others: bool) -> Generator[Observer]:
    if target.domain_folder is not None or among_others:
        yield Bystander(target.domain_folder)
        return
    with HypervisorObserver(target.libvirt_uri) as observer:
        yield observer


def _follow(target: Target, run: Run, observer: Observer, steps: Steps, on_ready: Callable[[], None]) -> None:
    name = run.order.name
    with (
        steps.step(f"{run.order.scene.capitalize()} the server {name}") as step,
        closing(play(target, run.order)) as happenings,
    ):
        for happening in happenings:
            step.note(_note(happening))
            if happening.event == "ready":
                on_ready()
            if happening.event == "traced":
                run.traced = True
            if happening.server:
                run.facts["server_id"] = happening.server
            if happening.event in ("answered", "active", "spoke", "gone"):
                run.facts[f"seconds_until_{happening.event}"] = f"{happening.seconds:.2f}"
            if happening.domain:
                observer.look_at(happening.domain, happening.server)
            if happening.console:
                observer.hear(happening.console, MARKER)


def _note(happening: Happening) -> str:
    words = {
        "answered": "the API has answered",
        "active": f"ACTIVE after {happening.seconds:.1f} s",
        "spoke": f"the guest spoke after {happening.seconds:.1f} s",
        "gone": f"gone after {happening.seconds:.1f} s",
        "state": " ".join(part for part in (happening.status, happening.task) if part),
    }
    return words.get(happening.event, happening.text)


def _await_complete(target: Target, run: Run, seconds: float, steps: Steps) -> None:
    with steps.step("Wait for the last of the request") as step:
        missing = wait_until_complete(target.spool_dir, run.order.trace_id, timeout_s=seconds, note=step.note)
    run.notices += [f"not complete after {seconds:.0f} s: {what}" for what in missing.certain]


def _keep(target: Target, run: Run, folder: Path, gathered: Callable[[], Recording], steps: Steps) -> None:
    """Keep what was recorded of a scenario that failed; having nothing to keep hides no other error."""
    try:
        _await_complete(target, run, COMPLETE_WITHIN_AFTER_FAILURE, steps)
        gathered()
    except RecordingError as error:
        steps.say(f"Nothing could be kept of the recording: {error}")
    else:
        steps.say(f"What was recorded until then is in {folder}")


def _gather(
    target: Target,
    run: Run,
    hypervisor: Hypervisor,
    folder: Path,
    command: str,
    created: datetime,
    steps: Steps,
) -> Recording:
    occasion = Occasion(run.order.scene, command, created.isoformat(timespec="seconds"), run.facts)
    with steps.step("Stitch and write the recording"):
        return gather(
            target.spool_dir,
            run.order.trace_id,
            folder,
            occasion,
            hypervisor=hypervisor,
            source_roots=[target.environment.site_packages, SOURCE_ROOT],
            notices=[*run.notices, *hypervisor.notices],
        )


def _in_words(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "it was interrupted"
    return error.message if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
