"""What tests of several kinds of pictures need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.browser import Page, browser
from tests.reports.mermaid import fetched_script


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for the tests of all pages."""
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="session")
def mermaid_script(request: pytest.FixtureRequest) -> Path:
    """Mermaid itself, kept in pytest's cache."""
    assert request.config.cache is not None
    return fetched_script(request.config.cache.mkdir("mermaid"))
