"""A real stack's life: up, asked, broken, up again, interrupted, down, and nothing left of it."""

from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from runtime.ledger import Ledger
from runtime.stack import Stack
from tests.e2e.cli import StackwalkCli
from tests.e2e.traces import named_network_namespaces, network_devices, traces_of

pytestmark = pytest.mark.stack

HALF_WAY = "nova-conductor"
"""Started when the broker, the databases and keystone work."""


def started(cli: StackwalkCli) -> set[str]:
    """The services started so far."""
    return {entry.service for entry in Ledger(Stack.load(cli.state_dir).layout.ledger).read()}


def wait_for_half_way(cli: StackwalkCli) -> None:
    until = time.monotonic() + 240
    while HALF_WAY not in started(cli):
        assert time.monotonic() < until, f"only {started(cli)} were started"
        time.sleep(0.05)


def test_a_stack_without_network_lives_and_leaves_nothing(tmp_path: Path) -> None:
    cli = StackwalkCli(tmp_path / "stack")
    devices, namespaces = network_devices(), named_network_namespaces()
    try:
        assert cli.run("stack", "status", check=False).returncode == 1
        cli.run("stack", "up", "--network", "none")
        assert "up already" in cli.run("stack", "up", "--network", "none").stdout
        assert cli.run("stack", "up", "--network", "neutron", check=False).returncode == 2
        asked = cli.run("stack", "status").stdout
        for service in ("nova-api", "nova-conductor", "nova-scheduler", "nova-compute", "rabbitmq"):
            assert service in asked
        assert network_devices() == devices
        assert named_network_namespaces() == namespaces

        for file in (cli.state_dir / "secrets.json", cli.state_dir / "etc" / "nova" / "nova.conf"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600

        (glance,) = (e for e in Ledger(cli.state_dir / "ledger.jsonl").read() if e.service == "glance")
        os.kill(glance.process.pid, signal.SIGKILL)
        broken = cli.run("stack", "status", check=False)
        assert broken.returncode == 1
        assert "has ended" in broken.stdout
    finally:
        removed = cli.run("stack", "down").stdout
    assert "nova-compute" in removed
    assert "sockets" in removed
    assert traces_of(cli.state_dir) == []
    assert network_devices() == devices
    assert "down" in cli.run("stack", "down").stdout


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_start_leaves_nothing(tmp_path: Path, ending: signal.Signals) -> None:
    """Ctrl-C cleans up by itself; after a crash, `down` does."""
    cli = StackwalkCli(tmp_path / "stack")
    devices = network_devices()
    starting = cli.start("stack", "up")
    try:
        wait_for_half_way(cli)
        starting.send_signal(ending)
        printed, _ = starting.communicate(timeout=60)
    finally:
        starting.kill()
    if ending == signal.SIGINT:
        assert starting.returncode == 130
        assert "nova-conductor" in printed
    else:
        assert traces_of(cli.state_dir) != []
        assert "nova-conductor" in cli.run("stack", "down").stdout
    assert traces_of(cli.state_dir) == []
    assert network_devices() == devices
