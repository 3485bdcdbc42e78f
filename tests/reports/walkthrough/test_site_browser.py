"""The walkthrough in a real browser, from ``file://``: what a reader sees and can do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.browser import Keys, Page, chromium
from tests.reports.walkthrough.reader import chord, click, current, go, heading, press, shown, steps
from tests.reports.walkthrough.tours import long_tour, shop_tour

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs the packages chromium and chromium-driver"),
]
ORDER = "#/function/shop%3AShop.order"
KEEP_EXPORT = """
    URL.createObjectURL = (blob) => {
      blob.text().then((text) => (window.saved = text));
      return "#";
    };
    HTMLAnchorElement.prototype.click = () => {};
"""


def test_everything_comes_from_the_folder(tour: Page, site: Path) -> None:
    go(tour, steps(tour)[1])
    asked = {address for address in tour.requested() if not address.startswith(("about:", "data:"))}
    assert asked
    assert {address.startswith(site.parent.as_uri()) for address in asked} == {True}


def test_a_step_says_where_why_with_what_and_how_we_know(tour: Page) -> None:
    go(
        tour,
        next(
            one
            for one in steps(tour)
            if tour.script(f"return document.querySelector('#rail [href=\"{one}\"]').textContent")
            == "The parcel leaves"
        ),
    )
    text = tour.text("#view")
    for said in (
        "nova-compute",
        "rpc-1",
        "Depot.ship",
        "Chaos.",
        "self.post.send(what, price)",
        "foretold",
        "“post”",
    ):
        assert said in text, said
    marked = tour.script("return document.querySelector('.called-from .line.marked').textContent")
    assert "self.post.send" in marked
    assert [badge.text for badge in tour.all(".step-head .lane-badge")] == ["nova-api", "nova-compute"]


def test_what_could_have_happened_is_folded_until_asked_for(tour: Page) -> None:
    go(tour, steps(tour)[1])
    assert not tour.one(".possible li").is_displayed()
    click(tour, ".possible summary")
    assert "Bank.refund" in tour.text(".possible ul")
    click(tour, ".possible a[href*='Bank.refund']")
    tour.until(lambda: heading(tour) == "Bank.refund")
    assert "did not run" in tour.text("#view .kicker")


def test_the_addresses_of_steps_open_them_and_the_browser_goes_back(
    chrome: Page, site: Path, tour: Page
) -> None:
    ids = steps(tour)
    chrome.open(site, ids[2])
    assert current(chrome) == heading(chrome)
    go(chrome, ORDER)
    press(chrome, "m")
    assert shown(chrome).startswith("#/map")
    chord(chrome, Keys.ALT, Keys.ARROW_LEFT)
    chrome.driver.back()
    chrome.until(lambda: shown(chrome) in (ORDER, ids[2]))
    chrome.open(site, "#/step/0000000000")
    assert "no such page" in heading(chrome)


def test_the_map_lights_the_step_folds_lanes_and_says_what_it_folds(tour: Page) -> None:
    go(tour, steps(tour)[1])
    press(tour, "m")
    assert "2. An order comes in" in tour.text(".map .lit")
    press(tour, "j")
    assert "3. " in tour.text(".map .lit")
    assert current(tour)
    assert "of 9 calls are folded" in tour.text(".map-status")
    boxes = len(tour.all(".map .stop"))
    tour.one(".map [data-lane='2']").send_keys(Keys.ENTER)
    assert len(tour.all(".map .stop")) < boxes
    tour.one("#map-depth").send_keys(Keys.HOME)
    assert len(tour.all(".map .stop")) <= 2
    width = "return Number(document.querySelector('.map svg').getAttribute('width'))"
    before = tour.script(width)
    tour.all(".map-controls button")[1].click()
    assert tour.script(width) > before
    tour.script(
        "document.querySelector('.map a.is-step').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    tour.until(lambda: shown(tour).startswith("#/step/"))


def test_hints_and_answers_show_when_asked_for_and_own_notes_are_kept(tour: Page, site: Path) -> None:
    go(tour, "#/exercises")
    assert tour.all(".exercise")
    answer = tour.one(".exercise .answer p")
    assert not answer.is_displayed()
    click(tour, ".exercise .answer summary")
    tour.until(answer.is_displayed)
    go(tour, steps(tour)[0])
    tour.one("textarea").send_keys("<b>mine</b> j/k")
    tour.open(site, "#/mine")
    assert tour.text(".own-text") == "<b>mine</b> j/k"
    tour.script(KEEP_EXPORT)
    tour.one("#view button").click()
    tour.until(lambda: tour.script("return window.saved"))
    assert "<b>mine</b> j/k" in tour.script("return window.saved")
    tour.script("localStorage.clear()")


def test_printing_gives_a_handout_of_all_steps(tour: Page) -> None:
    tour.until(lambda: tour.script("return document.documentElement.dataset.held") == "yes")
    tour.script("dispatchEvent(new Event('beforeprint'))")
    assert len(tour.all("#handout .paper-step")) == len(steps(tour))
    assert tour.all("#handout .diagram svg")
    tour.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert tour.one("#handout").is_displayed()
    assert not tour.one("#rail").is_displayed()
    tour.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    tour.script("dispatchEvent(new Event('afterprint'))")
    assert not tour.all("#handout .paper-step")


def test_the_hypervisor_panel_shows_both_connections_and_the_refused_write(tour: Page) -> None:
    go(tour, "#/hypervisor")
    text = tour.text("#hypervisor")
    for said in ("<domain", "qemu-system-x86_64", "the guest is up", "started"):
        assert said in text, said
    assert tour.one("#hypervisor").is_displayed()


def test_a_long_function_is_shown_a_part_at_a_time(chrome: Page, tmp_path: Path) -> None:
    chrome.emulate()
    chrome.open(long_tour(tmp_path))
    go(chrome, "#/function/m%3Along")
    lines = "return document.querySelectorAll('.source .line').length"
    assert 500 < chrome.script(lines) <= 1_300
    seen = {0}
    while chrome.all(".source .gap") and max(seen) < 9_000:
        last = "return Number([...document.querySelectorAll('.source .no')].at(-1).textContent)"
        seen.add(chrome.script(last))
        chrome.script("[...document.querySelectorAll('.source .gap')].at(-1).click()")
        assert chrome.script("return document.querySelectorAll('.source > *').length") <= 2_000
        if chrome.script(last) in seen:
            break
    assert max(seen) >= 9_000
    assert chrome.complaints() == []


def test_the_single_file_is_the_same_walkthrough(chrome: Page, tmp_path: Path) -> None:
    chrome.complaints()
    chrome.open(shop_tour(tmp_path, single=True))
    press(chrome, "j", "j")
    assert heading(chrome) == "An order comes in"
    press(chrome, "/")
    chrome.until(lambda: chrome.one("#search-box").is_displayed())
    press(chrome, "parcel", Keys.ENTER)
    chrome.until(lambda: heading(chrome) == "The parcel leaves")
    assert chrome.complaints() == []


def test_the_tree_of_all_calls_shows_the_source_that_the_site_holds(tour: Page, site: Path) -> None:
    tour.open(site.parent / "calls" / "index.html")
    tour.all("#calls .call")[1].click()
    tour.until(lambda: "price = self.price(what)" in tour.text("#inspector .text .source"))
    assert tour.one("#inspector .text .line.marked").text.endswith("    price = self.price(what)")
    assert list((site.parent / "calls" / "data").glob("source-*")) == []
