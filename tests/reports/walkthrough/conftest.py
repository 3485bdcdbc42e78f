"""One site of each kind for all tests of the walkthrough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.browser import Page
from tests.reports.walkthrough.tours import shop_tour


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's walkthrough in English, with a graph."""
    return shop_tour(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="package")
def chinese_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_tour(tmp_path_factory.mktemp("shop"), "zh")


@pytest.fixture
def tour(chrome: Page, site: Path) -> Iterator[Page]:
    """The start page, opened anew; nothing may complain in the test."""
    yield from _opened(chrome, site)


@pytest.fixture
def chinese_tour(chrome: Page, chinese_site: Path) -> Iterator[Page]:
    yield from _opened(chrome, chinese_site)


def _opened(chrome: Page, site: Path) -> Iterator[Page]:
    chrome.emulate()
    chrome.complaints()
    chrome.requested()
    chrome.open(site)
    yield chrome
    chrome.script("localStorage.clear()")
    assert chrome.complaints() == []
