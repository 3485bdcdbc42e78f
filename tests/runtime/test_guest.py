"""What the guest's first file system holds, read back by another reader than the one that wrote it."""

from __future__ import annotations

import stat
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from runtime.provisioning.cpio import Entry, archive
from runtime.provisioning.guest import MARKER, first_file_system

FIELDS = 13
HEADER = 6 + 8 * FIELDS


class Read(NamedTuple):
    mode: int
    content: bytes
    device: tuple[int, int]


def read_archive(data: bytes) -> dict[str, Read]:
    """Read the "newc" format as its description has it: ASCII headers, everything padded to four bytes."""
    found: dict[str, Read] = {}
    at = 0
    while True:
        assert at % 4 == 0
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(FIELDS)]
        size, name_size = fields[6], fields[11]
        name = data[at + HEADER : at + HEADER + name_size]
        assert name.endswith(b"\0")
        start = at + HEADER + name_size
        start += -start % 4
        if name == b"TRAILER!!!\0":
            return found
        found[name[:-1].decode()] = Read(fields[1], data[start : start + size], (fields[9], fields[10]))
        at = start + size + -size % 4


names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(st.dictionaries(names.filter(lambda name: name != "TRAILER!!!"), st.binary(max_size=100)))
def test_an_archive_holds_every_file_whatever_its_length(files: dict[str, bytes]) -> None:
    read = read_archive(archive(Entry.file(name, content) for name, content in files.items()))
    assert {name: entry.content for name, entry in read.items()} == files
    assert all(stat.S_ISREG(entry.mode) for entry in read.values())


def test_the_guest_can_start_its_first_program_and_has_a_console() -> None:
    read = read_archive(first_file_system(b"the busybox", {"virtio.ko": b"1", "virtio_net.ko": b"2"}))
    assert read["init"].content.startswith(b"#!/bin/busybox sh\n")
    assert read["init"].mode & 0o111
    assert read["bin/busybox"].content == b"the busybox"
    assert read["bin/busybox"].mode & 0o111
    assert stat.S_ISCHR(read["dev/console"].mode)
    assert read["dev/console"].device == (5, 1)


def test_the_guest_loads_its_modules_in_the_order_given() -> None:
    read = read_archive(first_file_system(b"", {"b.ko": b"B", "a.ko": b"A"}))
    assert read["modules/order"].content == b"b.ko\na.ko\n"
    assert (read["modules/a.ko"].content, read["modules/b.ko"].content) == (b"A", b"B")


def test_the_guest_says_the_marker_last() -> None:
    init = read_archive(first_file_system(b"", {}))["init"].content.decode()
    said = [line for line in init.splitlines() if line.strip().startswith("echo")]
    assert MARKER in said[-1]
    assert "@" not in said[-1]


def test_the_same_guest_is_the_same_bytes() -> None:
    assert first_file_system(b"x", {"a.ko": b"A"}) == first_file_system(b"x", {"a.ko": b"A"})
