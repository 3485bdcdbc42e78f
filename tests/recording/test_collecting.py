"""What several hosts recorded becomes one recording, on one clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.recording.probed import TRACE, default_engine, records, run_probed
from tests.recording.serving import served
from tests.recording.waiting import wait_until
from tracer.model.kinds import Link
from tracer.model.recording_folder import RecordingError, open_recording
from tracer.recording.alignment import align
from tracer.recording.collecting import collect
from tracer.recording.switch import default_key_file, made_key
from tracer.terminal.errors import UserError

APART_S = 250_000
UNSHARE = ("unshare", "--time", "--monotonic", str(APART_S), "--fork", "--kill-child", "--")

CLIENT = """
import http.client, sys
probe = sys.modules["stackwalk_probe.session"]

def request():
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
    for _ in range(5):
        connection.request("GET", "/eager")
        connection.getresponse().read()

probe.run_as_root(sys.argv[1], request, (), {})
"""


def own_clocks_allowed() -> bool:
    """Whether a process may be given a monotonic clock of its own here."""
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def two_hosts(folder: Path, before: tuple[str, ...] = ()) -> tuple[Path, Path]:
    """Spool folders of a client and of a server that has answered it, each with a spool of the trace."""
    here, there = folder / "here", folder / "there"
    key = {"STACKWALK_KEY_FILE": str(made_key(default_key_file(folder / "shared")))}
    with served(there, default_engine(), "__main__", before=before, **key) as port:
        run_probed(CLIENT, here, TRACE, port, **key)
        wait_until(lambda: all(record.closed for record in records(there)) and bool(records(there)))
    return here, there


@pytest.mark.skipif(not own_clocks_allowed(), reason="no time namespaces here")
def test_real_processes_with_clocks_far_apart_are_brought_together(tmp_path: Path) -> None:
    """How far is known: the server runs in a time namespace."""
    here, there = two_hosts(tmp_path, UNSHARE)
    spread = [*records(here), *records(there)]
    _, (statement,) = align(spread, spread[0])
    assert statement.below_ns is not None and statement.above_ns is not None
    error = -APART_S * 10**9 - statement.shift_ns
    assert -statement.below_ns <= error <= statement.above_ns
    # Five round trips on one machine leave less than a tenth of a second in doubt.
    assert statement.below_ns + statement.above_ns < 10**8
    assert statement.messages == 10

    done = subprocess.run(
        [sys.executable, "-m", "stackwalk", "collect", here, there, "--out", tmp_path / "merged"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "surely within" in done.stdout
    recording = open_recording(tmp_path / "merged")
    tree = recording.tree
    assert recording.header.scenario == "collected"
    assert recording.header.orphans == []
    assert recording.header.links == {"http": 5}
    assert len(recording.spools) == 2
    for span in tree.spans:
        above = tree.parent(span)
        assert above is None or above.start_ns <= span.start_ns
        assert above is None or span.link is not Link.HTTP or span.end_ns <= above.end_ns + 10**8


def test_folders_are_merged_and_doubles_left_out(tmp_path: Path) -> None:
    """A whole recording serves as a folder, too; hosts' files of the same name are both kept."""
    here, there = two_hosts(tmp_path)
    first = collect([here, there], tmp_path / "first", "stackwalk collect")
    assert first.header.links == {"http": 5}
    assert not any("another clock" in notice for notice in first.header.notices)
    (mine,) = (here / TRACE).glob("*.spool")
    (theirs,) = (there / TRACE).glob("*.spool")
    theirs.rename(theirs.with_name(mine.name))
    second = collect([first.folder, here, there], tmp_path / "second", "stackwalk collect")
    assert second.header.links == {"http": 5}
    assert [notice for notice in second.header.notices if "given twice" in notice]
    assert second.header.spans == first.header.spans


def test_what_cannot_be_merged_is_said(tmp_path: Path) -> None:
    program = """
import sys
probe = sys.modules["stackwalk_probe.session"]
def work(): pass
for number in (1, 2):
    probe.run_as_root("%032x" % number, work, (), {})
"""
    run_probed(program, tmp_path / "spools")
    (tmp_path / "spools" / "notes.spool").write_text("no spool")
    with pytest.raises(UserError, match="several traces") as several:
        collect([tmp_path / "spools"], tmp_path / "out", "")
    assert len(several.value.details) == 2
    with pytest.raises(UserError, match="no spools of the trace"):
        collect([tmp_path / "spools"], tmp_path / "out", "", trace_id="f" * 32)
    with pytest.raises(UserError, match="no folder"):
        collect([tmp_path / "none"], tmp_path / "out", "")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no spools in"):
        collect([tmp_path / "empty"], tmp_path / "out", "")
    (tmp_path / "unread").mkdir()
    (tmp_path / "unread" / "notes.spool").write_text("no spool")
    with pytest.raises(UserError, match="None of the spools") as unread:
        collect([tmp_path / "unread"], tmp_path / "out", "")
    assert "notes.spool" in unread.value.details[0]
    made = collect([tmp_path / "spools"], tmp_path / "out", "", trace_id=f"{2:032x}")
    assert made.header.spans == 1
    assert [notice for notice in made.header.notices if "notes.spool" in notice]


def test_a_damaged_recording_is_made_anew_from_its_spools_and_sources(tmp_path: Path) -> None:
    program = """
import sys, worker
sys.modules["stackwalk_probe.session"].run_as_root(sys.argv[1], worker.work, (), {})
"""
    module = tmp_path / "code" / "worker.py"
    module.parent.mkdir()
    module.write_text("def work(): pass\n")
    run_probed(program, tmp_path / "spools", TRACE, packages=["worker"], path=module.parent)
    assert collect([tmp_path / "spools"], tmp_path / "whole", "").source("worker.py") == module.read_text()
    module.unlink()
    tree = tmp_path / "whole" / "tree.msgpack"
    tree.write_bytes(tree.read_bytes()[:-1])
    with pytest.raises(RecordingError) as damaged:
        open_recording(tmp_path / "whole").table()
    assert f"stackwalk collect {tmp_path / 'whole'} --out" in damaged.value.remedy
    again = collect([tmp_path / "whole"], tmp_path / "again", "")
    assert again.header.spans == 1
    assert again.source("worker.py") == "def work(): pass\n"
