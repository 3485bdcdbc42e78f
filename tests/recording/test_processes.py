"""The probe through a process's life: dormant, forked, killed, failing itself; never in the program's way."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
from pathlib import Path
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recording.probed import (
    TRACE,
    Engine,
    children,
    default_engine,
    engines,
    environment,
    lacks,
    name,
    names,
    notes,
    only_record,
    records,
    run_probed,
    senders,
)
from tests.recording.waiting import wait_until
from tracer.model.kinds import Link, Outcome
from tracer.recording.probe.activation import CARRIERS
from tracer.recording.spool import SpoolError, read_spools
from tracer.recording.switch import BOOT_FOLDER


def test_events_are_off_unless_a_trace_runs(tmp_path: Path) -> None:
    """Not filtered: off. And no thread of the probe's is left."""
    if all(engine.collector == "profile" for engine in engines()):
        pytest.skip("no Python with sys.monitoring here")
    program = """
import os, socket, sys, time
probe = sys.modules["stackwalk_probe.session"]
tool = next(tool for tool in range(6) if sys.monitoring.get_tool(tool) == "stackwalk")
def events(): return sys.monitoring.get_events(tool)
def threads(): return len(os.listdir("/proc/self/task"))
def wait_for(condition):
    until = time.monotonic() + 30
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()
def inside(): return events(), threads()
before = events(), threads()
during = probe.run_as_root(sys.argv[1], inside, (), {})
print(before == (0, 1), during[0] != 0, during[1] == 2)
print(wait_for(lambda: events() == 0), wait_for(lambda: threads() == 1))
"""
    engine = next(engine for engine in engines() if engine.collector != "profile")
    done = run_probed(program, tmp_path, TRACE, engine=engine)
    assert done.stdout.splitlines() == ["True True True", "True True"]


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_nothing_is_recorded_outside_of_a_trace(engine: Engine, tmp_path: Path) -> None:
    """Before, beside and after; the profile function is gone, too."""
    program = """
import sys, threading
probe = sys.modules["stackwalk_probe.session"]
go, done = threading.Event(), threading.Event()
def traced(): go.set(); done.wait(30)
def untraced(): pass
def beside():
    go.wait(30)
    untraced()
    done.set()
thread = threading.Thread(target=beside)
thread.start()
untraced()
probe.run_as_root(sys.argv[1], traced, (), {})
untraced()
thread.join()
print(sys.getprofile())
"""
    done = run_probed(program, tmp_path, TRACE, engine=engine)
    assert done.stdout == "None\n"
    assert names(only_record(tmp_path)) == ["traced"]


def test_without_a_trace_nothing_is_written(tmp_path: Path) -> None:
    """A dormant probe leaves no trace of itself."""
    run_probed("def work(): pass\nwork()", tmp_path / "spools")
    assert not (tmp_path / "spools").exists()


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_a_child_forked_inside_a_trace_is_followed(engine: Engine, tmp_path: Path) -> None:
    """It has a spool of its own, linked to where it was forked."""
    program = """
import os, sys
probe = sys.modules["stackwalk_probe.session"]
def in_child(): pass
def forking():
    pid = os.fork()
    if pid == 0:
        in_child()
        sys.exit()
    os.waitpid(pid, 0)
try:
    probe.run_as_root(sys.argv[1], forking, (), {})
except SystemExit:
    pass
"""
    run_probed(program, tmp_path, TRACE, engine=engine)
    child, parent = sorted(records(tmp_path), key=lambda record: "forking" in names(record))
    assert names(parent) == ["forking"]
    assert names(child) == ["in_child"]
    assert child.pid != parent.pid
    (key,) = senders(parent, Link.SPAWN)
    assert [span.incoming for span in children(child)] == [key]
    assert child.closed
    assert parent.closed


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_a_worker_forked_before_a_trace_records_it(engine: Engine, tmp_path: Path) -> None:
    """Services fork their workers when they start, long before any request."""
    program = """
import os, sys
probe = sys.modules["stackwalk_probe.session"]
def work(): pass
probe.run_as_root("f" * 32, work, (), {})
if os.fork():
    os.wait()
else:
    probe.run_as_root(sys.argv[1], work, (), {})
"""
    run_probed(program, tmp_path, TRACE, engine=engine)
    assert names(only_record(tmp_path)) == ["work"]
    assert names(only_record(tmp_path, "f" * 32)) == ["work"]


