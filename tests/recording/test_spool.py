"""Spools are read however they ended: torn anywhere, damaged anywhere, of another version, or no spools at
all."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.recording.probed import (
    TRACE,
    Engine,
    default_engine,
    engines,
    environment,
    name,
    notes,
    only_record,
    run_probed,
)
from tracer.model.kinds import Outcome
from tracer.recording.probe import format as spool
from tracer.recording.probe.blocks import PACK_AFTER
from tracer.recording.raw import ProcessRecord
from tracer.recording.spool import SpoolError, read_spool
from tracer.recording.switch import ValueMode

PROGRAM = """
import sys, threading
probe = sys.modules["stackwalk_probe.session"]

def leaf(number, text):
    return number * 2

def failing():
    raise ValueError("no such thing")

def middle():
    for number in range(3):
        leaf(number, "a text")
        probe._session.flush()
    thread = threading.Thread(target=leaf, args=(7, "elsewhere"))
    thread.start()
    thread.join()
    try:
        failing()
    except ValueError:
        pass

probe.run_as_root(sys.argv[1], middle, (), {})
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small spool of several blocks, closed in order."""
    folder = tmp_path_factory.mktemp("spools")
    run_probed(PROGRAM, folder, TRACE)
    (path,) = (folder / TRACE).glob("*.spool")
    return path


def spans_of(record: ProcessRecord) -> dict[int, tuple[str, int]]:
    """What was read of each span whose function is known: its name and parent."""
    lost = {index for index, function in enumerate(record.functions) if function.id == "lost:lost"}
    return {span.id: (name(record, span), span.parent) for span in record.spans if span.function not in lost}


def test_a_whole_spool_tells_everything(whole: Path) -> None:
    """Times, lines, values, links, outcomes and what the process says of itself."""
    record = read_spool(whole)
    assert (record.trace_id, record.service, record.closed, record.damage) == (TRACE, "service", True, "")
    assert record.program == "python -c"
    by_name = {name(record, span): span for span in record.spans}
    assert set(by_name) == {"middle", "leaf", "failing"}
    leaf, failing = by_name["leaf"], by_name["failing"]
    assert leaf.values is not None
    assert leaf.values.arguments["text"].text == "elsewhere"
    assert leaf.values.result is not None
    assert leaf.values.result.text == "14"
    assert leaf.incoming == record.outgoing[0].key
    assert failing.outcome is Outcome.RAISED
    if default_engine().collector != "profile":  # to it, the interpreter does not say which exception it was
        assert failing.values is not None
        assert failing.values.error is not None
        assert (failing.values.error.type, failing.values.error.text) == ("ValueError", "no such thing")
    assert record.functions[failing.function].line == 8
    assert failing.call_line == 19
    assert all(span.end is not None and span.start <= span.end <= record.last_seen for span in record.spans)


def test_a_spool_is_private(whole: Path) -> None:
    """Nobody else may read it, nor its folder."""
    assert whole.stat().st_mode & 0o777 == 0o600
    assert whole.parent.stat().st_mode & 0o777 == 0o700


def test_a_spool_torn_at_any_byte_gives_what_stands_before(whole: Path, tmp_path: Path) -> None:
    """A process may be killed in the middle of any write."""
    data = whole.read_bytes()
    everything = spans_of(read_spool(whole))
    header_end = data.index(spool.MARK, data.index(spool.MARK) + 1)
    ends = {at for at in range(len(data)) if data.startswith(spool.MARK, at)}
    torn = tmp_path / "torn.spool"
    seen = 0
    for length in range(len(data)):
        torn.write_bytes(data[:length])
        if length < header_end:
            with pytest.raises(SpoolError):
                read_spool(torn)
            continue
        record = read_spool(torn)
        found = spans_of(record)
        assert found.items() <= everything.items()
        assert seen <= len(found)
        seen = len(found)
        assert (record.damage == "") == (length in ends)
    assert seen == len(everything) or not record.closed


def test_a_spool_damaged_at_any_byte_loses_that_block_only(whole: Path, tmp_path: Path) -> None:
    """Damage is told, and whatever else is read is true."""
    data = whole.read_bytes()
    everything = spans_of(read_spool(whole))
    header_end = data.index(spool.MARK, data.index(spool.MARK) + 1)
    damaged = tmp_path / "damaged.spool"
    for at in range(len(data)):
        damaged.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        if at < header_end:
            with pytest.raises(SpoolError):
                read_spool(damaged)
            continue
        record = read_spool(damaged)
        assert record.damage
        assert spans_of(record).items() <= everything.items()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"# notes\n" * 100, "not a spool"),
        (spool.MAGIC[:3], "first 9 bytes"),
        (spool.MAGIC + b"\x63", "format 99"),
        (spool.MAGIC + bytes([spool.VERSION]), "no readable header"),
        (spool.MAGIC + bytes([spool.VERSION]) + b"\0" * 5000, "no readable header"),
        (spool.MAGIC + bytes([spool.VERSION]) + os.urandom(100_000), "no readable header"),
    ],
    ids=["empty", "text", "torn magic", "foreign version", "no header", "zeros", "noise"],
)
def test_what_is_no_spool_is_refused_in_words(content: bytes, says: str, tmp_path: Path) -> None:
    """The message names the file and what is wrong with it."""
    path = tmp_path / "some.spool"
    path.write_bytes(content)
    with pytest.raises(SpoolError, match=says) as caught:
        read_spool(path)
    assert str(path) in caught.value.message


def test_a_missing_spool_is_refused_in_words(tmp_path: Path) -> None:
    """There is no traceback for it either."""
    with pytest.raises(SpoolError, match="cannot be read"):
        read_spool(tmp_path / "none.spool")


BUSY = """
import resource, sys
probe = sys.modules["stackwalk_probe.session"]
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
def leaf(number, text):
    pass
