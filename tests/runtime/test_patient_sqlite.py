"""The light variant's databases: who has read may still write, whatever others have written meanwhile."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.embedded.inside import patient_sqlite


class Session:
    """What SQLAlchemy and oslo.db do with one connection of the driver's, and whom they tell of it."""

    def __init__(self, database: Path) -> None:
        self.driver = sqlite3.connect(database, timeout=0, isolation_level=None)
        patient_sqlite.write_quickly(self.driver, None)
        self._told: Any = SimpleNamespace(dialect=SimpleNamespace(name="sqlite"), info={})

    def run(self, statement: str) -> list[Any]:
        cursor = self.driver.cursor()
        text, values = patient_sqlite.claim_before_writing(self._told, cursor, statement, (), None, False)
        return cursor.execute(text, values).fetchall()

    def commit(self) -> None:
        patient_sqlite.forget_transaction(self._told)
        self.driver.commit()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "one.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("create table servers (name)")
    connection.close()
    return file


def test_who_has_read_may_write_after_others_have(database: Path) -> None:
    one, other = Session(database), Session(database)
    for session in (one, other):
        session.run("BEGIN")
        session.run("SELECT * FROM servers")
    other.run("INSERT INTO servers VALUES ('other')")
    other.commit()
    one.run("INSERT INTO servers VALUES ('one')")
    assert one.run("SELECT name FROM servers ORDER BY name") == [("one",), ("other",)]
    one.commit()
    assert len(other.run("SELECT * FROM servers")) == 2


def test_readers_do_not_wait_for_a_writer(database: Path) -> None:
    writer, reader = Session(database), Session(database)
    writer.run("BEGIN")
    writer.run("INSERT INTO servers VALUES ('one')")
    reader.run("BEGIN")
    assert reader.run("SELECT * FROM servers") == []


def test_writers_take_turns(database: Path) -> None:
    first, second = Session(database), Session(database)
    for session in (first, second):
        session.run("BEGIN")
    first.run("INSERT INTO servers VALUES ('one')")
    with pytest.raises(sqlite3.OperationalError, match="locked"):  # at once: its patience is 0 s
        second.run("INSERT INTO servers VALUES ('two')")
    first.commit()
    second.run("INSERT INTO servers VALUES ('two')")


def test_outside_of_a_transaction_nothing_is_begun(database: Path) -> None:
    session = Session(database)
    session.run("INSERT INTO servers VALUES ('one')")
    assert not session.driver.in_transaction


def test_other_databases_are_left_alone() -> None:
    told = SimpleNamespace(dialect=SimpleNamespace(name="mysql"), info={})
    assert patient_sqlite.claim_before_writing(told, None, "BEGIN", (), None, False) == ("BEGIN", ())
    assert told.info == {}
