"""One real stack for all end-to-end tests: bringing it up takes a minute."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.cli import StackwalkCli


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackwalkCli]:
    """The command line, with the real stack up."""
    cli = StackwalkCli(tmp_path_factory.mktemp("stack") / "state")
    try:
        cli.run("stack", "up")
        yield cli
    finally:
        cli.run("stack", "down")
