"""An ordinary program is recorded from its beginning to its end, however it ends, and is not disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording.waiting import wait_until
from tracer.model.kinds import Link, Outcome
from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import Recording, open_recording
from tracer.recording.program import Choice, is_carried_on, own_code, refuse_unrecordable, run_program
from tracer.recording.switch import probe_environment
from tracer.terminal.errors import UserError

PROGRAM = """
import asyncio, multiprocessing, subprocess, sys, threading
from concurrent.futures import ProcessPoolExecutor
from package.helping import helped

def work(number):
    return helped(number)

async def step(number):
    await asyncio.sleep(0)
    return work(number)

async def steps():
    await asyncio.gather(step(1), step(2))

def main():
    thread = threading.Thread(target=work, args=(3,))
    thread.start()
    thread.join()
    asyncio.run(steps())
    for method in ("fork", "spawn"):
        process = multiprocessing.get_context(method).Process(target=work, args=(4,), name=method)
        process.start()
        process.join()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        pool.map(work, [5])
    subprocess.run([sys.executable, "-m", "package.child"], check=True)
    subprocess.run(["true"], check=True)
    print("the output")

if __name__ == "__main__":
    main()
    sys.exit(3)
"""


def stackwalk_run(folder: Path, *words: object, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """``stackwalk run`` in ``folder``, recording into its subfolder ``recording``."""
    command = [sys.executable, "-m", "stackwalk", "run", "--out", str(folder / "recording"), *options, "--"]
    return subprocess.Popen(
        [*command, *map(str, words)],
        cwd=folder,
        # Where this project itself is not installed, it is found like this.
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def called(recording: Recording) -> dict[str, list[str]]:
    """For each function, the functions under which it ran, across all kinds of links."""
    tree = recording.tree
    found: dict[str, list[str]] = {}
    for span in tree.spans[1:]:
        above = tree.parent(span)
        assert above is not None
        found.setdefault(tree.function(span).id, []).append(tree.function(above).id)
    return found


@pytest.fixture
def program(tmp_path: Path) -> Path:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "helping.py").write_text("def helped(number):\n    return number\n")
    (package / "child.py").write_text("def inside():\n    pass\n\ninside()\n")
    (tmp_path / "prog.py").write_text(PROGRAM)
    return tmp_path


def test_a_program_is_followed_through_all_that_it_starts(program: Path) -> None:
    run = stackwalk_run(program, sys.executable, "prog.py")
    out, told = run.communicate(timeout=120)
    assert (run.returncode, out) == (3, "the output\n"), told
    assert "ended with exit code 3" in told
    recording = open_recording(program / "recording")
    header = recording.header
    assert (header.scenario, header.facts["stack"]) == ("program", "none: an ordinary program")
    assert header.facts["ended"] == "ended with exit code 3"
    assert header.orphans == []
    calls = called(recording)
    # In a thread, two tasks, a forked child, a spawned child and a pool's worker.
    works = [name for name in calls if name.endswith(":work")]
    assert sum(len(calls[name]) for name in works) == 6
    assert len(calls["package.helping:helped"]) == 6
    assert sum(name.endswith(":inside") for name in calls) == 1
    assert recording.tree.root.service == "client"
    assert recording.source("prog.py") == PROGRAM
    assert recording.source("package/helping.py") is not None
    links = {span.link_detail for span in recording.tree.spans if span.link is Link.SPAWN}
    assert {"program prog.py", "thread work", "fork", "program multiprocessing"} <= links
    assert not list(program.glob(".recording*"))


def test_a_module_is_run_and_recorded(program: Path) -> None:
    run = stackwalk_run(program, sys.executable, "-m", "package.child")
    _, told = run.communicate(timeout=60)
    assert run.returncode == 0, told
    recording = open_recording(program / "recording")
    assert recording.header.orphans == []
    assert called(recording)["__main__:inside"] == ["__main__:<module>"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, 137), (signal.SIGINT, 130)], ids=str)
def test_what_a_program_did_before_a_signal_ended_it_is_kept(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Ctrl-C reaches the program and its recorder alike; a killed program has nothing to say about it."""
    (tmp_path / "prog.py").write_text(
        "import os, time\ndef quick(): pass\ndef slow():\n    quick()\n"
        "    with open('new', 'w') as file:\n        file.write(str(os.getpid()))\n"
        "    os.rename('new', 'pid')\n    while True: time.sleep(0.05)\nslow()\n"
    )
    run = stackwalk_run(tmp_path, sys.executable, "prog.py", options=("--values", "none"))
    pid = tmp_path / "pid"

    def recorded() -> bool:
        """The spool has been written after the program had said who it is."""
        spools = list(tmp_path.glob(".recording-spools-*/spools/*/*.spool"))
        return bool(spools and pid.exists() and pid.read_text()) and any(
            spool.stat().st_mtime > pid.stat().st_mtime and b"\x1eSWB" in spool.read_bytes()[200:]
            for spool in spools
        )

    try:
        wait_until(lambda: pid.exists() and pid.read_text() != "")
        if number is signal.SIGINT:
            os.killpg(run.pid, number)
        else:
            wait_until(recorded)
            os.kill(int(pid.read_text()), number)
        _, told = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == code, told
    recording = open_recording(tmp_path / "recording")
    tree = recording.tree
    outcomes = {tree.function(span).id: span.outcome for span in tree.spans}
    assert outcomes["__main__:quick"] is Outcome.RETURNED
    assert outcomes["__main__:slow"] is (Outcome.RAISED if number is signal.SIGINT else Outcome.UNFINISHED)
    if number is signal.SIGKILL:
        assert "ended by SIGKILL" in told
        assert any("ended without closing its spool" in lane.ended for lane in recording.header.lanes)


