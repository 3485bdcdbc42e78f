"""The light variant boots a real guest and is recorded, and leaves nothing behind."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.embedded.stack import EmbeddedStack
from runtime.processes import running
from runtime.provisioning.guest import MARKER
from tracer.model.recording_folder import open_recording
from tracer.terminal.errors import UserError

PASSWORD = "Adm1n-Pa55-of-the-light-one"
USER_DATA = "user data of the light one"
STACKWALK = Path(sys.executable).with_name("stackwalk")


def stackwalk(*words: object) -> subprocess.CompletedProcess[str]:
    command = [str(STACKWALK), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=400)


@pytest.mark.stack
def test_create_and_delete_are_recorded_and_nothing_stays(tmp_path: Path) -> None:
    state, created, deleted = tmp_path / "stack", tmp_path / "created", tmp_path / "deleted"
    try:
        up = stackwalk("stack", "up", "--embedded", "--state-dir", state)
        assert up.returncode == 0, up.stderr
        options = ("--state-dir", state, "--name", "light")
        secrets = ("--admin-password", PASSWORD, "--user-data", USER_DATA)
        made = stackwalk("record", "create", *options, *secrets, "--out", created)
        assert made.returncode == 0, made.stderr
        gone = stackwalk("record", "delete", *options, "--out", deleted)
        assert gone.returncode == 0, gone.stderr
    finally:
        stackwalk("stack", "down", "--state-dir", state)
    mark = os.fsencode(f"STACKWALK_STACK={EmbeddedStack(state).layout.stack_id}")
    left = [process.command for process in running() if mark in process.environment]
    assert left == []
    assert not [process for process in running() if any(str(state) in word for word in process.command)]

    recording = open_recording(created)
    assert recording.header.orphans == []
    assert recording.header.links["http"] > 0
    assert any("embedded stack" in notice for notice in recording.header.notices)
    assert MARKER in recording.hypervisor.console
    assert "<domain" in recording.hypervisor.domain_xml
    defined = next(
        span.values
        for span in recording.tree.spans
        if recording.tree.function(span).id == "libvirt:virConnect.defineXML"
    )
    assert defined is not None
    assert defined.arguments["xml"].text.rstrip().endswith("</domain>")
    assert open_recording(deleted).header.orphans == []
    for secret in (PASSWORD, USER_DATA, base64.b64encode(USER_DATA.encode()).decode()):
        for file in created.rglob("*"):
            assert file.is_dir() or secret.encode() not in file.read_bytes(), file


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    for name in ("state", "etc", "run"):
        (tmp_path / name).mkdir()
    assert EmbeddedStack(tmp_path).down() == []
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["etc", "run", "state"]


def test_a_stack_that_is_down_says_how_to_bring_it_up(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        _ = EmbeddedStack(tmp_path).facts
    assert "--embedded" in error.value.remedy
