"""A stack's private network, made for real: needs root."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.cleanup import leftovers, remove
from runtime.layout import StackLayout
from runtime.namespaces import NetworkNamespace
from runtime.processes import ProcessId
from runtime.readiness import NotReadyError, port_accepts

pytestmark = pytest.mark.stack

SERVER = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 5672))
print("listening", flush=True)
while True:
    listener.accept()[0].close()
"""


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[StackLayout]:
    made = StackLayout.at(tmp_path / "stack")
    made.root.mkdir()
    made.run.mkdir(parents=True)
    made.marker.touch()
    yield made
    remove(made, infrastructure=())


@pytest.fixture
def network(layout: StackLayout) -> NetworkNamespace:
    made = NetworkNamespace(layout.network_namespace)
    made.create(reserved=[40001, 40002])
    return made


def start_inside(network: NetworkNamespace, *command: str) -> subprocess.Popen[bytes]:
    words = ["nsenter", f"--net={network.file}", "--", *command]
    return subprocess.Popen(words, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, stdout=subprocess.PIPE)


def test_its_ports_are_reached_from_inside_only(network: NetworkNamespace) -> None:
    server = start_inside(network, sys.executable, "-c", SERVER)
    assert server.stdout is not None
    assert server.stdout.readline() == b"listening\n"
    server.stdout.close()
    port_accepts(network, 5672)
    with pytest.raises(NotReadyError):
        port_accepts(network, 5673)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        outside = free.getsockname()[1]
    with pytest.raises(NotReadyError):
        port_accepts(network, outside)


def test_ports_are_kept_for_the_services(network: NetworkNamespace) -> None:
    reserved = Path("/proc/sys/net/ipv4/ip_local_reserved_ports")
    assert network.call(reserved.read_text).strip() == "40001-40002"
    assert "40001" not in reserved.read_text()


def test_who_carries_no_mark_and_is_in_no_ledger_is_found_by_where_it_is(
    layout: StackLayout, network: NetworkNamespace
) -> None:
    """As a guest is, whose environment and parent are not the stack's."""
    guest = start_inside(network, sys.executable, "-c", "print(flush=True); import time; time.sleep(600)")
    assert guest.stdout is not None
    guest.stdout.readline()
    guest.stdout.close()
    process = ProcessId.of(guest.pid)
    assert process is not None
    assert process in set(network.members())
    assert [found.process for found in remove(layout, infrastructure=()).processes] == [process]
    assert not process.alive
    guest.wait()


def test_devices_are_seen_and_gone_with_it(layout: StackLayout, network: NetworkNamespace) -> None:
    assert network.devices() == []
    add = ["nsenter", f"--net={network.file}", "ip", "tuntap", "add", "dev", "tap-of-guest", "mode", "tap"]
    subprocess.run(add, check=True)
    assert leftovers(layout).devices == ("tap-of-guest",)
    assert leftovers(layout).mounts == (network.file,)
    assert not (Path("/sys/class/net") / "tap-of-guest").exists()
    assert "tap-of-guest" in "\n".join(remove(layout, infrastructure=()).lines())
    assert not leftovers(layout)
    assert not network.bound


def test_a_file_that_is_bound_to_nothing_has_no_members(tmp_path: Path) -> None:
    (tmp_path / "net").touch()
    unbound = NetworkNamespace(tmp_path / "net")
    assert not unbound.bound
    assert list(unbound.members()) == []
    assert not unbound.remove()