def many():
    for number in range(20000):
        leaf(number, hex(number ** 9))
        if number % 500 == 0:
            probe._session.flush()
    return "done"
print(probe.run_as_root(sys.argv[1], many, (), {}))
"""


APPENDING = """
import os, resource, sys
session = sys.modules["stackwalk_probe.session"]._session
from stackwalk_probe.blocks import PACK_AFTER
append, folder = session._collector.append_block, sys.argv[1]

def length(path): return os.path.getsize(path)

for number, content in enumerate((b"", b"few", b"often " * 5000, os.urandom(5000))):
    for size in (0, PACK_AFTER):
        path = f"{folder}/{number}-{size}"
        open(path, "wb").close()
        assert append(path, content, size, size + 12) == 0 == length(path)
        assert append(path, content, size, 1 << 30) == length(path)
        with open(f"{path}.content", "wb") as file:
            file.write(content)
before = length(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (before + 100, -1))
try:
    append(path, content, before, 1 << 30)
except OSError as error:
    print(error.strerror, length(path) == before)
"""


@pytest.mark.parametrize("engine", engines(), ids=str)
def test_every_collector_appends_whole_blocks_or_nothing(engine: Engine, tmp_path: Path) -> None:
    """What a file begins with is stored as it is, what comes later is packed where that helps."""
    done = run_probed(APPENDING, tmp_path / "spool", str(tmp_path), engine=engine)
    assert done.stdout == "File too large True\n"
    for path in tmp_path.glob("*.content"):
        data = path.with_suffix("").read_bytes()
        mark, length, checksum = spool.BLOCK_HEAD.unpack_from(data)
        body = data[spool.BLOCK_HEAD.size :]
        assert (mark, length, checksum) == (spool.MARK, len(body), zlib.crc32(body))
        packed = path.name == f"2-{PACK_AFTER}.content"
        assert body[0] == (spool.DEFLATED if packed else spool.PLAIN)
        assert (zlib.decompress(body[1:]) if packed else body[1:]) == path.read_bytes()


def check_cut_short(record: ProcessRecord, why: str) -> None:
    """What was written is whole, and the record says itself that there is more and why it is missing."""
    assert record.damage == ""
    assert 0 < len(record.spans) < 20000
    assert any("could not be written" in notice and why in notice for notice in record.notices)


@pytest.mark.parametrize("limit", [5_000, 20_000, 20_050, 20_100, 20_150, 20_200])
def test_a_spool_that_may_not_grow_says_so(limit: int, tmp_path: Path) -> None:
    """Wherever the end comes; the program goes on to its own."""
    done = subprocess.run(
        [sys.executable, "-c", BUSY, TRACE, str(limit)],
        env=environment(tmp_path, ["__main__"]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("done\n", "")
    check_cut_short(only_record(tmp_path), "File too large")
    assert "writing the spool" in notes(tmp_path)


FULL_DISK = """
set -e
mkdir "$1"
mount -t tmpfs -o size=64k none "$1"
shift
out=$1
shift
"$@"
cp -r "$STACKWALK_SPOOL_DIR" "$out"
"""


def own_mounts_allowed() -> bool:
    """Whether a process may have file systems of its own here."""
    words = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not own_mounts_allowed(), reason="no file systems can be mounted here")
def test_a_spool_on_a_full_disk_says_so(tmp_path: Path) -> None:
    """On a real one, of 64 KiB."""
    disk = tmp_path / "disk"
    busy = [sys.executable, "-c", BUSY, TRACE]
    variables = {**environment(disk, ["__main__"]), "STACKWALK_SPOOL_DIR": str(disk / "spools")}
    done = subprocess.run(
        [*["unshare", "--mount", "sh", "-c"], FULL_DISK, "sh", disk, tmp_path / "kept", *busy],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "done\n", done.stderr
    (path,) = (tmp_path / "kept" / TRACE).glob("*.spool")
    check_cut_short(read_spool(path), "No space left on device")


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o777], ids=oct)
def test_a_spool_is_its_owners_whatever_the_umask(mask: int, tmp_path: Path) -> None:
    program = f"import os; os.umask({mask})\n{PROGRAM}"
    run_probed(program, tmp_path / "some" / "spools", TRACE)
    (path,) = (tmp_path / "some" / "spools" / TRACE).glob("*.spool")
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in (path.parent, path.parent.parent):
        assert folder.stat().st_mode & 0o077 == 0
    assert read_spool(path).closed


PIECEMEAL = """
import socket, sys, threading
sys.modules["stackwalk_probe.python_tape"].PIECE_AT_MOST = int(sys.argv[2])
probe = sys.modules["stackwalk_probe.session"]
def leaf(number): pass
def numbers():
    leaf(0)
    yield 1
