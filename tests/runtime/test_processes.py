from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from runtime.processes import ProcessId, ancestors, running, stop, wait_for_end
from tests.runtime.plans import identity, sleeper


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = sleeper(MARK="here")
    yield process
    process.kill()
    process.wait()


def test_a_process_is_found_and_told_from_its_number(child: subprocess.Popen[bytes]) -> None:
    process = identity(child)
    assert process.alive
    assert process in set(running())
    assert process.session == child.pid
    assert b"MARK=here" in process.environment
    assert "time.sleep(600)" in process.command[-1]


def test_a_reused_number_is_neither_alive_nor_signalled(child: subprocess.Popen[bytes]) -> None:
    earlier = ProcessId(child.pid, identity(child).started - 1)
    assert not earlier.alive
    assert earlier.session == 0
    earlier.send(signal.SIGKILL)
    assert stop([earlier], patience=5) == []
    assert child.poll() is None


def test_a_zombie_is_not_alive(child: subprocess.Popen[bytes]) -> None:
    process = identity(child)
    process.send(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not process.alive
    assert ProcessId.of(child.pid) is None


def test_those_that_do_not_end_are_returned(child: subprocess.Popen[bytes]) -> None:
    assert wait_for_end([identity(child)], patience=0) == [identity(child)]
    assert stop([identity(child)], patience=30) == []


def test_a_process_that_is_gone_has_nothing_to_tell() -> None:
    gone = ProcessId(2**22 + 1, 1)
    assert not gone.alive
    assert gone.command == ()
    gone.send(signal.SIGTERM)


def test_ancestors_reach_from_here_to_the_first_process() -> None:
    found = ancestors(os.getpid())
    assert {os.getpid(), os.getppid()} - {0} <= found