@pytest.mark.parametrize(
    "before",
    [
        "",
        pytest.param(
            "import eventlet; eventlet.monkey_patch()",
            marks=pytest.mark.skipif(lacks("eventlet"), reason="eventlet is not installed there"),
        ),
    ],
    ids=["native", "green"],
)
def test_a_program_started_inside_a_trace_is_no_child_of_it(before: str, tmp_path: Path) -> None:
    """A child that only exists to become another program leaves no link behind."""
    program = (
        before
        + """
import subprocess, sys
probe = sys.modules["stackwalk_probe.session"]
def prepare(): pass
def starting(): subprocess.run(["true"], preexec_fn=prepare, check=True)
probe.run_as_root(sys.argv[1], starting, (), {})
"""
    )
    run_probed(program, tmp_path, TRACE)
    record = only_record(tmp_path)
    assert names(record) == ["starting"]
    assert record.outgoing == []


KILLED = """
import sys, threading, time
probe = sys.modules["stackwalk_probe.session"]
def quick(): pass
def waiting():
    quick()
    print("waiting", flush=True)
    time.sleep(600)
def elsewhere(): waiting()
def request():
    threading.Thread(target=elsewhere).start()
    waiting()
probe.run_as_root(sys.argv[1], request, (), {})
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_what_was_recorded_before_a_kill_is_readable(engine: Engine, tmp_path: Path) -> None:
    """The calls that were running are there, unfinished, and the record says that it was not closed."""
    process = subprocess.Popen(
        [engine.python, "-c", KILLED, TRACE],
        env=environment(tmp_path, ["__main__"], engine),
        stdout=subprocess.PIPE,
    )
    expected = ["request", "elsewhere", "waiting", "quick", "waiting", "quick"]

    def recorded() -> bool:
        try:
            return sorted(names(only_record(tmp_path))) == sorted(expected)
        except (SpoolError, ValueError):  # not there yet, or not yet its header
            return False

    try:
        wait_until(recorded)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    record = only_record(tmp_path)
    assert not record.closed
    outcomes = {(name(record, span), span.outcome, span.end is None) for span in record.spans}
    assert outcomes == {
        ("request", Outcome.UNFINISHED, True),
        ("elsewhere", Outcome.UNFINISHED, True),
        ("waiting", Outcome.UNFINISHED, True),
        ("quick", Outcome.RETURNED, False),
    }


RESTED = """
import sys, time
probe = sys.modules["stackwalk_probe.session"]
def quick(): pass
def waiting():
    quick()
    time.sleep(600)
probe.run_as_root(sys.argv[1], quick, (), {})
while probe._session._writing.running and not probe._session._writing.resting:
    time.sleep(0.001)
probe.run_as_root(sys.argv[2], waiting, (), {})
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_what_comes_after_a_pause_is_written_while_it_runs(engine: Engine, tmp_path: Path) -> None:
    """The writing thread sleeps while no request is served, and is woken by the next."""
    later = TRACE[::-1]
    process = subprocess.Popen(
        [engine.python, "-c", RESTED, TRACE, later], env=environment(tmp_path, ["__main__"], engine)
    )

    def recorded() -> bool:
        try:
            return sorted(names(only_record(tmp_path, later))) == ["quick", "waiting"]
        except (SpoolError, ValueError):  # not there yet, or not yet its header
            return False

    try:
        wait_until(recorded)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_a_disk_that_takes_nothing_does_not_disturb_the_program(tmp_path: Path) -> None:
    """The spool folder's place is taken by a file."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    program = """
