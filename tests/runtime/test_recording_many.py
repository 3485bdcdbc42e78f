"""Several scenarios are played at the same moment, each with a recording of its own."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from runtime.environment import StackEnvironment
from runtime.provisioning.guest import Guest
from runtime.record_many import record_many
from runtime.scenarios.driver import Order
from runtime.scenarios.target import Target
from tests.runtime.programs import put_program
from tracer.model.recording_folder import open_recording
from tracer.terminal.errors import UserError
from tracer.terminal.progress import PlainSteps

CLIENT = """
import fcntl, json, os, sys, time
order = json.load(sys.stdin)

def report(event, **facts):
    print(json.dumps({{"event": event, **facts}}), flush=True)

def request(name):
    # Only when all have come so far does any of them go on.
    arrived = os.listdir({arrived!r})
    with open({sent!r}, "a") as file:
        file.write(f"{{name}} {{len(arrived)}}\\n")

if order["scene"] == "create":
    open(os.path.join({arrived!r}, order["name"]), "w").close()
    if order["name"].endswith("{failing}"):
        report("failed", message="no such luck")
        sys.exit(1)
    report("ready")
    with open(order["gate"]) as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)
    report("traced", trace_id=order["trace_id"])
    probe = sys.modules["stackwalk_probe.session"]
    probe.run_as_root(order["trace_id"], request, (order["name"],), {{}})
    report("spoke", server="server-of-" + order["name"], console="")
report("done")
"""


def target_of(folder: Path, failing: str) -> Target:
    """A target whose clients are small programs under the real probe."""
    (folder / "lib/python3.12/site-packages").mkdir(parents=True)
    (folder / "arrived").mkdir()
    script = folder / "request.py"
    script.write_text(
        CLIENT.format(arrived=str(folder / "arrived"), sent=str(folder / "sent"), failing=failing)
    )
    put_program(folder / "bin", "python", f"exec {sys.executable} {script}")
    return Target(
        environment=StackEnvironment(folder),
        auth={"type": "token", "token": "the-token"},
        endpoints={"compute": "http://127.0.0.1:1/v2.1", "image": "http://127.0.0.1:2"},
        spool_dir=folder / "spool",
        guest=Guest(Path("/g/vmlinuz"), Path("/g/initrd.gz"), Path("/g/disk.qcow2"), "6.1"),
        libvirt_uri="",
        compute_log=folder / "nova-compute.log",
    )


def quiet() -> PlainSteps:
    return PlainSteps(io.StringIO())


def test_requests_are_sent_together_and_recorded_apart(tmp_path: Path) -> None:
    target = target_of(tmp_path, "none")
    made = record_many(target, Order("create", "one"), 5, 3, tmp_path / "out", "stackwalk record", quiet())
    assert [recording.folder.name for recording in made] == [f"one-{number:03}" for number in range(1, 6)]
    assert len({recording.header.trace_id for recording in made}) == 5
    for recording in made:
        name = recording.folder.name
        assert open_recording(recording.folder).header.spans == 1
        values = recording.tree.root.values
        assert values is not None and values.arguments["name"].text == name
        assert recording.header.facts["server_id"] == f"server-of-{name}"
        assert any("libvirt was not watched" in notice for notice in recording.header.notices)
    sent = dict(line.split() for line in (tmp_path / "sent").read_text().splitlines())
    # The first three waited for each other, and the last two for these.
    assert sorted(sent.values()) == ["3", "3", "3", "5", "5"]


def test_those_that_fail_are_named_and_the_others_kept(tmp_path: Path) -> None:
    """Nobody waits for one that will never be ready."""
    target = target_of(tmp_path, "002")
    with pytest.raises(UserError, match="1 of 3 did not come to their end") as error:
        record_many(target, Order("create", "one"), 3, 3, tmp_path / "out", "stackwalk record", quiet())
    assert error.value.details == ("one-002: no such luck",)
    assert sorted(folder.name for folder in (tmp_path / "out").iterdir()) == ["one-001", "one-003"]
