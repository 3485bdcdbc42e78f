"""The page in a real browser, from ``file://``: what a reader sees and can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.page.renderer import PageRenderer
from tests.notes.samples import note, write_notes
from tests.reports.browser import Keys, Page, chromium
from tests.reports.samples import hostile_recording, shop_recording, wide_recording
from tracer.model.notes import read_notes
from tracer.terminal.progress import steps

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs the packages chromium and chromium-driver"),
]
MANY = 60_000
ORDER, WRAPPED, PRICE, SHIP, PACK = 2, 3, 4, 5, 6


@pytest.fixture(scope="module")
def shop_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop page")
    return PageRenderer().render(shop_recording(tmp_path_factory.mktemp("rec") / "shop"), folder, steps())


@pytest.fixture(scope="module")
def many_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    return PageRenderer().render(
        wide_recording(tmp_path_factory.mktemp("rec") / "many", MANY), folder, steps()
    )


@pytest.fixture
def shop(chrome: Page, shop_page: Path) -> Iterator[Page]:
    chrome.emulate()
    chrome.complaints()
    chrome.requested()
    chrome.open(shop_page)
    yield chrome
    assert chrome.complaints() == []


def choose(page: Page, field: str, value: str) -> None:
    page.script(
        f"const field = document.getElementById('{field}'); field.value = '{value}';"
        "field.dispatchEvent(new Event('change'))"
    )


def test_everything_comes_from_the_folder(shop: Page, shop_page: Path) -> None:
    shop.one(".calls .call:nth-child(2)").click()
    shop.until(lambda: shop.selected() == ORDER)
    asked = {address for address in shop.requested() if not address.startswith(("about:", "data:"))}
    assert asked
    assert {address.startswith(shop_page.parent.as_uri()) for address in asked} == {True}


def test_at_first_the_links_are_shown_and_what_is_hidden_is_counted(shop: Page) -> None:
    assert shop.rows() == ["buy", "Shop.order", "Depot.ship", "Depot.pack", "start"]
    assert "5 of 9 calls" in shop.text("#status")
    assert "4 are hidden" in shop.text("#status")


def test_all_calls_can_be_shown_folded_and_unfolded(shop: Page) -> None:
    shop.one("#show-all").click()
    assert "All 9 calls" in shop.text("#status")
    shop.one("#unfold").click()
    assert shop.rows() == [
        "buy", "Shop.order", "checked.wrapped", "Shop.price", "Depot.ship", "Depot.pack", "start",
        "Shop.price", "Depot.pack",
    ]  # fmt: skip
    shop.one("#fold").click()
    assert shop.rows() == ["buy"]
    shop.one(".call .twist").click()
    assert shop.rows() == ["buy", "Shop.order"]


def test_what_a_filter_hides_between_two_calls_can_be_shown(shop: Page) -> None:
    choose(shop, "outcome", "raised")
    choose(shop, "link", "")
    assert shop.rows() == ["Shop.price"]
    shop.one(".call .between").click()
    assert shop.rows() == ["buy", "Shop.order", "checked.wrapped", "Shop.price"]


@pytest.mark.parametrize(
    ("field", "value", "rows"),
    [
        ("service", "nova-compute", ["Depot.ship", "Depot.pack"]),
        ("link", "rpc-cast", ["Depot.ship"]),
        ("link", "crossings", ["buy", "Shop.order", "Depot.ship", "start"]),
    ],
)
def test_filters(shop: Page, field: str, value: str, rows: list[str]) -> None:
    choose(shop, field, value)
    assert shop.rows() == rows


def test_a_filter_that_nothing_passes_says_so(shop: Page) -> None:
    choose(shop, "outcome", "raised")
    assert shop.rows() == []
    assert shop.text("#status").startswith("No call")


def test_a_call_shows_values_source_and_the_lines_that_call(shop: Page) -> None:
    shop.all("#calls .call")[1].click()
    shop.until(lambda: shop.selected() == ORDER)
    assert shop.text("#inspector h3") == "Shop.order"
    assert "'silver'" in shop.text("#inspector .values")
    assert "withheld" in shop.text("#inspector .values")
    assert "price = self.price(what)" in shop.text("#inspector .text .source")
    marked = [line.text for line in shop.all("#inspector .text .line.marked")]
    assert ["9" in line for line in marked] == [True, False]
    made = [row.text for row in shop.all("#inspector .made-here")]
    assert "wrapped" in made[0]
    assert "Depot.ship" in made[1]
    assert len(shop.all("#inspector .source .t-k")) > 0


def test_where_a_call_came_from_is_shown_with_its_line(shop: Page) -> None:
    shop.script(f"location.hash = '#span-{SHIP}'")
    shop.until(lambda: shop.selected() == SHIP)
    assert "Sent by Shop.order" in shop.text("#inspector .caller")
    assert "self.post.send(what, price)" in shop.text("#inspector .caller .line.marked")
    assert [link.text for link in shop.all("#inspector .path a")] == ["client", "nova-api", "nova-compute"]


def test_callers_and_callees_in_the_whole_recording(shop: Page) -> None:
    shop.script(f"location.hash = '#span-{PACK}'")
    shop.until(lambda: shop.selected() == PACK)
    others = shop.text("#inspector .others")
    assert "ran 2 times" in others
    assert "Depot.ship ×2" in others
    shop.one("#inspector .others a").click()
    shop.until(lambda: shop.selected() != PACK)


def test_the_address_of_a_call_opens_it_even_when_hidden(chrome: Page, shop_page: Path) -> None:
    chrome.open(shop_page, f"#span-{PRICE}")
    chrome.until(lambda: chrome.selected() == PRICE)
    assert "KeyError" in chrome.text("#inspector .error")
    assert "Shop.price" in chrome.rows()


def test_back_returns_to_the_call_before(shop: Page) -> None:
    for place, span in ((1, ORDER), (2, SHIP)):
        shop.all("#calls .call")[place].click()
        shop.until(lambda span=span: shop.selected() == span)
    shop.driver.back()
    shop.until(lambda: shop.selected() == ORDER)


def test_search_finds_functions_and_messages_and_goes_through_them(shop: Page) -> None:
    shop.press("/")
    shop.press("price")
    shop.until(lambda: shop.text("#matches") == "2 found")
    shop.press(Keys.ENTER)
    shop.until(lambda: shop.selected() == PRICE)
    assert shop.text("#matches") == "1 of 2"
    shop.press(Keys.ENTER)
    shop.until(lambda: shop.text("#matches") == "2 of 2")
    shop.one("#search").clear()
    shop.one("#search").send_keys("POST /ord")
    shop.until(lambda: shop.text("#matches") == "1 found")
    shop.one("#only-matches").click()
    choose(shop, "link", "")
    assert "Shop.order" in shop.rows()


def test_search_in_values(shop: Page) -> None:
    shop.one("#search").send_keys("gold")
    shop.until(lambda: shop.text("#matches") == "0 found")
    shop.one("#in-values").click()
    shop.until(lambda: shop.text("#matches") == "1 found")


def test_the_tree_is_walked_by_keyboard_alone(shop: Page) -> None:
    shop.script("document.getElementById('calls').focus()")
    shop.press(Keys.ARROW_DOWN)
    shop.press(Keys.ARROW_DOWN)
    shop.until(lambda: shop.selected() == ORDER)
    assert shop.one("#calls").get_attribute("aria-activedescendant") == f"row-{ORDER}"
    shop.press(Keys.ARROW_LEFT)
    assert shop.rows() == ["buy", "Shop.order"]
    assert shop.one(f"#row-{ORDER}").get_attribute("aria-expanded") == "false"
    shop.press(Keys.ARROW_LEFT)
    shop.until(lambda: shop.selected() == 1)
    shop.press("*")
    shop.press(Keys.END)
    shop.until(lambda: shop.selected() == 7)
    shop.press(Keys.ENTER)
    assert shop.script("return document.activeElement.id") == "inspector"


def test_an_arrow_of_the_lanes_leads_to_its_call(shop: Page) -> None:
    shop.script(
        "const arrow = document.querySelector('.lanes-body .link a path');"
        "arrow.dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    shop.until(lambda: shop.selected() == ORDER)


def test_dark_as_the_system_or_the_reader_wants(shop: Page) -> None:
    def ground() -> int:
        return int(
            shop.script("return parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
        )

    assert ground() > 200
    shop.emulate(scheme="dark")
    assert ground() < 60
    shop.one("#theme").click()
    assert shop.one("#theme").text.endswith("Light")
    assert ground() > 200
    shop.driver.refresh()
    shop.until(lambda: ground() > 200)
    shop.one("#theme").click()
    shop.one("#theme").click()


@pytest.mark.parametrize("width", [360, 800, 1280, 2200])
def test_no_width_scrolls_the_page_sideways(shop: Page, width: int) -> None:
    shop.emulate(width=width)
    shop.script(f"location.hash = '#span-{ORDER}'")
    shop.until(lambda: shop.selected() == ORDER)
    assert shop.script("return document.documentElement.scrollWidth <= innerWidth")


def test_hostile_values_do_nothing(chrome: Page, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    file = PageRenderer().render(hostile_recording(tmp_path / "rec"), folder, steps())
    chrome.emulate()
    chrome.open(file, "#span-2")
    chrome.until(lambda: chrome.selected() == 2)
    assert "</pre><script>" in chrome.text("#inspector h3")
    assert "⟦U+202E⟧" in chrome.text("#inspector")
    for button in chrome.all("#inspector .more"):
        button.click()
    assert chrome.script("return document.title") != "owned"
    assert chrome.script("return document.querySelectorAll('main script, main img').length") == 0
    assert chrome.complaints() == []


def test_notes_are_shown_in_the_chosen_language_or_not_at_all(chrome: Page, tmp_path: Path) -> None:
    notes = write_notes(
        tmp_path / "notes",
        note("shop:Shop.order", "en", "zh", title="An `order` <b>comes</b>"),
        note("shop:Shop.price", "en", title="Only English"),
        note("shop:Shop.price -> shop:Shop.order", "en", title="Never this way"),
    )
    recording = shop_recording(tmp_path / "rec")
    folder = tmp_path / "page"
    folder.mkdir()
    chrome.emulate()
    chrome.open(PageRenderer(read_notes(notes)).render(recording, folder, steps()), f"#span-{ORDER}")
    chrome.until(lambda: chrome.all(".remark"))
    assert chrome.text(".remark h4") == "An `order` <b>comes</b>"
    assert chrome.text(".remark h5") == "What happens"
    assert len(chrome.all(".remark")) == 1
    assert len(chrome.all(".call .noted")) >= 1
    choose(chrome, "notes", "zh")
    chrome.until(lambda: chrome.one(".remark").get_attribute("lang") == "zh")
    choose(chrome, "notes", "")
    chrome.until(lambda: not chrome.all(".remark"))
    assert chrome.all(".call .noted") == []
    assert chrome.complaints() == []


def test_inline_script_is_forbidden(shop: Page) -> None:
    shop.script(
        "const made = document.createElement('script'); made.textContent = 'document.title = 1';"
        "document.body.append(made)"
    )
    assert shop.script("return document.title") != "1"
    assert "Content Security Policy" in " ".join(shop.complaints())


def test_many_calls_keep_the_document_small(chrome: Page, many_page: Path) -> None:
    chrome.emulate()
    chrome.open(many_page)
    chrome.one("#unfold").click()
    assert f"All {MANY:,} calls" in chrome.text("#status")
    chrome.script("document.getElementById('calls').focus()")
    chrome.press(Keys.END)
    chrome.until(lambda: chrome.selected() == MANY)
    assert chrome.script("return document.querySelectorAll('#calls .call').length") < 200
    chrome.one("#search").send_keys("pack")
    chrome.until(lambda: "10,000 found" in chrome.text("#matches"))
    assert chrome.complaints() == []


def test_without_javascript_the_way_can_still_be_read(chrome: Page, shop_page: Path) -> None:
    chrome.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chrome.driver.get(shop_page.resolve().as_uri())
        assert "POST /orders" in chrome.text(".lanes-body")
        assert "needs JavaScript" in chrome.text("noscript")
    finally:
        chrome.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_printing_holds_the_way_and_the_open_call(shop: Page) -> None:
    shop.script(f"location.hash = '#span-{ORDER}'")
    shop.until(lambda: shop.selected() == ORDER)
    pdf = shop.driver.execute_cdp_cmd("Page.printToPDF", {})
    assert len(pdf["data"]) > 20_000
