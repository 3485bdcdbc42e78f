"""Texts that try to be something else, some of them huge: shown as text, and nothing runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.browser import Page, chromium
from tests.reports.walkthrough.reader import go, steps
from tests.reports.walkthrough.tours import hostile_tour

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs the packages chromium and chromium-driver"),
]


@pytest.mark.parametrize("single", [False, True])
def test_hostile_texts_show_as_text_and_run_nothing(chrome: Page, tmp_path: Path, single: bool) -> None:
    chrome.emulate()
    chrome.complaints()
    chrome.open(hostile_tour(tmp_path, single=single))
    for address in (*steps(chrome), "#/map", "#/hypervisor", "#/exercises", "#/function/a%3Ab"):
        go(chrome, address)
    assert "<script>" in chrome.text("#rail")
    chrome.until(lambda: chrome.script("return document.documentElement.dataset.held") == "yes")
    chrome.script("dispatchEvent(new Event('beforeprint'))")
    assert "owned" not in chrome.driver.title.replace("document.title = 'owned'", "").replace(
        "document.title='owned'", ""
    )
    assert not chrome.all("main img, #handout img, main script, #handout script")
    assert chrome.complaints() == []


def test_the_policy_stops_scripts_in_the_page_and_any_network(tour: Page) -> None:
    """What it forbids is tried: a script in the page, a handler, an image and a request from elsewhere."""
    tour.script("""
        window.stopped = [];
        addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "window.owned = 1";
        document.body.append(script);
        const image = document.createElement("img");
        image.setAttribute("onerror", "window.owned = 1");
        image.src = "http://127.0.0.1:9/x.png";
        document.body.append(image);
        fetch("http://127.0.0.1:9/").catch(() => {});
    """)
    tour.until(lambda: len(tour.script("return window.stopped")) >= 4)
    assert {"script-src-elem", "script-src-attr", "img-src", "connect-src"} <= set(
        tour.script("return window.stopped")
    )
    assert tour.script("return window.owned") is None
    tour.complaints()