import sys
probe = sys.modules["stackwalk_probe.session"]
def work(): return 41 + 1
print(probe.run_as_root(sys.argv[1], work, (), {}))
"""
    done = run_probed(program, blocked, TRACE)
    assert (done.stdout, done.stderr) == ("42\n", "")


def test_a_probe_that_fails_leaves_a_note_and_the_program_goes_on(tmp_path: Path) -> None:
    """Nothing is printed; the note says what went wrong."""
    done = subprocess.run(
        [engines()[0].python, "-c", "import socket; print('unharmed')"],
        env=environment(tmp_path, ["__main__"], STACKWALK_SPOOL_LIMIT="plenty"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("unharmed\n", "")
    assert "could not be loaded" in notes(tmp_path)
    assert "plenty" in notes(tmp_path)
    (note,) = (tmp_path / "probe-notes").iterdir()
    assert note.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_a_probe_that_fails_in_a_trace_switches_itself_off(engine: Engine, tmp_path: Path) -> None:
    """The traced call's result is untouched."""
    program = """
import sys, threading
probe = sys.modules["stackwalk_probe.session"]
def leaf(): return 21
def work():
    probe._session._hold = None
    thread = threading.Thread(target=leaf)
    thread.start()
    thread.join()
    return leaf() + leaf()
print(probe.run_as_root(sys.argv[1], work, (), {}), probe.ready())
"""
    done = subprocess.run(
        [engine.python, "-c", program, TRACE],
        env=environment(tmp_path, ["__main__"], engine),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("42 False\n", "")
    assert "switched itself off" in notes(tmp_path)


def test_an_exception_of_the_programs_own_signal_handler_is_its_own(tmp_path: Path) -> None:
    """It passes through the probe's code, where it may well be raised, and does not switch it off."""
    program = """
import signal, sys
probe = sys.modules["stackwalk_probe.session"]
class Enough(Exception): pass
def handler(*_): raise Enough
def leaf(): pass
def busy():
    while True: leaf()
def traced():
    for _ in range(20):
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        try: busy()
        except Enough: pass
signal.signal(signal.SIGALRM, handler)
probe.run_as_root(sys.argv[1], traced, (), {})
print(probe.ready())
"""
    done = run_probed(program, tmp_path, TRACE)
    assert done.stdout == "True\n"
    record = only_record(tmp_path)
    assert {name(record, span) for span in children(record, children(record)[0].id)} == {"busy"}


def test_another_sitecustomize_is_loaded_as_well(tmp_path: Path) -> None:
    """The one that ours hides."""
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.other_was_loaded = __name__\n")
    done = run_probed("print(other_was_loaded)", tmp_path / "spools", path=tmp_path)
    assert done.stdout == "sitecustomize\n"


def test_nothing_becomes_importable_in_a_service() -> None:
    """The folder on the path holds ``sitecustomize`` alone, so that no name of a service's is shadowed."""
    assert [module.name for module in iter_modules([str(BOOT_FOLDER)])] == ["sitecustomize"]


def test_spools_of_several_traces_are_kept_apart(tmp_path: Path) -> None:
    """One folder a trace, one file a process."""
    program = """
import sys
probe = sys.modules["stackwalk_probe.session"]
def work(number): pass
for number in range(3):
    probe.run_as_root("%032x" % number, work, (number,), {})
probe.run_as_root("%032x" % 1, work, (4,), {})
"""
    run_probed(program, tmp_path)
    counts = [len(only_record(tmp_path, f"{number:032x}").spans) for number in range(3)]
    assert counts == [1, 2, 1]
    assert read_spools(tmp_path / f"{0:032x}")[0].pid != os.getpid()


def test_a_small_program_does_not_load_the_probe_until_there_is_need(tmp_path: Path) -> None:
    """Services start many programs that only become another one; what can be reached by a request has it."""
    program = """
import sys
print("stackwalk_probe.activation" in sys.modules)
import socket
print("stackwalk_probe.activation" in sys.modules)
"""
    done = run_probed(program, tmp_path)
    assert done.stdout == "False\nTrue\n"


def test_the_probe_is_there_before_what_it_replaces_can_load_sockets() -> None:
    """A module that is being loaded has not yet what is to be replaced."""
    awaited = runpy.run_path(str(BOOT_FOLDER / "sitecustomize.py"))["AWAITED"]
    session: Any = SimpleNamespace(whole_program=False)
    hooked = {name for carrier in CARRIERS for name in carrier.hooks(session)}
    others = {name for name in hooked if not {name, name.partition(".")[0]} & set(awaited)}
    program = f"import sys, {', '.join(others)}; print({{'socket', '_socket'}} & set(sys.modules))"
    command = [default_engine().python, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_program_started_by_a_signal_handler_leaves_the_probes_locks_held(tmp_path: Path) -> None:
    """The handler may have interrupted the probe where it holds them."""
    program = """
import signal, subprocess, sys
probe = sys.modules["stackwalk_probe.session"]
lock = probe._session._traces.lock
def handle(number, frame):
    subprocess.run([sys.executable, "-S", "-c", ""], preexec_fn=lambda: None, check=True)
signal.signal(signal.SIGUSR1, handle)
def work():
    with lock:
        signal.raise_signal(signal.SIGUSR1)
        print(lock._lock.acquire(blocking=False))
probe.run_as_root(sys.argv[1], work, (), {})
"""
    assert run_probed(program, tmp_path, TRACE).stdout == "False\n"
