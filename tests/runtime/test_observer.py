"""The observer sees what happens to domains and can change nothing; tried on libvirt's own test driver."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

from runtime.observer import Bystander, HypervisorObserver, detail_name, event_name, qemu_command_line, up_to
from tracer.terminal.errors import UserError

URI = "test:///default"
ID = "2c2f0a7d-5a0e-4b39-9f0c-3a5d3b5a7a10"
DOMAIN = (
    f"<domain type='test'><name>seen</name><uuid>{ID}</uuid>"
    "<memory>1024</memory><os><type>hvm</type></os></domain>"
)


@pytest.fixture
def observer() -> Iterator[HypervisorObserver]:
    with HypervisorObserver(URI) as observer:
        yield observer


@pytest.fixture
def changing(observer: HypervisorObserver) -> Iterator[libvirt.virConnect]:
    """Somebody else's connection to the same hypervisor, which may write."""
    connection = libvirt.open(URI)
    yield connection
    connection.close()


def wait_for(observer: HypervisorObserver, event: str) -> None:
    """Wait until the observer has been told of ``event``, which its thread is after the call returned."""
    until = time.monotonic() + 30
    while event not in [seen.event for seen in observer.seen.events if seen.domain == "seen"]:
        assert time.monotonic() < until, observer.seen.events
        time.sleep(0.01)


def test_lifecycle_events_are_seen_in_order_with_their_times(
    observer: HypervisorObserver, changing: libvirt.virConnect
) -> None:
    domain = changing.createXML(DOMAIN)
    domain.suspend()
    domain.destroy()
    wait_for(observer, "stopped")
    events = [event for event in observer.seen.events if event.domain == "seen"]
    assert [(event.event, event.detail) for event in events] == [
        ("started", "booted"),
        ("suspended", "paused"),
        ("stopped", "destroyed"),
    ]
    assert [event.time_ns for event in events] == sorted(event.time_ns for event in events)


def test_a_write_over_the_observers_connection_is_refused(observer: HypervisorObserver) -> None:
    proof = observer.seen.connection
    assert proof["write_refused"] is True
    assert "read only" in str(proof["write_answer"])
    assert proof["uri"] == URI
    assert observer.seen.notices == []


def test_a_domain_is_looked_at(observer: HypervisorObserver, changing: libvirt.virConnect) -> None:
    domain = changing.createXML(DOMAIN)
    observer.look_at("seen", ID)
    domain.destroy()
    assert f"<uuid>{ID}</uuid>" in observer.seen.domain_xml


def test_a_domain_that_is_not_there_is_a_notice_not_an_error(observer: HypervisorObserver) -> None:
    observer.look_at("nobody", ID)
    assert "nobody" in observer.seen.notices[0]


def test_a_daemon_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error, HypervisorObserver(f"qemu+unix:///system?socket={tmp_path}/none"):
        pass
    assert "cannot be reached" in error.value.message
    assert "stack status" in error.value.remedy


def test_the_command_line_of_a_guests_process_is_found_by_its_id() -> None:
    server = str(uuid.uuid4())
    command = ["qemu-system-none", "-c", "input()", "-uuid", server, "-name", "with space"]
    with subprocess.Popen(command, executable=sys.executable, stdin=subprocess.PIPE) as process:
        found = qemu_command_line(server)
        process.communicate(b"\n")
    assert found == f"qemu-system-none -c 'input()' -uuid {server} -name 'with space'"
    assert qemu_command_line(server) == ""


def test_a_bystander_reads_what_libvirt_left_in_files(tmp_path: Path) -> None:
    (tmp_path / "seen.xml").write_text(DOMAIN)
    bystander = Bystander(tmp_path)
    bystander.look_at("seen", ID)
    bystander.hear("one\nMARK\nthree\n", "MARK")
    assert bystander.seen.domain_xml == DOMAIN
    assert bystander.seen.console == "one\nMARK\n"
    bystander.look_at("nobody", ID)
    assert "nobody" in bystander.seen.notices[-1]


@pytest.mark.parametrize(
    ("text", "kept"), [("a\nMARK b\nc\n", "a\nMARK b\n"), ("a\nb", "a\nb"), ("", ""), ("MARK", "MARK")]
)
def test_the_console_is_kept_up_to_the_marker(text: str, kept: str) -> None:
    assert up_to(text, "MARK") == kept


def test_numbers_that_libvirt_has_no_name_for_are_kept() -> None:
    assert event_name(libvirt.VIR_DOMAIN_EVENT_STARTED) == "started"
    assert event_name(999) == "number 999"
    assert (
        detail_name(libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_CRASHED) == "crashed"
    )
    assert detail_name(999, 3) == "number 3"
