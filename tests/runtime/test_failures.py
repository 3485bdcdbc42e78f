from __future__ import annotations

from pathlib import Path

import pytest

from runtime.failures import LINES_SHOWN, ServiceFailedError, last_lines, likely_cause
from tracer.terminal.errors import ANSWER_IS_NO


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("OSError: [Errno 98] Address already in use", "port"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("(1045, \"Access denied for user 'stack'@'localhost' (using password: YES)\")", "database refuses"),
        ("(0, 0): (403) ACCESS_REFUSED - Login was refused", "broker refuses"),
        ("ModuleNotFoundError: No module named 'nova'", "environment is incomplete"),
        (
            "keystoneauth1.exceptions.http.Unauthorized: The request requires authentication",
            "keystone refuses",
        ),
        ("everything is as it should be", ""),
    ],
)
def test_the_likely_cause_is_read_from_the_log(line: str, cause: str) -> None:
    found = likely_cause(("before", line, "after"))
    assert cause in found
    assert bool(found) == bool(cause)


def test_a_failed_service_shows_its_last_words_and_where_to_read_on(tmp_path: Path) -> None:
    log = tmp_path / "placement.log"
    log.write_text("".join(f"line {n}\n" for n in range(100)) + "Address already in use\n")
    error = ServiceFailedError("placement", "has ended with status 1", log)
    assert "placement has ended with status 1" in error.message
    assert "port" in error.message
    assert len(error.details) == LINES_SHOWN
    assert error.details[-1] == "Address already in use"
    assert "stackwalk stack logs placement" in error.remedy
    assert error.exit_code == ANSWER_IS_NO


def test_a_service_without_log_fails_with_a_message_all_the_same(tmp_path: Path) -> None:
    error = ServiceFailedError("placement", "cannot be started", tmp_path / "none.log")
    assert error.details == ()
    assert "likely cause" not in error.message


def test_a_log_that_is_not_text_is_read_all_the_same(tmp_path: Path) -> None:
    log = tmp_path / "odd.log"
    log.write_bytes(b"\xff\xfe broken \x00\nlast\n")
    assert last_lines(log, 1) == ("last",)
