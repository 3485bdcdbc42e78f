"""Scenarios are played by a client of their own, and what was recorded survives whatever happens to them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from runtime.environment import StackEnvironment
from runtime.observer import Bystander
from runtime.processes import ProcessId
from runtime.provisioning.guest import Guest
from runtime.record import record, refuse_taken
from runtime.scenarios.driver import Happening, Order, play
from runtime.scenarios.target import Target
from runtime.summary import command_line
from tests.runtime.programs import put_program
from tracer.model.recording_folder import Recording, open_recording
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import PlainSteps

PASSWORD = "the-password-of-the-guest"
TOKEN = "the-token-of-the-stack"


class Client:
    """A program that stands where the services' Python stands, and a target that is driven by it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.order = folder / "order.json"
        self.log = folder / "nova-compute.log"
        (folder / "lib/python3.12/site-packages").mkdir(parents=True)
        self.log.write_text("".join(f"line {number}\n" for number in range(100)))

    def says(self, *happenings: object, code: int = 0, more: str = "") -> None:
        lines = "\n".join(json.dumps(happening) for happening in happenings)
        script = f"cat > {self.order}; tr '\\0' ' ' < /proc/$$/cmdline > {self.folder}/argv\n"
        script += f"env > {self.folder}/env\n{more}\ncat <<'END'\n{lines}\nEND\nexit {code}"
        put_program(self.folder / "bin", "python", script)

    def target(self, processes: dict[ProcessId, str] | None = None) -> Target:
        return Target(
            environment=StackEnvironment(self.folder),
            auth={"type": "token", "token": TOKEN},
            endpoints={"compute": "http://127.0.0.1:1/v2.1", "image": "http://127.0.0.1:2"},
            spool_dir=self.folder / "spool",
            guest=Guest(Path("/g/vmlinuz"), Path("/g/initrd.gz"), Path("/g/disk.qcow2"), "6.1"),
            libvirt_uri="",
            domain_folder=self.folder,
            compute_log=self.log,
            processes=processes or {},
        )

    def play(self, order: Order, processes: dict[ProcessId, str] | None = None) -> list[Happening]:
        return list(play(self.target(processes), order))


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def test_what_the_client_reports_is_told(client: Client) -> None:
    client.says({"event": "answered", "server": "s1", "seconds": 0.5, "unknown": 1}, {"event": "done"})
    told = client.play(Order("create", "one"))
    assert [(one.event, one.server, one.seconds) for one in told] == [
        ("answered", "s1", 0.5),
        ("done", "", 0.0),
    ]


def test_secrets_reach_the_client_on_its_standard_input_alone(client: Client) -> None:
    client.says({"event": "done"})
    client.play(Order("create", "one", admin_password=PASSWORD, user_data="secret data"))
    order = json.loads(client.order.read_text())
    assert (order["admin_password"], order["user_data"]) == (PASSWORD, "secret data")
    assert order["auth"]["token"] == TOKEN
    for seen_by_all in ("argv", "env"):
        text = (client.folder / seen_by_all).read_text()
        assert PASSWORD not in text
        assert TOKEN not in text


def test_secrets_are_not_in_what_is_printed_of_an_order() -> None:
    assert PASSWORD not in repr(Order("create", "one", admin_password=PASSWORD))


def test_only_a_traced_client_runs_under_the_probe(client: Client) -> None:
    client.says({"event": "done"})
    client.play(Order("create", "one"))
    assert "STACKWALK_SERVICE" not in (client.folder / "env").read_text()
    client.play(Order("create", "one", trace_id="ab" * 16))
    assert "STACKWALK_SERVICE=client\n" in (client.folder / "env").read_text()


def test_a_failed_server_shows_its_fault_and_what_nova_compute_said_last(client: Client) -> None:
    failed = {"event": "failed", "message": "The server one went into ERROR.", "details": "No valid host"}
    client.says(failed, code=1)
    with pytest.raises(UserError) as error:
        client.play(Order("create", "one"))
    assert error.value.message == "The server one went into ERROR."
    assert error.value.exit_code == ANSWER_IS_NO
    assert error.value.details[0] == "No valid host"
    assert error.value.details[-1] == "line 99"
    assert "line 50" not in error.value.details


