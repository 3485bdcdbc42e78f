"""Every reading key, pressed in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.browser import Keys, Page, chromium
from tests.reports.walkthrough.reader import chord, click, current, go, heading, press, shown, steps

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs the packages chromium and chromium-driver"),
]
ORDER = "#/function/shop%3AShop.order"
SELECT_PRICE = """
    const lines = [...document.querySelectorAll(".own-source .line code")];
    const line = lines.find((code) => code.textContent.includes("self.price"));
    const texts = [...line.childNodes].map((node) => node.firstChild ?? node);
    const text = texts.find((node) => node.data.includes("price"));
    const at = text.data.indexOf("price");
    getSelection().setBaseAndExtent(text, at, text, at + 5);
"""


def test_keys_lead_through_steps_and_chapters_and_list_and_bar_agree(tour: Page) -> None:
    ids = steps(tour)
    press(tour, "j")
    assert (shown(tour), heading(tour)) == (ids[0], "Somebody buys")
    press(tour, "j")
    assert shown(tour) == ids[1]
    assert current(tour) == heading(tour)
    assert f"2 / {len(ids)}" in tour.text("#where")
    press(tour, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, "k")
    assert shown(tour) == ids[0]
    press(tour, "]")
    assert shown(tour) == "#/chapter/api"
    press(tour, "j")
    assert shown(tour) == ids[1]
    press(tour, "[")
    assert shown(tour) == "#/chapter/client"


def test_definition_outline_and_callers(tour: Page) -> None:
    go(tour, steps(tour)[1])
    press(tour, Keys.F3)
    tour.until(lambda: heading(tour) == "Shop.order")
    assert "Depot.ship" in tour.text(".side")
    tour.script(SELECT_PRICE)
    press(tour, Keys.F3)
    tour.until(lambda: heading(tour) == "Shop.price")
    tour.script("getSelection().removeAllRanges()")
    go(tour, ORDER)
    tour.script(SELECT_PRICE)
    spot = "const box = getSelection().getRangeAt(0).getBoundingClientRect(); return [box.x + 8, box.y + 6]"
    x, y = tour.script(spot)
    tour.script("getSelection().removeAllRanges()")
    tour.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})
    press(tour, Keys.F3)
    tour.until(lambda: heading(tour) == "Shop.price")
    chord(tour, Keys.CONTROL, "o")
    tour.until(lambda: tour.one("#search-box").is_displayed())
    found = [row.text for row in tour.all("#search-found .title")]
    assert found == ["Shop.order", "Shop.price", "checked", "checked.<locals>.wrapped"]
    press(tour, "wrap")
    assert [row.text for row in tour.all("#search-found .title")] == ["checked.<locals>.wrapped"]
    press(tour, Keys.ENTER)
    tour.until(lambda: heading(tour) == "checked.<locals>.wrapped")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("parcel", "The parcel leaves"),
        ("refund", "Bank.refund"),
        ("silver", "'silver'"),
    ],
)
def test_search_finds_notes_functions_and_values(tour: Page, typed: str, first: str) -> None:
    press(tour, "/")
    tour.until(lambda: tour.one("#search-box").is_displayed())
    press(tour, typed)
    assert tour.text("#search-found .title") == first
    assert tour.text("#search-count")
    press(tour, Keys.ESCAPE)
    assert not tour.one("#search-box").is_displayed()


def test_notes_presenter_and_keys_are_switched_by_key_and_button(tour: Page) -> None:
    go(tour, steps(tour)[1])
    assert tour.one(".notes").is_displayed()
    chord(tour, Keys.CONTROL, "/")
    assert not tour.one(".notes").is_displayed()
    tour.one("[data-do=notes]").click()
    assert tour.one(".notes").is_displayed()
    tour.script("document.activeElement.blur()")
    press(tour, "p")
    assert not tour.one("#rail").is_displayed()
    size = "return parseFloat(getComputedStyle(document.querySelector('.said p:not(.label)')).fontSize)"
    assert tour.script(size) >= 20
    press(tour, "p")
    assert tour.one("#rail").is_displayed()
    press(tour, "?")
    assert "Ctrl+O" in tour.text("#keys-box")
    tour.one("#single-keys").click()
    press(tour, Keys.ESCAPE)
    before = shown(tour)
    press(tour, "j")
    assert shown(tour) == before
    assert all(button.get_attribute("aria-label") or button.text for button in tour.all(".tools button"))


def test_alt_and_left_goes_back_where_the_reader_came_from(tour: Page) -> None:
    ids = steps(tour)
    go(tour, ids[2])
    go(tour, ORDER)
    chord(tour, Keys.ALT, Keys.ARROW_LEFT)
    tour.until(lambda: shown(tour) == ids[2])
    assert heading(tour) == current(tour)


def test_every_key_has_a_button_or_link_that_does_the_same(tour: Page) -> None:
    go(tour, steps(tour)[1])
    tour.one("[data-do=definition]").click()
    tour.until(lambda: heading(tour) == "Shop.order")
    tour.one("[data-do=outline]").click()
    tour.until(lambda: tour.one("#search-box").is_displayed())
    press(tour, Keys.ESCAPE)
    tour.one("[data-do=search]").click()
    tour.until(lambda: tour.one("#search-box").is_displayed())
    press(tour, Keys.ESCAPE)
    go(tour, steps(tour)[1])
    tour.one("[data-do=next]").click()
    tour.until(lambda: shown(tour) == steps(tour)[2])
    tour.one("[data-do=previous]").click()
    tour.until(lambda: shown(tour) == steps(tour)[1])


def test_the_browser_gets_its_own_keys_back_when_the_reader_says_so(tour: Page, site: Path) -> None:
    taken = """
        const event = new KeyboardEvent("keydown", {key: "F3", bubbles: true, cancelable: true});
        return !document.body.dispatchEvent(event);
    """
    go(tour, steps(tour)[1])
    assert tour.script(taken)
    press(tour, "?")
    assert "Ctrl+G" in tour.text("#keys-box"), "where the browser's own command is found"
    tour.one("#chords-keys").click()
    press(tour, Keys.ESCAPE)
    before = shown(tour)
    assert not tour.script(taken)
    tour.open(site)
    assert not tour.script(taken), "the choice is kept"
    assert before


def test_keys_typed_into_a_field_are_text(tour: Page) -> None:
    go(tour, steps(tour)[0])
    click(tour, "textarea")
    before = shown(tour)
    press(tour, "jk/?[]mp")
    assert tour.script("return document.querySelector('textarea').value") == "jk/?[]mp"
    assert shown(tour) == before


@pytest.mark.parametrize("works", [True, False])
def test_copying_a_link_says_what_came_of_it(tour: Page, works: bool) -> None:
    go(tour, steps(tour)[1])
    result = "Promise.resolve()" if works else "Promise.reject(new Error('refused'))"
    tour.script(
        f"navigator.clipboard.writeText = (text) => {{ window.copied = text; return {result}; }};"
        "document.execCommand = () => false;"
    )
    tour.one("[data-do=copy]").click()
    tour.until(lambda: tour.text("#said"))
    assert tour.script("return window.copied === location.href")
    assert ("was copied" in tour.text("#said")) == works
    assert works or steps(tour)[1] in tour.text("#said"), "then the link is there to be copied by hand"
    assert tour.one("#said").is_displayed()
