"""Recording folders: what was written is read back, and every kind of damage is named."""

from __future__ import annotations

import json
import random
import stat
import zlib
from pathlib import Path

import msgspec
import pytest

from tests.recording.requests import cut, random_request
from tracer.model.function import Function
from tracer.model.hypervisor import Hypervisor, HypervisorEvent
from tracer.model.kinds import Link, Outcome
from tracer.model.recording_folder import RecordingError, open_recording, write_recording
from tracer.model.request_tree import RecordingHeader, RequestTree, Span, Value, Values
from tracer.recording.stitching import Occasion, stitch

COLUMNS = ("parent", "function", "place", "kind", "start", "duration", "call_line", "value")
HYPERVISOR = Hypervisor(
    events=[HypervisorEvent(1_700_000_000_000_000_000, "started", "booted", "instance-1")],
    domain_xml="<domain/>",
    qemu_command_line="qemu-system-x86_64 -name x",
    console="the guest is up\n",
    connection={"uri": "qemu:///system", "flags": 1, "write_refused": True},
)


def tree_with_everything() -> RequestTree:
    values = Values(
        {"password": Value("str", masked=True), "count": Value("int", "3")}, Value("str", "x", 1), None
    )
    spans = [
        Span(1, 0, 0, "client", 10, "MainThread", 0, 10**12),
        Span(
            2,
            1,
            1,
            "nova-api",
            11,
            "waitress-1",
            -5,
            100,
            Outcome.RAISED,
            Link.HTTP,
            "POST /servers",
            0,
            17,
            values,
        ),
        Span(3, 2, 1, "nova-api", 11, "waitress-1", 7, 9, Outcome.YIELDED, activation=3, values=values),
        Span(4, 1, 0, "client", 10, "MainThread", 50, 60, Outcome.UNFINISHED),
    ]
    header = RecordingHeader(
        "create", "stackwalk record create", "ab" * 16, 5, "now", 4, 2, {"http": 1}, {}, [], [], [], {}
    )
    functions = [Function("scenario:create", "scenario.py", 3), Function("nova.x:Ä.b", "nova/x.py", 9)]
    return RequestTree(header, functions, spans)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    spool = tmp_path / "nova-api-1-2.spool"
    spool.write_bytes(b"raw")
    place = tmp_path / "recording"
    write_recording(
        place,
        tree_with_everything(),
        sources={"nova/x.py": "grüße = 1\n".encode()},
        spools=[spool],
        hypervisor=HYPERVISOR,
    )
    return place


def test_what_was_written_is_read_back(folder: Path) -> None:
    recording, told = open_recording(folder), tree_with_everything()
    assert recording.header == told.header
    assert list(recording.tree.spans) == told.spans
    assert list(recording.tree.functions) == told.functions
    assert recording.source("nova/x.py") == "grüße = 1\n"
    assert recording.source("nova/absent.py") is None
    assert recording.source("") is None
    assert [spool.read_bytes() for spool in recording.spools] == [b"raw"]
    assert recording.hypervisor == HYPERVISOR


@pytest.mark.parametrize("seed", range(5))
def test_random_trees_are_read_back(seed: int, tmp_path: Path) -> None:
    tree = stitch(cut(random_request(seed, 300)), Occasion("create", "", "", {}))
    write_recording(tmp_path / "recording", tree)
    again = open_recording(tmp_path / "recording")
    assert list(again.tree.spans) == tree.spans
    assert again.header == tree.header
    assert again.hypervisor == Hypervisor()


def test_only_the_owner_can_read_it(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_nothing_is_overwritten(folder: Path) -> None:
    before = (folder / "tree.msgpack").read_bytes()
    with pytest.raises(RecordingError, match="exists already"):
        write_recording(folder, tree_with_everything())
    assert (folder / "tree.msgpack").read_bytes() == before


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        write_recording(tmp_path / "new", tree_with_everything(), spools=[tmp_path / "gone.spool"])
    assert list(tmp_path.iterdir()) == []


def test_source_names_cannot_lead_out_of_the_recording(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret")
    for name in ("../../secret.py", str(tmp_path / "secret.py")):
        with pytest.raises(RecordingError, match="points out"):
            open_recording(folder).source(name)
    (folder / "sources" / "link.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(RecordingError, match="points out"):
        open_recording(folder).source("link.py")
    with pytest.raises(RecordingError, match="points out"):
        write_recording(tmp_path / "new", tree_with_everything(), sources={"../x.py": b""})


def test_spans_out_of_order_are_not_written(tmp_path: Path) -> None:
    tree = tree_with_everything()
    with pytest.raises(ValueError, match="numbered"):
        write_recording(tmp_path / "new", RequestTree(tree.header, tree.functions, tree.spans[::-1]))


def test_what_is_no_recording_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="there is no recording at"):
        open_recording(tmp_path / "nothing")
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecordingError, match="is a file"):
        open_recording(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordingError, match="it is not a recording"):
        open_recording(tmp_path / "empty")
    (tmp_path / "unfinished" / "spools").mkdir(parents=True)
    with pytest.raises(RecordingError, match="never finished"):
        open_recording(tmp_path / "unfinished")


def change_header(folder: Path, **changes: object) -> None:
    path = folder / "recording.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_foreign_and_future_recordings_are_told_apart_from_broken_ones(folder: Path) -> None:
    change_header(folder, version=99)
    with pytest.raises(RecordingError, match="version 99") as future:
        open_recording(folder)
    assert "Update" in future.value.remedy
    change_header(folder, version=0)
    with pytest.raises(RecordingError, match="version 0") as old:
        open_recording(folder)
    assert "Record" in old.value.remedy
    change_header(folder, format="something else")
    with pytest.raises(RecordingError, match="calls itself 'something else'"):
        open_recording(folder)
    (folder / "recording.json").write_text("[]")
    with pytest.raises(RecordingError, match="not written by stackwalk"):
        open_recording(folder)
    (folder / "recording.json").write_bytes(b"\xff\x00")
    with pytest.raises(RecordingError, match="cut off or damaged"):
        open_recording(folder)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
@pytest.mark.parametrize("name", ["recording.json", "tree.msgpack"])
def test_a_cut_off_file_is_named(folder: Path, name: str, share: float) -> None:
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content.rstrip()) * share)])
    with pytest.raises(RecordingError, match=name):
        open_recording(folder).tree  # noqa: B018


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_in_the_tree_is_noticed(folder: Path, seed: int) -> None:
    path = folder / "tree.msgpack"
    content = bytearray(path.read_bytes())
    content[random.Random(seed).randrange(len(content))] ^= 1 << seed % 8
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="damaged"):
        open_recording(folder).tree  # noqa: B018


