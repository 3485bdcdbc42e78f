from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from runtime import cleanup
from runtime.cleanup import Leftovers, find_processes, leftovers, remove
from runtime.layout import StackLayout
from runtime.ledger import Ledger, Started
from runtime.processes import ProcessId, wait_for_end
from runtime.services.service import STACK_MARK
from tests.runtime.plans import identity, sleeper

DAEMON = """
import os, sys, time
if os.fork():
    sys.exit()
os.setsid()
parent = os.getpid()
if os.fork():
    sys.exit()
print(parent, os.getpid(), flush=True)
time.sleep(600)
"""

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
time.sleep(600)
"""


@pytest.fixture
def layout(tmp_path: Path) -> StackLayout:
    made = StackLayout.at(tmp_path / "stack")
    for folder in (made.run, made.state, made.config, made.logs, made.spool):
        folder.mkdir(parents=True)
    made.marker.touch()
    made.facts.write_text("{}")
    made.log("nova-api").write_text("what it said\n")
    return made


def environment(layout: StackLayout) -> dict[str, str]:
    return {STACK_MARK: layout.stack_id, "PATH": "/usr/bin:/bin"}


def test_a_daemon_whose_parents_are_gone_is_found_by_its_mark_and_ended(layout: StackLayout) -> None:
    child = subprocess.Popen([sys.executable, "-c", DAEMON], env=environment(layout), stdout=subprocess.PIPE)
    assert child.stdout is not None
    parent, daemon = (ProcessId.of(int(pid)) for pid in child.stdout.readline().split())
    child.stdout.close()
    child.wait()
    assert parent is None or wait_for_end([parent], patience=60) == []
    assert daemon is not None
    assert [found.process for found in find_processes(layout)] == [daemon]
    removed = remove(layout, infrastructure=())
    assert [found.process for found in removed.processes] == [daemon]
    assert not daemon.alive
    assert not leftovers(layout)


def test_a_process_that_ignores_being_asked_is_ended_all_the_same(
    layout: StackLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "PATIENCE_WITH_SERVICES", 0.05)
    child = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], env=environment(layout), stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    process = identity(child)
    remove(layout, infrastructure=())
    assert wait_for_end([process], patience=5) == []
    child.wait()


def test_a_process_in_the_ledger_is_known_by_its_service(layout: StackLayout) -> None:
    child = sleeper()
    Ledger(layout.ledger).add(Started("placement", identity(child)))
    (found,) = find_processes(layout)
    assert (found.name, found.service) == ("placement", "placement")
    assert "placement" in remove(layout, infrastructure=()).lines()[0]
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
    child.wait()


def test_whoever_has_reused_a_number_is_left_alone(layout: StackLayout) -> None:
    child = sleeper()
    now = identity(child)
    Ledger(layout.ledger).add(Started("placement", ProcessId(now.pid, now.started - 1)))
    assert not remove(layout, infrastructure=()).processes
    assert child.poll() is None
    child.kill()
    child.wait()


def test_processes_of_another_stack_are_left_alone(layout: StackLayout, tmp_path: Path) -> None:
    child = sleeper(**{STACK_MARK: StackLayout.at(tmp_path / "other").stack_id})
    assert not remove(layout, infrastructure=()).processes
    assert child.poll() is None
    child.kill()
    child.wait()


def test_infrastructure_outlives_the_services_that_need_it(layout: StackLayout) -> None:
    """The broker ends only after a service that takes its time to say goodbye."""
    code = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        "    time.sleep(0.3)\n"
        "    broker = pathlib.Path('/proc/' + sys.argv[1])\n"
        "    pathlib.Path(sys.argv[2]).write_text('there' if broker.exists() else 'gone')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print(flush=True)\n"
        "time.sleep(600)\n"
    )
    broker = sleeper()
    seen = layout.root / "seen"
    service = subprocess.Popen(
        [sys.executable, "-c", code, str(broker.pid), str(seen)],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert service.stdout is not None
    service.stdout.readline()
    service.stdout.close()
    ledger = Ledger(layout.ledger)
    ledger.add(Started("rabbitmq", identity(broker)))
    ledger.add(Started("nova-api", identity(service)))
    remove(layout, infrastructure=("rabbitmq",))
    broker.wait()
    service.wait()
    assert seen.read_text() == "there"


def test_everything_but_the_logs_is_removed_and_counted(layout: StackLayout) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(layout.run / "a.sock"))
        removed = remove(layout, infrastructure=())
    assert removed.sockets == (layout.run / "a.sock",)
    assert layout.log("nova-api").read_text() == "what it said\n"
    assert not layout.run.exists()
    assert not layout.state.exists()
    assert not layout.config.exists()
    assert not layout.spool.exists()
    assert not layout.facts.exists()
    assert not remove(layout, infrastructure=())


def test_a_folder_that_is_no_stacks_keeps_its_files(tmp_path: Path) -> None:
    layout = StackLayout.at(tmp_path)
    layout.config.mkdir()
    (layout.config / "precious").write_text("mine")
    remove(layout, infrastructure=())
    assert (layout.config / "precious").read_text() == "mine"


def test_nothing_left_says_nothing() -> None:
    assert not Leftovers()
    assert Leftovers().lines() == []
