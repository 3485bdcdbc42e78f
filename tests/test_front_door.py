"""The command line as a person or another program meets it."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import stackwalk
from tests.recording.requests import cut, empty_record, random_request
from tracer.model.function import Function
from tracer.model.graph import CallGraph
from tracer.model.kinds import Link, Outcome
from tracer.model.recording_folder import open_recording, write_recording
from tracer.model.request_tree import Value, Values
from tracer.recording.raw import Outgoing, RawSpan
from tracer.recording.stitching import Occasion, stitch
from tracer.terminal.errors import ANSWER_IS_NO, UserError

OCCASION = Occasion("create", "stackwalk record create", "2026-11-22T12:00:00Z", {"network": "none"})
KEYS = {
    "id", "parent", "link", "link_detail", "service", "pid", "thread", "function", "file", "line",
    "call_line", "start_ns", "end_ns", "outcome", "activation", "values",
}  # fmt: skip


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    write_recording(tmp_path / "recording", stitch(cut(random_request(3, 60)), OCCASION))
    return tmp_path / "recording"


@pytest.fixture
def troubled(tmp_path: Path) -> Path:
    """A recording with an orphan, an unfinished call, an error, and text that would steer a terminal."""
    client = empty_record()
    client.functions = [
        Function("scenario:create\x1b[2J", "scenario.py", 1),
        Function("nova.x:y", "nova/x.py", 2),
    ]
    values = Values(
        {"name": Value("str", "\x1b]0;owned\x07"), "token": Value("str", masked=True)},
        error=Value("NoValidHost", "none left"),
    )
    client.spans = [
        RawSpan(1, 0, 0, "MainThread", 0, None, Outcome.RETURNED, 0, 0, ""),
        RawSpan(2, 1, 1, "MainThread", 1, 2, Outcome.RAISED, 0, 7, "", values),
        RawSpan(3, 0, 1, "MainThread", 3, 4, Outcome.YIELDED, 2, 0, "lost"),
    ]
    client.outgoing = [Outgoing("k", 1, 1, Link.HTTP, "GET http://nowhere/")]
    client.closed = False
    write_recording(tmp_path / "troubled", stitch([client], OCCASION))
    return tmp_path / "troubled"


def run(*words: object, capsys: pytest.CaptureFixture[str], code: int = 0) -> pytest.CaptureResult[str]:
    with pytest.raises(SystemExit) as left:
        stackwalk.main([str(word) for word in words])
    assert left.value.code == code
    return capsys.readouterr()


def test_json_lines_hold_every_span_of_the_recording(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = open_recording(recording).tree
    lines = [
        json.loads(line)
        for line in run("show", recording, "--format", "jsonl", capsys=capsys).out.splitlines()
    ]
    assert all(line.keys() == KEYS for line in lines)
    assert [
        (line["id"], line["parent"], line["link"], line["function"], line["start_ns"], line["service"])
        for line in lines
    ] == [
        (span.id, span.parent, span.link.value, tree.function(span).id, span.start_ns, span.service)
        for span in tree.spans
    ]


def test_json_lines_of_a_filter_leave_out_what_does_not_match(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run("show", recording, "--format", "jsonl", "--grep", r"f\d7$", capsys=capsys)
    assert [json.loads(line)["function"][-1] for line in told.out.splitlines()] == ["7"] * 5
    assert "5 of 60 spans printed" in told.err


def test_text_shows_every_span_once_and_marks_the_links(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = run("show", recording, capsys=capsys).out
    tree = open_recording(recording).tree
    for span in tree.spans:
        assert len(re.findall(rf" {tree.function(span).qualname} nova\.made", out)) == 1
    for link, count in tree.header.links.items():
        assert out.count(f"═{link} ") == count
    assert "\x1b" not in out
    assert "hidden" not in out
    assert "orphans   0" in out


def test_text_says_how_much_a_filter_hides(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run("show", recording, "--depth", 2, capsys=capsys).out
    shown = len(re.findall(r"^ +[\d.]+ ms ", out, re.MULTILINE))
    assert f"{shown} of 60 spans shown; hidden: {60 - shown} by --depth" in out
    assert sum(int(count) for count in re.findall(r"\(\+(\d+) hidden below\)", out)) == 60 - shown


def test_text_shows_what_went_wrong(troubled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run("show", troubled, "--values", capsys=capsys).out
    assert "orphans   1" in out
    assert "no process recorded that it sent the link lost" in out
    assert "1 http: no probe at the other end" in out
    assert "unfinished" in out
    assert "raised NoValidHost" in out
    assert "resumed 2" in out
    assert "token=<str masked>" in out
    assert "✗ none left" in out
    assert "ended without closing its spool" in out


def test_recorded_text_cannot_steer_the_terminal(troubled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run("show", troubled, "--values", capsys=capsys).out
    assert "\x1b" not in out and "\x07" not in out
    assert "create\\x1b[2J" in out


def test_colours_only_where_wanted(
    recording: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("show", recording, capsys=capsys).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("show", recording, capsys=capsys).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--service", "nova-cmpute"], "no span of the service nova-cmpute"),
        (["--grep", "("], "not a regular expression"),
        (["--depth", "0"], "0 is not in the range"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
)
def test_wishes_that_make_no_sense_are_misuse(
    recording: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in run("show", recording, *words, capsys=capsys, code=2).err


def test_a_broken_recording_is_explained_without_a_traceback(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (recording / "tree.msgpack").write_bytes(b"")
    told = run("show", recording, capsys=capsys, code=2)
    assert told.err.startswith("Error: ") and "Traceback" not in told.err
    assert told.out == ""


def test_a_mistyped_command_gets_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean show?" in run("shwo", capsys=capsys, code=2).err


def test_help_teaches_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(stackwalk.cli) as context:
        names = stackwalk.cli.list_commands(context)
    overview = run("--help", capsys=capsys).out
    assert all(name in overview for name in names)
    assert names[0] == "demo"
    for words, command in every_command(stackwalk.cli):
        told = run(*words, "--help", capsys=capsys).out
        assert "Usage: stackwalk" in told
        assert re.search(r"Examples?:.*stackwalk", told, re.DOTALL), words
        short = command.get_short_help_str(60) if len(words) > 1 else stackwalk.COMMANDS.get(words[0], "")
        assert not str(short).endswith("..."), words


def every_command(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            yield (*before, name), command
            if isinstance(command, click.Group):
                yield from every_command(command, *before, name)


def test_every_command_stands_in_one_section_of_the_overview() -> None:
    listed = [name for names in stackwalk.SECTIONS.values() for name in names]
    assert sorted(listed) == sorted([*stackwalk.COMMANDS, *stackwalk.cli.commands])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_code_names_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "_STACKWALK_COMPLETE" in run("completion", shell, capsys=capsys).out


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command ``fail`` that raises what is put into the list."""
    errors: list[BaseException] = []

    @click.command()
    def fail() -> None:
        raise errors[0]

    monkeypatch.setitem(stackwalk.cli.commands, "fail", fail)
    return errors


