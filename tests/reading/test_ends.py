"""Programs whose values lead back to themselves are read to the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.reading.reader import read

PROGRAMS = {
    "a chain of attributes of a framework's value": """
import oslo_messaging


def top(client):
    while client.parent:
        client = client.parent
    return client


top(oslo_messaging.get_rpc_client(None, None))
""",
    "iterators that iterate over each other": """
class One:
    def __iter__(self):
        return Two()


class Two:
    def __iter__(self):
        return One()


for item in One():
    print(item)
""",
    "items that are their own container": """
class Row:
    def __getitem__(self, at):
        return self


def walk(row):
    for part in row:
        walk(part)


walk(Row())
""",
}


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_reading_ends(tmp_path: Path, name: str) -> None:
    (tmp_path / "program.py").write_text(PROGRAMS[name], encoding="utf-8")
    graph = read([str(tmp_path)], processes=1)
    assert "program:<module>" in graph
