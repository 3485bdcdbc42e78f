"""From a really traced program to a recording: spools read, completeness waited for, sources kept."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tracer.model.kinds import Outcome
from tracer.model.recording_folder import Recording, RecordingError
from tracer.recording.gather import gather, read_spools, wait_until_complete
from tracer.recording.stitching import Occasion
from tracer.recording.switch import new_trace_id, probe_environment

OCCASION = Occasion("create", "stackwalk record create", "2026-11-22T12:00:00Z", {})
TRAVELLER = """
import sys
from concurrent.futures import ThreadPoolExecutor

def hold():
    sys.stdin.read(1)

def travel():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold).result()
"""
DRIVER = """
import sys
from tracer.recording.switch import traced_call
from nova.traveller import travel
traced_call(sys.argv[1], travel)
"""


class Trip:
    """A program under the probe whose traced call waits until it is let go."""

    def __init__(self, folder: Path) -> None:
        self.spools = folder / "spools"
        self.trace = new_trace_id()
        package = folder / "root" / "nova"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "traveller.py").write_text(TRAVELLER)
        environment = probe_environment("client", self.spools, packages=("nova",))
        here = str(Path(__file__).parent.parent.parent)
        environment["PYTHONPATH"] += os.pathsep + os.pathsep.join([str(folder / "root"), here])
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, self.trace], stdin=subprocess.PIPE, env=os.environ | environment
        )

    def wait_until_held(self) -> None:
        """Return when the spool says that the traced call waits."""
        for _ in range(1_000):
            told = wait_until_complete(self.spools, self.trace, timeout_s=0)
            if told.certain == ["client is in hold"]:
                return
            assert self.process.poll() is None
            time.sleep(0.02)
        raise AssertionError("the traced program never got there")

    def let_go(self) -> None:
        """Let the traced call end, and the program with it."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"x")
        self.process.stdin.close()
        assert self.process.wait(30) == 0

    def gathered(self, folder: Path) -> Recording:
        return gather(self.spools, self.trace, folder, OCCASION)


@contextmanager
def started(folder: Path) -> Iterator[Trip]:
    trip = Trip(folder)
    try:
        yield trip
    finally:
        trip.process.kill()
        trip.process.wait()


@pytest.fixture
def trip(tmp_path: Path) -> Iterator[Trip]:
    with started(tmp_path) as one:
        yield one


def names(recording: Recording) -> list[str]:
    return [recording.tree.function(span).qualname for span in recording.tree.spans]


def test_a_traced_program_becomes_a_recording(trip: Trip, tmp_path: Path) -> None:
    trip.wait_until_held()
    trip.let_go()
    told = wait_until_complete(trip.spools, trip.trace, timeout_s=30)
    assert not told.certain and not told.possible
    recording = trip.gathered(tmp_path / "recording")
    assert names(recording) == ["travel", "hold"]
    assert recording.header.links == {"spawn": 1}
    assert not recording.header.orphans and not recording.header.unanswered and not recording.header.notices
    assert [lane.ended for lane in recording.header.lanes] == [""]
    assert recording.source("nova/traveller.py") == TRAVELLER
    assert len(recording.spools) == 1


def test_what_a_killed_process_recorded_is_kept(trip: Trip, tmp_path: Path) -> None:
    trip.wait_until_held()
    trip.process.kill()
    trip.process.wait()
    assert not wait_until_complete(trip.spools, trip.trace, timeout_s=0).certain
    recording = trip.gathered(tmp_path / "recording")
    assert names(recording) == ["travel", "hold"]
    assert {span.outcome for span in recording.tree.spans} == {Outcome.UNFINISHED}
    assert "ended without closing its spool" in recording.header.lanes[0].ended
    assert "2 calls cut off" in recording.header.lanes[0].ended


def test_what_a_running_process_recorded_so_far_can_be_gathered(trip: Trip, tmp_path: Path) -> None:
    trip.wait_until_held()
    recording = trip.gathered(tmp_path / "recording")
    assert "2 calls still running" in recording.header.lanes[0].ended


def test_foreign_and_broken_files_among_the_spools_become_notices(trip: Trip, tmp_path: Path) -> None:
    trip.wait_until_held()
    trip.let_go()
    folder = trip.spools / trip.trace
    (spool,) = folder.glob("*.spool")
    (folder / "nova-api-1-1.spool").write_bytes(b"not a spool")
    other = trip.spools / ("0" * 32)
    other.mkdir()
    (other / spool.name).write_bytes(spool.read_bytes())
    notices = trip.gathered(tmp_path / "recording").header.notices
    assert len(notices) == 1 and "nova-api-1-1.spool" in notices[0]
    assert "is of another trace" in read_spools(trip.spools, "0" * 32).notices[0]


def test_a_source_that_is_gone_becomes_a_notice(trip: Trip, tmp_path: Path) -> None:
    trip.wait_until_held()
    trip.let_go()
    (tmp_path / "root" / "nova" / "traveller.py").unlink()
    recording = trip.gathered(tmp_path / "recording")
    assert recording.source("nova/traveller.py") is None
    assert recording.header.notices == ["1 source files were not found, among them nova/traveller.py"]


def test_no_spool_at_all_is_explained(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="0 spool files") as error:
        gather(tmp_path, "0" * 32, tmp_path / "recording", OCCASION)
    assert "probe" in error.value.remedy
    assert not (tmp_path / "recording").exists()
