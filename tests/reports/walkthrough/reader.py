"""What a reader of the walkthrough does with a browser, and sees in it."""

from __future__ import annotations

from selenium.webdriver.common.action_chains import ActionChains

from tests.reports.browser import Page


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
