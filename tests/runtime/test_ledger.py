from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.ledger import Ledger, Started
from runtime.processes import ProcessId, boot_id

ONE = Started("keystone", ProcessId(11, 100))
TWO = Started("glance", ProcessId(12, 101))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


def test_what_was_started_is_read_back_in_order(file: Path) -> None:
    Ledger(file).add(ONE)
    Ledger(file).add(TWO)
    assert Ledger(file).read() == [ONE, TWO]
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_started_is_nothing_read(file: Path) -> None:
    assert Ledger(file).read() == []
    Ledger(file).clear()


@pytest.mark.parametrize(
    "damage",
    [
        '{"service": "nova-api", "pid": 1',
        "\x00\x00\x00",
        "[]",
        "7",
        '{"service": "nova-api"}',
        '{"service": "nova-api", "pid": "many", "started": 1, "boot": "here"}'.replace("here", boot_id()),
    ],
)
def test_a_damaged_line_hides_no_other(file: Path, damage: str) -> None:
    Ledger(file).add(ONE)
    with file.open("a") as stream:
        stream.write(damage + "\n")
    Ledger(file).add(TWO)
    assert Ledger(file).read() == [ONE, TWO]


def test_processes_of_an_earlier_boot_mean_nothing(file: Path) -> None:
    Ledger(file).add(ONE)
    entry = json.loads(file.read_text())
    file.write_text(json.dumps({**entry, "boot": "another"}) + "\n")
    assert Ledger(file).read() == []


def test_a_cleared_ledger_is_empty(file: Path) -> None:
    Ledger(file).add(ONE)
    Ledger(file).clear()
    assert Ledger(file).read() == []