def request():
    for _ in range(5):
        leaf(1)
    list(numbers())
    thread = threading.Thread(target=leaf, args=(2,))
    thread.start()
    thread.join()
probe.run_as_root(sys.argv[1], request, (), {})
"""


@pytest.mark.parametrize("at_most", [3, 4, 5])
@pytest.mark.parametrize("values", ["none", "short"])
def test_events_are_taken_whole_wherever_a_piece_ends(
    at_most: int, values: ValueMode, tmp_path: Path
) -> None:
    """Those of a collector in Python, whose pieces have a size."""
    in_python = [engine for engine in engines() if engine.collector != "native"]
    engine = in_python[0] if in_python else None
    run_probed(PIECEMEAL, tmp_path, TRACE, str(at_most), values=values, engine=engine)
    record = only_record(tmp_path)
    assert not record.damage
    assert record.closed
    root = next(span.id for span in record.spans if name(record, span) == "request")
    called = [name(record, span) for span in record.spans if span.parent == root]
    assert called == ["leaf"] * 5 + ["numbers"] * 2
    assert len(record.spans) == 10
    assert all(span.outcome is not Outcome.UNFINISHED for span in record.spans)


def test_a_spool_at_its_limit_says_so(tmp_path: Path) -> None:
    """What was recorded before is there, and the program went on to its end."""
    program = """
import sys
probe = sys.modules["stackwalk_probe.session"]
def leaf(number):
    pass
def many():
    for number in range(20000):
        leaf(number)
        if number % 1000 == 0:
            probe._session.flush()
    print("done")
probe.run_as_root(sys.argv[1], many, (), {})
"""
    done = run_probed(program, tmp_path, TRACE, STACKWALK_SPOOL_LIMIT="20000")
    assert done.stdout == "done\n"
    record = only_record(tmp_path)
    assert 1000 < len(record.spans) < 20000
    assert any("limit of 20000 bytes" in notice for notice in record.notices)
    (path,) = (tmp_path / TRACE).glob("*.spool")
    assert path.stat().st_size <= 21_000
