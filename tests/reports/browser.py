"""A real headless Chromium for tests, and the page in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE = 30
"""Seconds until something that should happen counts as not happening."""


def chromium() -> tuple[str, str] | None:
    """Programs of the browser and of its driver, or None where they are not installed."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


class Page:
    """A page as its reader has it: what is seen, and what a hand can do."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, file: Path, fragment: str = "") -> None:
        """Open ``file`` and wait until its tree can be used."""
        self.driver.get("about:blank")
        self.driver.get(file.resolve().as_uri() + fragment)
        self.until(lambda: self.script("return document.documentElement.dataset.ready") == "yes")

    def until(self, condition: Callable[[], Any]) -> Any:
        """Wait for ``condition`` to become true; returns what it gave."""
        return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.02).until(lambda _: condition())

    def script(self, code: str) -> Any:
        """What JavaScript code returns, run as a developer would in the console."""
        return self.driver.execute_script(code)  # type: ignore[no-untyped-call]

    def all(self, selector: str) -> list[WebElement]:
        """Elements by CSS selector."""
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> WebElement:
        """The first element of a CSS selector."""
        return self.driver.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        """The text of an element, as it stands in the document."""
        return str(self.one(selector).get_property("textContent"))

    def rows(self) -> list[str]:
        """The rows of the tree that are in the document, each as the names in it."""
        code = """return [...document.querySelectorAll('#calls .call')]
            .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
            .map((row) => row.querySelector('.name').textContent)"""
        return list(self.script(code))

    def press(self, *keys: str) -> None:
        """Type ``keys`` wherever the focus is."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def selected(self) -> int:
        """The span whose details are shown, 0 for none."""
        return int(self.script("return document.getElementById('inspector').dataset.span || 0"))

    def complaints(self) -> list[str]:
        """What the browser wrote to its console since it was last asked."""
        return [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def requested(self) -> set[str]:
        """Addresses that pages, but for the browser's own start page, asked for since last asked."""
        addresses = set()
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked = message["params"]
                if not asked["documentURL"].startswith("chrome"):
                    addresses.add(asked["request"]["url"])
        return addresses

    def emulate(self, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Give the window a size and the reader a preference of colours."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A browser with its profile in ``folder``, closed at the end."""
    programs = chromium()
    assert programs is not None
    options = Options()
    options.binary_location = programs[0]
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        f"--user-data-dir={folder}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(programs[1]))
    try:
        page = Page(driver)
        page.emulate()
        yield page
    finally:
        driver.quit()


__all__ = ["Keys", "Page", "browser", "chromium"]