@pytest.mark.parametrize("command", [("true",), (sys.executable, "no_such_program.py")])
def test_a_program_of_which_nothing_is_recorded_is_told_of(command: tuple[str, ...], tmp_path: Path) -> None:
    run = stackwalk_run(tmp_path, *command)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "Nothing was recorded" in told
    assert list(tmp_path.iterdir()) == []


def test_what_a_program_left_running_is_known_by_where_it_records_to(tmp_path: Path) -> None:
    """It is waited for then; else nobody has to wait."""
    with subprocess.Popen(
        ["cat"], env={**os.environ, **probe_environment("cat", tmp_path / "spools")}, stdin=subprocess.PIPE
    ) as left_running:
        wait_until(lambda: is_carried_on(tmp_path / "spools"))
        assert not is_carried_on(tmp_path / "others")
        assert left_running.stdin is not None
        left_running.stdin.close()
        left_running.wait()
        assert not is_carried_on(tmp_path / "spools")


def test_a_recording_that_could_not_be_written_is_refused_before_the_program_runs(tmp_path: Path) -> None:
    (tmp_path / "recordings").touch()
    into = tmp_path / "recordings" / "one"
    with pytest.raises(RecordingError, match="cannot write"):
        run_program(["touch", str(tmp_path / "ran")], into, Choice(()), told="")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("command", "packages", "folder"),
    [
        (["python3", "sub/prog.py", "-m", "x"], ("__main__",), "sub"),
        (["python3", "-W", "error", "-u", "sub/prog.py"], ("__main__",), "sub"),
        (["/usr/bin/python3.12", "-m", "http.server", "-h"], ("__main__", "http"), None),
        (["python3", "-um", "json.tool"], ("__main__", "json"), None),
        (["python3", "-c", "pass"], ("__main__",), "."),
        (["pytest", "tests"], ("__main__",), "."),
        (["python3", "sub"], ("__main__",), "sub"),
    ],
)
def test_a_programs_own_code(
    tmp_path: Path, command: list[str], packages: tuple[str, ...], folder: str | None
) -> None:
    (tmp_path / "sub").mkdir()
    folders = () if folder is None else ((tmp_path / folder).resolve(),)
    assert own_code(command, tmp_path) == Choice(packages, folders)


@pytest.mark.parametrize("words", [["-I", "prog.py"], ["-uE", "prog.py"], ["-S", "-m", "x"]])
def test_options_that_keep_the_recorder_out_are_refused(words: list[str]) -> None:
    with pytest.raises(UserError, match="keeps the recorder out"):
        refuse_unrecordable([sys.executable, *words])


@pytest.mark.parametrize(
    "words", [["prog.py", "-I"], ["-W", "ignore", "p.py"], ["-Wignore", "p.py"], ["-mE"]]
)
def test_other_options_are_not(words: list[str]) -> None:
    refuse_unrecordable([sys.executable, *words])
