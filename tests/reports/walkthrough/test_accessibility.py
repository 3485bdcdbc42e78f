"""No page of the walkthrough keeps anyone out: axe-core on each, narrow screens, languages, little motion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources

import pytest

from reports.walkthrough.content import shipped
from tests.reports.browser import Keys, Page, chromium
from tests.reports.samples import DEPOT, FUNCTIONS, SHOP, shop_spans
from tests.reports.walkthrough.reader import go, heading, press, steps
from tests.reports.walkthrough.tours import SHOP_NOTES, shop_graph

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs the packages chromium and chromium-driver"),
]
AXE = resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
RUN_AXE = """
    const done = arguments[arguments.length - 1];
    axe.run(document, {preload: false, resultTypes: ["violations"]})
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
    "#/function/shop%3AShop.order",
    "#/nowhere",
)
SAID = """
    const said = [document.title];
    const recorded = "code, pre, .source, .mono, .lane-badge, .diagram .labels";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (!parentElement.closest(`${recorded}, script, style, noscript`)) said.push(data);
    }
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-names"])
      for (const element of document.querySelectorAll(`[${name}]`)) said.push(element.getAttribute(name));
    return said;
"""
NAMES = {
    "stackwalk",
    "Nova",
    "CodeTour",
    "Markdown",
    "JavaScript",
    "HTTP",
    "RPC",
    "REST",
    "XML",
    "QEMU",
    "libvirt",
    "UTC",
    "qemu",
    "record",
    "started",
    "Ctrl",
    "Alt",
    "Python",
    "privsep",
    "eventlet",
    "cast",
    "fanout",
    "span",
}
"""Names that are the same in Chinese."""


def violations(page: Page) -> list[str]:
    return list(page.driver.execute_async_script(RUN_AXE))  # type: ignore[no-untyped-call]


def visited(page: Page) -> Iterator[str]:
    """All kinds of pages, one after the other; gives the address or name of the one that is open now."""
    for address in (*PAGES, steps(page)[1], steps(page)[-1]):
        go(page, address)
        yield address
    for name in ("search", "keys"):
        page.one(f"[data-do={name}]").click()
        page.until(lambda: page.script("return document.querySelector('dialog[open]')"))
        yield name
        press(page, Keys.ESCAPE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anyone_out(tour: Page, scheme: str) -> None:
    tour.script(AXE)
    tour.emulate(scheme=scheme)
    for name in visited(tour):
        assert violations(tour) == [], name
    go(tour, steps(tour)[1])
    press(tour, "p")
    assert violations(tour) == [], "presenter mode"


def test_no_page_in_chinese_keeps_anyone_out_or_speaks_english(chinese_tour: Page) -> None:
    page = chinese_tour
    page.script(AXE)
    recorded = " ".join(
        [
            SHOP,
            DEPOT,
            str(FUNCTIONS),
            str(shop_spans()),
            str(SHOP_NOTES.notes),
            str(list(shop_graph().calls())),
        ]
    )
    content = shipped()
    written = [
        *(f"{chapter.zh.title} {chapter.zh.opening}" for chapter in content.chapters.values()),
        *(f"{term.zh.term} {term.zh.meaning}" for term in content.glossary),
    ]
    known = NAMES | {"guest"} | set(re.findall("[A-Za-z]+", " ".join([recorded, *written])))
    for name in visited(page):
        assert violations(page) == [], name
        said = {word for text in page.script(SAID) for word in re.findall("[A-Za-z]{3,}", text)}
        assert said - known == set(), name
    page.until(lambda: page.script("return document.documentElement.dataset.held") == "yes")
    page.script("dispatchEvent(new Event('beforeprint'))")
    said = {word for text in page.script(SAID) for word in re.findall("[A-Za-z]{3,}", text)}
    assert said - known == set(), "the handout"
    page.script("dispatchEvent(new Event('afterprint'))")


def test_all_of_it_in_chinese(chinese_tour: Page) -> None:
    page = chinese_tour
    assert "章节" in page.script("return document.body.innerText")
    assert page.script("return document.documentElement.lang") == "zh-Hans"
    go(page, steps(page)[1])
    assert heading(page) == "中文 An order comes in"
    go(page, "#/chapter/api")
    legend = "return [...document.querySelectorAll('.diagram .legend text')].map((text) => text.textContent)"
    assert "HTTP 请求" in page.script(legend)
    assert not [text for text in page.script(legend) if text.isascii()]


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_is_cut_off_on_a_narrow_screen(tour: Page, width: int) -> None:
    tour.emulate(width=width, height=740)
    for address in (*PAGES, steps(tour)[1]):
        go(tour, address)
        assert tour.script("return document.documentElement.scrollWidth") <= width, address


def test_nothing_moves_by_itself(tour: Page) -> None:
    moving = """
        return [...document.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          const { transitionDuration, animationName, scrollBehavior } = style;
          return parseFloat(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
        }).length
    """
    for address in ("#/", "#/map", steps(tour)[1]):
        go(tour, address)
        assert tour.script(moving) == 0
