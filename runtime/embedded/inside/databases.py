"""SQLite for services whose threads write at the same moment."""

from __future__ import annotations

import threading
from contextlib import suppress
from sqlite3 import ProgrammingError
from typing import Any

_BEGUN = "in_transaction"
"""Under this name oslo.db keeps, of each connection, whether its transaction has begun already."""


def let_writers_wait() -> None:
    """Have every transaction of this process take SQLite's lock for writing when it begins.

    One that reads first and writes later, which is what a plain BEGIN allows, is refused at once when another
    one is about to write: both would wait for each other (SQLite, "File Locking And Concurrency", section 4).
    One that begins with the lock waits its turn. A transaction within another one of the same thread begins
    plainly: it would wait for itself.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    own = threading.local()

    @event.listens_for(Engine, "begin")
    def begin(connection: Any) -> None:
        if connection.dialect.name != "sqlite" or _BEGUN in connection.info:
            return
        databases = own.__dict__
        file = str(connection.engine.url.database)
        if not _is_open(databases.get(file)):
            databases[file] = connection.connection.dbapi_connection
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.info[_BEGUN] = True


def _is_open(connection: Any) -> bool:
    with suppress(ProgrammingError):  # it is closed
        return connection is not None and bool(connection.in_transaction)
    return False
