"""Lets many threads write to one SQLite database: each waits for its turn.

A transaction that has read and then wants to write is refused at once ("database is locked") when another
has written in the meantime, however long its timeout (https://www.sqlite.org/rescode.html#busy_snapshot).
So a transaction begins, in SQLite's eyes, with its first statement that may write, and claims the database
right then; until it does, it sees what others have committed, as on OpenStack's usual database servers.
"""

from __future__ import annotations

import sqlite3
from typing import Any

READ_ONLY = ("SELECT", "PRAGMA", "EXPLAIN")
BEGUN = "stackwalk_begun"

_kept_open: dict[str, sqlite3.Connection] = {}
"""One connection to each database: when the last is closed, SQLite tidies up and lets nobody else in."""


def install() -> None:
    """Make every SQLite engine of this process patient; must come before its first transaction."""
    # Only now: what is imported before nova has chosen its concurrency would not follow it.
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.listen(Engine, "before_cursor_execute", claim_before_writing, retval=True)
    for end in ("commit", "rollback"):
        event.listen(Engine, end, forget_transaction)
    event.listen(Engine, "connect", write_quickly)


def claim_before_writing(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> tuple[str, Any]:
    """SQLAlchemy's event before each statement: put off ``BEGIN`` until something may be written."""
    if connection.dialect.name != "sqlite":
        return statement, parameters
    if statement == "BEGIN":
        connection.info[BEGUN] = True
        return "SELECT 1", parameters
    may_write = not statement.lstrip().upper().startswith(READ_ONLY)
    if may_write and BEGUN in connection.info and not cursor.connection.in_transaction:
        cursor.execute("BEGIN IMMEDIATE")
    return statement, parameters


def forget_transaction(connection: Any) -> None:
    """SQLAlchemy's event at the end of a transaction."""
    connection.info.pop(BEGUN, None)


def write_quickly(connection: Any, record: Any) -> None:
    """SQLAlchemy's event for each new connection: readers do not wait for writers, nor anybody for the disk.

    The database lives no longer than the stack: what a power failure would lose is lost anyway.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    _, _, file = connection.execute("PRAGMA database_list").fetchone()
    if file and file not in _kept_open:
        _kept_open[file] = sqlite3.connect(file, check_same_thread=False)
        _kept_open[file].execute("PRAGMA schema_version")
