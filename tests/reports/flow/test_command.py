"""`stackwalk flow` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from reports.flow.command import flow
from reports.flow.selection import Level
from tests.reports.flow.faults import faults
from tests.reports.flow.requests import EVENTS, boot_request
from tracer.model.hypervisor import Hypervisor
from tracer.model.recording_folder import open_recording, write_recording
from tracer.terminal.errors import UserError


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    folder = tmp_path / "recording"
    write_recording(folder, boot_request(), hypervisor=Hypervisor(events=EVENTS))
    return folder


def run(*arguments: str | Path) -> bytes:
    done = CliRunner().invoke(flow, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def test_without_more_it_writes_the_services_as_svg(recording: Path) -> None:
    written = run(recording)
    assert written.startswith(b"<?xml")
    assert b"create: messages between the services" in written
    assert b"started (booted)" in written


@pytest.mark.parametrize(
    ("file", "begins"), [("a.svg", b"<?xml"), ("a.mmd", b"---\ntitle"), ("a.puml", b"@startuml")]
)
def test_the_name_of_the_file_says_the_format(
    recording: Path, tmp_path: Path, file: str, begins: bytes
) -> None:
    said = run(recording, "--level", "phases", "--out", tmp_path / "new" / file)
    assert (tmp_path / "new" / file).read_bytes().startswith(begins)
    assert b"into the step that made them" in said
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == [file]


def test_a_name_that_says_no_format_is_answered_with_those_there_are(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\.gif") as refused:
        run(recording, "--out", tmp_path / "flow.gif")
    assert "svg" in refused.value.remedy
    assert run(recording, "--format", "mermaid", "--out", tmp_path / "flow.gif")
    assert run(recording, "--out", tmp_path / "flow")
    assert (tmp_path / "flow").read_bytes().startswith(b"<?xml")


def test_a_part_and_a_number_of_steps_can_be_asked_for(recording: Path) -> None:
    text = run(recording, "--between", "nova-compute", "neutron", "--format", "mermaid").decode()
    assert "POST /v2.0/ports" in text
    assert "keystone" not in text
    assert (
        run(recording, "--level", "functions", "--steps", "3", "--format", "plantuml").count(b"activate L")
        < 8
    )


@pytest.mark.parametrize("level", list(Level))
def test_what_a_recording_shows_is_true_and_readable(recording: Path, level: Level) -> None:
    assert faults(open_recording(recording), level) == []


def test_broken_input_is_told_in_one_message(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no recording"):
        run(tmp_path / "nothing")
    (recording / "tree.msgpack").write_bytes(b"short")
    with pytest.raises(UserError, match="cut off"):
        run(recording)


def test_what_cannot_be_written_leaves_the_old_file(recording: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("old")
    with pytest.raises(UserError, match="cannot be written"):
        run(recording, "--out", blocked / "a.svg")
    assert blocked.read_text() == "old"
