"""Saved graphs of both kinds: a file is read whole, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.model.test_graph import call, graph_of
from tests.model.test_overlaid import graph as overlaid
from tracer.model.graph import CallGraph, GraphError
from tracer.model.overlaid import Overlaid, OverlaidError


class Kind(NamedTuple):
    """One kind of file: a good one, how it is read, and what a bad one raises."""

    good: bytes
    load: Callable[[Path], object]
    error: type[Exception]
    what: str
    head: bytes


KINDS = {
    "graph": Kind(
        graph_of(call("a", "b")).to_bytes(), CallGraph.load, GraphError, "call graph", b"stackwalk-callgraph"
    ),
    "overlay": Kind(
        overlaid().to_bytes(), Overlaid.load, OverlaidError, "overlaid graph", b"stackwalk-overlay"
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def refusal(kind: Kind, data: bytes, folder: Path) -> str:
    """What reading these bytes is refused with; the message names the file."""
    path = folder / "some.file"
    path.write_bytes(data)
    with pytest.raises(kind.error) as refused:
        kind.load(path)
    assert str(path) in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("cut", [40, 100, -1])
def test_a_truncated_file_is_refused(kind: Kind, cut: int, tmp_path: Path) -> None:
    assert "damaged or was cut off" in refusal(kind, kind.good[:cut], tmp_path)


def test_a_changed_byte_is_noticed(kind: Kind, tmp_path: Path) -> None:
    data = bytearray(kind.good)
    data[-3] ^= 0xFF
    assert "damaged" in refusal(kind, bytes(data), tmp_path)


def test_another_version_is_named(kind: Kind, tmp_path: Path) -> None:
    changed = kind.good.replace(kind.head + b" 1 ", kind.head + b" 9 ", 1)
    assert "version 9" in refusal(kind, changed, tmp_path)


@pytest.mark.parametrize(
    "data", [b"", b"s", b"{}", b"\x00" * 500, b"PK\x03\x04 archive", b"stackwalk-other 1 00000000\n"]
)
def test_a_foreign_file_is_refused(kind: Kind, data: bytes, tmp_path: Path) -> None:
    assert f"is not a{'n' * (kind.what[0] == 'o')} {kind.what}" in refusal(kind, data, tmp_path)


def test_the_other_kind_is_refused(kind: Kind, tmp_path: Path) -> None:
    other = next(one for one in KINDS.values() if one is not kind)
    assert kind.what in refusal(kind, other.good, tmp_path)


def test_a_missing_file_is_refused(kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(kind.error, match="there is no"):
        kind.load(tmp_path / "nothing")


def test_of_something_else_that_never_ends_only_the_beginning_is_read(kind: Kind) -> None:
    with pytest.raises(kind.error, match="is not"):
        kind.load(Path("/dev/zero"))
