"""The walkthrough in a real browser, from ``file://``: what a reader sees and can do."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from tests.reports.browser import Keys, Page, browser, chromium
from tests.reports.walkthrough.tours import hostile_tour, long_tour, shop_tour

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
KEEP_EXPORT = """
    URL.createObjectURL = (blob) => {
      blob.text().then((text) => (window.saved = text));
      return "#";
    };
    HTMLAnchorElement.prototype.click = () => {};
"""
RUN_AXE = """
    const done = arguments[arguments.length - 1];
    // all but the colours is the same in both themes
    const rules = arguments[0] === "light" ? {} : {runOnly: ["color-contrast"]};
    axe.run(document, {preload: false, resultTypes: ["violations"], ...rules})
      .then(({violations}) => done(violations.map(({id, nodes}) => `${id}: ${nodes[0].html}`)));
"""
PAGES = (
    "#/",
    "#/map",
    "#/hypervisor",
    "#/exercises",
    "#/glossary",
    "#/mine",
    "#/chapter/api",
    ORDER,
    "#/nowhere",
)


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_tour(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def tour(chrome: Page, site: Path) -> Iterator[Page]:
    chrome.emulate()
    chrome.complaints()
    chrome.requested()
    chrome.open(site)
    yield chrome
    chrome.script("localStorage.clear()")
    assert chrome.complaints() == []


def shown(page: Page) -> str:
    """The address of the view that is there."""
    return str(page.script("return document.documentElement.dataset.shown"))


def go(page: Page, address: str) -> None:
    page.script(f"location.hash = '{address}'")
    page.until(lambda: shown(page) == address)


def steps(page: Page) -> list[str]:
    return list(page.script("return [...document.querySelectorAll('#rail li a')].map((link) => link.hash)"))


def current(page: Page) -> str:
    """Title of the step that the list marks."""
    return str(page.script("return document.querySelector('#rail [aria-current]')?.textContent ?? ''"))


def heading(page: Page) -> str:
    return str(
        page.script(
            "return [...document.querySelectorAll('main h1')].find((e) => e.offsetParent)?.textContent"
        )
    )


def press(page: Page, *keys: str) -> None:
    """Press ``keys``; each waits until what the one before it asked for is there."""
    for key in keys:
        ActionChains(page.driver).send_keys(key).perform()
        page.until(
            lambda: page.script("return (location.hash || '#/') === document.documentElement.dataset.shown")
        )


def click(page: Page, selector: str) -> None:
    """Click what is in the middle of the window, where the bar at its foot covers nothing."""
    page.script(
        f"document.querySelector({selector!r}).scrollIntoView({{block: 'center', behavior: 'instant'}})"
    )
    page.one(selector).click()


def chord(page: Page, modifier: str, key: str) -> None:
    ActionChains(page.driver).key_down(modifier).send_keys(key).key_up(modifier).perform()


def test_everything_comes_from_the_folder(tour: Page, site: Path) -> None:
    go(tour, steps(tour)[1])
    asked = {address for address in tour.requested() if not address.startswith(("about:", "data:"))}
    assert asked
    assert {address.startswith(site.parent.as_uri()) for address in asked} == {True}


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


def test_all_of_it_in_chinese(chrome: Page, tmp_path: Path) -> None:
    chrome.open(shop_tour(tmp_path, "zh"))
    page = "return document.body.innerText"
    assert "各章" in chrome.script(page)
    go(chrome, steps(chrome)[1])
    assert heading(chrome) == "中文 An order comes in"
    for english in ("Where", "How we know", "Called from", "Previous", "Source\n", "Search"):
        assert english not in chrome.script(page), english
    assert chrome.script("return document.documentElement.lang") == "zh-Hans"
    go(chrome, "#/chapter/api")
    legend = "return [...document.querySelectorAll('.diagram .legend text')].map((text) => text.textContent)"
    assert "HTTP 请求" in chrome.script(legend)
    assert not [text for text in chrome.script(legend) if text.isascii()]
    assert chrome.complaints() == []


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_is_cut_off_on_a_narrow_screen(tour: Page, width: int) -> None:
    tour.emulate(width=width, height=740)
    for address in (*PAGES, steps(tour)[1]):
        go(tour, address)
        assert tour.script("return document.documentElement.scrollWidth") <= width, address


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


def test_no_page_keeps_anyone_out(tour: Page) -> None:
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    tour.script(axe)
    for scheme in ("light", "dark"):
        tour.emulate(scheme=scheme)
        for address in (*PAGES, steps(tour)[1], steps(tour)[-1], "search", "keys"):
            if address.startswith("#"):
                go(tour, address)
            else:
                tour.one(f"[data-do={address}]").click()
                tour.until(lambda: tour.script("return document.querySelector('dialog[open]')"))
            assert tour.driver.execute_async_script(RUN_AXE, scheme) == [], f"{scheme} {address}"  # type: ignore[no-untyped-call]
            if not address.startswith("#"):
                press(tour, Keys.ESCAPE)


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