def test_a_missing_tree_is_said(folder: Path) -> None:
    (folder / "tree.msgpack").unlink()
    with pytest.raises(RecordingError, match="missing"):
        open_recording(folder).tree  # noqa: B018


def test_a_header_of_the_wrong_shape_is_damaged(folder: Path) -> None:
    change_header(folder, header={"spans": "many"})
    with pytest.raises(RecordingError, match=r"recording\.json is damaged"):
        open_recording(folder)


def forge(folder: Path, **columns: object) -> None:
    """Replace columns of the tree file and make the checksum fit, as a writer with a fault would."""
    path = folder / "tree.msgpack"
    data = msgspec.msgpack.encode(msgspec.msgpack.decode(path.read_bytes()) | columns)
    path.write_bytes(data)
    change_header(folder, tree_bytes=len(data), tree_crc32=zlib.crc32(data))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"parent": [0, 1]}, "differ in length"),
        ({"parent": [0, 2, 1, 1]}, "before its parent"),
        ({"parent": [-1, 0, 0, 0]}, "before its parent"),
        ({"function": [0, 0, 0, 2]}, "names a function"),
        ({"function": [0, 0, 0, -1]}, "names a function"),
        ({"place": [0, 0, 0, 99]}, "names a place"),
        ({"kind": [0, 0, 0, 99]}, "names a kind"),
        ({"value": [0, 0, 0, 99]}, "names a value"),
        ({"start": ["soon", 0, 0, 0]}, "cut off or damaged"),
        ({"values": [7]}, "cut off or damaged"),
        ({"version": 2}, "version 2"),
        ({"format": "other"}, "format 'other'"),
        ({column: [] for column in COLUMNS}, "holds no span"),
    ],
)
def test_a_tree_that_contradicts_itself_is_refused(
    folder: Path, columns: dict[str, object], said: str
) -> None:
    forge(folder, **columns)
    with pytest.raises(RecordingError, match=said):
        open_recording(folder).tree  # noqa: B018


def test_an_enormous_file_is_refused_before_it_is_read(folder: Path) -> None:
    with (folder / "recording.json").open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(RecordingError, match="too large"):
        open_recording(folder)


def test_hypervisor_events_survive_a_torn_last_line(folder: Path) -> None:
    events = folder / "hypervisor" / "events.jsonl"
    events.write_bytes(events.read_bytes() + b'{"time_ns": 17')
    read = open_recording(folder).hypervisor
    assert read.events == HYPERVISOR.events
    assert read.notices == ["the last line of events.jsonl was cut off and is left out"]
    events.write_bytes(b"nonsense\n" + events.read_bytes())
    with pytest.raises(RecordingError, match="line 1 is damaged"):
        open_recording(folder).hypervisor  # noqa: B018


def test_a_damaged_connection_file_is_named(folder: Path) -> None:
    (folder / "hypervisor" / "connection.json").write_text("{")
    with pytest.raises(RecordingError, match=r"connection\.json is damaged"):
        open_recording(folder).hypervisor  # noqa: B018


@pytest.mark.parametrize("seed", range(200))
def test_random_damage_is_an_error_with_words_or_harmless(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = folder / chance.choice(["recording.json", "tree.msgpack", "hypervisor/events.jsonl"])
    content = bytearray(path.read_bytes())
    for _ in range(chance.randrange(1, 4)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content)
    try:
        recording = open_recording(folder)
        assert len(recording.tree.spans) == 4
        assert recording.hypervisor.console == HYPERVISOR.console
    except RecordingError as error:
        assert error.message


@pytest.mark.parametrize("seed", range(100))
def test_random_damage_under_a_fitting_checksum_is_an_error_with_words_or_harmless(
    folder: Path, seed: int
) -> None:
    chance = random.Random(seed)
    path = folder / "tree.msgpack"
    content = bytearray(path.read_bytes())
    for _ in range(chance.randrange(1, 4)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(content)
    change_header(folder, tree_crc32=zlib.crc32(content))
    try:
        assert len(open_recording(folder).tree.spans) > 0
    except RecordingError as error:
        assert error.message
