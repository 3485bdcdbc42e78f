from __future__ import annotations

from pathlib import Path

from runtime.following import BLOCK, follow, read_log


def test_a_log_is_read_whole(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    text = "a line of the log\n" * BLOCK
    log.write_text(text)
    assert "".join(read_log(log)) == text


def test_what_is_added_is_followed_even_when_the_log_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("first\n")
    pieces = follow(log)
    assert next(pieces) == "first\n"
    with log.open("a") as stream:
        stream.write("second\n")
    assert next(pieces) == "second\n"
    log.write_text("anew\n")
    assert next(pieces) == "anew\n"
