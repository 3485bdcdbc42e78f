"""A file is written whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tracer.model.whole_file import FOR_OWNER_ONLY, whole_file, write_whole


def test_until_all_is_written_the_earlier_file_stays_and_nothing_is_left_of_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"earlier")
    with pytest.raises(ZeroDivisionError), whole_file(file) as stream:
        stream.write(b"half")
        stream.flush()
        assert file.read_bytes() == b"earlier"
        raise ZeroDivisionError
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"earlier")]


@pytest.mark.parametrize(("mode", "expected"), [(0o666, 0o640), (FOR_OWNER_ONLY, 0o600)])
def test_a_new_file_is_open_to_whom_the_umask_allows(mode: int, expected: int, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", b"x", mode)
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == expected


def test_an_earlier_file_hands_its_permissions_on(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(0o604)
    file.chmod(0o604)
    write_whole(file, b"x", FOR_OWNER_ONLY)
    assert file.stat().st_mode & 0o777 == 0o604


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    write_whole(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"content")
    reader.join()
    assert read == [b"content"]
    assert pipe.is_fifo()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, b"x")