def test_an_error_for_the_user_has_message_details_and_remedy(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(UserError("no.", "Do this.", details=("last line",), exit_code=ANSWER_IS_NO))
    assert run("fail", capsys=capsys, code=1).err == "Error: no.\n    last line\nDo this.\n"


def test_a_fault_of_the_program_saves_its_traceback(
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    failing.append(ZeroDivisionError("by nothing"))
    told = run("fail", capsys=capsys, code=2).err
    assert "ZeroDivisionError: by nothing" in told and "Traceback" not in told
    (report,) = tmp_path.iterdir()
    assert str(report) in told
    assert "Traceback" in report.read_text()


def test_what_belongs_to_somebody_else_is_no_fault_of_the_program(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(PermissionError(errno.EACCES, "Permission denied", "/somebody/elses"))
    told = run("fail", capsys=capsys, code=2).err
    assert "/somebody/elses: Permission denied" in told and "fault" not in told


def test_debug_shows_the_traceback(failing: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    failing.append(UserError("no."))
    assert "Traceback" in run("--debug", "fail", capsys=capsys, code=2).err


def test_an_interrupt_is_a_plain_word(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(KeyboardInterrupt())
    assert run("fail", capsys=capsys, code=130).err.strip() == "Interrupted."


def test_a_reader_that_goes_away_is_no_error(recording: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "stackwalk", "show", str(recording)],
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=Path(stackwalk.__file__).parent,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("output", "code", "told"), [("/dev/full", 2, "No space left on device"), ("&-", 0, "")]
)
def test_where_nothing_can_be_written_there_is_no_fault_of_the_program(
    output: str, code: int, told: str
) -> None:
    command = f"{shlex.quote(sys.executable)} -m stackwalk notes list >{output}"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == code
    assert told in done.stderr
    assert "fault" not in done.stderr and "Exception" not in done.stderr


def test_showing_help_loads_no_heavy_library() -> None:
    heavy = {"libvirt", "libcst", "networkx", "rich", "msgspec", "jinja2", "pygments", "graphviz"}
    code = (
        "import sys, stackwalk\n"
        "try: stackwalk.main(['--help'])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(stackwalk.__file__).parent,
    )
    assert not heavy & set(done.stderr.split())


@pytest.mark.parametrize("was_up", [False, True])
def test_the_demo_leads_to_a_walkthrough_and_takes_down_what_it_brought_up(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, was_up: bool
) -> None:
    """With the stack's own commands replaced by some that note that they were called."""
    from click.testing import CliRunner

    from runtime import installed, privileges
    from runtime.environment import StackEnvironment
    from runtime.record_commands import record
    from runtime.stack import Stack
    from runtime.stack_commands import stack

    done = []

    def noting(name: str) -> click.Command:
        return click.Command(name, callback=lambda: done.append(name))

    def created(out: Path) -> None:
        shutil.copytree(recording, out)

    packages = tmp_path / "environment" / "lib" / "python3.12" / "site-packages"
    (packages / "nova-34.0.0.dist-info").mkdir(parents=True)
    (packages / "nova").mkdir()
    (packages / "nova" / "__init__.py").touch()
    (packages / "nova" / "api.py").write_text("def create(): schedule()\ndef schedule(): pass\n")
    monkeypatch.setattr(installed, "stack_environment", lambda: StackEnvironment(tmp_path / "environment"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(privileges, "become_root", lambda: None)
    monkeypatch.setattr(privileges, "hand_back", lambda *_: None)
    monkeypatch.setattr(Stack, "runs", was_up)
    monkeypatch.setitem(stack.commands, "up", noting("up"))
    monkeypatch.setitem(stack.commands, "down", noting("down"))
    monkeypatch.setitem(record.commands, "create", click.Command("create", callback=created))
    out = tmp_path / "out" / "tour"
    result = CliRunner().invoke(stackwalk.cli, ["demo", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert f"Open {(out / 'index.html').as_uri()}" in result.output
    assert 'href="calls/index.html"' in (out / "index.html").read_text("utf-8")
    assert (out / "calls" / "index.html").is_file()
    (call,) = CallGraph.load(out.parent / "nova.graph").calls()
    assert (call.caller, call.callee) == ("nova.api:create", "nova.api:schedule")
    assert done == (["up"] if was_up else ["up", "down"])
