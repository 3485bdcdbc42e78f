"""Recording an ordinary Python program from its beginning to its end."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import Recording
from tracer.recording.extension import ensure_extension
from tracer.recording.gather import NothingRecordedError, gather, wait_until_complete
from tracer.recording.outside import entry_key
from tracer.recording.probe.settings import PARENT
from tracer.recording.probe.traceparent import render
from tracer.recording.stitching import Occasion
from tracer.recording.switch import ValueMode, new_trace_id, probe_environment
from tracer.terminal.errors import UserError
from tracer.terminal.progress import steps

SCENARIO = "program"
LAST_SPOOLS_S = 5.0
"""How long children that outlive the program may take to write what they recorded, in seconds."""

FORWARDED = (signal.SIGTERM, signal.SIGHUP)
WITH_ARGUMENT = ("-W", "-X", "--check-hash-based-pycs")
"""Options of Python that take the next word as their argument."""

WITHOUT_ENVIRONMENT = "IES"
"""Options of Python (one letter each, which may stand together) with which no probe is loaded."""


@dataclass(frozen=True)
class Choice:
    """What of a program is recorded.

    Args:
        packages: dotted names of modules and packages.
        folders: absolute; everything below, but for installed packages.
    """

    packages: tuple[str, ...]
    folders: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return ", ".join([*self.packages, *(f"what is below {folder}" for folder in self.folders)])


@dataclass(frozen=True)
class ProgramRun:
    """A program that ran to its end, and its recording.

    Args:
        recording: the recording, written.
        exit_code: as a shell has it: 128 and the signal's number for a program that a signal ended.
        ended: the same in words.
    """

    recording: Recording
    exit_code: int
    ended: str


def own_code(command: Sequence[str], folder: Path) -> Choice:
    """What is a program's own code, judged by its command line.

    That is everything below the script's folder; for ``python -m``, the module's package; for anything
    else, everything below the working folder. Installed packages never are.

    Args:
        command: the program and its arguments.
        folder: the working folder.
    """
    words = list(command[1:])
    everything_here = Choice(("__main__",), (folder.resolve(),))
    if not _is_python(command[0]):
        return everything_here
    while words and words[0].startswith("-") and len(words[0]) > 1:
        word = words.pop(0)
        if word in ("-c", "--") or word.startswith("-c"):
            return everything_here
        if word.startswith("-m") or (not word.startswith("--") and word.endswith("m")):
            module = word.partition("m")[2] or (words[0] if words else "")
            return Choice(tuple(dict.fromkeys(("__main__", module.partition(".")[0]))))
        if word in WITH_ARGUMENT and words:
            words.pop(0)
    if not words or words[0] == "-":
        return everything_here
    script = (folder / words[0]).resolve()
    return Choice(("__main__",), (script if script.is_dir() else script.parent,))


def _is_python(program: str) -> bool:
    return Path(program).name.startswith("python")


def refuse_unrecordable(command: Sequence[str]) -> None:
    """Say beforehand what could not work.

    Raises:
        UserError: there is no such program, or it is Python told to ignore what loads the probe.
    """
    if shutil.which(command[0]) is None:
        raise UserError(f"There is no program {command[0]} that could be run.")
    if not _is_python(command[0]):
        return
    for word in command[1:]:
        if not word.startswith("-") or word.startswith("--"):
            return
        letters = word[1:].partition("c")[0].partition("m")[0]
        if word[1:2] not in ("W", "X") and (ignoring := set(letters) & set(WITHOUT_ENVIRONMENT)):
            raise UserError(
                f"Python's option -{min(ignoring)} keeps the recorder out of the program.",
                "Run it without that option.",
            )
        if "c" in word or "m" in word:
            return


def run_program(
    command: Sequence[str],
    folder: Path,
    choice: Choice,
    *,
    values: ValueMode = "short",
    mask: Path | None = None,
    told: str,
) -> ProgramRun:
    """Run a program with all of its chosen calls recorded, and leave a recording.

    The program has the terminal; Ctrl-C is for it. However it ends, what was recorded until then is kept.

    Args:
        command: the program and its arguments.
        folder: where the recording goes; must not be there yet.
        choice: what is recorded.
        values: how much of arguments and results is captured.
        mask: a file with more rules for what is withheld.
        told: the command line for the recording's header.

    Raises:
        RecordingError: nothing was recorded, or the recording cannot be written.
        UserError: the program cannot be started.
    """
    trace_id = new_trace_id()
    created = datetime.now(UTC)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside the recording: should this process be killed, what was recorded is there to be collected.
        working = Path(tempfile.mkdtemp(prefix=f".{folder.name}-spools-", dir=folder.parent))
    except OSError as error:
        raise RecordingError(
            f"cannot write the recording {folder}: {error.strerror or error}",
            "Give another folder with --out.",
        ) from error
    spool_dir = working / "spools"
    try:
        code = _run(command, _environment(command, spool_dir, trace_id, choice, values, mask))
        ended = _in_words(code)
        more = any(spool_dir.glob("*/*.spool")) or is_carried_on(spool_dir)
        patience = LAST_SPOOLS_S if more else 0.0
        missing = wait_until_complete(spool_dir, trace_id, timeout_s=patience, quiet_s=0.5)
        facts = {"stack": "none: an ordinary program", "ended": ended, "recorded": str(choice)}
        recording = gather(
            spool_dir,
            trace_id,
            folder,
            Occasion(SCENARIO, told, created.isoformat(timespec="seconds"), facts),
            notices=[f"when the program had ended, {what}" for what in missing.certain],
        )
    except NothingRecordedError as error:
        shutil.rmtree(working)
        raise RecordingError(
            f"Nothing was recorded: no code of {choice} ran ({ended})",
            "Name what to record with --package; it must run on Python 3.11 or newer.",
        ) from error
    except BaseException:
        if any(spool_dir.glob("*/*.spool")):
            kept = shlex.quote(str(working))
            steps().say(
                f"What was recorded is kept: `stackwalk collect {kept} --out FOLDER` makes a recording."
            )
        else:
            shutil.rmtree(working)
        raise
    shutil.rmtree(working)
    return ProgramRun(recording, code if code >= 0 else 128 - code, ended)


def _environment(
    command: Sequence[str],
    spool_dir: Path,
    trace_id: str,
    choice: Choice,
    values: ValueMode,
    mask: Path | None,
) -> dict[str, str]:
    if _is_python(command[0]):
        ensure_extension(Path(shutil.which(command[0]) or command[0]), steps())
    name = next((Path(word).stem for word in command[1:] if not word.startswith("-")), Path(command[0]).stem)
    service = "".join(letter if letter.isalnum() or letter in "._" else "_" for letter in name)[:60]
    probe = probe_environment(service, spool_dir, packages=choice.packages, values=values, mask=mask)
    probe["STACKWALK_FOLDERS"] = os.pathsep.join(map(str, choice.folders))
    probe[PARENT] = render(trace_id, entry_key(trace_id))
    return {**os.environ, **probe}


def is_carried_on(spool_dir: Path) -> bool:
    """Whether a process that was told to record into ``spool_dir`` still runs.

    Where processes cannot be looked at, one may.
    """
    given = f"STACKWALK_SPOOL_DIR={spool_dir.absolute()}".encode()
    environments = list(Path("/proc").glob("[0-9]*/environ"))
    for environment in environments:
        with suppress(OSError):  # it has ended, or is somebody else's
            if given in environment.read_bytes().split(b"\0"):
                return True
    return not environments


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    with _signals_left_to_the_program() as forward:
        try:
            process = subprocess.Popen(command, env=environment)
        except OSError as error:
            raise UserError(f"{command[0]} cannot be run: {error.strerror}.") from error
        forward.append(process)
        return process.wait()


@contextmanager
def _signals_left_to_the_program() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Pass being told to end on to the program; Ctrl-C reaches it by itself, from the terminal."""
    processes: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _: object) -> None:
        for process in processes:
            process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in FORWARDED}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield processes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_words(code: int) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
