"""Starting and watching processes, with a stand-in for the program that enters the network namespace."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import supervisor as supervisor_module
from runtime.cleanup import remove
from runtime.failures import ServiceFailedError
from runtime.ledger import Ledger
from runtime.plan import StackPlan
from runtime.ports import HeldPorts
from runtime.readiness import NotReadyError, answers
from runtime.services.service import Service, marked
from runtime.supervisor import StoppedError, Supervisor
from tests.recording.waiting import wait_until
from tests.runtime.plans import make_plan

ENTER = '#!/bin/sh\n# Drops the words up to "--", as if the namespace had been entered.\n'
ENTER += 'while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'

SERVE = """
import os, socket, sys
listener = socket.socket(fileno=int(os.environ["STACKWALK_LISTENER"]))
while True:
    connection, _ = listener.accept()
    connection.recv(4096)
    connection.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n{}")
    connection.close()
"""


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[StackPlan]:
    made = make_plan(tmp_path, extra_environment=lambda lane: {"PROBE": f"probe of {lane}"})
    enter = made.environment.program("nsenter")
    enter.parent.mkdir(parents=True)
    enter.write_text(ENTER)
    enter.chmod(0o755)
    made.layout.temporary.mkdir()
    yield made
    remove(made.layout, infrastructure=())


def never_ready() -> None:
    raise NotReadyError("it has not said a word")


def python(name: str, code: str, *, lane: str = "", api: str = "") -> Service:
    command = (sys.executable, "-c", code)
    return Service(name, command, ready=never_ready, lane=lane, api=api)


def test_a_service_gets_its_environment_and_nothing_of_ours(
    plan: StackPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example")
    supervisor = Supervisor(plan)
    supervisor.start(python("nova-api", "import time; time.sleep(600)", lane="nova-api"))
    (started,) = Ledger(plan.layout.ledger).read()
    assert started.service == "nova-api"
    # For an instant after it was started, a program has not put its variables in place.
    wait_until(lambda: any(started.process.environment))
    environment = started.process.environment
    assert b"PROBE=probe of nova-api" in environment
    assert marked(started.process, plan.layout.stack_id)
    assert not any(variable.startswith(b"https_proxy") for variable in environment)
    assert started.process.session == started.process.pid


def test_what_is_no_lane_is_never_probed(plan: StackPlan) -> None:
    Supervisor(plan).start(python("mariadb", "import time; time.sleep(600)"))
    (started,) = Ledger(plan.layout.ledger).read()
    assert not any(variable.startswith(b"PROBE=") for variable in started.process.environment)


def test_a_service_that_ends_while_it_starts_is_reported_with_its_last_words(plan: StackPlan) -> None:
    service = python("glance", "import sys; sys.exit('OSError: [Errno 98] Address already in use')")
    supervisor = Supervisor(plan)
    supervisor.start(service)
    with pytest.raises(ServiceFailedError, match=r"glance has ended with status 1.*port") as failure:
        supervisor.wait_until_ready(service)
    assert any("Address already in use" in line for line in failure.value.details)


def test_a_service_that_is_killed_is_reported_so(plan: StackPlan) -> None:
    service = python("glance", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    supervisor = Supervisor(plan)
    supervisor.start(service)
    with pytest.raises(ServiceFailedError, match="signal 9"):
        supervisor.wait_until_ready(service)


def test_a_service_that_never_gets_ready_is_reported_with_what_is_missing(
    plan: StackPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "PATIENCE", 0.0)
    service = python("glance", "import time; time.sleep(600)")
    supervisor = Supervisor(plan)
    supervisor.start(service)
    with pytest.raises(ServiceFailedError, match="it has not said a word"):
        supervisor.wait_until_ready(service)


def test_waiting_ends_when_something_else_has_failed(plan: StackPlan) -> None:
    service = python("glance", "import time; time.sleep(600)")
    supervisor = Supervisor(plan)
    supervisor.start(service)
    threading.Timer(0.2, supervisor.stopped.set).start()
    with pytest.raises(StoppedError):
        supervisor.wait_until_ready(service)


def test_an_api_answers_on_the_port_that_was_held_for_it(plan: StackPlan) -> None:
    with HeldPorts(["glance"]) as ports:
        port = ports.port("glance")
        supervisor = Supervisor(plan, ports)
        supervisor.start(python("glance", SERVE, api="glance"))
        answers(port, "/")
    remove(plan.layout, infrastructure=())
    with pytest.raises(NotReadyError, match="not answered"):
        answers(port, "/")


def test_a_program_that_fails_is_reported_and_one_that_succeeds_is_not(plan: StackPlan) -> None:
    supervisor = Supervisor(plan)
    supervisor.run("schema", [sys.executable, "-c", "print('made')"], {"WORD": "x"})
    assert plan.layout.log("schema").read_text() == "made\n"
    with pytest.raises(ServiceFailedError, match=r"schema has ended with status 3"):
        supervisor.run("schema", [sys.executable, "-c", "raise SystemExit(3)"])
    supervisor.stopped.set()
    with pytest.raises(StoppedError):
        supervisor.run("schema", [sys.executable, "-c", "import time; time.sleep(600)"])


def test_a_program_that_is_missing_is_reported(plan: StackPlan) -> None:
    supervisor = Supervisor(plan)
    supervisor.start(Service("epmd", ("/no/such/program",), ready=never_ready))
    with pytest.raises(ServiceFailedError, match="epmd"):
        supervisor.wait_until_ready(Service("epmd", (), ready=never_ready))