def test_a_client_that_breaks_down_is_not_taken_for_done(client: Client) -> None:
    client.says({"event": "answered"}, code=1, more="echo 'the last words' >&2")
    with pytest.raises(UserError) as error:
        client.play(Order("create", "one"))
    assert error.value.details == ("the last words",)
    client.says({"event": "answered"})
    with pytest.raises(UserError):
        client.play(Order("create", "one"))


def test_a_service_that_ends_meanwhile_ends_the_waiting(client: Client) -> None:
    client.says(
        {"event": "state", "status": "BUILD"}, {"event": "state", "status": "BUILD"}, {"event": "done"}
    )
    nobody = ProcessId(2**22 + 1, 1)
    with pytest.raises(UserError) as error:
        client.play(Order("create", "one"), {nobody: "nova-compute"})
    assert "nova-compute ended" in error.value.message


def test_a_client_that_is_no_longer_listened_to_is_ended(client: Client, tmp_path: Path) -> None:
    client.says(more=f"echo $$ > {tmp_path}/pid; echo '{json.dumps({'event': 'traced'})}'; exec sleep 1000")
    playing = play(client.target(), Order("create", "one"))
    next(playing)
    pid = int((tmp_path / "pid").read_text())
    playing.close()
    assert ProcessId.of(pid) is None


REQUEST = """
import json, sys
from tracer.recording.switch import traced_call
def request():
    return None
order = json.load(sys.stdin)
if {traced}:
    print(json.dumps({{"event": "traced", "trace_id": order["trace_id"]}}), flush=True)
    traced_call(order["trace_id"], request)
print(json.dumps({last}), flush=True)
"""


def real_client(client: Client, last: dict[str, str], *, traced: bool = True) -> None:
    """A client that runs under the real probe and records one call."""
    script = client.folder / "request.py"
    script.write_text(REQUEST.format(last=last, traced=traced))
    put_program(client.folder / "bin", "python", f"exec {sys.executable} {script}")


def record_it(client: Client, folder: Path) -> Recording:
    order = Order("create", "one")
    return record(client.target(), order, folder, "stackwalk record create", PlainSteps(io.StringIO()))


def test_a_request_is_recorded_with_what_the_observer_saw(client: Client, tmp_path: Path) -> None:
    real_client(client, {"event": "done"})
    made = record_it(client, tmp_path / "out")
    assert made.tree.root.service == "client"
    assert made.tree.function(made.tree.root).qualname == "request"
    assert made.header.scenario == "create"


def test_what_was_recorded_is_kept_when_the_scenario_fails(client: Client, tmp_path: Path) -> None:
    real_client(client, {"event": "failed", "message": "The server one went into ERROR."})
    with pytest.raises(UserError, match="went into ERROR"):
        record_it(client, tmp_path / "out")
    kept = open_recording(tmp_path / "out")
    assert kept.header.spans == 1
    assert any("did not come to its end: The server one" in notice for notice in kept.header.notices)


def test_what_was_recorded_is_kept_on_ctrl_c(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*ignored: object, **named: object) -> None:
        raise KeyboardInterrupt

    real_client(client, {"event": "spoke", "console": "typed here"})
    monkeypatch.setattr(Bystander, "hear", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record_it(client, tmp_path / "out")
    assert any("it was interrupted" in notice for notice in open_recording(tmp_path / "out").header.notices)


def test_a_failure_before_the_request_leaves_no_recording(client: Client, tmp_path: Path) -> None:
    real_client(client, {"event": "failed", "message": "no token"}, traced=False)
    with pytest.raises(UserError, match="no token"):
        record_it(client, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["/a/b/stackwalk", "record", "create"], "stackwalk record create"),
        (["stackwalk", "--admin-password", "x1", "--name", "n"], "stackwalk --admin-password '***' --name n"),
        (["stackwalk", "--user-data=x1", "--out", "a b"], "stackwalk '--user-data=***' --out 'a b'"),
        (["stackwalk", "--user-data"], "stackwalk --user-data"),
    ],
)
def test_the_command_is_shown_without_its_secrets(words: list[str], shown: str) -> None:
    assert command_line(words) == shown


def test_a_recording_never_overwrites_anything(tmp_path: Path) -> None:
    refuse_taken(tmp_path / "new")
    refuse_taken(tmp_path)
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(UserError) as error:
            refuse_taken(taken)
        assert "--out" in error.value.remedy
